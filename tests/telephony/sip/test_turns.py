"""A thread that goes before others leaves them their time under a flood."""

import os
import threading

import pytest

from telephony.media.real_time import RealTime
from telephony.sip.turns import BUSY_S, REST_S, Turns

MESSAGE_S = 0.0001


def test_a_flood_is_interrupted_and_leaves_others_a_fifth_of_the_time() -> None:
    turns, now_s, rested_s = Turns(), 100.0, 0.0
    turns.rest_s(1.0, now_s)
    for _ in range(10_000):
        rest_s = turns.rest_s(0.0, now_s)
        rested_s += rest_s
        now_s += rest_s + MESSAGE_S
    assert rested_s / (now_s - 100.0) == pytest.approx(REST_S / (BUSY_S + REST_S), rel=0.05)


def test_who_waits_for_work_now_and_then_never_rests() -> None:
    turns, now_s = Turns(), 100.0
    for number in range(10_000):
        assert turns.rest_s(0.001 if number % 10 == 0 else 0.0, now_s) == 0.0
        now_s += 0.001


def test_it_goes_before_others_where_the_process_is_in_real_time_and_only_there() -> None:
    policies: list[tuple[int, int]] = []

    def work() -> None:
        Turns()
        policies.append((os.sched_getscheduler(0), os.sched_getparam(0).sched_priority))

    def run() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    run()
    real_time = RealTime()
    real_time.begin()
    own = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
    try:
        run()
    finally:
        real_time.end()
    assert policies[0] == (os.SCHED_OTHER, 0)
    assert policies[1] == ((os.SCHED_RR, own[1] + 1) if own[0] == os.SCHED_RR else own)

import signal
import threading
import time
from collections.abc import Iterator

import pytest
from sippy.SipRequest import SipRequest
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout
from structlog.testing import capture_logs

from telephony.sip.thread import SipThread

DEADLINE_S = 30.0


@pytest.fixture
def thread() -> Iterator[SipThread]:
    thread = SipThread()
    thread.start()
    yield thread
    thread.stop()


def test_calls_keep_their_order(thread: SipThread) -> None:
    done = threading.Event()
    seen: list[int] = []
    for number in range(500):
        thread.post(seen.append, number)
    thread.post(done.set)
    assert done.wait(DEADLINE_S)
    assert seen == list(range(500))


def test_a_timer_goes_off_though_calls_keep_coming(thread: SipThread) -> None:
    fired = threading.Event()

    def again() -> None:
        if not fired.is_set():
            thread.post(again)

    thread.post(lambda: Timeout(fired.set, 0.02))
    thread.post(again)
    assert fired.wait(DEADLINE_S)


def test_what_a_call_or_a_timer_raises_does_not_end_the_thread(thread: SipThread) -> None:
    def fail() -> None:
        raise ValueError("no")

    alive = threading.Event()
    thread.post(fail)
    thread.post(lambda: Timeout(fail, 0.0))
    thread.post(lambda: Timeout(alive.set, 0.02))
    assert alive.wait(DEADLINE_S)


def test_a_stopped_thread_takes_no_calls_and_harms_nobody() -> None:
    thread = SipThread()
    thread.start()
    thread.stop()
    called = threading.Event()
    thread.post(called.set)
    assert not called.is_set()


def test_importing_sippy_leaves_the_signals_of_our_children_alone() -> None:
    assert signal.SIGURG not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_what_sippy_would_print_of_a_bad_message_is_one_masked_line_of_our_log(
    thread: SipThread, capsys: pytest.CaptureFixture[str]
) -> None:
    began_s = time.monotonic()
    with capture_logs() as logs:
        for _ in range(50):
            SipURL("sip:13812345678@127.0.0.1:")
            with pytest.raises(Exception, match=r".*"):
                SipRequest("INVITE sip:13812345678@127.0.0.1: SIP/2.0\r\nTo: x\r\n\r\n")
    assert capsys.readouterr().out == ""
    said = [line["text"] for line in logs if line["event"] == "sippy says"]
    assert 1 <= len(said) <= 2 + time.monotonic() - began_s, "at most one a second"
    assert not [text for text in said if "13812345678" in text]

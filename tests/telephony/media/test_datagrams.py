"""Both ways to receive and send keep one contract."""

import select
import socket
import time
from collections.abc import Iterator

import pytest

from telephony.media.datagrams import (
    Arrival,
    Datagrams,
    LockedDatagrams,
    PlainDatagrams,
    best_datagrams,
    stamp_arrivals,
)


@pytest.fixture(params=[PlainDatagrams, LockedDatagrams])
def datagrams(request: pytest.FixtureRequest) -> Datagrams:
    made: Datagrams = request.param()
    return made


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    sockets = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(2)]
    for rtp in sockets:
        rtp.bind((request.param, 0))
        rtp.setblocking(False)
    yield sockets[0], sockets[1]
    for rtp in sockets:
        rtp.close()


def test_what_is_sent_comes_whole_in_order_with_its_source(
    datagrams: Datagrams, pair: tuple[socket.socket, socket.socket]
) -> None:
    one, other = pair
    sent = [bytes([number]) * (number * 7) for number in range(40)]
    assert all(datagrams.send(one, datagram, other.getsockname()[:2]) for datagram in sent)
    came: list[Arrival] = []
    while len(came) < len(sent):
        assert select.select([other], [], [], 5)[0]
        batch = datagrams.receive(other)
        assert 0 < len(batch) <= 32
        came += batch
    assert [datagram for datagram, _, _ in came] == sent
    assert {source for _, source, _ in came} == {one.getsockname()[:2]}


def test_nothing_there_is_an_empty_list(datagrams: Datagrams, pair: tuple[socket.socket, socket.socket]) -> None:
    assert datagrams.receive(pair[0]) == []


def test_a_closed_socket_neither_raises_nor_sends(
    datagrams: Datagrams, pair: tuple[socket.socket, socket.socket]
) -> None:
    one, other = pair
    target = other.getsockname()[:2]
    one.close()
    assert datagrams.receive(one) == []
    assert not datagrams.send(one, b"x", target)


def test_a_datagram_too_long_is_cut_and_one_too_long_to_send_is_refused(
    datagrams: Datagrams, pair: tuple[socket.socket, socket.socket]
) -> None:
    one, other = pair
    assert datagrams.send(one, bytes(5000), other.getsockname()[:2])
    assert select.select([other], [], [], 5)[0]
    assert [len(datagram) for datagram, _, _ in datagrams.receive(other)] == [2048]
    assert not datagrams.send(one, bytes(70_000), other.getsockname()[:2])


def test_linux_gets_the_one_that_keeps_the_lock() -> None:
    assert isinstance(best_datagrams(), LockedDatagrams)


def test_when_a_datagram_came_is_told_where_the_kernel_stamps_it(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    one, other = pair
    datagrams = LockedDatagrams()
    for stamped in (False, True, True):
        if stamped:
            stamp_arrivals(other)
        before_ns = time.time_ns()
        assert datagrams.send(one, b"first", other.getsockname()[:2])
        assert datagrams.send(one, b"second", other.getsockname()[:2])
        assert select.select([other], [], [], 5)[0]
        told_ns = [told for _, _, told in datagrams.receive(other)]
        read_ns = time.time_ns()  # a kernel that has just been asked to stamp says when a datagram was read
        assert len(told_ns) == 2
        assert before_ns <= told_ns[0] <= told_ns[1] <= read_ns if stamped else told_ns == [0, 0]

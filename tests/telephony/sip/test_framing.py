import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.framing import LARGEST, PING, FramingError, StreamFramer


def message(body: bytes = b"", name: bytes = b"Content-Length") -> bytes:
    return b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n" + name + b": %d\r\n\r\n" % len(body) + body


@given(st.lists(st.binary(max_size=200), max_size=6), st.integers(1, 97), st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]))
def test_messages_come_out_whole_however_the_stream_is_cut(bodies: list[bytes], step: int, between: bytes) -> None:
    framer = StreamFramer()
    stream = b"".join(between + message(body) for body in bodies)
    found = []
    for start in range(0, len(stream), step):
        found += framer.feed(stream[start : start + step])
    assert [one for one in found if one != PING] == [message(body) for body in bodies]
    assert found.count(PING) == (len(bodies) if between == PING else 0)
    assert not framer.is_waiting


def test_the_short_name_and_a_body_that_holds_an_empty_line() -> None:
    framer = StreamFramer()
    assert framer.feed(message(b"a\r\n\r\nb", b"l")) == [message(b"a\r\n\r\nb", b"l")]


@pytest.mark.parametrize(
    "stream",
    [
        b"OPTIONS sip:x SIP/2.0\r\nVia: a\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 40000\r\n\r\n",
        b"A" * LARGEST,
        b"\rA",
    ],
)
def test_a_stream_that_cannot_be_cut_is_refused(stream: bytes) -> None:
    with pytest.raises(FramingError):
        StreamFramer().feed(stream)


@given(st.binary(max_size=500))
def test_any_bytes_are_messages_or_refused(stream: bytes) -> None:
    framer = StreamFramer()
    try:
        found = framer.feed(stream)
    except FramingError:
        return
    assert len(b"".join(found)) <= len(stream)

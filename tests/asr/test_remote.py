import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.sync.server import ServerConnection

from asr.continued_clips import ContinuedClips
from asr.recogniser import Clip, Effort, Samples
from asr.remote import Remote
from asr.scripted import ScriptedStreaming
from domain.errors import EngineError
from tests.asr.recogniser_contract import RecogniserContract
from tests.asr.reference_server import reference_server
from tests.asr.sounds import tone
from tests.asr.streaming_contract import StreamingContract, told

CLIP = Clip(tone(2200), utterance="call1.caller.0")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with reference_server(ScriptedStreaming()) as address:
        yield address


class TestRemote(StreamingContract):
    @pytest.fixture
    def engine(self, url: str) -> Remote:
        return Remote(url)

    @pytest.fixture
    def spoken(self) -> Samples:
        return tone(2200)


class TestRemoteOnClips(RecogniserContract):
    @pytest.fixture
    def engine(self, url: str) -> ContinuedClips:
        return ContinuedClips(Remote(url))

    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(tone(1200))


def test_the_menu_goes_with_the_configuration(url: str) -> None:
    session = Remote(url).open(8000, ["投诉", "咨询"])
    session.accept(tone(1800))
    heard = session.finish()
    assert heard.text == "投诉咨询。"
    assert [(word.text, word.start_s) for word in heard.words] == [("投诉", 0.0), ("咨询", 1.0)]


def test_nobody_there_says_what_to_do() -> None:
    with pytest.raises(EngineError, match=r"ws://127.0.0.1:9: no recognition server answers.*remote_url"):
        Remote("ws://127.0.0.1:9").open(8000)


def test_a_server_of_another_kind_is_an_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        thread = threading.Thread(target=_answers_rubbish, args=(other,), daemon=True)
        thread.start()
        with pytest.raises(EngineError, match="no recognition server answers"):
            Remote(f"ws://127.0.0.1:{other.getsockname()[1]}", timeout_s=2).open(8000)
        thread.join()


def _answers_rubbish(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"220 mail.example.org ESMTP\r\n")


def test_a_server_that_hangs_is_left_within_the_deadline() -> None:
    hung = threading.Event()

    def silent(_connection: ServerConnection, number: int) -> bool:
        if number == 2:
            hung.set()
        return number >= 2

    with reference_server(ScriptedStreaming(), silent) as address:
        session = Remote(address, timeout_s=0.3).open(8000)
        session.accept(tone(400))
        started = time.monotonic()
        with pytest.raises(EngineError, match=r"no answer in .*remote_timeout_s"):
            session.finish()
        assert hung.is_set()
        assert time.monotonic() - started < 10
        session.close()


def test_rubbish_for_an_answer_is_an_error() -> None:
    def rubbish(connection: ServerConnection, number: int) -> bool:
        if number == 1:
            connection.send("<html>")
        return number == 1

    with reference_server(ScriptedStreaming(), rubbish) as address:
        session = Remote(address).open(8000)
        with pytest.raises(EngineError, match="not an answer of this protocol"):
            session.accept(tone(400))
        session.close()


def test_a_server_that_is_restarted_in_the_middle_costs_no_word() -> None:
    lost = []

    def once(connection: ServerConnection, _number: int) -> bool:
        if len(lost) == 0 and _number == 3:
            lost.append(True)
            connection.close()
            return True
        return False

    with reference_server(ScriptedStreaming(), once) as address:
        engine = ContinuedClips(Remote(address))
        half = Clip(CLIP.samples[:8000], utterance=CLIP.utterance)
        engine.recognise([half], Effort.PARTIAL)
        heard = engine.recognise([CLIP], Effort.FINAL)[0]
    assert lost
    assert heard.text == "你好我是市民。"


def test_a_server_that_is_gone_is_an_error_for_the_final() -> None:
    with reference_server(ScriptedStreaming()) as address:
        engine = ContinuedClips(Remote(address, timeout_s=1))
        assert told(Remote(address), tone(500)).text
    with pytest.raises(EngineError):
        engine.recognise([CLIP], Effort.FINAL)

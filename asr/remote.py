"""A recognition server elsewhere, by vosk-server's WebSocket protocol: one connection an utterance.

    we → {"config": {"sample_rate": 8000, "words": true, "phrase_list": […]}}
    we → 16-bit little-endian mono PCM, each message answered by {"partial": "…"} or {"result": […], "text": "…"}
    we → {"eof" : 1}, answered by the last {"result": […], "text": "…"}

As in alphacep/vosk-server, websocket/asr_server.py; servers of sherpa and FunASR that speak it do as well.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from websockets.exceptions import InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from asr.recogniser import NOTHING_HEARD, Heard, Samples, Word, check_rate, check_samples
from asr.spoken_text import ended, written
from asr.streaming import measured_factor, over
from asr.vosk_protocol import EOF, Config, Spoken, config_message, read_answer
from domain.errors import EngineError

_REMEDY = "start the server, or set [asr] remote_url, or choose another engine"
_PIECE_S = 0.5
"""Each piece is answered: the server is late with one, not with all."""
_CONFIDENCE = 0.9
"""Of servers that tell none."""


class Remote:
    """The server at `url` (ws:// or wss://). timeout_s: for each of its answers. Connects when a session needs it."""

    def __init__(self, url: str, *, timeout_s: float = 5.0) -> None:
        self.name = f"remote {url.rsplit('://', maxsplit=1)[-1].rstrip('/')}"
        self._url = url
        self._timeout_s = timeout_s

    def open(self, rate_hz: int, phrases: Sequence[str] = ()) -> "RemoteSession":
        check_rate(rate_hz, self.name)
        config = Config(sample_rate=rate_hz, words=True, phrase_list=list(phrases) or None)
        return RemoteSession(self._url, config, self._timeout_s)

    def real_time_factor(self) -> float:
        return measured_factor(self, time.monotonic)


class RemoteSession:
    """The session of a Remote. EngineError when the server is not there, goes away, or takes too long."""

    def __init__(self, url: str, config: Config, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._piece = int(config.sample_rate * _PIECE_S)
        self._words: list[Word] = []
        self._texts: list[str] = []
        self._partial = ""
        self._over = False
        self._exits = ExitStack()
        self._connection: ClientConnection | None = self._connected(config)

    def accept(self, samples: Samples) -> None:
        self._check()
        check_samples(samples, self._url)
        for at in range(0, len(samples), self._piece):
            self._take(self._ask(samples[at : at + self._piece].astype("<i2").tobytes()))

    def partial(self) -> Heard:
        self._check()
        return self._heard([*self._texts, self._partial], final=False)

    def finish(self) -> Heard:
        self._check()
        self._take(self._ask(EOF))
        self.close()
        return self._heard(self._texts, final=True)

    def close(self) -> None:
        self._over = True
        if self._connection is not None:
            self._connection = None
            self._exits.close()

    def _connected(self, config: Config) -> ClientConnection:
        try:
            opening = connect(self._url, open_timeout=self._timeout_s, close_timeout=1, compression=None, proxy=None)
            connection = self._exits.enter_context(opening)
            connection.send(config_message(config))
        except (OSError, WebSocketException, InvalidURI) as error:
            raise EngineError(f"no recognition server answers: {error}", where=self._url, remedy=_REMEDY) from error
        return connection

    def _ask(self, message: bytes | str) -> Spoken:
        if self._connection is None:
            raise over(self._url)
        try:
            self._connection.send(message)
            return read_answer(self._connection.recv(timeout=self._timeout_s), self._url)
        except TimeoutError as error:
            self.close()
            raise EngineError(
                f"no answer in {self._timeout_s:.0f} s", where=self._url, remedy="raise [asr] remote_timeout_s"
            ) from error
        except (OSError, WebSocketException) as error:
            self.close()
            raise EngineError(f"the server went away: {error}", where=self._url, remedy=_REMEDY) from error

    def _take(self, spoken: Spoken) -> None:
        self._partial = spoken.partial
        if spoken.is_result and spoken.text:
            self._texts.append(spoken.text)
            self._words += [Word(word.word, word.start, word.end, min(1.0, word.conf)) for word in spoken.result or ()]

    def _heard(self, texts: Sequence[str], *, final: bool) -> Heard:
        text = written(" ".join(texts))
        if not text:
            return NOTHING_HEARD
        sure = [word.confidence for word in self._words]
        confidence = sum(sure) / len(sure) if sure else _CONFIDENCE
        return Heard(ended(text) if final else text, confidence, 0.0, tuple(self._words))

    def _check(self) -> None:
        if self._over:
            raise over(self._url)

"""A server that behaves as vosk-server's websocket/asr_server.py does, around any streaming engine."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from asr.recogniser import Heard
from asr.streaming import StreamingRecogniser

Disturb = Callable[[ServerConnection, int], bool]
"""Told of each message's number before it is answered; True: it shall not be answered."""


def _result(heard: Heard) -> str:
    words = [
        {"word": word.text, "start": word.start_s, "end": word.end_s, "conf": word.confidence} for word in heard.words
    ]
    text = " ".join(word.text for word in heard.words)
    return json.dumps({"result": words, "text": text} if words else {"text": text})


@contextmanager
def reference_server(engine: StreamingRecogniser, disturb: Disturb | None = None, port: int = 0) -> Iterator[str]:
    """Its address. port: 0 for any free one."""

    def receive(connection: ServerConnection) -> None:
        rate_hz, phrases, session = 8000.0, [], None
        for number, message in enumerate(connection):
            if disturb is not None and disturb(connection, number):
                continue
            if isinstance(message, str) and "config" in message:
                config = json.loads(message)["config"]
                rate_hz = float(config.get("sample_rate", rate_hz))
                phrases = config.get("phrase_list") or []
                continue
            session = session or engine.open(int(rate_hz), phrases)
            if message == '{"eof" : 1}':
                connection.send(_result(session.finish()))
                return
            assert isinstance(message, bytes)
            session.accept(np.frombuffer(message, dtype="<i2").astype(np.int16))
            connection.send(json.dumps({"partial": session.partial().text}))

    def guarded(connection: ServerConnection) -> None:
        try:
            receive(connection)
        except ConnectionClosed:
            return

    server = serve(guarded, "127.0.0.1", port, compression=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()

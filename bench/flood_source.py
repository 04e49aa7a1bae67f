"""A flood: `python -m bench.flood_source KIND RATE SECONDS SOURCES PORT` sends, and prints how much it sent.

KIND: `register` (requests without a password, each another dialog) or `rubbish`. SOURCES: addresses of the loopback
network that it comes from, in turn.
"""

import itertools
import os
import socket
import sys
import time

from bench.sip_text import Dialog

BURST = 20


def open_source(number: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
    return opened


def message(kind: str, number: int, port: int) -> bytes:
    if kind == "rubbish":
        return os.urandom(400)
    return Dialog(f"flood-{number}", "8001", 5060, f"sip:127.0.0.1:{port}", "<sip:8001@127.0.0.1>").request("REGISTER")


def main(kind: str, rate: float, seconds: float, sources: int, port: int) -> int:
    sockets = [open_source(number) for number in range(sources)]
    turns = itertools.cycle(sockets)
    began = time.monotonic()
    sent = 0
    while (now_s := time.monotonic() - began) < seconds:
        due = int(now_s * rate)
        for _ in range(min(BURST, due - sent)):
            next(turns).sendto(message(kind, sent, port), ("127.0.0.1", port))
            sent += 1
        if sent >= due:
            time.sleep(0.001)
    return sent


if __name__ == "__main__":
    _, kind, rate, seconds, sources, port = sys.argv
    print(main(kind, float(rate), float(seconds), int(sources), int(port)))

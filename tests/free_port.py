"""Ports for servers and telephones of tests."""

import random
import socket


def free_port(host: str = "127.0.0.1") -> int:
    """Free for UDP and for TCP, outside what the kernel gives to clients: such a one would have it before its server.

    Nor where whole services of tests have theirs (tests/e2e/service).
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((host, port))
        except OSError:
            continue
        return port

"""The media plane alone beside simpler relays, under real RTP from another process.

The relays have neither jitter buffer nor recording, so their processor time is a floor and no rival. The busy figures
are taken while a thread of the same process computes four fifths of the time; beside them stands the same plane on
Python's plain sockets. What is measured has one core, the load the others.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import rtpengine_relay
from bench.cores import calm_down, load_cores, measured_core, pin, pin_urgent
from bench.figure import Figure
from bench.relay_peers import AsyncioRelay, Relay, RtpsynthRelay
from bench.rtp_load import LoadResult, RtpLoad
from bench.rtpengine_relay import RtpengineRelay
from bench.wake_ups import WakeUps
from domain.call import DigitSource
from domain.side import Side
from recordings.settings import RecordingSettings
from recordings.wav import open_wav
from recordings.writer import Recording, RecordingWriter
from telephony.media.datagrams import Datagrams, PlainDatagrams
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import Codec, MediaDescription, MediaLeg
from telephony.settings import TelephonySettings

_WARM_UP_S = 1.0
_BUSY_SHARE = 0.8
_BUSY_PERIOD_S = 0.05
_MOST_BUSY_CALLS = 50
"""One core has room for 300 legs or for a thread that computes four fifths of the time, not for both."""


@dataclass(frozen=True)
class Measured:
    """One subject under the load. processor_percent: of one core, for each leg."""

    load: LoadResult
    processor_percent: float

    @property
    def sent_percent(self) -> float:
        return 100 * self.load.received / self.load.expected if self.load.expected else 0.0


class RecordedSide:
    """Owner of a leg whose sound goes to the recording."""

    def __init__(self, recording: Recording, side: Side) -> None:
        self._recording = recording
        self._side = side

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        self._recording.write(self._side, media_ms, alaw)

    def on_digit(self, digit: str, source: DigitSource) -> None:
        """The load presses no keys."""

    def on_played(self, token: int) -> None:
        """Nothing is played."""

    def on_silent(self, seconds: float) -> None:
        """Seen in the figures."""

    def on_back(self) -> None:
        """So is that."""


@dataclass(frozen=True)
class MeasuredPlane(Measured):
    """late_*: how late ticks began; recorded_percent: the shortest recording beside the time that it should have."""

    late_p99_ms: float
    late_max_ms: float
    recorded_percent: float


async def measure_plane(calls: int, seconds: float, datagrams: Datagrams | None = None) -> MeasuredPlane:
    """Our plane with this way to receive and send (None: the one that the service takes)."""
    load = RtpLoad(2 * calls, seconds, load_cores())
    with tempfile.TemporaryDirectory() as folder:
        writer = RecordingWriter(Path(folder), RecordingSettings())
        plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0), datagrams)
        await writer.start()
        await plane.start()
        recordings = [writer.open(f"call{number}", round(time.time() * 1000)) for number in range(calls)]
        legs = _open_calls(plane, recordings, load.ports)
        ports = [leg.port for leg in legs]
        measured = await _under_load(load, ports, plane.lateness.clear, time.process_time)
        p99_ms, max_ms = plane.lateness.quantile_ms(0.99), plane.lateness.max_ns / 1e6
        await plane.stop()
        durations = [open_wav(Path(folder) / (await recording.close())[0]).duration_ms for recording in recordings]
        await writer.stop()
    return MeasuredPlane(
        measured.load, measured.processor_percent, p99_ms, max_ms, min(100.0, min(durations) / (10 * seconds))
    )


def _open_calls(plane: RtpMediaPlane, recordings: list[Recording], far_ports: list[int]) -> list[MediaLeg]:
    legs: list[MediaLeg] = []
    for number, recording in enumerate(recordings):
        pair = [plane.open_leg(RecordedSide(recording, side)) for side in (Side.CALLER, Side.AGENT)]
        for leg, port in zip(pair, far_ports[2 * number : 2 * number + 2], strict=True):
            leg.connect(MediaDescription(address="127.0.0.1", port=port, codec=Codec.PCMA, payload=8))
            leg.listen(0)
        for hearer, speaker in (pair, pair[::-1]):
            plane.hear(hearer, (speaker,))
        legs += pair
    return legs


class BusyThread:
    """A thread of this process that computes in Python for a share of the time, as SIP and the loop may do."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._compute, name="busy", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _compute(self) -> None:
        while not self._stopping.wait(_BUSY_PERIOD_S * (1 - self._share)):
            end = time.perf_counter() + _BUSY_PERIOD_S * self._share
            while time.perf_counter() < end:
                sum(range(200))


async def measure_relay(relay: Relay, calls: int, seconds: float) -> Measured:
    """A peer under the same load."""
    load = RtpLoad(2 * calls, seconds, load_cores())
    ports = await relay.open(load.ports)
    pin_urgent(os.getpid(), measured_core())
    measured = await _under_load(load, ports, lambda: None, relay.processor_s)
    calm_down(os.getpid())
    await relay.close()
    return measured


async def _under_load(
    load: RtpLoad, ports: list[int], when_warm: Callable[[], None], processor_s: Callable[[], float]
) -> Measured:
    load.begin(ports)
    await asyncio.sleep(_WARM_UP_S)
    when_warm()
    started_s, used_s = time.monotonic(), processor_s()
    result = await asyncio.to_thread(load.result)
    used = (processor_s() - used_s) / (time.monotonic() - started_s)
    return Measured(result, 100 * used / len(ports))


def _relays() -> list[Relay]:
    relays: list[Relay] = [RtpsynthRelay(), AsyncioRelay()]
    if rtpengine_relay.is_installed():
        return [RtpengineRelay(measured_core()), *relays]
    print("rtpengine is not installed (Debian: rtpengine-daemon): that peer is left out")
    return relays


async def media_figures(calls: int, seconds: float) -> list[Figure]:
    """All figures; the subjects take turns so that a noisy minute does not hit one alone."""
    pin(os.getpid(), measured_core())
    idle = WakeUps(seconds)
    ours = await measure_plane(calls, seconds)
    idle_p99_ms = idle.p99_ms()
    peers = {relay.name: await measure_relay(relay, calls, seconds) for relay in _relays()}
    busy_calls = min(calls, _MOST_BUSY_CALLS)
    with BusyThread(_BUSY_SHARE):
        busy = await measure_plane(busy_calls, seconds)
        busy_plain = await measure_plane(busy_calls, seconds, PlainDatagrams())
    plain = "plain sockets"
    figures = [
        Figure("tick_lateness_p99_ms", ours.late_p99_ms, "ms", 5.0, "lower", "idle process", idle_p99_ms),
        Figure("tick_lateness_max_ms", ours.late_max_ms, "ms", None, "lower"),
        Figure("recorded_percent", ours.recorded_percent, "%", 99.0, "higher"),
        Figure("busy_tick_lateness_p99_ms", busy.late_p99_ms, "ms", 20.0, "lower", plain, busy_plain.late_p99_ms),
        Figure("busy_rtp_sent_percent", busy.sent_percent, "%", 99.9, "higher", plain, busy_plain.sent_percent),
    ]
    for name, peer in peers.items():
        figures += [
            Figure("rtp_sent_percent", ours.sent_percent, "%", 99.9, "higher", name, peer.sent_percent),
            Figure("one_way_delay_p50_ms", ours.load.delay_p50_ms, "ms", 40.0, "lower", name, peer.load.delay_p50_ms),
            Figure("one_way_delay_p99_ms", ours.load.delay_p99_ms, "ms", 40.0, "lower", name, peer.load.delay_p99_ms),
            Figure(
                "processor_percent_per_leg", ours.processor_percent, "%", 1.0, "lower", name, peer.processor_percent
            ),
        ]
    return figures

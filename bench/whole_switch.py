"""The switch as a service: SIP, flow, queue, bridge and recording in their own processes, called from others.

Only NATS and the roles switch and queue run: recognition has its own bench.
"""

import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench import sipp_calls
from bench.cores import load_cores, measured_core, pin, pin_urgent
from bench.figure import Figure, percentile
from bench.scraped_histogram import ScrapedHistogram, scrape_histogram
from bench.sip_calls import FIRST_EXTENSION, PASSWORD, CallsResult, SipCalls
from bench.sip_load import InviteResult, SipLoad
from bench.sipp_calls import SippCalls, SippResult
from bench.trial_service import free_ports, trial_place, trial_roles
from bench.wake_ups import WakeUps
from bus.connection import BusConnection, connect
from domain.agent import SetReady, SignIn
from domain.call import CallArrived, RecordingFinished
from domain.errors import BusError, HotlineError
from domain.topics import AGENT_COMMAND, CALL_EVENT
from hotline.config import Settings
from hotline.readiness import readiness_checks
from hotline.roles import Role

RATE_HZ = 20.0
_ROLES = (Role.QUEUE, Role.SWITCH)
_READY_WITHIN_S = 60.0
_LATENESS = "hotline_telephony_tick_lateness_seconds"
_SETTLE_S = 2.0
_IDLE = "idle process"


async def whole_switch_figures(calls: int, seconds: float) -> list[Figure]:
    """INVITE → 200, the first prompt frame, and `calls` bridged and recorded calls, the switch on one core."""
    with trial_place() as (settings, environment):
        settings.service.sip_conf.write_text(_sip_conf(calls), encoding="utf-8")
        async with trial_roles(settings, environment, _ROLES) as processes:
            connection = await connect(settings.bus, "bench-1", settings.service.data_dir)
            try:
                checks = readiness_checks(settings, connection.bus)
                await asyncio.wait_for(asyncio.gather(*(checks[role]() for role in _ROLES)), _READY_WITHIN_S)
                pin(processes[Role.QUEUE], load_cores())
                pin(processes[Role.SWITCH], measured_core())
                figures = await _invite_figures(settings.telephony.sip_port, calls, seconds)
                figures += await _sipp_figures(settings.telephony.sip_port, calls, seconds)
                return figures + await _bridged_figures(connection, settings, processes[Role.SWITCH], calls, seconds)
            finally:
                await connection.close()


def _sip_conf(extensions: int) -> str:
    numbers = range(FIRST_EXTENSION, FIRST_EXTENSION + extensions)
    phones = [f"[extension {number}]\npassword = {PASSWORD}" for number in numbers]
    return "\n".join(["[general]", "allow_guest = loopback", *phones]) + "\n"


# INVITE → 200


async def _invite_figures(port: int, calls: int, seconds: float) -> list[Figure]:
    """Ours, then each peer under the same load: `calls` calls at 20 a second, each up for `seconds`."""
    ours = await asyncio.to_thread(lambda: SipLoad(RATE_HZ, calls / RATE_HZ, seconds, load_cores()).call(port))
    times = ours.invite_to_200_ms
    print(f"{ours.called} INVITEs at {RATE_HZ:g} a second, {len(times)} answered with 200, max {max(times):.1f} ms")
    answered_percent = 100 * len(times) / ours.called
    figures = [Figure("invites_answered_percent", answered_percent, "%", 100.0, "higher")]
    for name, peer in (await asyncio.to_thread(_peers, calls, seconds)).items():
        for quantile, target in ((50, None), (99, 20.0)):
            value, beside = percentile(times, quantile), percentile(peer.invite_to_200_ms, quantile)
            figures.append(Figure(f"invite_to_200_p{quantile}_ms", value, "ms", target, "lower", name, beside))
        if peer.packets:
            value, beside = _sent_percent(ours), _sent_percent(peer)
            figures.append(Figure(f"answered_{calls}_rtp_sent_percent", value, "%", 99.9, "higher", name, beside))
    first, sound = percentile(ours.ack_to_first_packet_ms, 99), percentile(ours.ack_to_first_sound_ms, 99)
    heard_percent = 100 * len(ours.ack_to_first_sound_ms) / ours.called
    return [
        *figures,
        Figure("ack_to_first_frame_p99_ms", first, "ms", 100.0, "lower"),
        Figure("ack_to_first_sound_p99_ms", sound, "ms", 100.0, "lower"),
        Figure("greeting_heard_percent", heard_percent, "%", 100.0, "higher"),
    ]


def _sent_percent(result: InviteResult) -> float:
    return min(100.0, 100 * result.packets / result.packets_due) if result.packets_due else float("nan")


def _peers(calls: int, seconds: float) -> dict[str, InviteResult]:
    peers = {"bare sippy": _call_peer("bench.bare_sippy", calls, seconds)}
    if importlib.util.find_spec("pyVoIP"):
        peers["pyVoIP 1.6.8"] = _call_peer("bench.pyvoip_phone", calls, seconds)
    else:
        print("pyVoIP is not installed (pip install pyVoIP==1.6.8): that peer is left out")
    return peers


def _call_peer(module: str, calls: int, seconds: float) -> InviteResult:
    load, port = SipLoad(RATE_HZ, calls / RATE_HZ, seconds, load_cores()), free_ports(1)
    with _peer(module, port, load.port):
        return load.call(port)


@contextmanager
def _peer(module: str, port: int, registrar_port: int) -> Iterator[None]:
    """It answers on `port` meanwhile."""
    command = [sys.executable, "-m", module, str(port), str(registrar_port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        pin_urgent(process.pid, measured_core())
        assert process.stdout is not None
        if "up" not in process.stdout.readline():
            raise HotlineError(f"{module} did not start", where=f"port {port}")
        yield
    finally:
        process.kill()
        process.wait()


# sipp


async def _sipp_figures(port: int, calls: int, seconds: float) -> list[Figure]:
    """The same load by sipp, which talks in RTP of its own all the time; its clock counts whole ms."""
    if not sipp_calls.is_installed():
        print("sipp is not installed (Debian: sip-tester): its load is left out")
        return []
    ours = await asyncio.to_thread(_sipp, port, calls, seconds)
    with _peer("bench.bare_sippy", peer_port := free_ports(1), 0):
        peer = await asyncio.to_thread(_sipp, peer_port, calls, seconds)
    value, beside = percentile(ours.invite_to_200_ms, 99), percentile(peer.invite_to_200_ms, 99)
    return [
        Figure(f"sipp_{calls}_calls_failed", ours.failed, "calls", 0, "lower"),
        Figure("sipp_invite_to_200_p99_ms", value, "ms", 20.0, "lower", "bare sippy", beside),
    ]


def _sipp(port: int, calls: int, seconds: float) -> SippResult:
    return SippCalls(port, calls, RATE_HZ, calls / RATE_HZ + seconds, load_cores()).result()


# Bridged and recorded


async def _bridged_figures(
    connection: BusConnection, settings: Settings, switch: int, calls: int, seconds: float
) -> list[Figure]:
    phones = await asyncio.to_thread(SipCalls, settings.telephony.sip_port, calls, seconds, load_cores())
    if phones.registered < calls:
        raise HotlineError(f"only {phones.registered} of {calls} phones were registered", where="bench.sip_calls")
    for number in range(FIRST_EXTENSION, FIRST_EXTENSION + calls):
        await _be_ready(connection, str(number))
    process = psutil.Process(switch)
    idle_mib = process.memory_info().rss / 2**20
    await asyncio.to_thread(phones.connect)
    before, started_s, used_s = (
        scrape_histogram(settings.service.metrics_base_port, _LATENESS),
        time.monotonic(),
        _used_s(process),
    )
    idle = WakeUps(seconds)
    result = await asyncio.to_thread(phones.result)
    lateness = scrape_histogram(settings.service.metrics_base_port, _LATENESS).since(before)
    process_figures = [
        Figure(
            f"switch_{calls}_calls_processor_percent",
            100 * (_used_s(process) - used_s) / (time.monotonic() - started_s),
            "%",
            None,
            "lower",
        ),
        Figure(
            "switch_memory_mib_per_call", (process.memory_info().rss / 2**20 - idle_mib) / calls, "MiB", 1.0, "lower"
        ),
    ]
    await asyncio.sleep(_SETTLE_S)
    recorded_ms = await _recorded_ms(connection)
    folder = settings.service.data_dir / "recordings"
    return _figures_of(result, lateness, idle.p99_ms(), recorded_ms, folder) + process_figures


def _used_s(process: psutil.Process) -> float:
    """Processor time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def _be_ready(connection: BusConnection, extension: str) -> None:
    """签入 and 空闲, as the desk would ask the queue; asked again until the queue has heard of the telephone."""
    for command in (SignIn(name=extension, extension=extension), SetReady()):
        for _ in range(50):
            try:
                reply = await connection.bus.request(AGENT_COMMAND, (extension,), command, timeout_s=2)
            except BusError:
                continue
            if reply.accepted:
                break
            await asyncio.sleep(0.1)
        else:
            raise HotlineError(f"agent {extension} cannot become ready: {reply.reason}", where="queue")


async def _recorded_ms(connection: BusConnection) -> dict[str, int]:
    """Length of each recording by the caller's number."""
    callers: dict[str, str] = {}
    recorded_ms: dict[str, int] = {}
    for record in await connection.log.replay(CALL_EVENT, ()):
        event = record.value
        if isinstance(event, CallArrived):
            callers[event.call_id] = event.caller_number
        elif isinstance(event, RecordingFinished):
            recorded_ms[callers[event.call_id]] = event.duration_ms
    return recorded_ms


def _figures_of(
    result: CallsResult, lateness: ScrapedHistogram, idle_p99_ms: float, recorded_ms: dict[str, int], folder: Path
) -> list[Figure]:
    """idle_p99_ms: how late an idle process woke on the same core meanwhile."""
    load, calls = result.load, len(result.up_ms)
    errors_ms = [abs(recorded_ms.get(caller, 0) - up_ms) for caller, up_ms in result.up_ms.items()]
    files = sum(1 for _ in folder.rglob("*.wav"))
    print(f"{calls} calls bridged through the switch process; {files} recordings; {load.sent} RTP packets sent to it")
    sent_percent = 100 * load.received / load.expected if load.expected else float("nan")
    late_p99_ms = 1000 * lateness.quantile(0.99)
    return [
        Figure(f"switch_{calls}_calls_rtp_sent_percent", sent_percent, "%", 99.9, "higher"),
        Figure(f"switch_{calls}_calls_deaf_legs", load.deaf_legs, "legs", 0, "lower"),
        Figure(f"switch_{calls}_calls_tick_lateness_p99_ms", late_p99_ms, "ms", 5.0, "lower", _IDLE, idle_p99_ms),
        Figure(f"switch_{calls}_calls_delay_p50_ms", load.delay_p50_ms, "ms", None, "lower"),
        Figure(f"switch_{calls}_calls_delay_p99_ms", load.delay_p99_ms, "ms", 40.0, "lower"),
        Figure(f"switch_{calls}_calls_recording_length_error_max_ms", max(errors_ms), "ms", 300.0, "lower"),
    ]

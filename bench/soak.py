"""What is left of the switch's calls when they are over: thousands by real SIP, hung up at random moments."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.figure import Figure
from bench.impatient_callers import ImpatientCallers
from bench.trial_service import trial_place, trial_roles
from bus.connection import connect
from hotline.config import Settings
from hotline.readiness import readiness_checks
from hotline.roles import Role

_ROLES = (Role.QUEUE, Role.SWITCH)
_READY_WITHIN_S = 60.0
_WARM_UP_CALLS = 2_000
"""So many that the process has all the memory that calls at this rate need at once (SIP's timers keep one for 32 s, and
up to 1,000 wait for collection): what comes on top of it is growth."""
_PATIENCE_S = 60.0
_EMPTY_WITHIN_S = 90.0
_MOST_KIB_PER_CALL = 4.0
_LASTING_CALLS = 10_000
"""So many that a peak of calls on a busy machine is little for each of them."""
_GAUGES = ("hotline_telephony_calls_up", "hotline_telephony_media_legs", "hotline_telephony_sip_legs")


@dataclass(frozen=True)
class Belongings:
    """What a switch process has. calls: its gauges of calls and legs, in sum. notes: files about calls that are up."""

    calls: float
    files: int
    threads: int
    notes: int
    memory_mib: float


async def soak_figures(calls: int, rate_hz: float) -> list[Figure]:
    """`calls` calls, `rate_hz` of them a second; what is left of them after a minute and a half at most."""
    with trial_place(TELEPHONY__MAX_CALLS="1000") as (settings, environment):
        settings.service.sip_conf.write_text("[general]\nallow_guest = loopback\n", encoding="utf-8")
        async with trial_roles(settings, environment, _ROLES) as processes:
            connection = await connect(settings.bus, "bench-1", settings.service.data_dir)
            checks = readiness_checks(settings, connection.bus)
            await asyncio.wait_for(asyncio.gather(*(checks[role]() for role in _ROLES)), _READY_WITHIN_S)
            await connection.close()
            switch = psutil.Process(processes[Role.SWITCH])
            await asyncio.to_thread(_call, settings, _WARM_UP_CALLS, rate_hz, 1)
            before = await _settled(settings, switch, None)
            callers = await asyncio.to_thread(_call, settings, calls, rate_hz, 2)
            after = await _settled(settings, switch, before)
    came = f"{callers.answered} answered, {callers.over} over"
    print(f"soak: {calls} calls, {rate_hz:g} a second, {came}; {before} before, {after} after")
    growth_kib = 1024 * (after.memory_mib - before.memory_mib) / calls
    most_kib = _MOST_KIB_PER_CALL if calls >= _LASTING_CALLS else None
    return [
        Figure(f"soak_{calls}_calls_not_over", calls - callers.over, "calls", 0, "lower"),
        Figure("soak_calls_and_legs_left", after.calls, "", 0, "lower"),
        Figure("soak_files_left", after.files - before.files, "", 0, "lower"),
        Figure("soak_threads_left", after.threads - before.threads, "", 0, "lower"),
        Figure("soak_notes_left", after.notes, "", 0, "lower"),
        Figure("soak_memory_kib_per_call", growth_kib, "KiB", most_kib, "lower"),
    ]


def _call(settings: Settings, calls: int, rate_hz: float, seed: int) -> ImpatientCallers:
    callers = ImpatientCallers(settings.telephony.sip_port, seed)
    callers.run(calls, rate_hz, calls / rate_hz + _PATIENCE_S)
    return callers


async def _settled(settings: Settings, switch: psutil.Process, wanted: Belongings | None) -> Belongings:
    """What the switch has when no call is left and it has no more files and threads than wanted, or when time is over.

    A thread that answers our own look at the metrics may be among those of one look, never among those of all.
    """
    end = time.monotonic() + _EMPTY_WITHIN_S
    while True:
        now = _belongings(settings, switch)
        few = wanted is None or (now.files <= wanted.files and now.threads <= wanted.threads)
        empty = now.calls == 0 and few
        if empty or time.monotonic() > end:
            return now
        await asyncio.sleep(1)


def _belongings(settings: Settings, switch: psutil.Process) -> Belongings:
    with urlopen(f"http://127.0.0.1:{settings.service.metrics_base_port}/metrics", timeout=5) as page:
        families = text_string_to_metric_families(str(page.read(), "utf-8"))
    calls = sum(sample.value for family in families if family.name in _GAUGES for sample in family.samples)
    notes = sum(1 for _ in Path(settings.service.data_dir, "switch").rglob("*.json"))
    return Belongings(calls, switch.num_fds(), switch.num_threads(), notes, switch.memory_info().rss / 2**20)

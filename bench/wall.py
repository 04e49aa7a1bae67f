"""`python -m bench.wall`: live calls through the whole service, timed at the agents' pages.

Each call has a citizen's and an agent's SIP telephone, an agent signed in at the desk, and both sides listened to;
people speak by turns in all calls at once. Without --data the demo's conversation is said in synthesised voices, with
--data the recorded sentences of a folder as in bench.asr. The peer hears the same turns after the calls, one at a time
on an idle machine: a fixed second of silence, then the whole turn by bare whisper-base.
"""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import models
from asr.scoring import character_error_rate
from bench.bare_whisper import BareWhisper
from bench.figure import Figure, percentile, report
from bench.live_talk import LiveTalk, SpokenTurn, Turn, demo_turns, recorded_turns
from bench.page_delays import PageDelays
from bench.trial_service import trial_place, trial_service
from domain.errors import HotlineError
from domain.g711 import alaw_decode
from hotline.booth import PhoneBooth
from hotline.config import Settings
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.phone_line import PhoneLine
from hotline.running import RunningService
from hotline.sip_accounts import DEMO_EXTENSIONS, demo_passwords

_PEER = "bare whisper-base after 1 s of silence, alone"
_PEER_SILENCE_MS = 1000.0
_PEER_TURNS = 12
_CONNECT_WITHIN_S = 30.0
_LINGER_S = 7.0
_APART = 5
"""How many turns apart the calls begin the conversation."""


@dataclass
class LiveCall:
    """One call that an agent has taken."""

    call_id: str
    citizen: PhoneLine
    agent: PhoneLine
    desk: DeskClient
    talk: LiveTalk


async def hold_calls(
    settings: Settings, service: RunningService, turns: list[Turn], calls: int, seconds: float
) -> list[LiveCall]:
    """So many calls at once, in which people talk for `seconds`; what was said and shown is in the calls."""
    async with AsyncExitStack() as stack:
        booth = await stack.enter_async_context(PhoneBooth())
        desks = [await stack.enter_async_context(DeskClient(service.web, service.certificate)) for _ in range(calls)]
        for extension, desk in zip(DEMO_EXTENSIONS, desks, strict=False):
            await _take_place(settings, service, booth, desk, extension)
        live: list[LiveCall] = []
        for number in range(calls):
            talk = LiveTalk(turns, number * _APART)
            live.append(
                await _connect(service, booth, [d for d in desks if all(c.desk is not d for c in live)], number, talk)
            )
        until_s = time.monotonic() + seconds
        await asyncio.gather(*(call.talk.hold(call.citizen, call.agent, until_s) for call in live))
        await asyncio.sleep(_LINGER_S)
        for call in live:
            call.citizen.hang_up()
        await asyncio.gather(*(call.agent.ended(10) for call in live))
    return live


async def _take_place(
    settings: Settings, service: RunningService, booth: PhoneBooth, desk: DeskClient, extension: str
) -> None:
    """Telephone, page, 签入, 空闲."""
    await booth.register(service.sip, extension, demo_passwords(settings)[extension])
    await desk.sign_in(extension, desk_passwords(settings.service.data_dir)[extension])
    for command in ("sign_in", "set_ready"):
        answer = await desk.call("POST", "/api/agent/command", {"command": command, "extension": extension})
        if not answer["accepted"]:
            raise HotlineError(f"agent {extension} cannot {command}: {answer['reason']}", where=service.web)


async def _connect(
    service: RunningService, booth: PhoneBooth, free: list[DeskClient], number: int, talk: LiveTalk
) -> LiveCall:
    """Call, press 0, and wait for the agent: one call after another, so that each agent's telephone is known."""
    citizen = booth.call(f"sip:12345@{service.sip}", f"137{number:08d}")
    await citizen.answered(_CONNECT_WITHIN_S)
    citizen.media.send_digit("0")
    agent = await asyncio.wait_for(booth.arrived.get(), _CONNECT_WITHIN_S)
    offers = {asyncio.create_task(desk.wait_for("offer", _CONNECT_WITHIN_S)): desk for desk in free}
    done, pending = await asyncio.wait(offers, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    first = done.pop()
    return LiveCall(str(first.result().body["offer"]["call_id"]), citizen, agent, offers[first], talk)


def peer_delays_ms(spoken: list[SpokenTurn], folder: Path) -> list[float]:
    """What a listener without streaming needs after the voice's end for the same turns."""
    bare, delays_ms = BareWhisper(folder), []
    for place in np.linspace(0, len(spoken) - 1, min(_PEER_TURNS, len(spoken))).astype(int):
        samples = alaw_decode(spoken[place].turn.alaw).reshape(-1)
        started = time.perf_counter()
        bare.recognise(samples)
        delays_ms.append(_PEER_SILENCE_MS + (time.perf_counter() - started) * 1000)
    return delays_ms


def figures_of(delays: PageDelays, peer_ms: list[float]) -> list[Figure]:
    lost_percent = 100 * delays.lost / delays.turns if delays.turns else float("nan")
    return [
        *(
            Figure(
                f"speech_end_to_page_p{quantile}_ms",
                percentile(delays.by_phone, quantile),
                "ms",
                target,
                "lower",
                _PEER,
                percentile(peer_ms, quantile),
            )
            for quantile, target in ((50, None), (95, 1200.0))
        ),
        Figure("found_end_to_page_p95_ms", percentile(delays.by_listener, 95), "ms", 1200.0, "lower"),
        Figure("final_to_assist_p50_ms", percentile(delays.assist, 50), "ms", None, "lower"),
        Figure("final_to_assist_p95_ms", percentile(delays.assist, 95), "ms", 150.0, "lower"),
        Figure("finals_without_assist", delays.unassisted, "finals", 0, "lower"),
        Figure("turns_lost_percent", lost_percent, "%", 2.0, "lower"),
        Figure("wall_cer", 100 * character_error_rate(delays.pairs), "%", 32.0, "lower"),
    ]


async def run(calls: int, seconds: float, data: Path | None) -> list[Figure]:
    with trial_place(SERVICE__DEMO="true") as (settings, environment):
        turns = demo_turns(settings) if data is None else recorded_turns(data)
        async with trial_service(settings, environment) as service:
            live = await hold_calls(settings, service, turns, calls, seconds)
        delays = PageDelays()
        for call in live:
            delays.add(call.call_id, call.talk.spoken, call.desk.live)
        spoken = [turn for call in live for turn in call.talk.spoken]
        share = sum(turn.turn.seconds for turn in spoken) / seconds
        print(
            f"{calls} calls, {2 * calls} streams, {seconds:g} s, {share:.1f} people speaking at a time: "
            f"{delays.turns} turns, {len(delays.by_listener)} finals"
        )
        return figures_of(delays, peer_delays_ms(spoken, models.whisper_base(settings.service.data_dir / "models")))


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench.wall", description=__doc__)
    arguments.add_argument(
        "--calls", type=int, default=2, choices=range(1, len(DEMO_EXTENSIONS) + 1), help="two channels each"
    )
    arguments.add_argument("--seconds", type=float, default=60.0, help="of conversation")
    arguments.add_argument(
        "--data", type=Path, help="folder with manifest.tsv and recordings, instead of the demo's voices"
    )
    given = arguments.parse_args()
    return report(asyncio.run(run(given.calls, given.seconds, given.data)))


if __name__ == "__main__":
    raise SystemExit(main())

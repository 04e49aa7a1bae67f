"""The role `switch`: SIP, RTP, the IVR flow, bridging and recording."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from domain.agent import PhoneState
from domain.errors import AudioError
from domain.topics import PHONE_STATE, SIP_EDGE, SWITCH_COMMAND
from hotline.directory import open_directory
from hotline.flow_script import FlowScript
from hotline.prompts import open_flow, open_prompt_cache
from hotline.roles.context import RoleContext
from hotline.sip_accounts import load_accounts
from hotline.sip_backend import open_endpoint
from hotline.speaking_process import SpeakingProcess
from recordings.data_dir import check_data_dir
from recordings.wav import open_wav
from recordings.writer import RecordingWriter
from telephony.browser.web_phones import WebPhones
from telephony.calls.audio_post import AudioPost
from telephony.calls.exchange import Exchange
from telephony.calls.journal import read_notes
from telephony.calls.listening import Listening
from telephony.calls.seats import Seats
from telephony.calls.switch import Switch, bury_lost_calls
from telephony.calls.switch_parts import SwitchParts
from telephony.media.media_plane import RtpMediaPlane
from telephony.media.tone import music_on_hold
from telephony.ports import Codec, MediaDescription, SipEndpoint
from telephony.sip.addresses import reachable_address
from telephony.sip.edge import SipEdge
from telephony.sip.endpoint import SippyEndpoint
from telephony.sip.phones import PhoneChange


def now_ms() -> int:
    """Wall clock, Unix, ms."""
    return time.time_ns() // 1_000_000


async def run(context: RoleContext) -> None:
    """Take calls until the context stops; then end those that are up with a BYE."""
    settings = context.settings.telephony
    recordings_dir = context.data_dir / "recordings"
    check_data_dir(recordings_dir, context.settings.recordings.minimum_free_mb)
    journal_dir = context.data_dir / "switch" / context.role_id
    journal_dir.mkdir(parents=True, exist_ok=True)
    lost = read_notes(journal_dir)
    accounts = load_accounts(context.settings)
    seats = Seats(context.bus, context.log, open_directory(context.settings), frozenset(accounts.extensions))
    switch = Switch(max_calls=settings.max_calls)
    report = PhoneReport(context)
    sip = open_endpoint(settings, accounts, on_call=switch.on_call, on_registration=report.change, now_ms=now_ms)
    browsers = WebPhones(settings, context.bus, on_registration=report.change, now_ms=now_ms)
    endpoint = Exchange(sip, browsers)
    plane = RtpMediaPlane(settings)
    writer = RecordingWriter(recordings_dir, context.settings.recordings)
    listening = Listening(context.bus, context.log, now_ms)
    speaker = SpeakingProcess() if settings.read_location else None
    switch.parts = replace(assemble(context, endpoint, plane, writer, listening, seats, journal_dir), speaker=speaker)
    await bury_lost_calls(lost, journal_dir, context.log, now_ms, recording_finder(recordings_dir))
    await writer.start()
    await plane.start()
    listener = asyncio.create_task(listening.run())
    try:
        await seats.start()
        await endpoint.start()
        if speaker is not None:
            await speaker.start()
        await _be_commanded(context, switch, sip)
        await seats.stop()
        await switch.stop()
        await endpoint.stop()
    finally:
        listener.cancel()
        if speaker is not None:
            await speaker.stop()
        await plane.stop()
        await writer.stop()


async def _be_commanded(context: RoleContext, switch: Switch, sip: SipEndpoint) -> None:
    """Do what is asked of this switch on the bus, until the context stops."""
    commands = await context.bus.serve(SWITCH_COMMAND, (), switch.on_command, group="switch")
    if isinstance(sip, SippyEndpoint):
        await context.bus.serve(SIP_EDGE, (context.role_id,), SipEdge(context.role_id, sip).answer)
    await context.stopping.wait()
    await commands.close()


def assemble(
    context: RoleContext,
    endpoint: SipEndpoint,
    plane: RtpMediaPlane,
    writer: RecordingWriter,
    listening: Listening,
    seats: Seats,
    journal_dir: Path,
) -> SwitchParts:
    """What every call works with; FlowError when the flow is wrong."""
    settings = context.settings.telephony
    flow = open_flow(context.settings)
    address = settings.advertised_address or reachable_address(settings.rtp_address)
    return SwitchParts(
        switch_id=context.role_id,
        endpoint=endpoint,
        plane=plane,
        bus=context.bus,
        log=context.log,
        listening=listening,
        post=AudioPost(context.bus),
        prompts=open_prompt_cache(context.settings),
        music=music_on_hold(),
        journal_dir=journal_dir,
        describe=lambda port: MediaDescription(address=address, port=port, codec=Codec.PCMA, payload=8),
        open_recorder=lambda call_id: writer.open(call_id, now_ms()),
        open_script=lambda controls, waiting_in: FlowScript(flow, controls, waiting_in),
        now_ms=now_ms,
        silent_limit_s=settings.caller_silent_limit_s,
        seats=seats,
        feature_codes=settings.feature_codes(),
        hotline_number=settings.hotline_number,
        transfer_ring_s=settings.transfer_ring_s,
        citizen_ring_s=settings.citizen_ring_s,
    )


class PhoneReport:
    """Says on the bus which telephones are registered here."""

    def __init__(self, context: RoleContext) -> None:
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    def change(self, change: PhoneChange) -> None:
        at_ms = now_ms()
        state = PhoneState(
            extension=change.extension,
            registered=change.registered,
            switch_id=self._context.role_id,
            at_ms=at_ms,
            expires_at_ms=change.expires_at_ms,
        )
        event_id = f"phone.{change.extension}.{at_ms}.{change.registered}"
        append = self._context.log.append(PHONE_STATE, (change.extension,), state, event_id=event_id)
        task = asyncio.get_running_loop().create_task(append)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def recording_finder(recordings_dir: Path) -> Callable[[str], tuple[str, int, str] | None]:
    """By call id (path, duration_ms, sha256) of what a killed switch had recorded."""

    def find(call_id: str) -> tuple[str, int, str] | None:
        file = next(recordings_dir.rglob(f"{call_id}.wav"), None)
        if file is None:
            return None
        try:
            duration_ms = open_wav(file).duration_ms
        except AudioError:
            return None
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        return str(file.relative_to(recordings_dir)), duration_ms, sha256

    return find

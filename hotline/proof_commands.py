"""`hotline demo` and `hotline call`: real SIP calls from this machine."""

import asyncio
import json
import os
import random
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from domain.errors import AudioError, HotlineError
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from hotline.attached import attached_service
from hotline.booth import PhoneBooth
from hotline.commands import settings
from hotline.config import Settings
from hotline.demo import Proof, prove
from hotline.demo_script import load_demo_script, spoken_turns
from hotline.demo_talk import RecordedTalk, ScriptedTalk, Talk
from hotline.phone_line import silence
from hotline.prompt_commands import show_progress
from hotline.prompts import synthesiser_opener
from hotline.speech_folder import read_speech_folder
from recordings.wav import read_wav, write_wav

AudioOption = Annotated[Path | None, typer.Option("--audio", help="two-channel WAV: left citizen, right agent, 8 kHz")]
SpeechOption = Annotated[
    Path | None, typer.Option("--speech", help="folder with manifest.tsv: real people's speech is played in and scored")
]


def demo(
    audio: AudioOption = None,
    speech: SpeechOption = None,
    utterances: Annotated[int, typer.Option(help="how many of --speech", min=1, max=500)] = 20,
    seed: Annotated[int, typer.Option(help="which of --speech")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Prove the main job with a real SIP call: menu, queue, agent, transcript, draft, articles, recording, numbers.

    Then a second call is handed over to 110 in one key. A robot of this machine is 110; nobody else is ever called.
    It uses the service that is up on this data directory, or starts one for the purpose. Exit status 1 when a step is
    missing.
    """
    os.environ["HOTLINE_SERVICE__DEMO"] = "true"
    chosen, console = settings(), Console(stderr=as_json)
    if audio is not None:
        talk: Talk = _from_recording(audio)
    elif speech is not None:
        talk = read_speech_folder(speech, utterances, random.Random(seed))
    else:
        script = load_demo_script()
        talk = ScriptedTalk(script, spoken_turns(script, chosen, synthesiser_opener(chosen), show_progress))
    proof = asyncio.run(_prove(chosen, talk, console, quiet=as_json))
    if as_json:
        typer.echo(json.dumps({"steps": proof.steps.facts(), "call": proof.call}, ensure_ascii=False))
    missing = proof.steps.missing
    if missing and not as_json:
        console.print(f"\n[bold red]missing:[/] {', '.join(missing)}")
    raise typer.Exit(1 if missing else 0)


async def _prove(chosen: Settings, talk: Talk, console: Console, *, quiet: bool) -> Proof:
    async with attached_service(chosen) as service:
        return await prove(chosen, service, talk, console, quiet=quiet)


def _from_recording(file: Path) -> RecordedTalk:
    samples, rate_hz = read_wav(file)
    if samples.shape[1] != 2 or rate_hz != RATE_HZ:
        raise AudioError(
            f"{samples.shape[1]} channel(s) at {rate_hz} Hz",
            where=str(file),
            remedy="give two channels (left citizen, right agent) at 8000 Hz",
        )
    return RecordedTalk(alaw_encode(samples[:, 0]), alaw_encode(samples[:, 1]))


def call(
    target: Annotated[str, typer.Argument(help="sip:user@host:port")] = "sip:12345@127.0.0.1:5060",
    play: Annotated[list[Path] | None, typer.Option("--play", help="8 kHz mono WAV to say; may be repeated")] = None,
    keys: Annotated[str, typer.Option(help="keys to press after the greeting began, e.g. 0")] = "",
    caller_number: Annotated[str, typer.Option("--from", help="calling number")] = "13800000000",
    seconds: Annotated[float, typer.Option(help="hang up after so long", min=1, max=3600)] = 20,
    save: Annotated[Path | None, typer.Option(help="write what was heard to this WAV")] = None,
    expect_sound: Annotated[bool, typer.Option(help="fail when nothing audible is heard")] = True,
) -> None:
    """Be a citizen: place a SIP call, say sounds, press keys, listen. Exit status 1 when the call fails."""
    sounds = [_mono(file) for file in play or []]
    asyncio.run(_call(target, sounds, keys, caller_number, seconds, save, expect_sound))


async def _call(
    target: str, sounds: list[bytes], keys: str, caller_number: str, seconds: float, save: Path | None, expect: bool
) -> None:
    console = Console()
    async with PhoneBooth() as booth:
        line = booth.call(target, caller_number)
        await line.answered(30)
        console.print("answered")
        if expect:
            await line.hears_sound(5)
            console.print(f"sound after {(line.first_sound_at - line.answered_at) * 1000:.0f} ms")
        for key in keys:
            line.media.send_digit(key)
            await line.speak(silence(0.5))
        for sound in sounds:
            await line.speak(sound)
        try:
            await line.ended(seconds)
            console.print(f"the other side hung up: {line.end_reason}")
        except HotlineError:
            line.hang_up()
            await line.ended(5)
            console.print(f"hung up after {seconds:.0f} s")
    if save is not None:
        _save(save, bytes(line.heard))
        console.print(f"heard {len(line.heard) / RATE_HZ:.1f} s, written to {save}")


def _mono(file: Path) -> bytes:
    samples, rate_hz = read_wav(file)
    if samples.shape[1] != 1 or rate_hz != RATE_HZ:
        raise AudioError(
            f"{samples.shape[1]} channel(s) at {rate_hz} Hz", where=str(file), remedy="give mono at 8000 Hz"
        )
    return alaw_encode(samples[:, 0])


def _save(file: Path, alaw: bytes) -> None:
    write_wav(file, alaw_decode(alaw)[:, None], RATE_HZ)

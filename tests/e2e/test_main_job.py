"""The main job on the whole service: a call, a conversation, and everything that must come of it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console

from domain.g711 import RATE_HZ, alaw_decode
from domain.side import Side
from domain.ticket import FieldName
from hotline.demo import prove
from hotline.demo_script import SpokenTurn, load_demo_script
from hotline.demo_talk import ScriptedTalk
from hotline.phone_line import silence
from recordings.wav import write_wav
from tests.e2e.service import Service

COMMAND_WITHIN_S = 180


async def test_a_short_conversation_proves_the_main_job(service: Service, turns: tuple[SpokenTurn, ...]) -> None:
    """Five turns: complaint, greeting, what happens, where, the place."""
    script = load_demo_script()
    expected = {name: text for name, text in script.expected.items() if name is FieldName.LOCATION}
    short = msgspec.structs.replace(script, turns=script.turns[:5], expected=expected, suggestion="")
    talk = ScriptedTalk(short, turns[:5], linger_s=2.0)
    proof = await prove(service.settings, service.running, talk, Console(file=io.StringIO()), quiet=True)
    assert not proof.steps.missing, json.dumps(proof.steps.facts(), ensure_ascii=False, indent=1)
    assert proof.call["status"] == "ended"


def test_the_demo_command_with_a_recording_of_ones_own(
    service: Service, turns: tuple[SpokenTurn, ...], tmp_path: Path
) -> None:
    file = tmp_path / "conversation.wav"
    write_wav(file, _two_channels(turns[1:3]), RATE_HZ)
    done = subprocess.run(
        [sys.executable, "-m", "hotline", "demo", "--json", "--audio", str(file)],
        env=service.environment,
        cwd=service.folder,
        capture_output=True,
        timeout=COMMAND_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    result = json.loads(done.stdout)
    steps, call = {step["step"]: step for step in result["steps"]}, result["call"]
    assert {utterance["side"] for utterance in call["utterances"]} == {"caller", "agent"}
    assert "锦绣花园" in call["ticket"]["fields"]["location"]["value"]
    assert call["suggestions"]
    assert all(isinstance(call["clocks"][name], int) for name in ("ring_to_person_ms", "queue_to_person_ms"))
    assert steps["call is answered"]["invite_to_200_ms"] > 0
    assert (service.data_dir / "recordings" / call["recording"]["path"]).is_file()


def _two_channels(turns: tuple[SpokenTurn, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """Left the citizen, right the agent, one after the other."""
    channels = {side: bytearray(silence(0.5)) for side in Side}
    for turn in turns:
        for side in Side:
            channels[side] += turn.alaw if side is turn.turn.side else silence(turn.duration_ms / 1000)
            channels[side] += silence(0.8)
    length = min(map(len, channels.values()))
    return np.stack([alaw_decode(bytes(channels[side][:length])) for side in (Side.CALLER, Side.AGENT)], axis=1)

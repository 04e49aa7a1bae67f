"""The default flow steering a call through the script, on fakes of the call's controls."""

import pytest

from domain.call import QueuedBecause
from domain.command import AnnouncePosition
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechStarted
from hotline.flow_script import FlowScript
from ivr_flows.engine import default_flow_path, load_flow
from telephony.ports import CallStage
from tests.recordings.test_inspection import said


class Controls:
    """CallControls that remember."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.token = 0

    def answer(self) -> None:
        self.done.append("answer")

    def say(self, text: str, *, token: int) -> None:
        self.token = token
        self.done.append(f"say {text}")

    def stop_saying(self) -> None:
        self.done.append("stop saying")

    def play_music(self, on: bool) -> None:
        self.done.append(f"music {on}")

    def enqueue(self, queue: str, because: QueuedBecause, priority: int) -> None:
        self.done.append(f"enqueue {queue} {because}")

    def expect(self, phrases: tuple[str, ...], *, only: bool) -> None:
        self.done.append(f"expect {'、'.join(phrases)} only {only}")

    def ask_callback(self) -> None:
        self.done.append("ask callback")

    def end(self, cause: str) -> None:
        self.done.append(f"end {cause}")


@pytest.fixture
async def call() -> tuple[FlowScript, Controls]:
    controls = Controls()
    script = FlowScript(load_flow(default_flow_path()), controls)
    script.on_stage(CallStage.ARRIVED)
    script.on_stage(CallStage.ANSWERED)
    return script, controls


async def test_the_greeting_is_said_at_once(call: tuple[FlowScript, Controls]) -> None:
    answer, greeting = call[1].done[:2]
    assert answer == "answer"
    assert greeting.startswith("say 您好，12345")


async def test_zero_goes_to_a_person(call: tuple[FlowScript, Controls]) -> None:
    script, controls = call
    script.on_digit("0")
    assert "enqueue default key" in controls.done
    script.on_stage(CallStage.ENDED)


async def test_speech_goes_to_a_person(call: tuple[FlowScript, Controls]) -> None:
    script, controls = call
    script.on_speech(SpeechStarted(call_id="c", side=Side.CALLER, utterance_id="c-caller-0000", start_ms=0))
    assert "stop saying" in controls.done
    script.on_speech(said(Side.CALLER, 0, 0, "我家停水了"))
    assert "enqueue default speech" in controls.done
    script.on_stage(CallStage.ENDED)


async def test_without_a_listener_the_caller_still_reaches_a_person(call: tuple[FlowScript, Controls]) -> None:
    script, controls = call
    script.on_speech(
        SpeechHealthChanged(call_id="c", side=Side.CALLER, health=SpeechHealth.AFTER_CALL, reason="none", at_ms=0)
    )
    script.on_prompt_ended(controls.token)
    assert any(done.startswith("enqueue default") for done in controls.done)
    script.on_stage(CallStage.ENDED)


async def test_while_waiting_there_is_music_and_the_position(call: tuple[FlowScript, Controls]) -> None:
    script, controls = call
    script.on_digit("0")
    script.on_stage(CallStage.WAITING)
    script.on_prompt_ended(controls.token)
    assert "music True" in controls.done
    script.on_position(AnnouncePosition(before=3))
    assert any("3位" in done for done in controls.done)
    script.on_stage(CallStage.ENDED)

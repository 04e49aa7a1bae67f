"""Lets an IVR flow steer a call: what happens becomes the flow's events, its actions become the call's."""

import asyncio
import time

from domain.command import AnnouncePosition, TurnAwayBecause
from domain.speech import (
    LivePartial,
    SpeechHealth,
    SpeechHealthChanged,
    SpeechMessage,
    SpeechStarted,
    UtteranceFinal,
    UtterancePartial,
)
from ivr_flows import actions, events
from ivr_flows.engine import FlowRun
from ivr_flows.flow import Flow
from telephony.ports import CallControls, CallStage

UNHEARD = frozenset({SpeechHealth.AFTER_CALL, SpeechHealth.OFF})


class FlowScript:
    """A CallScript that runs one flow; timers live on the asyncio loop.

    waiting_in: the queue to which an agent has brought the call, "" for one that arrives.
    """

    def __init__(self, flow: Flow, controls: CallControls, waiting_in: str = "") -> None:
        self._run = FlowRun(flow)
        self._controls = controls
        self._waiting_in = waiting_in
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stage: CallStage | None = None

    def on_stage(self, stage: CallStage) -> None:
        before, self._stage = self._stage, stage
        match stage:
            case CallStage.ARRIVED:
                self._tell(events.Started())
            case CallStage.WAITING if before is None:
                self._tell(events.Started(self._waiting_in))
            case CallStage.RINGING:
                self._tell(events.AgentRinging())
            case CallStage.WAITING if before is CallStage.RINGING:
                self._tell(events.AgentGone())
            case CallStage.CONNECTED:
                self._tell(events.AgentConnected())
            case CallStage.ENDED:
                self._tell(events.CallerGone())
                for timer in self._timers.values():
                    timer.cancel()
            case _:
                return

    def on_prompt_ended(self, token: int) -> None:
        self._tell(events.PromptEnded(token))

    def on_digit(self, digit: str) -> None:
        self._tell(events.DigitPressed(digit))

    def on_speech(self, message: LivePartial | SpeechMessage) -> None:
        match message:
            case SpeechStarted():
                self._tell(events.SpeechBegan())
            case UtterancePartial(text=text):
                self._tell(events.SpeechHeard(text, final=False))
            case UtteranceFinal():
                self._tell(events.SpeechHeard(message.as_said(), final=True))
            case SpeechHealthChanged(health=health) if health in UNHEARD:
                self._tell(events.SpeechUnavailable())
            case _:
                return

    def on_position(self, position: AnnouncePosition) -> None:
        self._tell(events.PositionAnnounced(position.before, position.wait_s, position.callback))

    def on_turned_away(self, because: TurnAwayBecause) -> None:
        self._tell(events.TurnedAway(because))

    def _tell(self, event: events.FlowEvent) -> None:
        for action in self._run.on_event(event, time.monotonic_ns() // 1_000_000):
            self._do(action)

    def _do(self, action: actions.FlowAction) -> None:
        match action:
            case actions.Answer():
                self._controls.answer()
            case actions.Say(text=text, token=token):
                self._controls.say(text, token=token)
            case actions.StopSaying():
                self._controls.stop_saying()
            case actions.PlayMusic():
                self._controls.play_music(True)
            case actions.StopMusic():
                self._controls.play_music(False)
            case actions.StartTimer(name=name, ms=ms):
                self._timers[name] = asyncio.get_running_loop().call_later(ms / 1000, self._fired, name)
            case actions.CancelTimer(name=name):
                if (timer := self._timers.pop(name, None)) is not None:
                    timer.cancel()
            case actions.Expect(phrases=phrases, only=only):
                self._controls.expect(phrases, only=only)
            case actions.Enqueue(queue=queue, because=because, priority=priority):
                self._controls.enqueue(queue, because, priority)
            case actions.AskCallback():
                self._controls.ask_callback()
            case actions.HangUp(cause=cause):
                self._controls.end(cause)

    def _fired(self, name: str) -> None:
        self._timers.pop(name, None)
        self._tell(events.TimerFired(name))

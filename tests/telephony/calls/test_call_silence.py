import pytest

from domain.side import Side
from domain.speech import SideSilent, SpeechHealth, SpeechHealthChanged, SpeechStarted
from domain.talk import TalkPhase
from telephony.calls.call_silence import CallSilence, Quiet

TALKING = TalkPhase.TALKING


def silent(side: Side, since_ms: int, *, spoke: bool = True, until_ms: int | None = None) -> SideSilent:
    return SideSilent(call_id="c", side=side, since_ms=since_ms, spoke=spoke, until_ms=until_ms)


def begins(side: Side) -> SpeechStarted:
    return SpeechStarted(call_id="c", side=side, utterance_id=f"c-{side}-0001", start_ms=50_000)


def quiet_call() -> CallSilence:
    """Both have been silent, the caller since 4 s, the agent since 7 s."""
    call = CallSilence()
    assert call.hear(silent(Side.CALLER, 4000), TALKING) is None
    assert call.hear(silent(Side.AGENT, 7000), TALKING) == Quiet(7000)
    return call


def test_nobody_speaks_since_the_last_of_both() -> None:
    quiet_call()


@pytest.mark.parametrize("side", list(Side))
def test_either_voice_ends_it(side: Side) -> None:
    assert quiet_call().hear(begins(side), TALKING) is None
    assert quiet_call().hear(silent(side, 4000, until_ms=50_000), TALKING) is None


def test_one_who_listens_for_long_is_no_news() -> None:
    call = CallSilence()
    assert call.hear(silent(Side.AGENT, 7000), TALKING) is None


def test_a_caller_who_never_spoke_is_told_whoever_speaks() -> None:
    call = CallSilence()
    assert call.hear(silent(Side.CALLER, 1000, spoke=False), TALKING) == Quiet(1000, Side.CALLER)
    assert call.hear(silent(Side.AGENT, 9000), TALKING) == Quiet(1000, Side.CALLER)
    assert call.hear(begins(Side.AGENT), TALKING) == Quiet(1000, Side.CALLER)
    assert call.hear(begins(Side.CALLER), TALKING) is None


@pytest.mark.parametrize("health", [SpeechHealth.AFTER_CALL, SpeechHealth.OFF])
def test_of_a_side_that_is_not_heard_nothing_is_known(health: SpeechHealth) -> None:
    lost = SpeechHealthChanged(call_id="c", side=Side.AGENT, health=health, reason="listener lost", at_ms=1)
    assert quiet_call().hear(lost, TALKING) is None


def test_a_listener_that_is_busy_still_hears_who_speaks() -> None:
    busy = SpeechHealthChanged(call_id="c", side=Side.AGENT, health=SpeechHealth.FINALS_ONLY, reason="busy", at_ms=1)
    assert quiet_call().hear(busy, TALKING) == Quiet(7000)


@pytest.mark.parametrize("phase", [TalkPhase.ALONE, TalkPhase.HELD, TalkPhase.CONSULTING, TalkPhase.TRANSFERRING])
def test_who_hears_music_is_not_expected_to_speak(phase: TalkPhase) -> None:
    call = quiet_call()
    assert call.hear(silent(Side.CALLER, 4000), phase) is None
    assert call.hear(silent(Side.AGENT, 7000), phase) is None


@pytest.mark.parametrize("phase", [TalkPhase.CONFERENCE, TalkPhase.HANDED_OVER, TalkPhase.SWAPPED, TalkPhase.INVITING])
def test_wherever_the_caller_speaks_with_somebody_it_counts(phase: TalkPhase) -> None:
    call = quiet_call()
    assert call.hear(silent(Side.CALLER, 60_000), phase) is None
    assert call.hear(silent(Side.AGENT, 60_000), phase) == Quiet(60_000)

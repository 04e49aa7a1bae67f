"""What may be done with a call in which state, and who then hears whom."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusedError
from domain.talk import Supervision, TalkPhase
from telephony.calls.talk import TABLE, WITH_AGENT, Move, Role, Sound, Talk, hearing, step

C, A, T, L = Role.CALLER, Role.AGENT, Role.THIRD, Role.LEADER


def heard(talk: Talk) -> dict[Role, set[Role]]:
    return {role: set(ear.sources) for role, ear in hearing(talk).items() if ear.sources}


def test_every_pair_that_the_table_lacks_is_refused_with_a_code() -> None:
    for phase, move in itertools.product(TalkPhase, Move):
        if (phase, move) in TABLE:
            assert step(Talk(phase=phase), move).phase is TABLE[phase, move]
            continue
        with pytest.raises(RefusedError) as refused:
            step(Talk(phase=phase), move)
        assert refused.value.code == "not_now"


def test_every_phase_can_be_reached_and_all_but_the_end_can_be_left() -> None:
    reached = set(TABLE.values()) | {TalkPhase.ALONE, TalkPhase.DIALLING}
    assert reached == set(TalkPhase)
    assert {phase for phase, _ in TABLE} == set(TalkPhase) - {TalkPhase.OVER}


def test_an_agent_can_hang_up_whenever_there_is_one() -> None:
    assert all((phase, Move.AGENT_LEAVES) in TABLE for phase in WITH_AGENT)


def test_a_third_who_is_an_agent_becomes_the_agent() -> None:
    consulting = Talk(phase=TalkPhase.CONSULTING)
    assert step(consulting, Move.COMPLETE).phase is TalkPhase.HANDED_OVER
    assert step(consulting, Move.COMPLETE, third_is_agent=True).phase is TalkPhase.TALKING


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (TalkPhase.TALKING, {C: {A}, A: {C}, L: {C, A}}),
        (TalkPhase.HELD, {L: {A}}),
        (TalkPhase.CALLING, {L: {A}}),
        (TalkPhase.CONSULTING, {A: {T}, T: {A}, L: {A, T}}),
        (TalkPhase.SWAPPED, {C: {A}, A: {C}, L: {C, A}}),
        (TalkPhase.INVITING, {C: {A}, A: {C}, L: {C, A}}),
        (TalkPhase.CONFERENCE, {C: {A, T}, A: {C, T}, T: {C, A}, L: {C, A, T}}),
        (TalkPhase.TRANSFERRING, {}),
        (TalkPhase.HANDED_OVER, {C: {T}, T: {C}, L: {C, T}}),
    ],
)
def test_who_hears_whom(phase: TalkPhase, expected: dict[Role, set[Role]]) -> None:
    assert heard(Talk(phase=phase)) == expected


def test_who_waits_hears_music_and_who_calls_hears_it_ring() -> None:
    def sounds(phase: TalkPhase) -> dict[Role, Sound]:
        return {role: ear.sound for role, ear in hearing(Talk(phase=phase)).items() if ear.sound is not Sound.NONE}

    assert sounds(TalkPhase.HELD) == {C: Sound.MUSIC}
    assert sounds(TalkPhase.CALLING) == {C: Sound.MUSIC, A: Sound.RING_BACK}
    assert sounds(TalkPhase.CONSULTING) == {C: Sound.MUSIC}
    assert sounds(TalkPhase.SWAPPED) == {T: Sound.MUSIC}
    assert sounds(TalkPhase.TRANSFERRING) == {C: Sound.MUSIC}
    assert sounds(TalkPhase.DIALLING) == {A: Sound.RING_BACK}
    assert sounds(TalkPhase.CONFERENCE) == {}


def test_early_sound_takes_the_place_of_our_tone_until_the_next_step() -> None:
    calling = Talk(phase=TalkPhase.CALLING, early=True)
    assert hearing(calling)[A].sources == {T}
    assert hearing(calling)[A].sound is Sound.NONE
    assert not step(calling, Move.THIRD_ANSWERS).early


def test_the_leader_listens_whispers_and_barges_in() -> None:
    talking = TalkPhase.TALKING
    assert heard(Talk(phase=talking, supervision=Supervision.LISTEN)) == {C: {A}, A: {C}, L: {C, A}}
    assert heard(Talk(phase=talking, supervision=Supervision.WHISPER)) == {C: {A}, A: {C, L}, L: {C, A}}
    assert heard(Talk(phase=talking, supervision=Supervision.BARGE_IN)) == {C: {A, L}, A: {C, L}, L: {C, A}}
    held = Talk(phase=TalkPhase.HELD, supervision=Supervision.BARGE_IN)
    assert heard(held) == {A: {L}, L: {A}}  # the caller has music: whoever barges in does not end a hold


def test_a_muted_agent_is_heard_by_nobody_and_another_agent_is_not_muted() -> None:
    muted = Talk(phase=TalkPhase.CONFERENCE, muted=True)
    assert all(A not in sources for sources in heard(muted).values())
    assert step(muted, Move.CANCEL).muted
    assert not step(muted, Move.COMPLETE, third_is_agent=True).muted


@given(
    st.sampled_from(TalkPhase),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, Supervision.LISTEN, Supervision.WHISPER, Supervision.BARGE_IN]),
)
def test_nobody_hears_himself_and_a_consultation_stays_from_the_caller(
    phase: TalkPhase, muted: bool, early: bool, supervision: Supervision | None
) -> None:
    ears = hearing(Talk(phase=phase, muted=muted, early=early, supervision=supervision))
    assert all(role not in ear.sources for role, ear in ears.items())
    assert T not in ears[C].sources or phase in (TalkPhase.CONFERENCE, TalkPhase.HANDED_OVER)
    assert L not in ears[C].sources or supervision is Supervision.BARGE_IN
    assert not (ears[C].sources and ears[C].sound is not Sound.NONE)

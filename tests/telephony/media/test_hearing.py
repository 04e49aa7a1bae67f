"""Who hears whom, as bridge, hold, listen-in, whisper, barge-in and conference use it."""

from dataclasses import dataclass

import numpy as np

from domain.g711 import alaw_decode, alaw_encode
from telephony.media.hearing import Hearing


@dataclass(eq=False)
class Voice:
    bridge_frame: bytes | None
    wide_frame: bytes | None = None


def speaking(level: int) -> Voice:
    return Voice(alaw_encode(np.full(160, level, dtype=np.int16)))


def level(frame: bytes | None) -> int | None:
    """The nearest hundred of a frame's (constant) level."""
    return None if frame is None else round(int(alaw_decode(frame)[0]), -2)


def bridged(*voices: Voice) -> Hearing:
    """Each of the two hears the other."""
    hearing, (one, other) = Hearing(), voices
    hearing.hear(one, (other,))
    hearing.hear(other, (one,))
    return hearing


def test_one_source_is_relayed_byte_for_byte_and_new_sources_take_the_place_of_the_old() -> None:
    caller, agent, other = speaking(1000), speaking(2000), speaking(3000)
    hearing = bridged(caller, agent)
    hearing.mix()
    assert hearing.frames(agent)[0] is caller.bridge_frame
    assert hearing.frames(caller)[0] is agent.bridge_frame
    hearing.hear(caller, (other,))
    hearing.hear(agent, ())
    hearing.mix()
    assert hearing.frames(agent)[0] is None
    assert hearing.frames(caller)[0] is other.bridge_frame


def test_wideband_sound_comes_with_the_frame_of_one_source_and_not_with_a_mix() -> None:
    caller, agent, leader = speaking(1000), speaking(2000), speaking(3000)
    caller.wide_frame = b"wide" * 40
    hearing = bridged(caller, agent)
    hearing.hear(leader, (caller, agent))
    hearing.mix()
    assert [hearing.frames(leg)[1] for leg in (caller, agent, leader)] == [None, caller.wide_frame, None]


def test_listen_in_whisper_and_barge_in() -> None:
    caller, agent, leader = speaking(1000), speaking(2000), speaking(4000)
    hearing = bridged(caller, agent)
    hearing.hear(leader, (caller, agent))
    hearing.mix()
    assert [level(hearing.frames(leg)[0]) for leg in (caller, agent, leader)] == [2000, 1000, 3000]
    hearing.hear(agent, (caller, leader))
    hearing.mix()
    assert [level(hearing.frames(leg)[0]) for leg in (caller, agent, leader)] == [2000, 5000, 3000]
    hearing.hear(caller, (agent, leader))
    hearing.mix()
    assert [level(hearing.frames(leg)[0]) for leg in (caller, agent, leader)] == [6000, 5000, 3000]


def test_a_conference_hears_all_others_and_itself_only_when_asked() -> None:
    hearing, voices = Hearing(), [speaking(1000), speaking(2000), speaking(4000)]
    for voice in voices:
        hearing.hear(voice, [other for other in voices if other is not voice])
    hearing.mix()
    assert [level(hearing.frames(voice)[0]) for voice in voices] == [6000, 5000, 3000]
    hearing.hear(voices[0], voices)
    hearing.mix()
    assert level(hearing.frames(voices[0])[0]) == 7000


def test_the_same_sources_are_added_up_once() -> None:
    hearing, speakers, listeners = Hearing(), [speaking(1000), speaking(2000)], [Voice(None), Voice(None)]
    hearing.hear(listeners[0], speakers)
    hearing.hear(listeners[1], reversed(speakers))
    hearing.mix()
    assert hearing.frames(listeners[0])[0] is hearing.frames(listeners[1])[0] is not None


def test_who_is_silent_is_no_silence_for_the_others() -> None:
    hearing, one, two, listener = Hearing(), speaking(1000), speaking(2000), Voice(None)
    hearing.hear(listener, (one, two))
    one.bridge_frame = None
    hearing.mix()
    assert hearing.frames(listener)[0] == two.bridge_frame
    two.bridge_frame = None
    hearing.mix()
    assert hearing.frames(listener)[0] is None


def test_a_closed_leg_falls_out_of_every_mix_and_the_rest_goes_on() -> None:
    caller, agent, leader = speaking(1000), speaking(2000), speaking(4000)
    hearing = bridged(caller, agent)
    hearing.hear(leader, (caller, agent))
    hearing.forget(agent)
    hearing.mix()
    assert hearing.frames(caller)[0] is None
    assert hearing.frames(leader)[0] is caller.bridge_frame
    hearing.forget(caller)
    assert hearing.sources(leader) == ()

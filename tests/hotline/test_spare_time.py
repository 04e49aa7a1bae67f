from domain.speech import ListenerAlive, SpeechHealth
from hotline.spare_time import SpareTime


def alive(at_ms: int, streams: int, headroom: int, *, health: SpeechHealth = SpeechHealth.LIVE) -> ListenerAlive:
    names = tuple(f"c{number}.caller" for number in range(streams))
    return ListenerAlive(listener_id="l", at_ms=at_ms, streams=names, headroom=headroom, health=health)


def test_there_is_time_while_nobody_listens_or_little_is_heard() -> None:
    spare = SpareTime()
    assert spare.left(0)
    spare.hear(alive(1000, streams=4, headroom=4), 1000)
    assert spare.left(1000)


def test_pressure_takes_the_time_until_it_has_been_calm_for_a_while() -> None:
    for pressed in (alive(1000, 5, 3), alive(1000, 1, 7, health=SpeechHealth.FINALS_ONLY)):
        spare = SpareTime()
        spare.hear(pressed, 1000)
        spare.hear(alive(2000, 1, 7), 2000)
        assert not spare.left(5900)
        assert spare.left(6000)


def test_a_listener_that_died_under_pressure_presses_no_more() -> None:
    spare = SpareTime()
    spare.hear(alive(1000, 8, 0), 1000)
    spare.hear(ListenerAlive(listener_id="m", at_ms=7000, streams=(), headroom=8, health=SpeechHealth.LIVE), 7000)
    assert spare.left(7000)

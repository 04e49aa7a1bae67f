"""What a stream may give up of its delay."""

from telephony.media.spare_time import SpareTime


def spread_over(spare: SpareTime, least: int, most: int) -> int | None:
    spare.note(most)
    spare.note(least)
    return spare.close()


def test_the_least_of_each_while_is_told_and_of_an_empty_one_nothing() -> None:
    spare = SpareTime()
    assert spread_over(spare, 200, 300) == 200
    assert spread_over(spare, 250, 260) == 250
    assert spare.close() is None
    assert spread_over(spare, -40, 260) == -40


def test_what_is_needed_is_a_quarter_of_a_frame_more_than_the_spread_and_a_whole_one_at_most() -> None:
    spare = SpareTime()
    assert spare.needed == 40
    spread_over(spare, 200, 230)
    assert spare.needed == 70
    spread_over(spare, 0, 3000)
    assert spare.needed == 160


def test_a_spread_is_forgotten_a_little_with_each_while_and_not_where_nothing_came() -> None:
    spare = SpareTime()
    spread_over(spare, 200, 260)
    for _ in range(10):
        spread_over(spare, 200, 210)
        spare.close()
    assert spare.spread == 50
    for _ in range(100):
        spread_over(spare, 200, 210)
    assert spare.spread == 10


def test_a_move_of_what_is_played_is_no_spread() -> None:
    spare = SpareTime()
    spare.note(300)
    spare.shift(-160)
    spare.note(140)
    assert spare.close() == 140
    assert spare.spread == 0
    spare.shift(160)
    assert spare.close() is None


def test_what_came_before_a_new_beginning_does_not_count() -> None:
    spare = SpareTime()
    spare.note(-5000)
    spare.forget()
    assert spread_over(spare, 200, 210) == 200
    assert spare.spread == 10

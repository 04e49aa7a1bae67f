from asr.load import affordable_streams


def test_more_power_takes_more_streams_and_there_is_always_one() -> None:
    assert affordable_streams(0.07, 2, 2) > affordable_streams(0.07, 1, 2) > 4
    assert affordable_streams(0.07, 8, 2) == affordable_streams(0.07, 2, 2)
    assert affordable_streams(5.0, 1, 1) == 1

"""How long a guesser has to wait."""

from desk.login_limit import FREE_FAILURES, FREE_FAILURES_OF_SOURCE, LONGEST_WAIT_MS, LoginLimit


def test_waits_double_up_to_a_limit():
    limit = LoginLimit()
    waits = []
    now_ms = 0
    for _ in range(FREE_FAILURES + 12):
        limit.failed("anna", "10.0.0.1", now_ms)
        waits.append(limit.wait_ms("anna", "10.0.0.9", now_ms))
        now_ms += waits[-1]
    assert waits[: FREE_FAILURES + 2] == [0, 0, 0, 0, 1000, 2000, 4000]
    assert waits[-1] == LONGEST_WAIT_MS


def test_one_source_that_tries_many_names_has_to_wait_too():
    limit = LoginLimit()
    for number in range(FREE_FAILURES_OF_SOURCE):
        limit.failed(f"user{number}", "10.0.0.1", 0)
    assert limit.wait_ms("fresh", "10.0.0.1", 0) == 1000
    assert limit.wait_ms("fresh", "10.0.0.2", 0) == 0


def test_success_clears_the_user_and_not_the_source():
    limit = LoginLimit()
    for _ in range(FREE_FAILURES_OF_SOURCE):
        limit.failed("anna", "10.0.0.1", 0)
    limit.succeeded("anna")
    assert limit.wait_ms("anna", "10.0.0.2", 0) == 0
    assert limit.wait_ms("anna", "10.0.0.1", 0) > 0


def test_failures_are_forgotten_after_an_hour():
    limit = LoginLimit()
    for _ in range(FREE_FAILURES):
        limit.failed("anna", "10.0.0.1", 0)
    limit.failed("anna", "10.0.0.1", 60 * 60 * 1000)
    assert limit.wait_ms("anna", "10.0.0.1", 60 * 60 * 1000) == 0

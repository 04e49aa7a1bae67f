from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.gate import POINTS, Gate, GateRules, Offence, Pass, source_of

RULES = GateRules(per_s=10.0, burst=20.0, ban_after=5.0, window_s=60.0, ban_s=600.0)
HERE = "203.0.113.9"


def test_a_burst_passes_then_the_rate() -> None:
    gate = Gate(RULES)
    assert [gate.look(HERE, 0.0) for _ in range(21)] == [Pass.GO] * 20 + [Pass.OVER_RATE]
    assert [gate.look(HERE, 1.0) for _ in range(11)].count(Pass.GO) == 10


def test_wrong_passwords_shut_a_source_out_for_a_while_and_no_other() -> None:
    gate = Gate(RULES)
    for _ in range(5):
        assert gate.take_fresh() == []
        gate.offended(HERE, Offence.WRONG_PASSWORD, 1.0)
    (ban,) = gate.take_fresh()
    assert (ban.source, ban.why, ban.until_s) == (HERE, Offence.WRONG_PASSWORD, 601.0)
    assert gate.look(HERE, 600.0) is Pass.BANNED
    assert gate.look("203.0.113.10", 600.0) is Pass.GO
    assert gate.bans(600.0)[0].dropped == 1
    assert gate.look(HERE, 601.0) is Pass.GO
    assert gate.bans(601.0) == ()


def test_offences_far_apart_and_a_right_password_are_forgiven() -> None:
    gate = Gate(RULES)
    for minute in range(30):
        gate.offended(HERE, Offence.WRONG_PASSWORD, minute * 61.0)
    for _ in range(10):
        gate.offended(HERE, Offence.WRONG_PASSWORD, 2000.0)
        gate.proven(HERE)
    assert gate.bans(2000.0) == ()


def test_a_flood_is_shut_out_and_a_ban_can_be_lifted() -> None:
    gate = Gate(RULES)
    assert Pass.BANNED in [gate.look(HERE, 0.0) for _ in range(200)]
    assert gate.lift(HERE)
    assert gate.look(HERE, 0.0) is Pass.GO
    assert not gate.lift(HERE)


def test_without_a_time_nobody_is_banned() -> None:
    gate = Gate(GateRules(ban_s=0.0))
    for _ in range(1000):
        gate.offended(HERE, Offence.WRONG_PASSWORD, 0.0)
    assert gate.bans(0.0) == ()


def test_a_machine_with_a_whole_ipv6_network_is_one_source() -> None:
    assert source_of("2001:db8::1") == source_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert source_of("2001:db8:0:1::1") != source_of("2001:db8::1")
    assert source_of(HERE) == HERE


@given(st.lists(st.tuples(st.integers(0, 30_000), st.sampled_from(list(Offence)), st.floats(0, 100)), max_size=60))
def test_whatever_comes_what_is_kept_is_bounded_and_points_alone_ban(events: list[tuple[int, Offence, float]]) -> None:
    gate = Gate(RULES)
    points: dict[str, float] = {}
    for number, offence, now_s in sorted(events, key=lambda event: event[2]):
        source = f"source-{number}"
        gate.look(source, now_s)
        gate.offended(source, offence, now_s)
        points[source] = points.get(source, 0.0) + POINTS[offence]
    assert all(points[ban.source] >= RULES.ban_after - 1e-6 for ban in gate.bans(100.0))

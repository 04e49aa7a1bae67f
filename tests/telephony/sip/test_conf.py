import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from telephony.sip.conf import Guests, demo_sip_conf, load_sip_conf, parse_sip_conf
from telephony.sip.digest import Algorithm

EXAMPLE = Path(__file__).parents[3] / "sip.conf.example"


def test_the_example_is_valid() -> None:
    conf = load_sip_conf(EXAMPLE)
    assert sorted(conf.extensions) == ["8001", "8002"]
    assert conf.extensions["8001"].name == "坐席8001"
    assert conf.general.allow_guest is Guests.NOBODY
    assert conf.general.algorithms == (Algorithm.MD5,)
    assert (conf.general.gate.per_s, conf.general.gate.ban_s, conf.general.never_ban) == (20.0, 600.0, ())


def test_a_trunk_is_known_by_its_address_and_takes_its_numbers() -> None:
    conf = load_sip_conf(EXAMPLE)
    trunk = conf.trunk_at("198.51.100.3")
    assert trunk is not None
    assert (trunk.name, trunk.takes("12345"), trunk.takes("123456"), trunk.takes("110")) == (
        "provider",
        True,
        False,
        False,
    )
    assert conf.trunk_at("203.0.113.1") is None


def test_a_star_stands_for_any_rest() -> None:
    conf = parse_sip_conf("[trunk a]\nallow = 192.0.2.0/24\nnumbers = 0221*\n")
    assert conf.trunks[0].takes("0221999")
    assert not conf.trunks[0].takes("0220")


def test_networks_that_are_never_banned() -> None:
    general = parse_sip_conf("[general]\nnever_ban = 10.0.0.0/8, 2001:db8::/32\nban_for = 0\n").general
    assert general.never_bans("10.9.9.9")
    assert general.never_bans("2001:db8::1")
    assert not general.never_bans("192.0.2.1")
    assert general.gate.ban_s == 0.0


def test_the_demo_takes_guests_of_this_machine_only() -> None:
    conf = demo_sip_conf({"8001": "a-long-password"})
    assert conf.welcomes_guest("127.0.0.1")
    assert not conf.welcomes_guest("192.0.2.1")
    assert conf.extensions["8001"].password == "a-long-password"


def test_comments_and_blanks_are_skipped_and_passwords_may_hold_signs() -> None:
    conf = parse_sip_conf("; top\n\n[extension 8001] ; here\npassword = a;b#c=d\u00e9 # not this\n")
    assert conf.extensions["8001"].password == "a;b#c=d\u00e9"


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(demo_sip_conf({"8001": "secret-secret"}))


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("realm = a\n", "sip.conf:1", r"\[general\]"),
        ("[generel]\n", "sip.conf:1", "did you mean 'general'"),
        ("[general]\nrelm = a\n", "sip.conf:2", "did you mean 'realm'"),
        ("[general]\nrealm\n", "sip.conf:2", "key = value"),
        ("[general]\nrealm = a\nrealm = b\n", "sip.conf:3", "twice"),
        ("[general]\n[general]\n", "sip.conf:2", "line 1"),
        ("[general]\nallow_guest = perhaps\n", "sip.conf:2", "no, loopback, yes"),
        ("[general]\narea_code = 22\n", "sip.conf:2", "with its 0"),
        ("[general]\nban_after = 0\n", "sip.conf:2", "ban_for = 0"),
        ("[general]\nnever_ban = here\n", "sip.conf:2", "192.0.2.0/24"),
        ("[general]\nmin_expires = soon\n", "sip.conf:2", "digits only"),
        ("[general]\nmin_expires = 900\n", "sip.conf:1", "min_expires"),
        ("[general]\nrealm = a b\n", "sip.conf:2", "letters"),
        ("[extension]\npassword = 12345678\n", "sip.conf:1", "NAME"),
        ("[extension abc]\npassword = 12345678\n", "sip.conf:1", "digits"),
        ("[extension 8001]\n", "sip.conf:1", "8 characters"),
        ("[extension 8001]\npassword = short\n", "sip.conf:2", "8 characters"),
        ("[trunk a]\n", "sip.conf:1", "allow"),
        ("[trunk a]\nallow = somewhere\n", "sip.conf:2", "192.0.2.0/24"),
        ("[trunk a]\nallow = 192.0.2.1\nnumbers = abc\n", "sip.conf:3", "0221"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_remedy(text: str, where: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint) as caught:
        parse_sip_conf(text)
    assert caught.value.where == where
    assert caught.value.remedy


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sip\.conf\.example"):
        load_sip_conf(tmp_path / "none.conf")
    (tmp_path / "bad.conf").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_sip_conf(tmp_path / "bad.conf")


@given(st.text())
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert parse_sip_conf("[general]\n" + text).general.realm

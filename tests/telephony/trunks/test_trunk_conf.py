from pathlib import Path

import pytest

from domain.errors import ConfigError
from telephony.ports import Codec
from telephony.sip.conf import load_sip_conf, parse_sip_conf
from telephony.trunks.numbering import NumberForm
from telephony.trunks.trunk import Account, CallerIdIn, Outward, Transport

EXAMPLE = Path(__file__).parents[3] / "sip.conf.example"
SERVER = "[trunk a]\nhost = 192.0.2.1\n"


def test_the_example_has_both_kinds_of_trunk() -> None:
    conf = load_sip_conf(EXAMPLE)
    by_address, registering = conf.trunks
    assert conf.general.area_code == "022"
    assert (by_address.most_in, by_address.most_out, by_address.codecs) == (60, 20, (Codec.PCMA, Codec.PCMU))
    assert by_address.outward is not None
    assert by_address.outward.account is None
    assert by_address.outward.dials[:2] == ("0*", "1*")
    assert registering.networks == ()
    assert registering.outward is not None
    assert registering.outward.account == Account(
        user="8602212345", password="as-the-provider-gave-it", registers=True, expires_s=300
    )
    assert (registering.outward.form, registering.outward.caller_id_in) == (NumberForm.E164, CallerIdIn.BOTH)
    assert "as-the-provider" not in repr(conf)


def test_each_word_of_a_trunk_is_read() -> None:
    trunk = parse_sip_conf(
        SERVER.replace("192.0.2.1", "[2001:db8::1]:5062")
        + "transport = TCP\nuser = u\npassword = p\ncodecs = pcmu\nprivacy = ignore\n"
        + "order = 9\ndial = 0571*\ndial_form = plain\nkeepalive = 0\nfailover_after = 3\ncaller_id = +862212345\n"
        "caller_id_in = pai\nmax_calls_in = 0\n"
    ).trunks[0]
    assert trunk.outward == Outward(
        host="2001:db8::1",
        port=5062,
        transport=Transport.TCP,
        account=Account(user="u", password="p"),
        order=9,
        dials=("0571*",),
        form=NumberForm.PLAIN,
        caller_id="+862212345",
        caller_id_in=CallerIdIn.PAI,
        answer_within_s=3.0,
        keepalive_s=0.0,
    )
    assert (trunk.codecs, trunk.honours_privacy, trunk.most_in, trunk.most_out) == ((Codec.PCMU,), False, 0, None)


def test_trunks_have_the_order_of_the_file_where_none_is_written() -> None:
    conf = parse_sip_conf(SERVER + "[trunk b]\nhost = b.example\n")
    assert [trunk.outward.order for trunk in conf.trunks if trunk.outward] == [1, 2]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("[trunk a]\nnumbers = 12345\n", 1, "add allow"),
        ("[trunk a]\nallow = 192.0.2.1\norder = 1\n", 3, "add host"),
        ("[trunk a]\nallow = 192.0.2.1\nmax_calls_out = 1\n", 3, "add host"),
        ("[trunk a]\nhost = 300.1.1.1\n", 2, "sip.example.cn"),
        ("[trunk a]\nhost = a..b c\n", 2, "sip.example.cn"),
        ("[trunk a]\nhost = a.example:99999\n", 2, "sip.example.cn"),
        (SERVER + "transport = tpc\n", 3, "did you mean 'tcp'"),
        (SERVER + "regster = yes\n", 3, "did you mean 'register'"),
        (SERVER + "register = yes\n", 3, "user"),
        (SERVER + "register = perhaps\n", 3, "yes, no"),
        (SERVER + "user = a\n", 3, "password"),
        (SERVER + "password = a\n", 3, "user"),
        (SERVER + "user = a b\npassword = c\n", 3, "provider"),
        (SERVER + "user = a\npassword = b\nexpires = 5\n", 5, "300"),
        (SERVER + "codecs = g729\n", 3, "pcma, pcmu"),
        (SERVER + "codecs =\n", 3, "pcma, pcmu"),
        (SERVER + "dial = abc\n", 3, "0221"),
        (SERVER + "dial_form = e146\n", 3, "did you mean 'e164'"),
        (SERVER + "caller_id = hotline\n", 3, "number"),
        (SERVER + "caller_id_in = pai\n", 3, "caller_id"),
        (SERVER + "failover_after = 0\n", 3, "5 suits"),
        (SERVER + "keepalive = often\n", 3, "digits only"),
        (SERVER + "max_calls_in = many\n", 3, "digits only"),
    ],
)
def test_a_wrong_trunk_is_refused_with_place_and_remedy(text: str, line: int, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint) as caught:
        parse_sip_conf(text)
    assert caught.value.where == f"sip.conf:{line}"

"""Which SIP stack a configuration gives."""

import pytest

from domain.errors import ConfigError
from hotline.sip_backend import open_endpoint
from telephony.pbx.endpoint import PyVoipEndpoint
from telephony.settings import TelephonySettings
from telephony.sip.conf import SipConf, parse_sip_conf
from telephony.sip.endpoint import SippyEndpoint, wall_clock_ms
from tests.telephony.switchboard import Heard

PBX = parse_sip_conf("[trunk pbx]\nhost = 127.0.0.1:5099\nregister = yes\nuser = 100\npassword = secret-100\n")


def opened(backend: str, conf: SipConf) -> object:
    return open_endpoint(
        TelephonySettings(sip_backend=backend),
        conf,
        on_call=lambda _call, _leg: Heard(),
        on_registration=lambda _change: None,
        now_ms=wall_clock_ms,
    )


def test_sippy_is_the_default():
    assert TelephonySettings().sip_backend == "sippy"
    assert isinstance(opened("sippy", PBX), SippyEndpoint)


def test_a_pbx_is_the_trunk_that_we_register_at():
    assert isinstance(opened("pyvoip", PBX), PyVoipEndpoint)


def test_without_a_trunk_that_registers_it_says_what_to_write():
    with pytest.raises(ConfigError, match="register = yes"):
        opened("pyvoip", parse_sip_conf("[trunk a]\nallow = 127.0.0.1\n"))

"""The section of hotline.toml that belongs to this room."""

from enum import StrEnum
from ipaddress import ip_address, ip_network
from itertools import permutations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from telephony.calls.feature_codes import Feature

_CODE = r"^\*[0-9]{1,4}$"


class SipBackend(StrEnum):
    SIPPY = "sippy"
    PYVOIP = "pyvoip"


class TelephonySettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    sip_backend: SipBackend = SipBackend.SIPPY
    """sippy: trunks and telephones of our own. pyvoip: one extension of an existing PBX, the trunk that registers."""

    sip_address: str = "127.0.0.1"
    """Address of this machine on which SIP is received: IPv4 or IPv6; 0.0.0.0 for all of IPv4, :: for all of both."""

    sip_port: int = Field(5060, ge=0, le=65535)
    """0 takes a free one."""

    sip_tcp: bool = True
    """SIP is served over TCP as well, on the same port."""

    advertised_address: str = ""
    """What phones and trunks shall call us by, where it is not sip_address (behind a router)."""

    local_networks: tuple[str, ...] = ()
    """Networks that reach us without that router, as 10.1.0.0/16: they are given the address that we have there."""

    user_agent: str = "hotline12345"
    """Our name in SIP messages."""

    sip_max_legs: int = Field(500, ge=1)
    """SIP dialogs at a time; a call beyond them is answered 503."""

    sip_session_s: int = Field(1800, ge=1)
    """A call without a sign of life from the far end (RFC 4028) ends after so long; it is refreshed at half of that."""

    sip_session_min_s: int = Field(90, ge=1)
    """The shortest such time that the far end may ask for; the RFC wants 90 at least."""

    rtp_address: str = "127.0.0.1"
    """Address of this machine on which RTP is received, in the form of sip_address."""

    rtp_port_first: int = Field(20000, ge=0, le=65534)
    rtp_port_last: int = Field(29998, ge=0, le=65534)
    """Even ports of this range, one for each leg; rtp_port_first 0 takes any free port."""

    rtp_silent_after_s: float = Field(10.0, gt=0)
    """A leg from which no RTP has come for so long is reported as silent."""

    caller_silent_limit_s: float = Field(120.0, gt=0)
    """A call whose caller sends no sound at all for so long is ended: its BYE may have been lost."""

    web_phone_address: str = "127.0.0.1"
    """IPv4 address of this machine to which agents' browsers send their sound (WebRTC, UDP); 0.0.0.0 for all."""

    web_phone_grace_s: float = Field(15.0, ge=1, le=120)
    """A browser telephone whose connection is lost keeps its call and its registration for so long."""

    max_calls: int = Field(250, ge=1)
    """Calls at a time; the next one is answered 503 so that the trunk tries another switch."""

    hotline_number: str = Field("12345", pattern=r"^\+?[0-9]{2,20}$")
    """What those see whom the hotline calls."""

    read_location: bool = True
    """Read agents the place of an emergency while 110, 119 or 120 ring, in their ear only; a process of 500 MB."""

    directory_file: Path | None = None
    """CSV with whom agents can pass calls to (类别,名称,号码,短码,检索词); --demo has a sample city without it."""

    code_hold: str = Field("*1", pattern=_CODE)
    """Keys of an agent's telephone during a call (功能码): hold, and take back."""

    code_transfer: str = Field("*2", pattern=_CODE)
    """Then an extension, a number or a short code of the directory, and #: give the caller away."""

    code_consult: str = Field("*3", pattern=_CODE)
    """Then as for a transfer: ask somebody first."""

    code_swap: str = Field("*4", pattern=_CODE)
    """Speak with the other of the two."""

    code_conference: str = Field("*5", pattern=_CODE)
    """All three hear each other."""

    code_complete: str = Field("*6", pattern=_CODE)
    """Leave the caller to the other."""

    code_cancel: str = Field("*7", pattern=_CODE)
    """Hang the other up and take the caller back."""

    code_mute: str = Field("*8", pattern=_CODE)
    """Mute, and unmute."""

    code_hand_over: str = Field("*0", pattern=_CODE)
    """Then 110, 119 or 120: bring them into the call at once."""

    transfer_ring_s: float = Field(30.0, gt=0, le=300)
    """How long a telephone rings that an agent transfers to, consults, or dials out from."""

    citizen_ring_s: float = Field(60.0, gt=0, le=300)
    """How long a citizen's telephone rings whom the hotline calls."""

    @field_validator("sip_address", "rtp_address", "advertised_address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value:
            ip_address(value)
        return value

    @field_validator("local_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)
        return value

    def feature_codes(self) -> dict[Feature, str]:
        """What an agent presses for each feature."""
        return {feature: getattr(self, f"code_{feature.value}") for feature in Feature}

    @model_validator(mode="after")
    def _codes_differ(self) -> "TelephonySettings":
        codes = self.feature_codes()
        for (one, code), (other, longer) in permutations(codes.items(), 2):
            if longer.startswith(code):
                raise ValueError(f"code_{other} ({longer}) begins with code_{one} ({code}): choose another")
        return self

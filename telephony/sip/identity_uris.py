"""The URIs of who calls and who is called, as carriers write them, where sippy reads less.

tel: URIs (RFC 3966) in From, To, the request line and identities: with parameters that have no value, without the angle
brackets, and said again in our responses as they came (RFC 3261, 8.2.6.2), where sippy would write a sip: URI without a
host.
"""

import copy
import re
from typing import Any

import sippy.SipAddressHF
import sippy.SipFrom
import sippy.SipRequest
from sippy.SipAddress import SipAddress
from sippy.SipConf import SipConf
from sippy.SipURL import SipURL

_BARE_TEL = re.compile(r"\s*(tel:[^\s;<>]+)\s*(;.*)?", re.IGNORECASE | re.DOTALL)


class IdentityURL(SipURL):  # type: ignore[misc]  # sippy has no types
    """A number stands in `username`, whatever the scheme."""

    def convertTelURL(self, url: str, relaxedparser: bool) -> None:  # noqa: N802  # the name that sippy calls
        number, *parameters = url.split(";")
        self.scheme = "tel"
        self.username = number
        self.userparams = parameters
        self.host = ""

    def localStr(self, local_addr: Any = None) -> str:  # noqa: N802  # the name that sippy calls
        return str(self.original_uri if self.scheme == "tel" else super().localStr(local_addr))

    def getCopy(self) -> Any:  # noqa: N802  # the name that sippy calls
        return copy.copy(self) if self.scheme == "tel" else super().getCopy()


class IdentityAddress(SipAddress):  # type: ignore[misc]  # sippy has no types
    """name <uri>;parameters. Without brackets the parameters of a tel: are the header's (RFC 3261, 20.10)."""

    def __init__(self, address: str | None = None, *arguments: Any, **options: Any) -> None:
        bare = _BARE_TEL.fullmatch(address) if address is not None else None
        super().__init__(f"<{bare[1]}>{bare[2] or ''}" if bare else address, *arguments, **options)


def teach_sippy() -> None:
    """Have sippy's messages read with these; harmless when done again."""
    SipConf.autoconvert_tel_url = True
    sippy.SipAddress.SipURL = IdentityURL
    sippy.SipRequest.SipURL = IdentityURL
    sippy.SipAddressHF.SipAddress = IdentityAddress

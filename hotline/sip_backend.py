"""Which SIP stack the switch speaks with: sippy, or pyVoIP where the hotline is an extension of a PBX."""

from collections.abc import Callable

from domain.errors import ConfigError
from telephony.ports import SipEndpoint
from telephony.settings import SipBackend, TelephonySettings
from telephony.sip.conf import SipConf
from telephony.sip.endpoint import OnCall, OnRegistration, SippyEndpoint


def open_endpoint(
    settings: TelephonySettings,
    conf: SipConf,
    *,
    on_call: OnCall,
    on_registration: OnRegistration,
    now_ms: Callable[[], int],
) -> SipEndpoint:
    """As `[telephony] sip_backend` says. ConfigError when pyVoIP is not installed, or no trunk registers."""
    if settings.sip_backend is SipBackend.SIPPY:
        return SippyEndpoint(settings, conf, on_call=on_call, on_registration=on_registration, now_ms=now_ms)
    try:
        from telephony.pbx.client import PbxAccount
        from telephony.pbx.endpoint import PyVoipEndpoint
    except ImportError as error:
        raise ConfigError(
            f"sip_backend is pyvoip, but a package is missing ({error.name})",
            where="[telephony] sip_backend",
            remedy="pip install 'hotline12345[pyvoip]' (Python before 3.13), or use sippy",
        ) from error
    ways = (trunk.outward for trunk in conf.trunks)
    outward = next((way for way in ways if way and way.account and way.account.registers), None)
    if outward is None or outward.account is None:
        raise ConfigError(
            "sip_backend is pyvoip, but no trunk registers",
            where="sip.conf",
            remedy="describe the PBX as [trunk pbx] with host, register = yes, user and password",
        )
    account = PbxAccount(
        host=outward.host, port=outward.port, user=outward.account.user, password=outward.account.password
    )
    return PyVoipEndpoint(
        settings,
        account,
        tuple(sorted(conf.extensions)),
        on_call=on_call,
        on_registration=on_registration,
        now_ms=now_ms,
    )

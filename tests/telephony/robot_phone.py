"""A telephone made of our own endpoint, in a process of its own: registers, answers every call, leaves on SIGTERM."""

import asyncio
import signal
import sys

from domain.call import DigitSource
from telephony.ports import Codec, InboundCall, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import General, Guests, SipConf
from telephony.sip.endpoint import SippyEndpoint

SOUND = MediaDescription(address="127.0.0.1", port=20000, codec=Codec.PCMA, payload=8)


class _Silent:
    """Implements ports.LegEvents and does nothing."""

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None: ...

    def on_answered(self, media: MediaDescription) -> None: ...

    def on_media_changed(self, media: MediaDescription) -> None: ...

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None: ...

    def on_transfer_asked(self, target: str, replaces: str) -> None: ...

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None: ...


def _take(_call: InboundCall, leg: SipLeg) -> _Silent:
    leg.ring()
    leg.answer(SOUND)
    return _Silent()


async def main(port: int, user: str, password: str) -> None:
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    endpoint = SippyEndpoint(
        TelephonySettings(sip_port=0),
        SipConf(general=General(allow_guest=Guests.LOOPBACK)),
        on_call=_take,
        on_registration=lambda _change: None,
    )
    await endpoint.start()
    endpoint.register_at(("127.0.0.1", port), user, password, on_state=lambda _state: None)
    await leaving.wait()
    await endpoint.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))

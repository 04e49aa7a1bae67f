"""A provider made of our own endpoint, in a process of its own, until SIGTERM.

It knows one account, challenges it, calls it as soon as it has registered, and answers what it calls.
"""

import asyncio
import signal
import sys

from telephony.calls.switch import RefusedLeg
from telephony.ports import Codec, InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from telephony.sip.endpoint import SippyEndpoint
from telephony.sip.phones import PhoneChange

CONF = """
[general]
realm = provider.example
digest = {digest}
[extension {account}]
password = {password}
"""


SOUND = MediaDescription(address="127.0.0.1", port=20000, codec=Codec.PCMA, payload=8)


def take(_call: InboundCall, leg: SipLeg) -> LegEvents:
    leg.ring()
    leg.answer(SOUND)
    return RefusedLeg()


async def main(port: int, account: str, password: str, digest: str) -> None:
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)

    def call_back(change: PhoneChange) -> None:
        if change.registered:
            endpoint.place_call(
                account,
                caller_number="+8613812345678",
                media=SOUND,
                events=RefusedLeg(),
                timeout_s=20,
                called_number="02212345",
            )

    endpoint = SippyEndpoint(
        TelephonySettings(sip_port=port),
        parse_sip_conf(CONF.format(account=account, password=password, digest=digest)),
        on_call=take,
        on_registration=call_back,
    )
    await endpoint.start()
    await leaving.wait()
    await endpoint.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]))

"""The endpoint under a flood, in a process of its own: `python -m bench.flood_target` prints its port, and answers.

127.0.0.2 is its trunk. Everybody else is a stranger to it, who is asked for a password.
"""

import asyncio
import logging

import structlog

from telephony.calls.switch import RefusedLeg
from telephony.ports import Codec, InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from telephony.sip.endpoint import SippyEndpoint

CONF = "[trunk city]\nallow = 127.0.0.2\n[extension 8001]\npassword = a-long-password\n"
SOUND = MediaDescription(address="127.0.0.1", port=40000, codec=Codec.PCMA, payload=8)


def take(_call: InboundCall, leg: SipLeg) -> LegEvents:
    leg.answer(SOUND)
    return RefusedLeg()


async def main() -> None:
    # The first line of the output is the port.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    settings = TelephonySettings(sip_port=0)
    endpoint = SippyEndpoint(settings, parse_sip_conf(CONF), on_call=take, on_registration=lambda _change: None)
    await endpoint.start()
    print(endpoint.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

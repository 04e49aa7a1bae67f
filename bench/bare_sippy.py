"""A peer: the least that answers a call through sippy, the SIP library under our own endpoint, and plays nothing.

`python -m bench.bare_sippy PORT` prints "up" and answers until it is ended.
"""

import sys
from typing import Any

from sippy.CCEvents import CCEventConnect, CCEventRing, CCEventTry
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipAddress import SipAddress
from sippy.SipConf import SipConf
from sippy.SipContact import SipContact
from sippy.SipTransactionManager import SipTransactionManager
from sippy.SipURL import SipURL
from sippy.UA import UA

from bench.sip_text import HOST, describe


class SilentLogger:
    """What sippy asks of a logger."""

    def write(self, *_args: Any, **_kwargs: Any) -> None: ...


class BareAnswer:
    """One call: 180 and 200 as soon as it comes."""

    def __init__(self, config: dict[str, Any], port: int) -> None:
        self.agent = UA(config, self.on_event)
        self.agent.lContact = SipContact(address=SipAddress(url=SipURL(host=HOST, port=port, username="12345")))

    def on_event(self, event: Any, agent: Any) -> None:
        if isinstance(event, CCEventTry):
            agent.recvEvent(CCEventRing((180, "Ringing", None), origin="switch"))
            agent.recvEvent(CCEventConnect((200, "OK", MsgBody(describe(40000))), origin="switch"))


def main() -> None:
    port = int(sys.argv[1])
    SipConf.my_address, SipConf.my_port = HOST, port
    config: dict[str, Any] = {"_sip_address": HOST, "_sip_port": port, "_sip_logger": SilentLogger()}

    def on_request(request: Any, transaction: Any) -> Any:
        if request.getHFBody("to").getTag() is None and request.getMethod() == "INVITE":
            return BareAnswer(config, port).agent.recvRequest(request, transaction)
        return (request.genResponse(481, "Call Leg/Transaction Does Not Exist"), None, None)

    config["_sip_tm"] = SipTransactionManager(config, on_request)
    print("up", flush=True)
    ED2.loop()


if __name__ == "__main__":
    main()

"""A peer: pyVoIP 1.6.8, answering every call as its documentation shows (`pip install pyVoIP==1.6.8`).

`python -m bench.pyvoip_phone PORT REGISTRAR_PORT` registers there, prints "up" and answers until it is ended.
"""

import sys
import time
from typing import Any

from bench.sip_text import HOST

_LOOK_EVERY_S = 0.1


def _answer(call: Any) -> None:
    from pyVoIP.VoIP import CallState

    call.answer()
    while call.state == CallState.ANSWERED:
        time.sleep(_LOOK_EVERY_S)


def main() -> None:
    from pyVoIP.VoIP import PhoneStatus, VoIPPhone

    port, registrar_port = int(sys.argv[1]), int(sys.argv[2])
    phone = VoIPPhone(
        HOST,
        registrar_port,
        "12345",
        "bench",
        myIP=HOST,
        sipPort=port,
        rtpPortLow=40000,
        rtpPortHigh=49000,
        callCallback=_answer,
    )
    phone.start()
    while phone.get_status() is not PhoneStatus.REGISTERED:
        time.sleep(_LOOK_EVERY_S)
    print("up", flush=True)
    sys.stdin.read()
    phone.stop()


if __name__ == "__main__":
    main()

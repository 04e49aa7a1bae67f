"""Staying registered at the PBX, beside the calls. pyVoIP itself hears no calls while it registers, and gives up."""

import asyncio
from collections.abc import Callable

import structlog

from telephony.pbx.client import PbxClient
from telephony.pbx.message import PbxMessage
from telephony.pbx.resend import Resend

EXPIRES_S = 120
REFRESH_AT = 0.5
"""A registration is refreshed after this share of its life: more tries fit in before it is lost."""
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
logger = structlog.get_logger()


class PbxRegistration:
    """on_change: whether we are registered, at each change; tried again for ever, more and more rarely."""

    def __init__(self, client: PbxClient, send: Callable[[str], None], on_change: Callable[[bool], None]) -> None:
        self._client = client
        self._send = send
        self._on_change = on_change
        self._dialog = client.to_register()
        self._registered: bool | None = None
        self._challenged = False
        self._expires_s = EXPIRES_S
        self._retry_s = FIRST_RETRY_S
        self._resend: Resend | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def call_id(self) -> str:
        return self._dialog.call_id

    def start(self) -> None:
        """Register now."""
        self._challenged = False
        self._ask("")

    def stop(self) -> None:
        """Unregister, once and without waiting."""
        self._quiet()
        if self._registered:
            self._expires_s = 0
            self._challenged = False
            self._ask("")

    def put_away(self) -> None:
        """No message leaves any more."""
        self._quiet()

    def take_response(self, response: PbxMessage) -> None:
        if response.code < 200 or response.cseq[0] != self._dialog.cseq:
            return
        self._quiet()
        if response.code < 300:
            self._retry_s = FIRST_RETRY_S
            self._became(self._expires_s > 0)
            if self._expires_s:
                self._later(self._granted_s(response) * REFRESH_AT)
        elif response.code in (401, 407) and not self._challenged:
            self._challenged = True
            self._ask(self._client.answer_challenge(response, "REGISTER", self._client.registrar))
        else:
            self._fail(f"{response.code} of the PBX")

    def _ask(self, credentials: str) -> None:
        self._dialog.cseq += 1
        headers = f"Expires: {self._expires_s}\r\n{credentials}"
        text = self._client.write_request("REGISTER", self._dialog, headers=headers)
        self._resend = Resend(lambda: self._send(text), lambda: self._fail("no answer"))

    def _granted_s(self, response: PbxMessage) -> float:
        expires = str(response.headers.get("Expires", ""))
        _, _, inside = str(response.headers.get("Contact", "")).lower().partition("expires=")
        words = (inside.partition(";")[0].partition(",")[0].strip(), expires.strip())
        return float(next((word for word in words if word.isdigit() and int(word)), EXPIRES_S))

    def _fail(self, why: str) -> None:
        if not self._expires_s:
            return
        if self._registered is not False:
            logger.warning("not registered at the PBX", reason=why, again_in_s=self._retry_s)
        self._became(False)
        self._later(self._retry_s)
        self._retry_s = min(LONGEST_RETRY_S, 2 * self._retry_s)

    def _became(self, registered: bool) -> None:
        if registered is not self._registered:
            self._registered = registered
            self._on_change(registered)

    def _later(self, wait_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(wait_s, self.start)

    def _quiet(self) -> None:
        if self._resend is not None:
            self._resend.stop()
        if self._timer is not None:
            self._timer.cancel()
        self._resend = self._timer = None

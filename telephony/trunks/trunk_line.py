"""One trunk at work, on sippy's thread: registered where it wants that, asked by OPTIONS whether it is there."""

from collections.abc import Callable
from typing import Any

import structlog
from sippy.SipAddress import SipAddress
from sippy.SipCallId import SipCallId
from sippy.SipContact import SipContact
from sippy.SipFrom import SipFrom
from sippy.SipRequest import SipRequest
from sippy.SipTo import SipTo
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout

from telephony.sip.addresses import bare, bracketed
from telephony.sip.message import SipPlace, header
from telephony.sip.metrics import TRUNK_UP
from telephony.sip.registration import Registration, RegistrationState
from telephony.trunks.trunk import Trunk
from telephony.trunks.trunk_health import Health, heard, is_alive, registration_changed

ANSWER_WITHIN_S = 4.0
"""After it a question counts as unanswered: by then UDP has asked four times (RFC 3261, timer E)."""
SOON_S = 1.0

logger = structlog.get_logger()


class TrunkLine:
    """learn: told each address that the trunk's server answered from. now_ms: wall clock."""

    def __init__(
        self,
        trunk: Trunk,
        place: SipPlace,
        *,
        learn: Callable[[str], None],
        now_ms: Callable[[], int],
    ) -> None:
        self.trunk = trunk
        self.health = Health()
        self.since_ms = now_ms()
        self.calls_in = 0
        self.calls_out = 0
        self._place = place
        self._learn = learn
        self._now_ms = now_ms
        self._call_id = SipCallId()
        self._cseq = 0
        self._asked = 0
        self._timers: list[Any] = []
        self._registration: Registration | None = None
        self._stopped = False

    def start(self) -> None:
        """Register, and ask for the first time; nothing for a trunk without a server."""
        outward = self.trunk.outward
        if outward is None:
            return
        TRUNK_UP.labels(self.trunk.name).set(0)
        account = outward.account
        if account is not None and account.registers:
            self._registration = Registration(
                self._place,
                (bracketed(outward.host), outward.port),
                account.user,
                account.password,
                account.expires_s,
                self._on_registration,
                transport=outward.transport,
            )
            self._registration.start()
        if outward.keepalive_s:
            self._ask()

    def stop(self) -> None:
        """Unregister, and ask no more."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._registration is not None:
            self._registration.stop()

    def failed(self, status: int) -> None:
        """A call was not taken. status 0: nothing was answered at all, so it is asked soon whether it is there.

        A trunk that is never asked does not go down: nothing would bring it back.
        """
        outward = self.trunk.outward
        if outward is not None and outward.keepalive_s and (status == 0 or not is_alive(status)):
            self._change(heard(self.health, alive=False), f"a call was answered {status or 'by nobody'}")
            self._again(SOON_S)

    def _ask(self) -> None:
        """Send OPTIONS; the answer, or its lack, is the trunk's health."""
        outward = self.trunk.outward
        if outward is None or self._stopped:
            return
        self._asked += 1
        asked = self._asked
        config = self._place.config
        config["_sip_tm"].newTransaction(self._question(), resp_cb=lambda response: self._on_answer(response, asked))
        self._after(ANSWER_WITHIN_S, lambda: self._on_silence(asked))

    def _question(self) -> Any:
        outward = self.trunk.outward
        if outward is None:
            raise ValueError(f"trunk {self.trunk.name} has no server")
        host = bracketed(outward.host)
        transport = None if outward.transport == "udp" else str(outward.transport)
        user = outward.account.user if outward.account else None
        own_host = host if user else self._place.host
        sender = SipFrom(address=SipAddress(url=SipURL(username=user, host=own_host), hadbrace=True))
        sender.genTag()
        here = SipURL(username=user, host=self._place.host, port=self._place.port, transport=transport)
        self._cseq += 1
        request = SipRequest(
            method="OPTIONS",
            ruri=SipURL(host=host, port=outward.port, transport=transport),
            to=SipTo(address=SipAddress(url=SipURL(host=host), hadbrace=True)),
            fr0m=sender,
            cseq=self._cseq,
            callid=self._call_id.getCopy(),
            contact=SipContact(address=SipAddress(url=here, hadbrace=True)),
            target=((host, outward.port), str(outward.transport)),
            user_agent=self._place.user_agent,
        )
        request.appendHeader(header("accept", "application/sdp"))
        return request

    def _on_answer(self, response: Any, asked: int) -> None:
        status = response.getSCode()[0]
        if status < 200 or asked != self._asked or self._stopped:
            return
        if response.source is not None:
            self._learn(bare(response.getSource()[0]))
        self._settle(alive=is_alive(status), why=f"OPTIONS was answered {status}")

    def _on_silence(self, asked: int) -> None:
        if asked == self._asked and not self._stopped:
            self._settle(alive=False, why="OPTIONS was not answered")

    def _settle(self, *, alive: bool, why: str) -> None:
        """This question is over, and the next one comes."""
        self._asked += 1
        self._change(heard(self.health, alive=alive), why)
        keepalive_s = self.trunk.outward.keepalive_s if self.trunk.outward else 0.0
        self._again(keepalive_s if alive else min(keepalive_s, ANSWER_WITHIN_S))

    def _again(self, delay_s: float) -> None:
        self._after(delay_s, self._ask)

    def _after(self, delay_s: float, do: Callable[[], None]) -> None:
        """One timer at a time: the newest counts."""
        for timer in self._timers:
            timer.cancel()
        self._timers[:] = [Timeout(do, max(delay_s, SOON_S))]

    def _on_registration(self, state: RegistrationState) -> None:
        if state.answered_from:
            self._learn(state.answered_from)
        self._change(
            registration_changed(self.health, registered=state.registered),
            f"REGISTER was answered {state.status} {state.reason}",
        )

    def _change(self, health: Health, why: str) -> None:
        before, self.health = self.health, health
        TRUNK_UP.labels(self.trunk.name).set(health.standing == "up" and health.is_usable)
        if (before.standing, before.registered) == (health.standing, health.registered):
            return
        self.since_ms = self._now_ms()
        say = logger.info if health.is_usable else logger.warning
        say(
            "trunk changed",
            trunk=self.trunk.name,
            standing=health.standing.value,
            registered=health.registered,
            usable=health.is_usable,
            why=why,
        )

"""The registrar at work on sippy's thread: REGISTER in, answers out, and who came or went."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout

from telephony.sip.addresses import bare
from telephony.sip.admission import Admission
from telephony.sip.conf import SipConf
from telephony.sip.message import SipPlace, header, respond
from telephony.sip.metrics import PHONES, REFUSED
from telephony.sip.outbound import Destination
from telephony.sip.registrar import Binding, Bindings, Contact, RegisterRequest, expire, register

EXPIRY_CHECK_S = 1.0
LONGEST_S = 10_000_000


class PhoneChange(msgspec.Struct, frozen=True, kw_only=True):
    """An extension's phone came, was refreshed, or went. expires_at_ms: wall clock (Unix, ms); 0 when it went."""

    extension: str
    registered: bool
    expires_at_ms: int


class Phones:
    """on_change is called on sippy's thread. hosts: where registered phones are (bare); for any thread to read."""

    def __init__(
        self,
        place: SipPlace,
        conf: SipConf,
        admission: Admission,
        now_ms: Callable[[], int],
        on_change: Callable[[PhoneChange], None],
    ) -> None:
        self._place = place
        self._conf = conf
        self._admission = admission
        self._now_ms = now_ms
        self._on_change = on_change
        self._bindings: Bindings = {}
        self.hosts: frozenset[str] = frozenset()
        self._timer = Timeout(self._expire, EXPIRY_CHECK_S, -1)

    def close(self) -> None:
        self._timer.cancel()

    def find(self, extension: str) -> Destination | None:
        """Where the extension's newest phone is reached; None when none is registered."""
        present = expire(self._bindings, self._now_ms()).get(extension, ())
        return _destination(present[0]) if present else None

    def receive(self, request: Any) -> Any:
        """The answer to a REGISTER."""
        source = request.getSource()
        extension = request.getHFBody("to").getUrl().username or ""
        credentials = request.getHFs("authorization")
        refused = self._admission.registration(
            source_host=bare(source[0]),
            extension=extension,
            credentials=str(credentials[0].body) if credentials else None,
            now_s=time.monotonic(),
        )
        if refused is not None:
            REFUSED.labels("REGISTER", str(refused.status)).inc()
            challenges = [header("www-authenticate", challenge) for challenge in refused.challenges]
            return respond(request, self._place, refused.status, refused.reason, *challenges)
        now_ms = self._now_ms()
        answer = register(self._bindings, _read(request, extension), now_ms, self._conf.general.limits)
        if answer.status != 200:
            REFUSED.labels("REGISTER", str(answer.status)).inc()
            least = [header("min-expires", str(self._conf.general.limits.min_s))] if answer.status == 423 else []
            return respond(request, self._place, answer.status, answer.reason, *least)
        self._replace(answer.bindings)
        contacts = [
            header("contact", f"<{binding.contact}>;expires={max(1, (binding.expires_at_ms - now_ms) // 1000)}")
            for binding in answer.bindings.get(extension, ())
        ]
        return respond(request, self._place, 200, "OK", *contacts)

    def _expire(self) -> None:
        self._replace(expire(self._bindings, self._now_ms()))

    def _replace(self, bindings: Bindings) -> None:
        before, self._bindings = self._bindings, bindings
        PHONES.set(len(bindings))
        self.hosts = frozenset(bare(b.source[0]) for present in bindings.values() for b in present)
        for extension in sorted({*before, *bindings}):
            present = bindings.get(extension, ())
            if present != before.get(extension, ()):
                until_ms = max((binding.expires_at_ms for binding in present), default=0)
                self._on_change(PhoneChange(extension=extension, registered=bool(present), expires_at_ms=until_ms))


def _destination(binding: Binding) -> Destination:
    url = SipURL(binding.contact)
    pinned = binding.transport != "udp" or (str(url.host), int(url.port or 5060)) != binding.source
    return Destination(uri=binding.contact, address=binding.source, transport=binding.transport, pinned=pinned)


def _seconds(text: object) -> int | None:
    digits = str(text).strip()
    return min(int(digits), LONGEST_S) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None


def _read(request: Any, extension: str) -> RegisterRequest:
    source, transport = request.getSource(2)
    bodies = request.getHFBodys("contact")
    contacts = tuple(
        Contact(uri=str(body.getUrl()), expires_s=_seconds(body.getUri().getParam("expires")))
        for body in bodies
        if not body.asterisk
    )
    expires = request.getHFs("expires")
    return RegisterRequest(
        extension=extension,
        contacts=contacts,
        everything=any(body.asterisk for body in bodies),
        expires_s=_seconds(expires[0].body) if expires else None,
        call_id=str(request.getHFBody("call-id")),
        cseq=request.getHFBody("cseq").getCSeqNum(),
        source=source,
        transport=transport,
    )

"""Where extensions can be reached: the registrar of RFC 3261, section 10, without I/O.

`register` is a pure step: (bindings, request, now) → answer with the new bindings. Authentication happens before it.
"""

import msgspec

MAX_CONTACTS = 8


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """One phone of an extension.

    contact: the URI that the phone gave. source, transport: where its REGISTER came from and how; so it is reached
    behind NAT, and by its connection.
    expires_at_ms: wall clock. call_id, cseq: of the REGISTER that made it, to tell old requests from new ones.
    """

    contact: str
    source: tuple[str, int]
    expires_at_ms: int
    call_id: str
    cseq: int
    transport: str = "udp"


Bindings = dict[str, tuple[Binding, ...]]
"""Extension → its phones, the newest first."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One Contact of a REGISTER; expires_s is its own parameter, if it has one."""

    uri: str
    expires_s: int | None = None


class RegisterRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A REGISTER whose sender is proven. everything: `Contact: *`. expires_s: the Expires header, if it has one."""

    extension: str
    contacts: tuple[Contact, ...]
    everything: bool
    expires_s: int | None
    call_id: str
    cseq: int
    source: tuple[str, int]
    transport: str = "udp"


class RegisterLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a binding may live. A shorter wish is refused with 423, a longer one cut."""

    min_s: int = 30
    max_s: int = 3600
    default_s: int = 300


class RegisterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """status and reason to answer, and the bindings from now on (the old ones unless the status is 200)."""

    status: int
    reason: str
    bindings: Bindings


def register(bindings: Bindings, request: RegisterRequest, now_ms: int, limits: RegisterLimits) -> RegisterAnswer:
    """Carry out a REGISTER: add, refresh, remove, or only list when it has no Contact."""
    present = tuple(b for b in bindings.get(request.extension, ()) if b.expires_at_ms > now_ms)

    def refuse(status: int, reason: str) -> RegisterAnswer:
        return RegisterAnswer(status=status, reason=reason, bindings=bindings)

    if any(b.call_id == request.call_id and b.cseq >= request.cseq for b in present) and _changes(request):
        return refuse(500, "Out of Order")
    if request.everything:
        if request.contacts or request.expires_s != 0:
            return refuse(400, "Contact * Needs Expires 0")
        return _accept(bindings, request.extension, ())
    if len(request.contacts) > MAX_CONTACTS:
        return refuse(403, "Too Many Contacts")
    for contact in request.contacts:
        wish_s = _wish_s(contact, request, limits)
        if 0 < wish_s < limits.min_s:
            return refuse(423, "Interval Too Brief")
        present = tuple(b for b in present if b.contact != contact.uri)
        if wish_s:
            binding = Binding(
                contact=contact.uri,
                source=request.source,
                expires_at_ms=now_ms + min(wish_s, limits.max_s) * 1000,
                call_id=request.call_id,
                cseq=request.cseq,
                transport=request.transport,
            )
            present = (binding, *present)
    return _accept(bindings, request.extension, present[:MAX_CONTACTS])


def _changes(request: RegisterRequest) -> bool:
    return request.everything or bool(request.contacts)


def _wish_s(contact: Contact, request: RegisterRequest, limits: RegisterLimits) -> int:
    if contact.expires_s is not None:
        return contact.expires_s
    return limits.default_s if request.expires_s is None else request.expires_s


def _accept(bindings: Bindings, extension: str, present: tuple[Binding, ...]) -> RegisterAnswer:
    changed = {key: value for key, value in bindings.items() if key != extension}
    if present:
        changed[extension] = present
    return RegisterAnswer(status=200, reason="OK", bindings=changed)


def expire(bindings: Bindings, now_ms: int) -> Bindings:
    """The bindings that are still alive; an extension whose last one is gone is absent."""
    alive = {
        extension: tuple(b for b in present if b.expires_at_ms > now_ms) for extension, present in bindings.items()
    }
    return {extension: present for extension, present in alive.items() if present}

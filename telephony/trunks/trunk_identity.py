"""Who calls, on a trunk: our number on calls that go out, the citizen's on calls that come in. Pure.

P-Asserted-Identity and Privacy: id are of RFC 3325 and RFC 3323, Diversion of RFC 5806.
"""

import msgspec

from telephony.sip.addresses import bracketed
from telephony.trunks.numbering import NumberKind, read_number, write_number
from telephony.trunks.trunk import CallerIdIn, Outward, Trunk

ANONYMOUS = "anonymous"
_WITHHOLDING = frozenset({"id", "user", "header"})


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """user: of the From. headers: more for the INVITE."""

    user: str
    headers: tuple[tuple[str, str], ...] = ()


def shown_outward(outward: Outward, caller_number: str, area_code: str) -> Shown:
    """How the hotline shows itself (or `caller_number`, where the trunk has no number of its own)."""
    own = outward.caller_id or write_number(read_number(caller_number, area_code), outward.form, area_code)
    if outward.caller_id_in is CallerIdIn.FROM:
        return Shown(user=own)
    asserted = (("P-Asserted-Identity", f"<sip:{own}@{bracketed(outward.host)}>"),)
    if outward.caller_id_in is CallerIdIn.PAI and outward.account is not None:
        return Shown(user=outward.account.user, headers=asserted)
    return Shown(user=own, headers=asserted)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an INVITE from a trunk says, each the user part of a URI; asserted, diverted "" where it does not say.

    privacy: the words of the Privacy header. to: of the To header.
    """

    sender: str
    called: str
    to: str = ""
    asserted: str = ""
    diverted: str = ""
    privacy: tuple[str, ...] = ()


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """In the form of people here where they are numbers. diverted_from: whom the caller had called first, or ""."""

    caller: str
    called: str
    diverted_from: str


def parties_inward(told: Told, trunk: Trunk, area_code: str) -> Parties:
    """Who calls whom. The trunk vouches for the asserted identity; a caller who withheld it stays anonymous."""
    withheld = trunk.honours_privacy and not _WITHHOLDING.isdisjoint(word.strip().lower() for word in told.privacy)
    caller = ANONYMOUS if withheld else told.asserted or told.sender
    called = told.called
    account = trunk.outward.account if trunk.outward else None
    if account is not None and called == account.user:
        # The provider calls the contact that we registered; the number that was dialled stands in the To.
        called = told.to or called
    return Parties(
        caller=_here(caller, area_code), called=_here(called, area_code), diverted_from=_here(told.diverted, area_code)
    )


def takes(trunk: Trunk, told: Told, parties: Parties) -> bool:
    """Whether the trunk may call that number, as it was written or as it is read; its own account always is."""
    account = trunk.outward.account if trunk.outward else None
    own = account is not None and account.registers and told.called == account.user
    return own or trunk.takes(told.called) or trunk.takes(parties.called)


def _here(text: str, area_code: str) -> str:
    number = read_number(text, area_code)
    return text if number.kind is NumberKind.OTHER else number.digits

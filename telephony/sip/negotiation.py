"""Offer and answer of one dialog, pure (RFC 3264; who may offer when: RFC 3261, 13.2.1 and 14, RFC 3311, 5)."""

import secrets
from enum import StrEnum

import msgspec

from telephony.ports import Codec, MediaDescription
from telephony.sip import sdp


class Turn(StrEnum):
    """Whose description is missing."""

    NOBODY = "nobody"
    OURS = "ours"
    """They offered, and we have not answered."""
    THEIRS = "theirs"
    """We offered, and they have not answered."""


class Negotiation:
    """local: our sound, None until it is known. theirs: what we took of what they said last.

    codecs: those that we offer.
    """

    def __init__(self, offer: sdp.Agreement | None = None, codecs: tuple[Codec, ...] = sdp.PREFERRED) -> None:
        self.codecs = codecs
        self.turn = Turn.NOBODY if offer is None else Turn.OURS
        self.local: MediaDescription | None = None
        self.theirs = offer
        self.said = ""
        """Our last description: the same again means that nothing changes."""
        self._origin = sdp.Origin(session_id=secrets.randbits(31))

    @property
    def is_settled(self) -> bool:
        """Both sides described their sound, and nobody waits."""
        return self.turn is Turn.NOBODY and self.theirs is not None and bool(self.said)

    def offer(self, local: MediaDescription) -> str:
        """Our description; the answer to it has to be given to `take_answer`."""
        self.local = local
        self.turn = Turn.THEIRS
        if local.codec in self.codecs:
            self.codecs = (local.codec, *(codec for codec in self.codecs if codec is not local.codec))
        return self._describe(sdp.write_offer(local, self._origin, self.codecs))

    def offer_again(self) -> str:
        """What we said last, as an offer that changes nothing."""
        self.turn = Turn.THEIRS
        return self.said

    def withdraw(self) -> None:
        """Our offer was refused: all stays as it was."""
        self.turn = Turn.NOBODY

    def take_offer(self, agreement: sdp.Agreement) -> MediaDescription | None:
        """Theirs, to be answered by `answer`. The new sound, None when it is what it was."""
        self.turn = Turn.OURS
        return self._take(agreement)

    def take_answer(self, agreement: sdp.Agreement) -> MediaDescription | None:
        """Theirs to our offer. The new sound, None when it is what it was."""
        self.turn = Turn.NOBODY
        return self._take(agreement)

    def preview(self, local: MediaDescription) -> str:
        """Our answer, told before it counts: in a provisional response that nobody acknowledges."""
        if self.theirs is None:
            raise RuntimeError("an answer without an offer")
        self.local = local
        return self._describe(sdp.write_answer(self.theirs, local, self._origin))

    def answer(self, local: MediaDescription) -> str:
        """Our answer to their offer."""
        text = self.preview(local)
        self.turn = Turn.NOBODY
        return text

    def _take(self, agreement: sdp.Agreement) -> MediaDescription | None:
        before = self.theirs.media if self.theirs else None
        self.theirs = agreement
        return agreement.media if before != agreement.media else None

    def _describe(self, text: str) -> str:
        """`text` with the version of its origin raised where it differs from what we said before (RFC 3264, 8)."""
        if self.said and text != self.said:
            raised = msgspec.structs.replace(self._origin, version=self._origin.version + 1)
            old = f"o=- {self._origin.session_id} {self._origin.version} "
            text = text.replace(old, f"o=- {raised.session_id} {raised.version} ", 1)
            self._origin = raised
        self.said = text
        return text

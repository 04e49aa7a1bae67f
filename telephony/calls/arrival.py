"""A citizen's call that has arrived: what is sent to its telephone until it is answered."""

import msgspec

from telephony.ports import InboundCall, MediaDescription, SipLeg


class Arrival:
    """local: our side of the sound, which is described as the caller's offer wants it."""

    def __init__(self, call: InboundCall, leg: SipLeg, local: MediaDescription) -> None:
        self._leg = leg
        self._offer = offer = call.media
        self._sound = local
        if offer is not None:
            self._sound = msgspec.structs.replace(
                local, codec=offer.codec, payload=offer.payload, digits_payload=offer.digits_payload
            )

    def be_heard_early(self) -> bool:
        """183 with our sound; False for a caller who has not said yet where sound shall go (delayed offer)."""
        if self._offer is None:
            return False
        self._leg.ring(self._sound)
        return True

    def answer(self) -> None:
        """200 OK."""
        self._leg.answer(self._sound)

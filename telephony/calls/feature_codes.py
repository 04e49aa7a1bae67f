"""What an agent's keys mean while they talk: feature codes (功能码), and keys for the other end. Pure.

A code begins with *; one that needs a target takes the digits after it, up to #. Every other key is for the other end,
such as the menu of whoever was called. A code that stops halfway is forgotten after a while.
"""

from enum import StrEnum

import msgspec

FORGET_AFTER_MS = 5000
_MOST_DIGITS = 32


class Feature(StrEnum):
    """保持/取回, 转接, 咨询, 切换, 三方, 完成转接, 取消, 静音, 紧急联动."""

    HOLD = "hold"
    TRANSFER = "transfer"
    CONSULT = "consult"
    SWAP = "swap"
    CONFERENCE = "conference"
    COMPLETE = "complete"
    CANCEL = "cancel"
    MUTE = "mute"
    HAND_OVER = "hand_over"


WITH_TARGET = frozenset({Feature.TRANSFER, Feature.CONSULT})
EMERGENCY_CODES = ("110", "119", "120")


class FeatureKeyed(msgspec.Struct, frozen=True):
    """target: the digits of a transfer or a consultation, or 110, 119, 120."""

    feature: Feature
    target: str = ""


class KeyForOther(msgspec.Struct, frozen=True):
    digit: str


Keyed = FeatureKeyed | KeyForOther


class FeatureKeys:
    """codes: what is pressed for each feature, without target and #; HAND_OVER's is followed by 110, 119 or 120."""

    def __init__(self, codes: dict[Feature, str]) -> None:
        self._at_once = {code: FeatureKeyed(feature) for feature, code in codes.items() if feature not in WITH_TARGET}
        hand_over = codes.get(Feature.HAND_OVER)
        if hand_over is not None:
            del self._at_once[hand_over]
            for number in EMERGENCY_CODES:
                self._at_once[hand_over + number] = FeatureKeyed(Feature.HAND_OVER, number)
        self._with_target = {code: feature for feature, code in codes.items() if feature in WITH_TARGET}
        self._pressed = ""
        self._pressed_at_ms = 0

    def press(self, digit: str, now_ms: int) -> Keyed | None:
        """What this key means together with those before it; None while a code goes on, or when it was none."""
        if now_ms - self._pressed_at_ms > FORGET_AFTER_MS:
            self._pressed = ""
        self._pressed_at_ms = now_ms
        if not self._pressed and digit != "*":
            return KeyForOther(digit)
        self._pressed = digit if digit == "*" else self._pressed + digit
        keyed = self._at_once.get(self._pressed) or self._aimed()
        if keyed is not None or not self._may_go_on():
            self._pressed = ""
        return keyed

    def _aimed(self) -> FeatureKeyed | None:
        for code, feature in self._with_target.items():
            target = self._pressed[len(code) : -1]
            if self._pressed.startswith(code) and self._pressed.endswith("#") and target.isdigit():
                return FeatureKeyed(feature, target)
        return None

    def _may_go_on(self) -> bool:
        pressed = self._pressed
        if pressed.endswith("#") or len(pressed) > _MOST_DIGITS:
            return False
        begun = any(code.startswith(pressed) for code in (*self._at_once, *self._with_target))
        return begun or any(pressed.startswith(code) for code in self._with_target)

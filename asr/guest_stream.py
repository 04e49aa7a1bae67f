"""The sound of a guest of the WebSocket server, cut into utterances. Pure: samples in, clips out.

As asr.stream, but without a call's clock and lost chunks, and with the guest's whole band.
"""

from dataclasses import dataclass

import numpy as np

from asr.endpointing import Endpointer, EndpointEvent, Frame, VoiceBegan, VoiceEnded
from asr.rate_change import HalvedRate
from asr.recogniser import WIDE_RATE_HZ, Clip, Samples
from asr.settings import AsrSettings
from asr.stream import endpoint_rules
from asr.vad import VoiceActivity, frame_rms
from domain.g711 import RATE_HZ

_KEPT_MS = 1000
"""Sound kept while nobody speaks."""


@dataclass(frozen=True, eq=False)
class GuestUtterance:
    """The sound of an utterance, whole or so far. from_ms: where the clip begins; voiced: as in VoiceEnded."""

    number: int
    from_ms: int
    clip: Clip
    ended: bool
    voiced: tuple[tuple[int, int], ...] = ()


class GuestStream:
    """rate_hz: 8000 or 16000, of what `hear` is given. phrases: the guest's menu."""

    def __init__(
        self, settings: AsrSettings, detector: VoiceActivity, rate_hz: int, phrases: tuple[str, ...] = ()
    ) -> None:
        self._settings = settings
        self._detector = detector
        self._rate_hz = rate_hz
        self._phrases = phrases
        self._endpointer = Endpointer(endpoint_rules(settings))
        self._halved = HalvedRate() if rate_hz == WIDE_RATE_HZ else None
        self._narrow = np.array([], dtype=np.int16)
        self._sound = np.array([], dtype=np.int16)
        self._first_ms = 0
        self._framed_ms = 0
        self._free_from_ms = 0
        self._told_ms = 0
        self._number = 0

    def hear(self, samples: Samples) -> list[GuestUtterance]:
        """What more sound of any length brings about."""
        self._sound = np.concatenate([self._sound, samples])
        self._narrow = np.concatenate([self._narrow, self._halved(samples) if self._halved else samples])
        told: list[GuestUtterance] = []
        size = self._detector.frame_samples
        frame_ms = size * 1000 // RATE_HZ
        place = 0
        for place in range(0, len(self._narrow) - size + 1, size):
            piece = self._narrow[place : place + size]
            start_ms = self._framed_ms
            self._framed_ms += frame_ms
            frame = Frame(start_ms, self._framed_ms, self._detector.voiced(piece), frame_rms(piece))
            told += self._translated(self._endpointer.hear(frame))
            told += self._so_far()
        self._narrow = self._narrow[len(self._narrow) // size * size :]
        self._trim()
        return told

    def finish(self) -> list[GuestUtterance]:
        """No more will come."""
        return self._translated(self._endpointer.flush())

    def _translated(self, events: list[EndpointEvent]) -> list[GuestUtterance]:
        told = []
        for event in events:
            if isinstance(event, VoiceBegan):
                self._told_ms = event.start_ms
            elif isinstance(event, VoiceEnded):
                told.append(self._utterance(event.start_ms, event.sound_end_ms, event.voiced))
                self._number += 1
                self._free_from_ms = event.sound_end_ms
        return told

    def _so_far(self) -> list[GuestUtterance]:
        now_ms = self._framed_ms
        if not self._endpointer.speaking or now_ms - self._told_ms < self._settings.partial_every_ms:
            return []
        self._told_ms = now_ms
        return [self._utterance(self._endpointer.start_ms, now_ms, ())]

    def _utterance(self, start_ms: int, end_ms: int, voiced: tuple[tuple[int, int], ...]) -> GuestUtterance:
        from_ms = max(self._free_from_ms, self._first_ms, start_ms - self._settings.pre_roll_ms)
        per_ms = self._rate_hz // 1000
        sound = self._sound[(from_ms - self._first_ms) * per_ms : (end_ms - self._first_ms) * per_ms]
        clip = Clip(np.ascontiguousarray(sound), self._rate_hz, phrases=self._phrases)
        return GuestUtterance(self._number, from_ms, clip, bool(voiced), voiced)

    def _trim(self) -> None:
        keep_from_ms = self._framed_ms - _KEPT_MS
        if self._endpointer.speaking:
            keep_from_ms = min(keep_from_ms, self._endpointer.start_ms - self._settings.pre_roll_ms)
        if keep_from_ms > self._first_ms:
            self._sound = self._sound[(keep_from_ms - self._first_ms) * self._rate_hz // 1000 :]
            self._first_ms = keep_from_ms

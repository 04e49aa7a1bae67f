"""After the call: how many hours of recording a core transcribes in an hour, beside bare whisper-base.

python -m bench.offline [--data FOLDER] [--seconds 600] [--models FOLDER]

Two-channel A-law recordings of calls, put together from the folder's sentences, go the way that a finished call goes
(a file, the second listening, its words on the log), on one thread, in processor time. The peer hears each channel in
windows of 30 s, as it is usually driven.
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import models
from asr.final_words import Writer
from asr.hot_words import HotWordShelf
from asr.offline import recipe
from asr.scoring import character_error_rate
from asr.settings import AsrSettings
from bench.bare_whisper import BareWhisper
from bench.call_recordings import CallRecording, call_recordings
from bench.figure import Figure, report
from bench.recordings import sentences
from bus.memory import MemoryLog
from domain.g711 import RATE_HZ
from domain.job import TranscribeJob
from domain.side import Side
from hotline.late_listener import LateListener
from hotline.second_listening import SecondListening, words_of
from recordings.wav import Encoding, write_wav

_PEER = "bare whisper-base"
_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_WINDOW = 30 * RATE_HZ
_TARGET = 15.0
_SIDES = (Side.CALLER, Side.AGENT)


@dataclass
class Score:
    """ours_s, bare_s: processor time; recorded_s: length of the recordings; the pairs: (said, recognised)."""

    recorded_s: float = 0.0
    voice_s: float = 0.0
    ours_s: float = 0.0
    bare_s: float = 0.0
    ours: list[tuple[str, str]] = field(default_factory=list)
    bare: list[tuple[str, str]] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        ours, bare = (100 * character_error_rate(pairs) for pairs in (self.ours, self.bare))
        speed, bare_speed = self.recorded_s / self.ours_s, self.recorded_s / self.bare_s
        return [
            Figure("recording_per_core", speed, "h/core-h", _TARGET, "higher", _PEER, bare_speed),
            Figure("voice_per_core", self.voice_s / self.ours_s, "h/core-h", None, "higher"),
            Figure("recording_cer", ours, "%", bare, "lower", _PEER, bare),
        ]


class AfterTheCall:
    """What the role inspect does with a finished call's recording."""

    def __init__(self, models_dir: Path, folder: Path) -> None:
        settings = AsrSettings()
        self._log, self._folder, self._version = MemoryLog(), folder, recipe(settings)
        listener = LateListener(settings, models_dir, HotWordShelf(), Writer())
        self._second = SecondListening(
            folder, self._log, listener.transcribe, lambda _text: None, self._version, "bench", _now_ms
        )

    async def hear(self, call_id: str, recording: CallRecording) -> tuple[dict[Side, str], float]:
        """Each side's words, and how many seconds of voice were in them."""
        write_wav(self._folder / f"{call_id}.wav", recording.samples, RATE_HZ, Encoding.ALAW)
        await self._second.transcribe(TranscribeJob(call_id=call_id, path=f"{call_id}.wav"), lambda share: None)
        said = words_of(await self._second.said(call_id))
        words = {side: "".join(one.text for one in said if one.side is side) for side in _SIDES}
        return words, sum(one.end_ms - one.start_ms for one in said) / 1000


def _now_ms() -> int:
    return round(1000 * time.time())


def _bare_words(bare: BareWhisper, recording: CallRecording, side: int) -> str:
    channel = recording.samples[:, side]
    return "".join(bare.recognise(channel[at : at + _WINDOW]) for at in range(0, len(channel), _WINDOW))


async def score(recordings: list[CallRecording], models_dir: Path, whisper: Path, seconds: float) -> Score:
    """Both on the same recordings, in turns, until the time is up."""
    out, bare = Score(), BareWhisper(whisper)
    with tempfile.TemporaryDirectory() as folder:
        after = AfterTheCall(models_dir, Path(folder))
        await after.hear("first", _beginning(recordings[0]))  # loads the engine
        end = time.monotonic() + seconds
        for number, recording in enumerate(recordings):
            began = time.process_time()
            words, voice_s = await after.hear(str(number), recording)
            between = time.process_time()
            for place, side in enumerate(_SIDES):
                out.ours.append((recording.said[side], words[side]))
                out.bare.append((recording.said[side], _bare_words(bare, recording, place)))
            out.ours_s, out.bare_s = out.ours_s + between - began, out.bare_s + time.process_time() - between
            out.recorded_s, out.voice_s = out.recorded_s + recording.seconds, out.voice_s + voice_s
            if time.monotonic() > end:
                break
    print(f"{out.recorded_s / 60:.1f} minutes of recording, {out.voice_s / 60:.1f} of them voice (both sides together)")
    return out


def _beginning(recording: CallRecording) -> CallRecording:
    return CallRecording(recording.samples[: 10 * RATE_HZ], recording.said)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.offline", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    whisper = models.whisper_base(arguments.models)
    recordings = list(call_recordings(sentences(arguments.data)))
    return report(asyncio.run(score(recordings, whisper.parent, whisper, arguments.seconds)).figures())


if __name__ == "__main__":
    raise SystemExit(main())

"""Whisper through CTranslate2: the embedded engine.

The sound is padded to its length + 8 s (12 s at least; partials + 5 s, 8 s at least) instead of 30 s, and the padding
is thinned out (asr.thinned_padding), which is several times as fast at no higher error rate (docs/asr.md); much less
padding makes the model loop. The number of tokens is capped by the clip's duration.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.char_probabilities import carried, char_probabilities
from asr.chinese_whisper import Answer, ChineseWhisper
from asr.confidence import WHISPER_BASE, with_confidence
from asr.digit_states import DigitStates
from asr.hot_words import HotWordShelf
from asr.log_mel import RATE_HZ
from asr.menu import chosen, hint_index
from asr.noise_reduction import without_noise
from asr.number_span import number_span
from asr.recogniser import Clip, Effort, Heard, Hypothesis, LanguageGuess, is_audible
from asr.rescoring import Believed, Rescorer
from asr.spoken_text import ended, has_loop, is_credit, written
from asr.telephone import resampled
from asr.thinned_padding import Padding
from asr.whisper_digits import WhisperDigits, slowed
from asr.whisper_numbers import WhisperNumbers, frames_of_sound
from asr.whisper_times import WhisperTimes
from domain.errors import ModelError
from domain.g711 import RATE_HZ as TELEPHONE_HZ

_PADDING = {Effort.FINAL: Padding(8.0, 12.0), Effort.PARTIAL: Padding(5.0, 8.0)}
_TOKENS = {Effort.FINAL: (8, 10.0), Effort.PARTIAL: (6, 5.0)}
"""Tokens that may be said, and for each second more; a sound that ends in the middle of a word tempts to go on."""
_DOUBTFUL = {Effort.FINAL: ((0.6, 0.4), (0.2, 0.34)), Effort.PARTIAL: ((0.6, 0.37), (0.3, 0.28))}
"""Nobody spoke when no_speech is above and the confidence below: Whisper's own rule, and what noise and tones gave
while no real utterance came near (docs/asr.md). First words are short, and less sure: their final takes them back."""
_MARKS = ("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>", "<|endoftext|>")
"""The prompt, and the end."""
_LIKELIEST_LANGUAGES = 5
_WARM_UP_SAMPLES = 8000
_WARM_UP_WORDS = "市民來電反映，電話一三八"
_MEASURED_S = 5.0
_MEASURED_TOKENS = 25
"""What people say in that time."""
_BESIDE = 1.4
"""All that is done for a final, by its search and encoding: rescoring, times, voice activity (docs/asr.md)."""
_MEASURED_TIMES = 3


@dataclass(frozen=True)
class _Answer:
    """hypotheses: raw, the likeliest first, at least one; confidence: mean probability of the first one's tokens.

    written: the first one's characters; probabilities: of each of them; only of a partial.
    """

    hypotheses: tuple[Hypothesis, ...]
    confidence: float
    no_speech: float
    written: str = ""
    probabilities: tuple[float, ...] = ()


Wide = NDArray[np.float32]
"""Samples −1..1 at 16 kHz."""


class Whisper:
    """A multilingual Whisper in CTranslate2 form: whisper-base as `models.whisper_base` makes it, or a larger one.

    whisper-base loads in about a second; ModelError when it cannot.
    rescorer: chooses among the hypotheses; without one the likeliest is believed as it is.
    hot_words: the city's words, for the rescorer.
    read_numbers: whether words that sound like a read-out number are heard again as digits.
    digit_states: a further hearing of such numbers, fitted to this model's encoder.
    """

    continues = False

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        threads_per_worker: int = 1,
        beam: int = 8,
        rescorer: Rescorer | None = None,
        hot_words: HotWordShelf | None = None,
        read_numbers: bool = True,
        digit_states: DigitStates | None = None,
    ) -> None:
        self.name = f"{folder.name}-int8"
        self._beam = beam
        self._rescorer = rescorer
        self._hot_words = hot_words or HotWordShelf()
        self._read_numbers = read_numbers
        self._threads = threads_per_worker
        try:
            self._model = ChineseWhisper(folder, workers=workers, threads_per_worker=threads_per_worker)
            self._tokenizer = _tokenizer(folder / "tokenizer.json")
            *self._prompt, self._end = (_token(self._tokenizer, mark) for mark in _MARKS)
            self._times = WhisperTimes(self._model, self._tokenizer, self._prompt[:-1])
            digits = WhisperDigits(self._model, self._tokenizer, self._prompt, self._end)
            self._numbers = WhisperNumbers(digits, self._times, self._encode_final, digit_states)
            self._warm_up()
        except Exception as error:  # CTranslate2 and tokenizers raise bare RuntimeError and Exception
            raise ModelError(
                f"the engine refuses the model: {error}",
                where=str(folder),
                remedy="run `hotline models verify`, then `hotline models fetch`",
            ) from error

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        heard: list[Heard] = [Heard("", 0.0, 1.0)] * len(clips)
        audible = [place for place, clip in enumerate(clips) if is_audible(clip.samples)]
        if not audible:
            return heard
        wide = [_wide(clips[place]) for place in audible]
        encoded = self._encode(wide, effort)
        answers = self._search(encoded, wide, effort)
        for number, (place, samples, answer) in enumerate(zip(audible, wide, answers, strict=True)):
            heard[place] = self._heard(answer, clips[place], samples, encoded, number, effort)
        if effort is Effort.FINAL:
            for place, samples, frames in zip(audible, wide, np.asarray(encoded), strict=True):
                heard[place] = self._times.timed(heard[place], frames, len(samples) / RATE_HZ)
        if effort is Effort.FINAL and any(clips[place].asks_language for place in audible):
            for place, guess in zip(audible, self._languages(encoded), strict=True):
                heard[place] = replace(heard[place], language=guess)
        return heard

    def frames(self, clip: Clip) -> NDArray[np.float32]:
        """(frames, width): what the encoder makes of a clip's sound, without its padding."""
        wide = _wide(clip)
        return frames_of_sound(self._encode_final(wide), wide)

    def _heard(self, answer: _Answer, clip: Clip, wide: Wide, encoded: Any, number: int, effort: Effort) -> Heard:
        """What one clip's answer is worth. encoded: of all clips; number: which of them it is."""
        if has_loop(answer.hypotheses[0].text):
            alone = self._model.of_clip(encoded, number)
            (answer,) = self._search(alone, [wide], effort, no_repeat_ngram_size=3, repetition_penalty=1.1)
        words = self._accepted(answer, effort, clip)
        if not self._read_numbers or effort is Effort.PARTIAL:
            return words
        return self._numbers.with_number(words, wide, lambda: self._model.of_clip(encoded, number))

    def _warm_up(self) -> None:
        """Load now what is loaded where it is first used (a second and more), not while the first caller speaks."""
        clip = Clip(np.zeros(_WARM_UP_SAMPLES, np.int16))
        self._search(self._encode([slowed(_wide(clip))], Effort.PARTIAL), [_wide(clip)], Effort.PARTIAL)
        said = Hypothesis(_WARM_UP_WORDS, -1.0)
        number_span(self._accepted(_Answer((said, said), 1.0, 0.0), Effort.FINAL, clip).text)

    def real_time_factor(self) -> float:
        """The least of some tries, in processor time: whatever else runs while we start shall not count."""
        noise = np.random.default_rng(0).normal(0.0, 0.05, int(_MEASURED_S * RATE_HZ)).astype(np.float32)
        tries = []
        for _ in range(_MEASURED_TIMES):
            started = time.process_time()
            encoded = self._encode([noise], Effort.FINAL)
            self._search(encoded, [noise], Effort.FINAL, most_tokens=_MEASURED_TOKENS, suppress_tokens=[-1, self._end])
            tries.append(time.process_time() - started)
        return _BESIDE * min(tries) / self._threads / _MEASURED_S

    def _encode(self, wide: Sequence[Wide], effort: Effort) -> Any:
        return self._model.encode(wide, _PADDING[effort])

    def _encode_final(self, wide: Wide) -> Any:
        return self._encode([wide], Effort.FINAL)

    def _search(self, encoded: Any, wide: Sequence[Wide], effort: Effort, **options: Any) -> list[_Answer]:
        """Answers to the clips whose encoding it is. options: CTranslate2's."""
        beam = self._beam if effort is Effort.FINAL else 1
        at_least, per_s = _TOKENS[effort]
        tokens = at_least + math.ceil(per_s * max(len(samples) for samples in wide) / RATE_HZ)
        results = self._model.generate(
            encoded,
            [self._prompt] * len(wide),
            **{"most_tokens": tokens, **options},
            beam_size=beam,
            num_hypotheses=beam,
            probabilities=effort is Effort.PARTIAL,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [self._answer(result) for result in results]

    def _answer(self, result: Answer) -> _Answer:
        hypotheses = []
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            ids = [token for token in tokens if token < self._end]
            hypotheses.append(Hypothesis(self._tokenizer.decode(ids), score * (len(ids) + 1)))
        sure = min(1.0, math.exp(result.scores[0]))
        if not result.probabilities:
            return _Answer(tuple(hypotheses), sure, result.no_speech_prob)
        pieces = [self._model.piece(token) if token < self._end else b"" for token in result.sequences_ids[0]]
        return _Answer(
            tuple(hypotheses), sure, result.no_speech_prob, *char_probabilities(pieces, result.probabilities)
        )

    def _languages(self, encoded: Any) -> list[LanguageGuess]:
        """One step of the decoder: about 20 ms on one thread."""
        return [
            LanguageGuess(tuple((mark.strip("<|>"), probability) for mark, probability in one[:_LIKELIEST_LANGUAGES]))
            for one in self._model.detect_language(encoded)
        ]

    def _accepted(self, answer: _Answer, effort: Effort, clip: Clip) -> Heard:
        """The answer without words that nobody said, as it is believed."""
        hypotheses = [replace(one, text=written(one.text)) for one in answer.hypotheses]
        text = hypotheses[0].text
        doubtful = any(answer.no_speech > doubt and answer.confidence < trust for doubt, trust in _DOUBTFUL[effort])
        if not text or doubtful or is_credit(text, answer.no_speech):
            return Heard("", answer.confidence, answer.no_speech)
        believed = self._believed(hypotheses, clip)
        if effort is Effort.PARTIAL:
            probable = carried(answer.written, answer.probabilities, believed.text)
            return Heard(
                believed.text,
                answer.confidence,
                answer.no_speech,
                corrections=believed.corrections,
                char_confidence=probable,
            )
        final = Heard(
            ended(believed.text),
            answer.confidence,
            answer.no_speech,
            corrections=believed.corrections,
            alternatives=tuple(hypotheses),
        )
        return with_confidence(final, WHISPER_BASE)

    def _believed(self, hypotheses: Sequence[Hypothesis], clip: Clip) -> Believed:
        choice = chosen(clip.phrases, hypotheses) if clip.phrases else None
        if choice is not None:
            return choice
        if self._rescorer is None:
            return Believed(hypotheses[0].text, ())
        return self._rescorer.believed(hypotheses, (self._hot_words.index, hint_index((*clip.phrases, *clip.hints))))


def _tokenizer(file: Path) -> Any:
    import tokenizers

    try:
        return tokenizers.Tokenizer.from_file(str(file))
    except Exception as error:  # it raises nothing more precise
        raise ValueError(f"{file.name} is missing or damaged: {error}") from error


def _token(tokenizer: Any, mark: str) -> int:
    number: int | None = tokenizer.token_to_id(mark)
    if number is None:
        raise ValueError(f"tokenizer.json has no {mark}: it is of no multilingual Whisper")
    return number


def _wide(clip: Clip) -> Wide:
    samples = without_noise(clip.samples) if clip.rate_hz == TELEPHONE_HZ else clip.samples
    return resampled(samples.astype(np.float32) / 32768.0, clip.rate_hz, RATE_HZ)

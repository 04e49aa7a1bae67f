import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

import models
from asr.recogniser import Clip, Effort, Samples
from asr.rescoring import rescorer_with
from asr.scoring import character_error_rate
from asr.telephone import as_int16
from asr.whisper import Whisper
from domain.errors import ModelError
from domain.g711 import alaw_decode
from models.deb_package import deb_manifest, fetch_deb
from tests.asr.recogniser_contract import RecogniserContract
from tests.asr.sounds import real_recordings, silence, tone


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.whisper_base(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def engine(whole: Path) -> Whisper:
    return Whisper(whole, workers=2)


def with_one_file(whole: Path, folder: Path, file: str, changed: Callable[[bytes], bytes | None]) -> Path:
    """The whole model with another content of this file, or without it."""
    for each in whole.iterdir():
        (folder / each.name).symlink_to(each)
    (folder / file).unlink()
    if (content := changed((whole / file).read_bytes())) is not None:
        (folder / file).write_bytes(content)
    return folder


@pytest.mark.slow
class TestWhisper(RecogniserContract):
    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(alaw_decode(real_recordings(4)[3].alaw))


@pytest.mark.slow
def test_real_people_on_the_telephone_are_understood(engine: Whisper) -> None:
    recordings = real_recordings(12)
    answers = engine.recognise([Clip(alaw_decode(recording.alaw)) for recording in recordings], Effort.FINAL)
    pairs = [(recording.transcript, heard.text) for recording, heard in zip(recordings, answers, strict=True)]
    assert character_error_rate(pairs) < 0.30


@pytest.mark.slow
def test_characters_of_partials_that_are_doubted_are_more_often_wrong(engine: Whisper) -> None:
    sure, doubted = [], []
    for recording in real_recordings(24):
        samples = alaw_decode(recording.alaw)
        (heard,) = engine.recognise([Clip(samples[: len(samples) // 2])], Effort.PARTIAL)
        assert len(heard.char_confidence) == len(heard.text)
        for character, confidence in zip(heard.text, heard.char_confidence, strict=True):
            assert 0 <= confidence <= 1
            if character.isalnum():
                (sure if confidence >= 0.5 else doubted).append(character in recording.transcript)
    assert doubted
    assert sum(sure) / len(sure) > 0.2 + sum(doubted) / len(doubted)


@pytest.mark.slow
def test_with_a_language_model_fewer_characters_are_wrong(engine: Whisper, whole: Path) -> None:
    try:
        words = fetch_deb(deb_manifest("libime-words"), whole.parent) / "zh_CN.lm"
    except ModelError as error:
        pytest.skip(str(error))
    choosing = Whisper(whole, rescorer=rescorer_with(words))
    recordings = real_recordings(24)
    clips = [Clip(alaw_decode(recording.alaw)) for recording in recordings]
    rates, corrected = [], 0
    for one in (engine, choosing):
        answers = [one.recognise([clip], Effort.FINAL)[0] for clip in clips]
        corrected += sum(len(answer.corrections) for answer in answers)
        rates.append(character_error_rate([(r.transcript, a.text) for r, a in zip(recordings, answers, strict=True)]))
    assert rates[1] < 0.95 * rates[0]
    assert corrected > 0


def pink(ms: int, level: float) -> Samples:
    """Noise with equal power in each octave, as breath and traffic have."""
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.normal(size=ms * 8))
    wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), ms * 8)
    return as_int16((level * wave / wave.std()).astype(np.float32))


@pytest.mark.slow
@pytest.mark.parametrize(
    "sound",
    [
        tone(3000, 440.0),
        tone(3000, 1000.0),
        np.concatenate([tone(1000, 450.0), silence(4000)] * 2),
        pink(3000, 0.1),
        pink(3000, 0.01),
        np.random.default_rng(2).normal(0, 3000, 24_000).astype(np.int16),
        silence(3000),
    ],
    ids=["tone", "high tone", "ringing", "loud noise", "noise", "hiss", "silence"],
)
def test_what_is_no_speech_says_nothing(engine: Whisper, sound: Samples) -> None:
    assert engine.recognise([Clip(sound)], Effort.FINAL)[0].text == ""


@pytest.mark.slow
@pytest.mark.parametrize("cut", [False, True], ids=["missing", "cut short"])
@pytest.mark.parametrize("file", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_model_with_a_missing_or_wrong_file_says_what_to_run(
    whole: Path, tmp_path: Path, file: str, cut: bool
) -> None:
    folder = with_one_file(whole, tmp_path, file, lambda content: content[:1000] if cut else None)
    with pytest.raises(ModelError, match=f"{file}.*hotline models verify"):
        Whisper(folder)


@pytest.mark.slow
def test_a_tokenizer_of_another_model_is_refused(whole: Path, tmp_path: Path) -> None:
    folder = with_one_file(whole, tmp_path, "tokenizer.json", lambda content: content.replace(b"<|zh|>", b"<|xx|>"))
    with pytest.raises(ModelError, match=r"no <\|zh\|>.*hotline models verify"):
        Whisper(folder)


@pytest.mark.slow
def test_mandarin_is_known_as_such_where_it_is_asked_for(engine: Whisper) -> None:
    clips = [Clip(alaw_decode(recording.alaw), asks_language=True) for recording in real_recordings(3)]
    answers = engine.recognise(clips, Effort.FINAL)
    guesses = [answer.language.probabilities[0] for answer in answers if answer.language]
    assert [language for language, _ in guesses] == ["zh"] * 3
    assert all(len(answer.char_confidence) == len(answer.text) > 0 for answer in answers)
    (unasked,) = engine.recognise([Clip(clips[0].samples)], Effort.FINAL)
    assert unasked.language is None
    assert unasked.text == answers[0].text


_FIRST_SENTENCE = """
import sys
from pathlib import Path
import models
from asr.recogniser import Clip, Effort
from asr.whisper import Whisper
from domain.g711 import alaw_decode

engine = Whisper(models.whisper_base(Path(sys.argv[1])))
sound = Clip(alaw_decode(sys.stdin.buffer.read()))
before = set(sys.modules)
assert engine.recognise([sound], Effort.PARTIAL)[0].text
assert engine.recognise([sound], Effort.FINAL)[0].text
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.slow
def test_the_first_caller_waits_for_nothing_to_be_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _FIRST_SENTENCE, str(tmp_path)]
    sound = real_recordings(4)[3].alaw
    ran = subprocess.run(command, input=sound, capture_output=True, check=True, timeout=120)
    assert ran.stdout.decode().split() == []


@pytest.mark.slow
def test_characters_are_placed_where_they_were_said_also_in_a_batch_and_when_rewritten(engine: Whisper) -> None:
    first, second = (alaw_decode(recording.alaw) for recording in real_recordings(4)[1:3])
    both = Clip(np.concatenate([first, silence(2000), second]))
    alone, heard = engine.recognise([Clip(first), both], Effort.FINAL)
    for clip, one in ((Clip(first), alone), (both, heard)):
        assert "".join(word.text for word in one.words) == "".join(char for char in one.text if char.isalnum())
        assert all(0 <= word.start_s < word.end_s <= clip.seconds + 0.2 for word in one.words)
    texts = ["".join(word.text for word in one.words) for one in (alone, heard)]
    matching = Levenshtein.opcodes(*texts).as_matching_blocks()
    same = [(block.a + place, block.b + place) for block in matching for place in range(block.size)]
    assert len(same) >= len(alone.words) // 2
    assert all(abs(alone.words[one].end_s - heard.words[other].end_s) < 0.3 for one, other in same)
    joint_s = len(first) / 8000 + 1.0
    assert sum(word.end_s > joint_s for word in heard.words) >= 3


@pytest.mark.slow
def test_a_model_that_cannot_tell_times_says_the_same_without(engine: Whisper, whole: Path, tmp_path: Path) -> None:
    def mute(config: bytes) -> bytes:
        told = json.loads(config)
        del told["alignment_heads"]
        return json.dumps(told).encode()

    folder = with_one_file(whole, tmp_path, "config.json", mute)
    clip = Clip(alaw_decode(real_recordings(4)[3].alaw))
    (heard,) = Whisper(folder).recognise([clip], Effort.FINAL)
    (timed,) = engine.recognise([clip], Effort.FINAL)
    assert (heard.text, heard.words) == (timed.text, ())
    assert timed.words

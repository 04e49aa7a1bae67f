"""WAV files in and out, damaged ones included, and their byte ranges as PCM."""

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AudioError
from recordings.pcm16 import pcm16_wav_size, read_pcm16_range
from recordings.wav import Encoding, build_wav, open_wav, read_wav, write_wav

RAMP = (np.arange(4000, dtype=np.int32) * 16 - 32000).astype(np.int16)


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_written_is_read(tmp_path: Path, encoding: Encoding, channels: int) -> None:
    samples = RAMP.reshape(-1, channels)
    write_wav(tmp_path / "a.wav", samples, 8000, encoding)
    read, rate_hz = read_wav(tmp_path / "a.wav")
    assert rate_hz == 8000
    assert read.shape == samples.shape
    tolerance = 0 if encoding is Encoding.PCM16 else 1024
    assert np.max(np.abs(read.astype(int) - samples)) <= tolerance


def test_pythons_own_reader_agrees(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, RAMP.reshape(-1, 2), 8000)
    with wave.open(str(path)) as peer:
        assert (peer.getnchannels(), peer.getframerate(), peer.getnframes()) == (2, 8000, 2000)
        assert peer.readframes(2000) == RAMP.tobytes()


@given(first=st.integers(0, 4100), length=st.integers(1, 4100))
def test_any_byte_range_is_that_of_the_whole(tmp_path_factory: pytest.TempPathFactory, first: int, length: int) -> None:
    path = tmp_path_factory.getbasetemp() / "range.wav"
    if not path.exists():
        write_wav(path, RAMP[:1000].reshape(-1, 2), 8000, Encoding.ALAW)
    whole = build_wav(read_wav(path)[0], 8000)
    assert pcm16_wav_size(path) == len(whole)
    assert read_pcm16_range(path, first, first + length - 1) == whole[first : first + length]


def test_a_range_that_is_none_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", RAMP, 8000)
    with pytest.raises(AudioError, match="no range"):
        read_pcm16_range(tmp_path / "a.wav", 5, 4)


@pytest.mark.parametrize("lying_size", [0, 0xFFFFFFFF, 7_000_000])
def test_the_length_of_the_file_wins_over_its_header(tmp_path: Path, lying_size: int) -> None:
    path = tmp_path / "killed.wav"
    wav = bytearray(build_wav(RAMP.reshape(-1, 2), 8000, Encoding.ALAW))
    wav[54:58] = lying_size.to_bytes(4, "little")
    path.write_bytes(wav[:-1])
    assert open_wav(path).frames == 1999
    assert read_wav(path)[0].shape == (1999, 2)


@given(damage=st.binary(max_size=200), at=st.integers(0, 60))
def test_damaged_files_give_an_audio_error_or_sound(
    tmp_path_factory: pytest.TempPathFactory, damage: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    wav = bytearray(build_wav(RAMP[:50], 8000, Encoding.ULAW))
    wav[at : at + len(damage)] = damage
    path.write_bytes(wav)
    complaint = ""
    try:
        assert read_wav(path)[0].dtype == np.int16
    except AudioError as error:
        complaint = str(error)
    assert not complaint or str(path) in complaint


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "not a RIFF"), (b"ID3 mp3", "not a RIFF"), (b"RIFF\x00\x00\x00\x00WAVE", "no 'data' chunk")],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=complaint):
        open_wav(path)
    with pytest.raises(AudioError, match=r"gone\.wav"):
        open_wav(tmp_path / "gone.wav")

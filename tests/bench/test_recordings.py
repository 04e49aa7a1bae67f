from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.recordings import sentences
from domain.errors import AudioError


def test_a_folder_of_recordings_is_read_as_telephone_sound(tmp_path: Path) -> None:
    rows = ["file\ttranscript\tspeaker"]
    for number in range(5):
        soundfile.write(tmp_path / f"{number}.flac", np.zeros(16000 * (number + 1), dtype=np.float32), 16000)
        rows.append(f"{number}.flac\t第{number}句\tx")
    (tmp_path / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    read = sentences(tmp_path)
    assert {(sentence.transcript, sentence.seconds) for sentence in read} == {(f"第{n}句", n + 1.0) for n in range(5)}
    assert [sentence.transcript for sentence in read] == [sentence.transcript for sentence in sentences(tmp_path)]


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="--data"):
        sentences(tmp_path)

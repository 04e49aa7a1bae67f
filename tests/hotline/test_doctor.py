from pathlib import Path

from asr.processor import processor_flags
from hotline.config import load_settings
from hotline.doctor import Finding, examine


def engine_finding(folder: Path, **asr: str) -> Finding:
    environment = {f"HOTLINE_ASR__{key.upper()}": value for key, value in asr.items()}
    settings = load_settings(None, {"HOTLINE_SERVICE__DATA_DIR": str(folder), **environment})
    (finding,) = [finding for finding in examine(settings) if finding.what == "recognition engine"]
    return finding


def test_the_chosen_engine_is_looked_at_and_what_it_lacks_is_said(tmp_path: Path) -> None:
    lacking = engine_finding(tmp_path, engine="sherpa-onnx")
    assert not lacking.ok
    assert "hotline models fetch sense-voice-small" in lacking.remedy
    away = engine_finding(tmp_path, engine="remote", remote_url="ws://127.0.0.1:9")
    assert not away.ok
    assert "remote_url" in away.remedy


def test_an_engine_that_is_ready_is_named_and_one_with_a_missing_file_is_not(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for file in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst"):
        (mine / file).parent.mkdir(parents=True)
        (mine / file).touch()
    assert engine_finding(tmp_path, engine="vosk", model=str(mine)) == Finding(
        True, "recognition engine", f"vosk {mine}"
    )
    (mine / "am" / "final.mdl").unlink()
    assert "lacks am/final.mdl" in engine_finding(tmp_path, engine="vosk", model=str(mine)).found


def test_the_kind_of_processor_is_told_and_none_is_refused(tmp_path: Path) -> None:
    settings = load_settings(None, {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path)})
    (finding,) = [finding for finding in examine(settings) if finding.what == "processor for recognition"]
    vnni = any("vnni" in flag for flag in processor_flags())
    assert finding.ok
    assert ("no VNNI" in finding.found) == (not vnni and bool(processor_flags()))

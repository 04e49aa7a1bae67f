"""The engine that the settings choose, behind the port Recogniser whichever it is.

Engines are imported where they are chosen: they and what they stand on take seconds, which every command would pay.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from asr.optional_package import look_for_package
from asr.settings import AsrSettings
from domain.errors import ConfigError, ModelError
from models import libime_words, model_folder
from models.published_model import published_model

if TYPE_CHECKING:
    from asr.digit_states import DigitStates
    from asr.hot_words import HotWordShelf
    from asr.recogniser import Recogniser
    from asr.rescoring import Rescorer

_LOG = structlog.get_logger(__name__)
DEFAULT_MODEL = {"whisper": "whisper-base", "vosk": "vosk-model-small-cn-0.22", "sherpa-onnx": "sense-voice-small"}
_PACKAGE = {"vosk": "vosk", "sherpa-onnx": "sherpa_onnx"}


def load_engine(
    settings: AsrSettings,
    models_dir: Path,
    workers: int,
    hot_words: "HotWordShelf | None" = None,
    *,
    trial: bool = True,
) -> "Recogniser":
    """The engine, ready for `workers` threads at once. ConfigError and ModelError say what to install or to fetch.

    hot_words: the city's words, for engines whose hypotheses are rescored (whisper).
    trial: whether models over which an engine may end the process are first loaded in a process of their own.
    """
    from asr.continued_clips import ContinuedClips

    if settings.engine == "remote":
        from asr.remote import Remote

        return ContinuedClips(Remote(settings.remote_url, timeout_s=settings.remote_timeout_s))
    folder = examine_engine(settings, models_dir)
    if settings.engine == "whisper":
        return _whisper(settings, folder, models_dir, workers, hot_words)
    kind = sherpa_type(settings) if settings.engine == "sherpa-onnx" else ""
    if trial:
        from asr.trial_load import try_loading

        try_loading(settings.engine, folder, kind)
    if settings.engine == "vosk":
        from asr.vosk import Vosk

        return ContinuedClips(Vosk(folder))
    from asr.sherpa import STREAMING, SherpaClips, SherpaStreaming

    if kind in STREAMING:
        return ContinuedClips(SherpaStreaming(folder, kind, threads=settings.threads_per_worker))
    return SherpaClips(folder, kind, threads=settings.threads_per_worker)


def _whisper(
    settings: AsrSettings, folder: Path, models_dir: Path, workers: int, hot_words: "HotWordShelf | None"
) -> "Recogniser":
    from asr.whisper import Whisper

    return Whisper(
        folder,
        workers=workers,
        threads_per_worker=settings.threads_per_worker,
        beam=settings.beam,
        rescorer=load_rescorer(settings, models_dir),
        hot_words=hot_words,
        read_numbers=settings.read_numbers,
        digit_states=load_digit_states(settings, models_dir),
    )


def load_rescorer(settings: AsrSettings, models_dir: Path) -> "Rescorer | None":
    """What chooses among hypotheses; None when it is not wanted, or its language model is not here (with a warning)."""
    if not settings.language_model:
        return None
    from asr.rescoring import rescorer_with

    try:
        return rescorer_with(libime_words(models_dir) / "zh_CN.lm")
    except ModelError as error:
        _LOG.warning("no language model: more characters will be wrong", error=str(error))
        return None


def load_digit_states(settings: AsrSettings, models_dir: Path) -> "DigitStates | None":
    """A further hearing of numbers; None where it is not wanted, of another model, or not fitted (with a warning)."""
    from asr.fitted_states import MODEL, kept_states

    if not settings.read_numbers or chosen_model(settings) != MODEL:
        return None
    try:
        return kept_states(models_dir)
    except ModelError as error:
        _LOG.warning("no states of digits: more numbers will be wrong", error=str(error))
        return None


def examine_engine(settings: AsrSettings, models_dir: Path) -> Path:
    """The model's folder, without loading it; errors as load_engine. A remote engine is asked for a connection."""
    if settings.engine == "remote":
        from asr.remote import Remote

        Remote(settings.remote_url, timeout_s=settings.remote_timeout_s).open(8000).close()
        return Path()
    if settings.engine in _PACKAGE:
        look_for_package(_PACKAGE[settings.engine], settings.engine)
    kind = sherpa_type(settings) if settings.engine == "sherpa-onnx" else ""
    folder = model_folder(chosen_model(settings), models_dir)
    if kind:
        from asr.sherpa import sherpa_files

        sherpa_files(folder, kind)
    elif settings.engine == "vosk":
        from asr.vosk import check_vosk_files

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
        from asr.sherpa import OFFLINE, STREAMING

        raise ConfigError(
            f"what kind of model is {model}?",
            where="[asr] model_type",
            remedy=f"set [asr] model_type to one of {', '.join([*STREAMING, *OFFLINE])}",
        )
    return kind

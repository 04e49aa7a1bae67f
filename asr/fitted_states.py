"""The states of digits as a file of this machine: with a record of what they were fitted from, checked when loaded."""

import hashlib
from pathlib import Path

import msgspec

from asr.digit_fit import FIT
from asr.digit_lines import READ
from asr.digit_states import DigitStates, states_in
from domain.errors import ModelError
from models.manifest import manifest_named
from models.whole_file import write_whole

FOLDER = "digit-states"
MODEL = "whisper-base"
_STATES, _RECORD = "states.bin", "fitted.json"
_REMEDY = "run `hotline models fetch`"


class FittedFrom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """fit, lines: the versions of how they are fitted and of what is read out for it; model: the sha256 of the
    weights whose encoder's frames these are; voices: the engine and version that read."""

    fit: int
    lines: int
    model: str
    voices: str


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fitted_from: FittedFrom
    sha256: str


def fitted_from(voices: str) -> FittedFrom:
    """What is fitted now, with these voices."""
    (weights,) = (file.sha256 for file in manifest_named(MODEL).files if file.file == "model.bin")
    return FittedFrom(fit=FIT, lines=READ, model=weights, voices=voices)


def keep_states(states: DigitStates, source: FittedFrom, models_dir: Path) -> Path:
    """The file, put in its place whole; the record last, so that a cut run leaves none that is believed."""
    folder = models_dir / FOLDER
    content = states.content()
    record = _Record(fitted_from=source, sha256=hashlib.sha256(content).hexdigest())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _STATES, content)
        write_whole(folder / _RECORD, msgspec.json.encode(record))
    except OSError as error:
        raise ModelError(
            f"cannot write the states of digits ({error.strerror})",
            where=str(error.filename or folder),
            remedy="make room or give write permission there, then run `hotline models fetch`",
        ) from error
    return folder / _STATES


def kept_states(models_dir: Path, voices: str | None = None) -> DigitStates:
    """ModelError where they are not here, damaged, or fitted from something else. voices: None for any."""
    folder = models_dir / FOLDER
    try:
        record = msgspec.json.decode((folder / _RECORD).read_bytes(), type=_Record)
        content = (folder / _STATES).read_bytes()
        states = states_in(content)
    except OSError as error:
        raise ModelError("the states of digits are not fitted yet", where=str(folder), remedy=_REMEDY) from error
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
        raise ModelError(f"the states of digits are damaged: {error}", where=str(folder), remedy=_REMEDY) from error
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise ModelError("the states of digits are not those that were fitted", where=str(folder), remedy=_REMEDY)
    if record.fitted_from != fitted_from(record.fitted_from.voices if voices is None else voices):
        raise ModelError("the states of digits are fitted from something else", where=str(folder), remedy=_REMEDY)
    return states

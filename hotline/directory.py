"""The directory of this installation."""

import msgspec

from domain.directory import Directory, EntryKind
from hotline.config import Settings
from telephony.calls.directory_file import SAMPLE, load_directory


def open_directory(settings: Settings) -> Directory:
    """As configured; without a file 110, 119 and 120 only. ConfigError if wrong.

    In the demo without a file: the sample city, in which robots answer for 110, 119 and 120.
    """
    file = settings.telephony.directory_file
    if file is not None:
        return load_directory(file)
    if settings.service.demo:
        return _with_robots(load_directory(SAMPLE), settings.service.demo_emergency_port)
    return Directory()


def has_robots(settings: Settings) -> bool:
    """Whether the directory names the demo's robots."""
    return settings.service.demo and settings.telephony.directory_file is None


def _with_robots(directory: Directory, port: int) -> Directory:
    """The directory with its emergency services replaced by the robots of this machine."""
    entries = (
        msgspec.structs.replace(entry, number=f"sip:{entry.code}@127.0.0.1:{port}")
        if entry.kind is EntryKind.EMERGENCY
        else entry
        for entry in directory.entries
    )
    return Directory(tuple(entries))

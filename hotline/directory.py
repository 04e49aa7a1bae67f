"""The directory of this installation."""

from domain.directory import Directory
from hotline.config import Settings
from telephony.calls.directory_file import SAMPLE, load_directory


def open_directory(settings: Settings) -> Directory:
    """As configured; without a file the sample city in the demo, else 110, 119 and 120 only. ConfigError if wrong."""
    file = settings.telephony.directory_file
    if file is not None:
        return load_directory(file)
    return load_directory(SAMPLE) if settings.service.demo else Directory()

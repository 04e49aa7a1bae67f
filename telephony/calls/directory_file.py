"""Reads the directory (通讯录): a CSV file as a spreadsheet saves it, with the header 类别,名称,号码,短码,检索词.

Strict: what it does not understand is refused at start, with its line and what to do. The file may begin with a byte
order mark; empty lines are skipped.
"""

import csv
import re
from pathlib import Path

from domain.directory import EMERGENCIES, Directory, DirectoryEntry, EntryKind
from domain.errors import ConfigError

SAMPLE = Path(__file__).parent / "directories" / "sample_city.csv"
HEADER = ["类别", "名称", "号码", "短码", "检索词"]
_KINDS = {
    "紧急": EntryKind.EMERGENCY,
    "部门": EntryKind.DEPARTMENT,
    "外市": EntryKind.CITY,
    "省级": EntryKind.PROVINCE,
    "队列": EntryKind.QUEUE,
}
_NUMBER = re.compile(r"\+?[0-9]{2,20}|sips?:[^\s<>\"]{3,128}")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_CODE = re.compile(r"[0-9]{0,6}")


def load_directory(file: Path) -> Directory:
    """ConfigError names file, line and remedy. Without a line for 110, 119 or 120 these are dialled as they are."""
    entries: list[DirectoryEntry] = []
    codes: dict[str, int] = {}
    for line, row in _rows(file):
        entry = _entry(f"{file}:{line}", row)
        if entry.code and entry.code in codes:
            remedy = f"choose another 短码; line {codes[entry.code]} has this one"
            raise ConfigError(f"短码 {entry.code} stands twice", where=f"{file}:{line}", remedy=remedy)
        codes[entry.code] = line
        entries.append(entry)
    there = {entry.code for entry in entries if entry.kind is EntryKind.EMERGENCY}
    missing = tuple(entry for entry in EMERGENCIES if entry.code not in there and entry.code not in codes)
    return Directory((*missing, *entries))


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read it ({error.strerror})", where=str(file), remedy="check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError("it is not UTF-8 text", where=str(file), remedy="save it as CSV UTF-8") from error
    reader = csv.reader(text.splitlines())
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    if not rows or rows[0][1] != HEADER:
        raise ConfigError("the header is another one", where=f"{file}:1", remedy=f"begin with {','.join(HEADER)}")
    return [(line, row) for line, row in rows[1:] if any(row)]


def _entry(where: str, row: list[str]) -> DirectoryEntry:
    if len(row) != len(HEADER):
        raise ConfigError(f"{len(row)} fields instead of {len(HEADER)}", where=where, remedy="count the commas")
    word, name, number, code, words = row
    kind = _KINDS.get(word)
    if kind is None:
        raise ConfigError(f"unknown 类别 '{word}'", where=where, remedy=f"write one of {'、'.join(_KINDS)}")
    if not name:
        raise ConfigError("名称 is empty", where=where, remedy="say how people call it")
    if not (_QUEUE if kind is EntryKind.QUEUE else _NUMBER).fullmatch(number):
        remedy = "write a queue's name" if kind is EntryKind.QUEUE else "write digits only, or a sip: address"
        raise ConfigError(f"号码 '{number}' cannot be dialled", where=where, remedy=remedy)
    if not _CODE.fullmatch(code) or (kind is EntryKind.EMERGENCY and code not in {each.code for each in EMERGENCIES}):
        remedy = "write up to 6 digits; of an emergency 110, 119 or 120"
        raise ConfigError(f"短码 '{code}' is wrong", where=where, remedy=remedy)
    return DirectoryEntry(kind=kind, name=name, number=number, code=code, words=tuple(words.split()))

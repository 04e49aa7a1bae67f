"""docs/rfc_status.md names only what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_row_has_a_state_and_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "rfc_status.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if re.match(r"\| \d{4}", line)]
    assert rows
    for rfc, _, state, where in rows:
        assert re.match(r" (done|partly|not)\b", state), rfc
        for path in re.findall(r"`([\w/]+\.py)`", where):
            assert (ROOT / path).is_file(), f"RFC{rfc}names {path}"

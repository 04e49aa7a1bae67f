"""docs/bus.md says what the types say."""

from pathlib import Path

from hotline.bus_page import bus_page

PAGE = Path(__file__).parents[2] / "docs" / "bus.md"


def test_the_page_is_what_the_types_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == bus_page(), "run: hotline config bus > docs/bus.md"


def test_every_kind_of_event_is_described() -> None:
    page = bus_page()
    for name in ("CallConnected", "UtteranceFinal", "DraftUpdated", "RingAgent", "AudioChunk", "Inspection"):
        assert f"## {name}\n" in page

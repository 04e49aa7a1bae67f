"""The section of hotline.toml that belongs to this room."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class AssistSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    knowledge_dir: Path | None = None
    """Folder of the city's articles (.yaml, .csv); empty: the sample base of the invented city 云江市."""

    rules_dir: Path | None = None
    """Folder with categories.yaml, dispatch.yaml, appeal_type.yaml, urgency.yaml; empty: the ones that come with it."""

    gazetteer: Path | None = None
    """The city's places (.yaml or .csv); empty: those of the sample city."""

    hot_words: Path | None = None
    """Further words that the listeners shall know (streets, estates, policies): a text file, one word a line, behind it
    a weight if need be (1 as most, up to 3; 0: never). The gazetteer's and the knowledge base's are known already."""

    suggestions: int = Field(3, ge=1, le=3)
    """How many articles are suggested at most."""

    forget_after_s: float = Field(900.0, gt=0)
    """A call of which nothing was heard for so long is put out of memory (its words stay in the log)."""

    most_calls: int = Field(2000, ge=1)
    """So many calls at most are held in memory; the one that was silent longest goes first."""

"""Who handles the matter, from the dispatch catalogue (派单目录)."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from agent_assist.category import ChosenCategory
from agent_assist.location import Location
from agent_assist.row import read_rows
from domain.errors import KnowledgeError
from domain.ticket import DraftField, FieldName


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A department. district_unit: its name in a district, with '{district}' replaced; "" when only the city acts."""

    id: str
    city_unit: str
    district_unit: str = ""


class DispatchCatalogue:
    def __init__(self, units: dict[str, Unit]) -> None:
        self._units = units

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(self._units.values())

    def require(self, ids: Iterable[str], where: str) -> None:
        """KnowledgeError when a unit that the categories name is not in the catalogue."""
        missing = sorted(set(ids) - self._units.keys())
        if missing:
            raise KnowledgeError(
                f"no unit {', '.join(missing)}", where=where, remedy="add it to the catalogue, or mend the category"
            )

    def choose(self, chosen: ChosenCategory, location: Location | None) -> DraftField:
        """The department for the matter, in the district where that is known."""
        unit = self._units[chosen.category.unit]
        evidence = chosen.evidence
        value = unit.city_unit
        if unit.district_unit and location is not None and location.district:
            value = unit.district_unit.format(district=location.district)
            evidence = (*evidence, *location.evidence[:2])
        return DraftField(
            name=FieldName.DEPARTMENT, value=value, confidence=round(chosen.confidence * 0.95, 2), evidence=evidence
        )


def load_dispatch(file: Path) -> DispatchCatalogue:
    """The catalogue of a YAML or CSV file; KnowledgeError names the line of a wrong or double entry."""
    units: dict[str, Unit] = {}
    for row in read_rows(file):
        unit = row.read_as(Unit)
        if unit.id in units:
            raise KnowledgeError(f"unit '{unit.id}' stands twice", where=row.where, remedy="remove one of them")
        if unit.district_unit.replace("{district}", "").count("{"):
            raise KnowledgeError(
                "'district_unit' holds another placeholder than {district}", where=row.where, remedy="mend the name"
            )
        units[unit.id] = unit
    return DispatchCatalogue(units)

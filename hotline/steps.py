"""The steps of a proof: each is printed with its time, and a missing one makes the whole fail."""

import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console


@dataclass(frozen=True)
class Step:
    """name; ok; at_s since the beginning; detail in words; facts for --json."""

    name: str
    ok: bool
    at_s: float
    detail: str
    facts: dict[str, Any]


@dataclass
class Steps:
    """Collects and prints. quiet: nothing is printed (the JSON says it all)."""

    console: Console
    quiet: bool = False
    began: float = field(default_factory=time.monotonic)
    done: list[Step] = field(default_factory=list)

    def check(self, name: str, ok: bool, detail: str = "", **facts: Any) -> bool:
        """Note one step; whether it held."""
        step = Step(name, bool(ok), round(time.monotonic() - self.began, 3), detail, facts)
        self.done.append(step)
        if not self.quiet:
            mark = "[green]✓[/]" if step.ok else "[bold red]✗[/]"
            self.console.print(f"{step.at_s:7.2f} s  {mark}  {name:<28} {detail}", highlight=False, soft_wrap=True)
        return step.ok

    @property
    def missing(self) -> list[str]:
        return [step.name for step in self.done if not step.ok]

    def facts(self) -> list[dict[str, Any]]:
        """For --json."""
        return [
            {"step": step.name, "ok": step.ok, "at_s": step.at_s, "detail": step.detail, **step.facts}
            for step in self.done
        ]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie, nearest rank; 0.0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

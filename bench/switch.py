"""`python -m bench.switch`: the switch under load, its media plane, keys, and what is left of calls.

sip: the switch process, called from others (`whole_switch`). media: its media plane alone (`measured_plane`). keys: ten
thousand over a line that loses packets (`lossy_keys`). link: the jitter buffer's delay and gaps (`jittery_link`). soak:
calls that end at random moments (`soak`).
"""

import argparse
import asyncio

from bench.figure import Figure, report
from bench.jittery_link import link_figures
from bench.lossy_keys import key_figures
from bench.measured_plane import media_figures
from bench.soak import soak_figures
from bench.whole_switch import whole_switch_figures

_PARTS = ("sip", "media", "keys", "link", "soak")


async def _figures(parts: list[str], calls: int, seconds: float, soak_calls: int, soak_rate_hz: float) -> list[Figure]:
    figures: list[Figure] = []
    if "sip" in parts:
        figures += await whole_switch_figures(calls, seconds)
    if "soak" in parts:
        figures += await soak_figures(soak_calls, soak_rate_hz)
    if "keys" in parts:
        figures += key_figures()
    if "link" in parts:
        figures += link_figures()
    if "media" in parts:
        figures += await media_figures(calls, seconds)
    return figures


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=150, help="bridged and recorded, two legs each")
    arguments.add_argument("--seconds", type=float, default=20.0, help="for each subject")
    arguments.add_argument("--soak-calls", type=int, default=10_000)
    arguments.add_argument("--soak-rate", type=float, default=40.0, help="of these calls a second")
    arguments.add_argument("--part", choices=_PARTS, action="append", help="again for more; all of them without")
    given = arguments.parse_args()
    print(f"{given.calls} bridged and recorded calls, {2 * given.calls} legs, {given.seconds:g} s for each subject")
    parts, soak = given.part or list(_PARTS), (given.soak_calls, given.soak_rate)
    return report(asyncio.run(_figures(parts, given.calls, given.seconds, *soak)))


if __name__ == "__main__":
    raise SystemExit(main())

"""What this machine has and lacks for the service."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import psutil

from asr.engine import chosen_model, examine_engine
from asr.fitted_states import FOLDER as DIGIT_STATES
from asr.fitted_states import kept_states
from asr.processor import adds_signed_bytes_exactly, processor_flags
from domain.errors import HotlineError
from hotline.config import Settings
from hotline.prompts import models_dir, open_flow, open_prompt_cache
from hotline.running import find_service
from hotline.sip_accounts import load_accounts
from hotline.start_checks import PORT_REMEDY, WantedPort, wanted_ports
from models.deb_package import all_deb_manifests, verify_deb
from models.manifest import all_manifests
from models.npm_package import all_npm_manifests, verify_packed
from models.package_parts import verify_model
from recordings.data_dir import check_data_dir

LEAST_CORES = 2
LEAST_MEMORY_GB = 4


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. remedy: empty when it is well."""

    ok: bool
    what: str
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which an operator would mend it."""
    return list(_machine()) + list(_files(settings)) + list(_ports(settings))


def _machine() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0))
    yield Finding(cores >= LEAST_CORES, "processor cores", str(cores), "" if cores >= LEAST_CORES else "give it two")
    fast = adds_signed_bytes_exactly(processor_flags())
    speed = "fast products of bytes" if fast else "no VNNI: recognition is several times slower, fewer sides live"
    yield Finding(True, "processor for recognition", speed)
    memory_gb = psutil.virtual_memory().total / 1e9
    enough = memory_gb >= LEAST_MEMORY_GB
    yield Finding(enough, "memory", f"{memory_gb:.0f} GB", "" if enough else f"give it {LEAST_MEMORY_GB} GB")
    year = time.gmtime().tm_year
    yield Finding(year >= 2026, "clock", time.strftime("%Y-%m-%d %H:%M:%S %Z"), "" if year >= 2026 else "set the clock")


def _files(settings: Settings) -> Iterator[Finding]:
    data_dir, folder = settings.service.data_dir, models_dir(settings.service.data_dir)
    yield _try("data directory", str(data_dir), lambda: check_data_dir(data_dir, settings.recordings.minimum_free_mb))
    for manifest in all_manifests():
        yield _try(f"model {manifest.name}", "whole", partial(verify_model, manifest, folder))
    for packed in all_npm_manifests():
        yield _try(f"model {packed.name}", "whole", partial(verify_packed, packed, folder))
    for better in all_deb_manifests():
        yield _try(f"model {better.name}", "whole", partial(verify_deb, better, folder))
    yield _try(f"model {DIGIT_STATES}", "fitted", partial(kept_states, folder))
    chosen = settings.asr
    named = " ".join(part for part in (chosen.engine, chosen_model(chosen) or chosen.remote_url) if part)
    yield _try("recognition engine", named, partial(examine_engine, chosen, folder))
    yield _try("IVR flow", str(settings.ivr_flows.file or "built-in"), lambda: open_flow(settings))
    missing = len(open_prompt_cache(settings).missing(open_flow(settings).prompts()))
    yield Finding(not missing, "prompts", f"{missing} not rendered", "hotline prompts render" if missing else "")
    yield _try("sip.conf", str(settings.service.sip_conf), lambda: load_accounts(settings))
    pages = settings.desk.pages_dir / "index.html"
    yield Finding(pages.exists(), "web pages", str(pages.parent), "" if pages.exists() else "make setup")


def _ports(settings: Settings) -> Iterator[Finding]:
    if find_service(settings.service.data_dir) is not None:
        yield Finding(True, "ports", "in use by the service that is up")
        return
    nats = WantedPort("NATS", "bus.port", socket.SOCK_STREAM, settings.bus.host, settings.bus.port)
    for wanted in (*wanted_ports(settings), nats):
        obstacle = wanted.obstacle()
        found = f"{wanted.place} {obstacle or 'free'}"
        yield Finding(not obstacle, f"{wanted.name} port", found, PORT_REMEDY if obstacle else "")


def _try(what: str, found: str, look: Callable[[], object]) -> Finding:
    try:
        look()
    except HotlineError as error:
        return Finding(False, what, error.what, error.remedy)
    return Finding(True, what, found)

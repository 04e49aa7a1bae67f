"""One service for the whole session, and services of their own for tests that break something."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.config import load_settings
from hotline.demo_script import SpokenTurn, load_demo_script, spoken_turns
from hotline.prompts import synthesiser_opener
from tests.e2e.floor import Floor, open_floor
from tests.e2e.service import REPO, Service

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def ready_data() -> Path:
    """The repository's data directory with models, prompts and the demo's speech; made when they are not there."""
    environment = os.environ | {"HOTLINE_SERVICE__DEMO": "true", "HOTLINE_SERVICE__DATA_DIR": str(REPO / "var")}
    commands = {"models": ["models", "fetch"], "demo_speech": ["prompts", "render"]}
    for folder, command in commands.items():
        if not any((REPO / "var" / folder).glob("*")):
            subprocess.run([sys.executable, "-m", "hotline", *command], env=environment, cwd=REPO, check=True)
    return REPO / "var"


@pytest.fixture(scope="session")
def turns(ready_data: Path) -> tuple[SpokenTurn, ...]:
    """The demo's conversation with its sound."""
    settings = load_settings(None, {"HOTLINE_SERVICE__DATA_DIR": str(ready_data)})
    return spoken_turns(load_demo_script(), settings, synthesiser_opener(settings))


@pytest.fixture(scope="session")
def service(ready_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Started once; tests leave it as they found it. A call rings 5 s at an agent before it goes on."""
    service = Service(tmp_path_factory.mktemp("service"), QUEUE__RING_TIMEOUT_S="5")
    service.start()
    yield service
    service.stop()


@pytest.fixture
def own_service(ready_data: Path, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Makes a service of the test's own, not yet started."""
    made: list[Service] = []

    def make(**more: Any) -> Service:
        made.append(Service(tmp_path, **more))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
async def floor(service: Service) -> AsyncIterator[Floor]:
    """Telephones and desks at the session's service; afterwards nobody is signed in and no call is up."""
    async with open_floor(service) as floor:
        yield floor


def peer(program: str, package: str) -> str:
    """The path of a real peer; the test is skipped where it is not installed."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed (Debian: {package})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path

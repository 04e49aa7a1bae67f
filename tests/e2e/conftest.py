"""One service for the whole session, and services of their own for tests that break something."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.config import load_settings
from hotline.demo_script import SpokenTurn, load_demo_script, spoken_turns
from hotline.prompts import synthesiser_opener
from tests.e2e.demo_speech import DemoSpeech
from tests.e2e.floor import Floor, open_floor
from tests.e2e.service import Service

HERE = Path(__file__).parent
_SPEECH = pytest.StashKey[DemoSpeech]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Minutes of synthesis go on beside the tests that come before ours, at low priority."""
    if any(HERE in item.path.parents for item in session.items) and not session.config.option.collectonly:
        session.config.stash[_SPEECH] = DemoSpeech()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if speech := session.config.stash.get(_SPEECH, None):
        speech.give_up()


@pytest.fixture(scope="session")
def ready_data(request: pytest.FixtureRequest) -> Path:
    """The repository's data directory with models, prompts and the demo's speech."""
    return request.config.stash[_SPEECH].wait()


@pytest.fixture(scope="session")
def turns(ready_data: Path) -> tuple[SpokenTurn, ...]:
    """The demo's conversation with its sound."""
    settings = load_settings(None, {"HOTLINE_SERVICE__DATA_DIR": str(ready_data)})
    return spoken_turns(load_demo_script(), settings, synthesiser_opener(settings))


@pytest.fixture(scope="session")
def service(ready_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Started once; tests leave it as they found it. A call rings 5 s at an agent before it goes on; whoever waits may
    ask at once to be called back. Numbers outside are dialled by a trunk, whose other end are the floor's telephones.
    """
    rules = {"QUEUE__RING_TIMEOUT_S": "5", "QUEUE__CALLBACK_AFTER_S": "0", "QUEUE__CALLBACK_HOURS": "00:00-24:00"}
    service = Service(tmp_path_factory.mktemp("service"), **rules, TELEPHONY__READ_LOCATION="true")
    service.add_trunk()
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

"""For all tests: those that load Kaldi's library (vosk) run in a process of their own, and no property has a deadline.

libvosk, kaldifst (under wetext) and sherpa-onnx each carry OpenFst and find each other's symbols: loaded together they
end the process with "free(): invalid pointer", or hang at its end. No process of the service loads two of them.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as hotline/__init__.py
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")
"""How long an example takes says what else runs on the machine, not whether the property holds."""


@pytest.hookimpl(trylast=True)  # after -m and -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a mixed run the vosk tests are left out: `make test` runs them afterwards (`pytest -m vosk`)."""
    alone = [item for item in items if item.get_closest_marker("vosk")]
    if alone and len(alone) < len(items):
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]
    if hasattr(config, "workerinput"):  # one of several processes
        from tests.division import dearest_first

        dearest_first(items)


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is installed
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Of `pytest -n 2`."""
    from tests.division import WholeFiles

    return WholeFiles(config, log)


@pytest.fixture(autouse=True)
def _only_marked_tests_load_vosk(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test that loads it unmarked, here rather than with an abort somewhere later."""
    before = sys.modules.get("vosk")
    yield
    if before is None and sys.modules.get("vosk") is not None and not request.node.get_closest_marker("vosk"):
        pytest.fail("this test loads vosk: mark it with @pytest.mark.vosk")

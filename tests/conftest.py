"""For all tests: how the run ends."""

import os
import sys

import pytest

_status: list[int] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """End with the run's own status, past the interpreter's teardown.

    One run loads every engine there is (CTranslate2, Kaldi, sherpa-onnx's and our onnxruntime, KenLM), which no process
    of the service does. All their destructors together once ended a run whose tests had passed with "free(): invalid
    pointer". Each of them alone ends well; roles are ended as processes by tests/e2e.
    """
    if _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])

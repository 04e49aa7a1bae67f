"""The pages' own unit tests (vitest), run as a part of ours."""

import os

import pytest

from hotline.web_build import WEB, npm

pytestmark = pytest.mark.slow


def test_the_units_of_the_pages():
    if not (WEB / "node_modules").is_dir():
        missing = "no web/node_modules (python -m hotline.web_build --force)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    npm(WEB, "run", "test", timeout_s=120)

"""No personal value leaves the process in the clear."""

import json

import pytest
import structlog

from hotline.logs import configure_logs


def test_personal_fields_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        logger = configure_logs("switch-1", form="json", level="info")
        logger.info("call arrived", pii_caller="13812345678", pii_words="我叫王小明，电话13812345678", call_id="c1")
        line = json.loads(capsys.readouterr().err.splitlines()[-1])
    finally:
        structlog.reset_defaults()
    assert line["pii_caller"] == "138****5678"
    assert "13812345678" not in line["pii_words"]
    assert (line["event"], line["role"], line["call_id"]) == ("call arrived", "switch-1", "c1")

"""`hotline users`."""

import pytest
from typer.testing import CliRunner

from domain.errors import RefusedError
from hotline.user_commands import users_app

PASSWORD = "a long password"
TWICE = f"{PASSWORD}\n{PASSWORD}\n"


@pytest.fixture
def hotline(tmp_path, monkeypatch):
    """Runs a command; raises what it raises."""
    monkeypatch.setenv("HOTLINE_SERVICE__DATA_DIR", str(tmp_path))
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)

    def run(*words: str, typed: str = "") -> str:
        result = CliRunner().invoke(users_app, list(words), input=typed)
        if result.exception is not None:
            raise result.exception
        return result.output

    return run


def test_add_list_change_and_disable(hotline):
    assert "added anna (admin)" in hotline("add", "Anna", "--role", "admin", typed=TWICE)
    hotline("add", "bo", "--extension", "8001", "--name", "林", typed=TWICE)
    shown = hotline("list")
    assert "anna" in shown
    assert "8001" in shown
    assert PASSWORD not in shown
    assert "changed" in hotline("set-password", "ANNA", typed=TWICE)
    hotline("disable", "bo")
    assert "disabled" in hotline("list")


def test_a_short_password_is_refused(hotline):
    with pytest.raises(RefusedError, match="at least 10"):
        hotline("add", "anna", typed="short\nshort\n")


def test_a_name_that_is_taken_or_unknown_is_refused(hotline):
    hotline("add", "anna", typed=TWICE)
    with pytest.raises(RefusedError, match="taken"):
        hotline("add", "ANNA", typed=TWICE)
    with pytest.raises(RefusedError, match="no user 'bo'"):
        hotline("disable", "bo")


def test_skills_are_set_shown_and_taken_away(hotline):
    hotline("add", "bo", "--extension", "8001", typed=TWICE)
    assert hotline("skills", "bo") == "bo: no skills\n"
    assert hotline("skills", "bo", "公积金=3", "医保", "--auto-answer") == "bo: 公积金=3 医保=1, answers by itself\n"
    assert hotline("skills", "bo", "医保=0") == "bo: 公积金=3, answers by itself\n"
    assert "公积金=3" in hotline("list")
    for wrong in ("公积金=12", "公积金=x", "=2"):
        with pytest.raises(RefusedError, match="is no skill"):
            hotline("skills", "bo", wrong)
    hotline("add", "anna", "--role", "admin", typed=TWICE)
    with pytest.raises(RefusedError, match="takes no calls"):
        hotline("skills", "anna", "公积金=1")

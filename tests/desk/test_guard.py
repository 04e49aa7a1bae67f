"""What stands before every route: sizes, headers, errors in one form, pages."""

import pytest

from desk.settings import DeskSettings

MEBIBYTE = b"x" * 1024 * 1024


async def test_a_huge_body_is_refused_announced_or_not(house):
    async def unannounced():
        for _ in range(4):
            yield MEBIBYTE

    client = await house.signed_in("8001")
    for content in (MEBIBYTE, unannounced()):
        answer = await client.post("/api/agent/command", content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    odd = await client.post("/api/agent/command", content=b"{}", headers={"Content-Length": "many"})
    assert odd.status_code == 413


@pytest.mark.parametrize("path", ["/", "/api/session", "/api/nothing", "/healthz", "/metrics", "/desk"])
async def test_security_headers_are_on_every_answer(house, path):
    headers = (await house.client().get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/api/nothing", b"", 404, "not_found"),
        ("PUT", "/api/session", b"", 405, "method_not_allowed"),
        ("POST", "/api/session", b"{", 422, "invalid"),
        ("POST", "/api/session", b"[]", 422, "invalid"),
        ("POST", "/api/session", b"[" * 30_000, 400, "invalid"),
        ("POST", "/api/session", b"\xff\xfe", 422, "invalid"),
        ("POST", "/api/session", b'{"\\ud800": 1}', 422, "invalid"),
        ("POST", "/api/session", b'{"username": "a\\u0000", "password": "b"}', 422, "invalid"),
        ("POST", "/api/session", b'{"username": "a"}', 422, "invalid"),
        ("POST", "/api/session", b'{"username": "a", "password": "b", "x": 1}', 422, "invalid"),
    ],
)
async def test_every_error_has_the_documented_form(house, method, path, content, status, code):
    headers = {"Content-Type": "application/json"}
    answer = await house.client().request(method, path, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]) >= {"code", "message", "remedy"}


async def test_a_database_that_is_away_is_said_in_the_same_form(house):
    client = await house.signed_in("8001")
    async with house.database.write() as tx:
        await tx.exec_driver_sql("DROP TABLE sessions")
    answer = await client.get("/api/desk")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage")
    assert (await client.get("/healthz")).status_code == 503


async def test_the_description_of_the_api_is_for_admins_only(house):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert "paths" not in (await house.client().get(path)).text
    assert (await house.client().get("/api/openapi.json")).status_code == 401
    assert (await (await house.signed_in("8001")).get("/api/openapi.json")).status_code == 403
    assert "/api/desk" in (await (await house.signed_in("admin")).get("/api/openapi.json")).json()["paths"]


async def test_the_pages_are_served_and_nothing_beside_them(opened, tmp_path):
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>the page</p>")
    (static / "favicon.svg").write_text("<svg/>")
    (static / "assets" / "app-1.js").write_text("run()")
    (tmp_path / "secret.txt").write_text("secret")
    async with opened(settings=DeskSettings(static_dir=static)) as house:
        client = house.client()
        for path in ("/", "/desk", "/floor", "/quality/call1"):
            assert (await client.get(path)).text == "<p>the page</p>"
        assert (await client.get("/assets/app-1.js")).text == "run()"
        assert (await client.get("/favicon.svg")).text == "<svg/>"
        assert (await client.get("/assets/missing.js")).status_code == 404
        for path in (
            "/%2e%2e/secret.txt",
            "/assets/%2e%2e/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/assets/..%2f..%2fsecret.txt",
        ):
            assert "secret" not in (await client.get(path)).text


async def test_pages_that_are_not_built_say_what_to_run(house):
    answer = await house.client().get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


async def test_metrics_show_the_numbers_without_login(house, story):
    await house.happen(*story.events)
    text = (await house.client().get("/metrics")).text
    assert "hotline_service_level_answered_calls 1.0" in text
    assert 'hotline_service_level_within_15s_ratio{clock="ring"} 1.0' in text
    assert "hotline_desk_requests_total" in text
    assert "13812345678" not in text

"""Signing in and out, and those who try without a password."""

from desk.settings import DeskSettings

CREDENTIALS = {"username": "8001", "password": "correct horse battery"}


async def test_sign_in_gives_a_cookie_that_scripts_cannot_read(house):
    client = house.client()
    answer = await client.post("/api/session", json=CREDENTIALS)
    assert answer.status_code == 200
    user = answer.json()["user"]
    assert (user["username"], user["role"], user["agent_id"], user["extension"]) == ("8001", "agent", "8001", "8001")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await client.get("/api/session")).json() == answer.json()


async def test_https_makes_the_cookie_secure(opened):
    async with opened(settings=DeskSettings(secure_cookie=True)) as house:
        answer = await house.client().post("/api/session", json=CREDENTIALS)
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_without_a_session_nothing_is_shown(house):
    client = house.client()
    for path in ("/api/session", "/api/desk", "/api/calls", "/api/calls/x", "/api/calls/x/recording", "/api/numbers"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in"), path


async def test_sign_out_ends_the_session_and_not_only_the_cookie(house):
    client = await house.signed_in("8001")
    token = client.cookies["hotline_session"]
    assert (await client.delete("/api/session")).status_code == 204
    stolen = await house.client().get("/api/session", headers={"Cookie": f"hotline_session={token}"})
    assert stolen.status_code == 401


async def test_a_session_lives_by_being_used(house):
    client = await house.signed_in("8001")
    for _ in range(3):
        house.clock.now_ms += 11 * 3600 * 1000
        assert (await client.get("/api/session")).status_code == 200
    house.clock.now_ms += 12 * 3600 * 1000 + 1
    assert (await client.get("/api/session")).status_code == 401


async def test_a_hundred_wrong_passwords_are_slowed_down_and_then_the_right_one_too(house):
    client = house.client()
    wrong = CREDENTIALS | {"password": "guess"}
    statuses = [(await client.post("/api/session", json=wrong)).status_code for _ in range(100)]
    assert statuses == [401] * 5 + [429] * 95
    limited = await client.post("/api/session", json=CREDENTIALS)
    assert limited.status_code == 429
    assert limited.headers["retry-after"] == "1"
    house.clock.now_ms += 1000
    assert (await client.post("/api/session", json=wrong)).status_code == 401
    assert (await client.post("/api/session", json=wrong)).headers["retry-after"] == "2"
    house.clock.now_ms += 2000
    assert (await client.post("/api/session", json=CREDENTIALS)).status_code == 200
    assert (await house.audited()).count("sign_in_refused") == 6


async def test_an_unknown_user_gets_the_same_answer(house):
    client = house.client()
    unknown = await client.post("/api/session", json={"username": "nobody", "password": "x"})
    wrong = await client.post("/api/session", json=CREDENTIALS | {"password": "x"})
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json() == wrong.json()


async def test_without_an_admin_nobody_comes_in_and_the_page_says_what_to_run(opened):
    async with opened(people=False) as house:
        client = house.client()
        for answer in (await client.get("/api/session"), await client.post("/api/session", json=CREDENTIALS)):
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "no_users"
            assert "hotline users add admin --role admin" in answer.json()["error"]["remedy"]


async def test_what_another_site_sends_is_refused(house):
    client = await house.signed_in("8001")
    foreign = {"Origin": "https://evil.example"}
    assert (await client.post("/api/session", json=CREDENTIALS, headers=foreign)).status_code == 403
    assert (await client.delete("/api/session", headers=foreign)).status_code == 403
    assert (await client.delete("/api/session", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await client.delete("/api/session", headers={"Origin": "http://desk.test"})).status_code == 204

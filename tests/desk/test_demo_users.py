"""The demo's users: passwords of chance, kept for their owner only, the same ones at each start."""

import stat

import pytest

from desk.demo_users import CREDENTIALS_FILE, ensure_demo_users
from desk.password import PasswordCheck
from domain.errors import StorageError
from storage import users


async def test_the_same_users_with_the_same_passwords_at_each_start(opened, tmp_path):
    async with opened(people=False) as house:
        first = await ensure_demo_users(house.database, tmp_path)
        assert await ensure_demo_users(house.database, tmp_path) == first
        assert [role for _, _, role in first] == ["agent"] * 4 + ["leader", "qa", "admin"]
        assert len({password for _, password, _ in first}) == 7
        file = tmp_path / CREDENTIALS_FILE
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        client = house.client()
        for username, password, _ in (first[0], first[-1]):
            answer = await client.post("/api/session", json={"username": username, "password": password})
            assert answer.status_code == 200


async def test_lost_passwords_are_made_anew(opened, tmp_path):
    async with opened(people=False) as house:
        first = await ensure_demo_users(house.database, tmp_path)
        (tmp_path / CREDENTIALS_FILE).unlink()
        second = await ensure_demo_users(house.database, tmp_path)
        assert not {password for _, password, _ in first} & {password for _, password, _ in second}
        async with house.database.read() as tx:
            credential = await users.credential(tx, "8001")
        assert await PasswordCheck().verify(credential.password_hash, second[0][1])


async def test_a_broken_file_says_what_to_do(opened, tmp_path):
    async with opened(people=False) as house:
        (tmp_path / CREDENTIALS_FILE).write_text("{")
        with pytest.raises(StorageError, match="delete the file"):
            await ensure_demo_users(house.database, tmp_path)

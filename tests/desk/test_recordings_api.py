"""Playing a recording: ranges, paths, the audit trail."""

import msgspec
import numpy as np
import pytest

from desk.recordings_api import parse_range
from recordings.wav import Encoding, write_wav

URL = "/api/calls/call1/recording"


@pytest.fixture
async def agent(house, story):
    house.recordings_dir.mkdir()
    sound = np.arange(-8000, 8000, dtype=np.int16).reshape(-1, 2)
    write_wav(house.recordings_dir / "call1.wav", sound, 8000, Encoding.ALAW)
    await house.happen(*story.events)
    return await house.signed_in("8001")


async def test_the_whole_recording_is_a_pcm_wav(agent):
    whole = await agent.get(URL)
    assert whole.status_code == 200
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.content[:4] == b"RIFF"
    assert len(whole.content) == int(whole.headers["content-length"]) == 44 + 16000 * 2


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-", slice(0, None)),
        ("bytes=0-1", slice(0, 2)),
        ("bytes=43-50", slice(43, 51)),
        ("bytes=1001-2002", slice(1001, 2003)),
        ("bytes=32000-99999", slice(32000, None)),
        ("bytes=-7", slice(-7, None)),
    ],
)
async def test_a_range_is_that_part_of_the_whole(agent, wanted, part):
    whole = (await agent.get(URL)).content
    answer = await agent.get(URL, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")


async def test_a_range_beyond_the_end_is_refused(agent):
    answer = await agent.get(URL, headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{44 + 32000}"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-200", (90, 99)),
        ("bytes=-200", (0, 99)),
        ("bytes=-0", None),
        ("bytes=100-", None),
        ("bytes=20-10", None),
        ("bytes=-", (0, 99)),
        ("bytes=0-1,5-6", (0, 99)),
        ("lines=0-1", (0, 99)),
    ],
)
def test_ranges(header, expected):
    assert parse_range(header, 100) == expected


async def test_one_listening_is_written_down_once_however_many_pieces_it_takes(agent, house):
    for first in (1000, 2000, 3000):
        await agent.get(URL, headers={"Range": f"bytes={first}-"})
    assert (await house.audited()).count("play_recording") == 1
    house.clock.now_ms += 10 * 60 * 1000
    await agent.get(URL)
    assert (await house.audited()).count("play_recording") == 2


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/passwd", "link.wav", "missing.wav", "rubbish.wav"])
async def test_a_path_leads_nowhere_but_to_a_recording(house, story, path):
    house.recordings_dir.mkdir()
    sound = np.zeros((800, 2), dtype=np.int16)
    write_wav(house.recordings_dir.parent / "secret.wav", sound, 8000)
    (house.recordings_dir / "link.wav").symlink_to(house.recordings_dir.parent / "secret.wav")
    (house.recordings_dir / "rubbish.wav").write_bytes(b"rubbish")
    await house.happen(*story.events[:-1], msgspec.structs.replace(story.events[-1], path=path))
    answer = await (await house.signed_in("8001")).get(URL)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_recording")


async def test_a_call_that_goes_on_has_none(house, story):
    await house.happen(*story.talking)
    assert (await (await house.signed_in("8001")).get(URL)).json()["error"]["code"] == "no_recording"

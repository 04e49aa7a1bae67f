"""Second transcripts stand beside the live words, by version; what is done stays as it is, on both servers."""

from domain.transcript import TranscriptReached, TranscriptState, TranscriptWords
from storage import second_transcripts, transcript
from tests.storage.test_records import NOW, utterance


def reached(state: TranscriptState, version: str = "v1", at_ms: int = NOW) -> TranscriptReached:
    return TranscriptReached(call_id="c1", version=version, state=state, at_ms=at_ms)


def words(text: str, version: str = "v1") -> TranscriptWords:
    return TranscriptWords(call_id="c1", version=version, utterances=(utterance(1, text=text), utterance(0)))


async def test_it_is_shown_when_it_is_whole_and_written_once(database):
    async with database.write() as tx:
        await transcript.add(tx, utterance(0, text="泥好"))
        assert await second_transcripts.newest(tx, "c1") is None
        assert await second_transcripts.save(tx, reached(TranscriptState.UNDER_WAY))
        for _ in range(2):
            await second_transcripts.add_words(tx, words("停水了"))
        assert (await second_transcripts.newest(tx, "c1")).utterances == ()
        assert await second_transcripts.save(tx, reached(TranscriptState.DONE, at_ms=NOW + 1))
        assert not await second_transcripts.save(tx, reached(TranscriptState.UNDER_WAY, at_ms=NOW + 2))
        await second_transcripts.add_words(tx, words("别的话"))
    async with database.read() as tx:
        second = await second_transcripts.newest(tx, "c1")
        assert [each.text for each in second.utterances] == ["你好。", "停水了"]
        assert [each.text for each in await transcript.of_call(tx, "c1")] == ["泥好"]


async def test_a_new_version_is_shown_once_it_is_done_and_the_old_one_stays(database):
    async with database.write() as tx:
        await second_transcripts.add_words(tx, words("旧"))
        await second_transcripts.save(tx, reached(TranscriptState.DONE))
        await second_transcripts.add_words(tx, words("新", "v2"))
        await second_transcripts.save(tx, reached(TranscriptState.UNDER_WAY, "v2", NOW + 1))
        assert (await second_transcripts.newest(tx, "c1")).reached.version == "v1"
        await second_transcripts.save(tx, reached(TranscriptState.DONE, "v2", NOW + 2))
        second = await second_transcripts.newest(tx, "c1")
    assert (second.reached.version, second.utterances[1].text) == ("v2", "新")


async def test_a_recording_that_cannot_be_read_is_a_state(database):
    async with database.write() as tx:
        await second_transcripts.save(tx, reached(TranscriptState.UNREADABLE))
        second = await second_transcripts.newest(tx, "c1")
    assert (second.reached.state, second.utterances) == (TranscriptState.UNREADABLE, ())

"""What the caller hears until a person answers: prompts over music."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from domain.call import PromptEnding, PromptPlayed
from telephony.calls.journal import CallJournal
from telephony.ports import MediaLeg, PromptStore

logger = structlog.get_logger()
MUSIC = 0
"""The media leg's token of the music; prompts count from 1."""


@dataclass(frozen=True)
class _Prompt:
    token: int
    text: str
    started_at_ms: int
    play: int


class Prompter:
    """Plays one prompt at a time; music fills the time between prompts while it is on."""

    def __init__(
        self,
        media: MediaLeg,
        prompts: PromptStore,
        music: bytes,
        journal: CallJournal,
        now_ms: Callable[[], int],
        ended: Callable[[int], None],
        plays: Callable[[bytes, bool], None],
    ) -> None:
        """plays: told whenever another sound begins (b"": none), and whether it goes round."""
        self._media = media
        self._prompts = prompts
        self._music = music
        self._journal = journal
        self._now_ms = now_ms
        self._ended = ended
        self._tell_plays = plays
        self._plays = MUSIC
        self._prompt: _Prompt | None = None
        self._music_on = False

    def say(self, text: str, token: int) -> None:
        """Play the prompt; the one before is stopped."""
        self.stop(PromptEnding.STOPPED)
        sound = self._prompts.alaw(text)
        if sound is None:
            logger.warning("prompt is not rendered yet", prompt=text, remedy="hotline prompts render")
            asyncio.get_running_loop().call_soon(self._ended, token)
            return
        self._plays += 1
        self._prompt = _Prompt(token, text, self._now_ms(), self._plays)
        self._play(sound, self._plays, loop=False)

    def stop(self, ending: PromptEnding) -> None:
        """Break the prompt off, if one is played; music goes on if it is on."""
        if self._prompt is None:
            return
        self._note(self._prompt, ending)
        self._prompt = None
        self._fill()

    def music(self, on: bool) -> None:
        self._music_on = on
        if self._prompt is None:
            self._fill()

    def played(self, play: int) -> None:
        """The media leg sent the sound `play` to its end."""
        prompt = self._prompt
        if prompt is None or prompt.play != play:
            return
        self._note(prompt, PromptEnding.PLAYED)
        self._prompt = None
        self._fill()
        self._ended(prompt.token)

    def _fill(self) -> None:
        self._play(self._music if self._music_on else b"", MUSIC, loop=True)

    def _play(self, alaw: bytes, token: int, *, loop: bool) -> None:
        self._tell_plays(alaw, loop)
        self._media.play(alaw, token=token, loop=loop)

    def _note(self, prompt: _Prompt, ending: PromptEnding) -> None:
        self._journal.write(
            partial(PromptPlayed, prompt=prompt.text, started_at_ms=prompt.started_at_ms, ending=ending)
        )

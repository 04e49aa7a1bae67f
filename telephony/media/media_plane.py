"""The media plane: one thread, one 20 ms tick, all legs (`ports.MediaPlane`).

In each tick: the commands that the asyncio side left, then every socket drained, then every leg hears its next frame,
then what is heard together is mixed, then every leg says one frame; what the owners must know goes to the asyncio loop
in one batch.
"""

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from domain.errors import SipError
from telephony.media import media_metrics as metrics
from telephony.media.datagrams import MOST_IN_ONE_CALL, Datagrams, best_datagrams
from telephony.media.hearing import Hearing
from telephony.media.media_leg import Command, RtpLeg
from telephony.media.real_time import RealTime
from telephony.media.rtp import SEQUENCE_SPAN, TIMESTAMP_SPAN
from telephony.media.rtp_ports import RtpPorts
from telephony.media.rtp_session import RtpSession, SessionEvent
from telephony.media.tick import Lateness, Metronome
from telephony.media.tone_watch import watch
from telephony.ports import MediaEvents, MediaLeg
from telephony.settings import TelephonySettings

logger = structlog.get_logger()
END_WITHIN_S = 5.0
"""So long the end of the tick is waited for; it takes 20 ms."""
_TELL_METRICS_EVERY = 50
_TOLD_AT_ONCE = 8
_MOST_BATCHES = 4
"""From one leg in one tick, so that its sound still comes through when strangers send 6,000 packets a second."""


class RtpMediaPlane:
    """Legs are opened, steered and told of events on the loop that called `start`."""

    def __init__(self, settings: TelephonySettings, datagrams: Datagrams | None = None) -> None:
        self._datagrams = datagrams or best_datagrams()
        self._real_time = RealTime()
        self._ports = RtpPorts(settings.rtp_address, settings.rtp_port_first, settings.rtp_port_last)
        self._silent_after_ms = round(settings.rtp_silent_after_s * 1000)
        self._commands: deque[Command] = deque()
        self._legs: list[RtpLeg] = []
        self._hearing = Hearing()
        self._outbox: list[tuple[RtpLeg, SessionEvent]] = []
        self._untold: deque[tuple[RtpLeg, SessionEvent]] = deque()
        self._metronome = Metronome(time.monotonic_ns())
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._ticks = 0
        self._due_ns = 0
        self._received = self._sent = self._unsent = 0

    @property
    def lateness(self) -> Lateness:
        """How late the ticks began, since `start`."""
        return self._metronome.lateness

    async def start(self) -> None:
        """Begin to tick; tunes the interpreter of this process for it."""
        self._loop = asyncio.get_running_loop()
        self._stopping.clear()
        self._real_time.begin()
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End the tick, and close the legs that are left."""
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, END_WITHIN_S)
            if self._thread.is_alive():
                # Seen once, on a machine whose kernel complained of its scheduler: a sleep of 20 ms that took minutes.
                logger.error("the media tick did not end", waited_s=END_WITHIN_S, remedy="look at the kernel's log")
            self._thread = None
            self._real_time.end()
        self._carry_out(self._now_ms())
        for leg in list(self._legs):
            leg.closed = True
            self._release(leg)
            metrics.LEGS.dec()
        self._untold += self._outbox
        self._outbox = []
        while self._untold:
            _deliver(*self._untold.popleft())

    def open_leg(self, events: MediaEvents) -> MediaLeg:
        """A leg on a free port; SipError (503) when none is free."""
        rtp = self._ports.open()
        session = RtpSession(
            ssrc=random.randrange(TIMESTAMP_SPAN),
            first_sequence=random.randrange(SEQUENCE_SPAN),
            first_timestamp=random.randrange(TIMESTAMP_SPAN),
            silent_after_ms=self._silent_after_ms,
        )
        leg = RtpLeg(rtp, session, events, self._commands.append, self._forget)
        self._commands.append(lambda _now_ms: self._legs.append(leg))
        metrics.LEGS.inc()
        return leg

    def hear(self, leg: MediaLeg, sources: Sequence[MediaLeg]) -> None:
        """From the next tick on `leg` hears the sum of `sources`, in place of what it heard before; () is silence."""
        listener = _own(leg)
        speakers = [source.session for source in map(_own, sources) if not source.closed]
        if not listener.closed:
            self._commands.append(lambda _now_ms: self._hearing.hear(listener.session, speakers))

    def _forget(self, leg: RtpLeg) -> None:
        self._commands.append(lambda _now_ms: self._release(leg))
        metrics.LEGS.dec()

    def _release(self, leg: RtpLeg) -> None:
        self._hearing.forget(leg.session)
        self._real_time.leg_gone()
        self._legs.remove(leg)
        self._outbox += [(leg, chunk) for chunk in leg.session.finish()]
        leg.rtp.close()
        self._ports.free(leg.port)
        for why, number in leg.session.counts.refused.items():
            metrics.PACKETS_REFUSED.labels(why).inc(number)
            logger.info("RTP was refused on a leg", port=leg.port, why=why, packets=number)

    def _run(self) -> None:
        """The thread: sleeps until each deadline. A defect in a leg is logged, and the next tick comes."""
        self._real_time.begin_tick()
        self._metronome = Metronome(time.monotonic_ns())
        while not self._stopping.is_set():
            wait_ns = self._metronome.wait_ns(time.monotonic_ns())
            if wait_ns:
                time.sleep(wait_ns / 1e9)
            due = self._metronome.take(time.monotonic_ns())
            if due.skipped:
                metrics.TICKS_SKIPPED.inc(due.skipped)
                for leg in self._legs:
                    leg.session.skip(due.skipped)
            for number in range(due.run):
                self._due_ns = time.time_ns() - self._metronome.late_ns(time.monotonic_ns(), due.run - number)
                metrics.TICK_LATENESS.observe(due.late_ns / 1e9)
                try:
                    self._tick(self._now_ms())
                except Exception:
                    logger.exception("media tick failed")
            self._real_time.tidy(idle=not self._legs)

    def _tick(self, now_ms: int) -> None:
        self._carry_out(now_ms)
        self._for_each_leg(self._hear, now_ms)
        watch([leg.session for leg in self._legs])
        self._hearing.mix()
        self._for_each_leg(self._say, now_ms)
        if self._outbox:
            self._post_events()
        self._ticks += 1
        if self._ticks % _TELL_METRICS_EVERY == 0:
            self._tell_metrics()

    def _for_each_leg(self, work: Callable[[RtpLeg, int], None], now_ms: int) -> None:
        for leg in self._legs:
            try:
                work(leg, now_ms)
            except Exception:
                logger.exception("media leg failed in this tick", port=leg.port)

    def _carry_out(self, now_ms: int) -> None:
        while self._commands:
            command = self._commands.popleft()
            try:
                command(now_ms)
            except Exception:
                logger.exception("media command failed")

    def _hear(self, leg: RtpLeg, now_ms: int) -> None:
        session, due_ns = leg.session, self._due_ns
        batches = 1
        batch = self._datagrams.receive(leg.rtp)
        while batch:
            for datagram, source, came_ns in batch:
                session.receive(datagram, source, now_ms, (due_ns - came_ns) // 1_000_000 if came_ns else 0)
            self._received += len(batch)
            if len(batch) < MOST_IN_ONE_CALL or batches == _MOST_BATCHES:
                break
            batches += 1
            batch = self._datagrams.receive(leg.rtp)
        session.hear(now_ms)

    def _say(self, leg: RtpLeg, _now_ms: int) -> None:
        session = leg.session
        heard, heard_wide = self._hearing.frames(session)
        destination = session.latch.destination
        for datagram in session.say(heard, heard_wide):
            if destination is None:
                continue
            if self._datagrams.send(leg.rtp, datagram, destination):
                self._sent += 1
            else:
                self._unsent += 1
        if session.events:
            self._outbox += [(leg, event) for event in session.events]
            session.events.clear()

    def _post_events(self) -> None:
        batch, self._outbox = self._outbox, []
        if self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._tell, batch)

    def _tell(self, batch: list[tuple[RtpLeg, SessionEvent]]) -> None:
        """On the asyncio loop, in order, and a few at a time: a citizen who calls does not wait for all of them."""
        waits = bool(self._untold)
        self._untold += batch
        if not waits:
            self._tell_some()

    def _tell_some(self) -> None:
        for _ in range(min(_TOLD_AT_ONCE, len(self._untold))):
            _deliver(*self._untold.popleft())
        if self._untold and self._loop is not None:
            self._loop.call_soon(self._tell_some)

    def _tell_metrics(self) -> None:
        metrics.PACKETS_RECEIVED.inc(self._received)
        metrics.PACKETS_SENT.inc(self._sent)
        metrics.PACKETS_UNSENT.inc(self._unsent)
        self._received = self._sent = self._unsent = 0

    @staticmethod
    def _now_ms() -> int:
        return time.monotonic_ns() // 1_000_000


def _deliver(leg: RtpLeg, event: SessionEvent) -> None:
    """On the asyncio loop. A call whose handler fails must not silence the other calls."""
    try:
        leg.deliver(event)
    except Exception:
        metrics.EVENT_FAILURES.inc()
        logger.exception("receiver of a media event failed", port=leg.port)


def _own(leg: MediaLeg) -> RtpLeg:
    if not isinstance(leg, RtpLeg):
        raise SipError(f"leg of another media plane ({type(leg).__name__})", where="hear", remedy="open it here")
    return leg

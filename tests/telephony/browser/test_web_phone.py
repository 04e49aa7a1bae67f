"""The browser telephone as a table of what happens and what must be done, on virtual time."""

from hypothesis import given
from hypothesis import strategies as st

from domain.web_phone import WebCallStage
from telephony.browser.web_phone import (
    AnswerLeg,
    CallDropped,
    CallHungUp,
    CallPlaced,
    CallRefused,
    CallTaken,
    CloseConnection,
    Connected,
    ConnectionLost,
    EndLeg,
    HoldLeg,
    Link,
    PageHeard,
    PageLeft,
    ResumeLeg,
    RingLeg,
    ShowPage,
    SoundBack,
    SoundStopped,
    TellRegistration,
    TimePassed,
    WebPhoneRules,
    WebPhoneState,
    refusal,
    step,
)

RULES = WebPhoneRules()


class Phone:
    """A telephone on a clock that the test moves."""

    def __init__(self):
        self.state = WebPhoneState(agent_id="8001")
        self.now_ms = 1_000_000

    def hear(self, *events):
        actions = []
        for event in events:
            self.state, done = step(self.state, event, self.now_ms, RULES)
            actions += done
        return [action for action in actions if not isinstance(action, ShowPage)]

    def wait(self, seconds, *, alive=False):
        """Second by second, with or without signs of life from the page."""
        actions = []
        for _ in range(seconds):
            self.now_ms += 1000
            actions += self.hear(*([PageHeard()] if alive else []), TimePassed())
        return actions

    @property
    def stage(self):
        return self.state.call and self.state.call.stage

    def ring(self, seconds=15):
        return self.hear(CallPlaced(self.now_ms + seconds * 1000))

    @classmethod
    def connected(cls):
        phone = cls()
        phone.hear(Connected("one"))
        return phone

    @classmethod
    def talking(cls):
        phone = cls.connected()
        phone.ring()
        phone.hear(CallTaken(1))
        return phone


def test_a_connection_registers_the_telephone_and_refreshes_it_all_shift():
    phone = Phone()
    assert phone.hear(Connected("one")) == [TellRegistration(phone.now_ms + RULES.registration_ms)]
    told = phone.wait(8 * 3600, alive=True)
    assert {type(action) for action in told} == {TellRegistration}
    assert 8 * 3600 / 300 < len(told) < 8 * 3600 / 100
    assert phone.state.registered_until_ms > phone.now_ms


def test_a_call_rings_is_taken_and_hung_up_and_the_connection_stays():
    phone = Phone.connected()
    assert phone.ring() == [RingLeg()]
    assert phone.hear(CallTaken(1)) == [AnswerLeg()]
    assert phone.stage is WebCallStage.TALKING
    assert phone.hear(CallHungUp(1)) == [EndLeg(True, 200, "OK")]
    assert phone.state.link is Link.UP
    assert phone.ring() == [RingLeg()]
    assert phone.hear(CallTaken(1)) == [], "the answer to the call before takes no other"
    assert phone.hear(CallTaken(2)) == [AnswerLeg()]
    assert phone.hear(CallDropped()) == [EndLeg(False, 200, "OK")]


def test_a_call_that_the_agent_has_asked_for_is_marked_for_the_page():
    phone = Phone.connected()
    phone.hear(CallPlaced(phone.now_ms + 15_000, at_once=True))
    assert phone.state.call is not None
    assert phone.state.call.at_once
    assert phone.hear(CallTaken(1)) == [AnswerLeg()]


def test_calls_that_nobody_takes():
    phone = Phone.connected()
    phone.ring()
    assert phone.hear(CallRefused(1)) == [EndLeg(True, 603, "Decline")]
    phone.ring(seconds=5)
    assert phone.wait(4, alive=True) == []
    assert phone.wait(1, alive=True) == [EndLeg(True, 408, "Request Timeout")]
    phone.ring()
    assert phone.hear(CallDropped()) == [EndLeg(False, 200, "OK")]


def test_who_is_away_or_has_a_call_cannot_be_called():
    assert refusal(WebPhoneState(agent_id="8001")) == (480, "Temporarily Unavailable")
    assert refusal(Phone.connected().state) is None
    assert refusal(Phone.talking().state) == (486, "Busy Here")
    assert Phone().ring() == []


def test_a_page_that_is_loaded_anew_keeps_its_caller():
    phone = Phone.talking()
    assert phone.hear(ConnectionLost("one")) == [HoldLeg()]
    assert phone.stage is WebCallStage.HELD
    assert phone.wait(10) == []
    assert phone.hear(Connected("two")) == [CloseConnection("one"), ResumeLeg()]
    assert phone.stage is WebCallStage.TALKING
    assert phone.hear(ConnectionLost("one")) == [], "the old connection means nothing any more"


def test_a_new_connection_before_the_old_one_is_missed_takes_the_call_over():
    phone = Phone.talking()
    assert phone.hear(Connected("two")) == [CloseConnection("one")]
    assert phone.stage is WebCallStage.TALKING


def test_a_call_that_rings_while_the_connection_is_lost_waits_for_it():
    phone = Phone.connected()
    phone.hear(ConnectionLost("one"))
    assert phone.ring() == [RingLeg()]
    phone.wait(3)
    phone.hear(Connected("two"))
    assert phone.hear(CallTaken(1)) == [AnswerLeg()]


def test_a_connection_that_does_not_come_back_ends_the_call_and_the_registration():
    phone = Phone.talking()
    phone.hear(ConnectionLost("one"))
    assert phone.wait(14) == []
    gone = phone.wait(1)
    assert set(gone) == {CloseConnection("one"), TellRegistration(0), EndLeg(True, 480, "Temporarily Unavailable")}
    assert phone.state.link is Link.AWAY
    assert phone.wait(60) == []


def test_a_page_that_says_nothing_is_gone_but_not_while_it_talks():
    phone = Phone.connected()
    assert phone.wait(34) == []
    assert phone.state.link is Link.SILENT
    assert phone.hear(PageHeard()) == []
    assert phone.state.link is Link.UP
    assert TellRegistration(0) in phone.wait(40)
    talking = Phone.talking()
    assert TellRegistration(0) not in talking.wait(3600)
    assert talking.stage is WebCallStage.TALKING


def test_a_browser_that_falls_silent_in_a_call_holds_it():
    phone = Phone.talking()
    assert phone.hear(SoundStopped()) == [HoldLeg()]
    assert phone.hear(SoundStopped()) == []
    assert phone.hear(SoundBack()) == [ResumeLeg()]
    assert Phone.connected().hear(SoundStopped(), SoundBack()) == []


def test_an_agent_who_leaves_is_gone_at_once():
    phone = Phone.connected()
    phone.ring()
    assert phone.hear(PageLeft()) == [
        CloseConnection("one"),
        TellRegistration(0),
        EndLeg(True, 480, "Temporarily Unavailable"),
    ]


EVENTS = st.one_of(
    st.sampled_from(["one", "two", "three"]).map(Connected),
    st.sampled_from(["one", "two", "three"]).map(ConnectionLost),
    st.sampled_from([PageHeard(), PageLeft(), SoundStopped(), SoundBack(), CallDropped(), TimePassed()]),
    st.integers(1, 6).flatmap(lambda n: st.sampled_from([CallTaken(n), CallRefused(n), CallHungUp(n)])),
    st.just("place"),
)


@given(st.lists(st.tuples(EVENTS, st.integers(0, 20_000)), max_size=60))
def test_whatever_happens_each_call_ends_once_and_who_is_away_is_not_registered(story):
    phone = Phone()
    placed = ended = held = 0
    for event, passed_ms in story:
        phone.now_ms += passed_ms
        if event == "place":
            if refusal(phone.state) is not None:
                continue
            actions = phone.ring()
            placed += 1
        else:
            actions = phone.hear(event)
        ended += sum(isinstance(action, EndLeg) for action in actions)
        held += sum(isinstance(action, HoldLeg) for action in actions)
        held -= sum(isinstance(action, ResumeLeg) for action in actions)
        if any(isinstance(action, EndLeg) for action in actions):
            held = 0
        assert placed - ended == (phone.state.call is not None)
        assert held == (phone.stage is WebCallStage.HELD)
        assert bool(phone.state.registered_until_ms) == (phone.state.link is not Link.AWAY)
        assert phone.state.link is not Link.AWAY or phone.state.call is None

"""The engine on random callers: it never raises, and every caller reaches a person or an end in bounded time."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.call import QueuedBecause
from ivr_flows.actions import (
    Answer,
    AskCallback,
    CancelTimer,
    Enqueue,
    Expect,
    HangUp,
    PlayMusic,
    Say,
    StartTimer,
    StopMusic,
    StopSaying,
)
from ivr_flows.engine import FlowRun, default_flow_path, load_flow, step
from ivr_flows.events import (
    AgentConnected,
    AgentGone,
    AgentRinging,
    CallerGone,
    DigitPressed,
    FlowEvent,
    PositionAnnounced,
    PromptEnded,
    SpeechBegan,
    SpeechHeard,
    SpeechUnavailable,
    Started,
    TimerFired,
)
from ivr_flows.flow import Flow
from ivr_flows.simulator import simulate
from ivr_flows.state import FlowStage, FlowState

FLOW = load_flow(default_flow_path())

TWO_QUESTIONS = """
language: 1
flow: two
start: first
person: person
longest_ms: 20000
nodes:
  first:
    - say: {text: 请说。, barge_in: none}
    - listen: {for: both, silence_ms: 2000}
    - branch:
        - {key: "0", goto: person}
        - {speech: any, goto: again}
        - {silence: yes, goto: bye}
        - {otherwise: yes, goto: first}
  again:
    - goto: first
  bye:
    - hangup: {cause: silence, text: 再见。}
  person:
    - say: {text: 请稍候。}
    - queue: {name: default}
"""


TWO_QUEUES = """
language: 1
flow: queues
start: first
person: person
nodes:
  first:
    - listen: {for: keys}
    - branch:
        - {key: "0", goto: person}
        - {otherwise: yes, goto: english}
  english:
    - queue: {name: english, text: One moment.}
  person:
    - queue: {name: default, text: 请稍候。}
"""

ANNOUNCED = """
language: 1
flow: announced
start: first
person: person
longest_ms: 20000
nodes:
  first:
    - announce: {text: 您好，这里是12345热线。}
    - announce: {text: 通话将被录音。}
    - say: {text: 请说。}
    - listen: {for: both}
    - branch:
        - {key: "0", goto: person}
        - {otherwise: yes, goto: first}
  person:
    - queue: {name: default}
"""


def flow_of(text: str) -> Flow:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "two.yaml"
        file.write_text(text, encoding="utf-8")
        return load_flow(file)


TWO = flow_of(TWO_QUESTIONS)

timer_names = st.sampled_from(["limit", "silence.2", "words.2", "speech.3", "patience.5", "nothing"])
events = st.one_of(
    st.just(Started()),
    st.builds(PromptEnded, st.integers(0, 12)),
    st.builds(DigitPressed, st.sampled_from("0123456789*#")),
    st.just(SpeechBegan()),
    st.builds(SpeechHeard, st.sampled_from(["", "我要", "转人工", " ", "工地太吵了"]), st.booleans()),
    st.just(SpeechUnavailable()),
    st.builds(TimerFired, timer_names),
    st.builds(PositionAnnounced, st.integers(0, 200)),
    st.just(AgentRinging()),
    st.just(AgentGone()),
    st.just(AgentConnected()),
    st.just(CallerGone()),
)
callers_deeds = st.lists(
    st.tuples(
        st.integers(0, 40_000),
        st.one_of(
            st.builds(DigitPressed, st.sampled_from("0123456789*#")),
            st.just(SpeechBegan()),
            st.builds(SpeechHeard, st.sampled_from(["我要", "转人工", "工地太吵了"]), st.booleans()),
            st.just(SpeechUnavailable()),
        ),
    ),
    max_size=12,
)


@given(st.lists(events, max_size=40))
def test_no_event_ever_raises_and_the_same_state_gives_the_same_answer(sequence: list[FlowEvent]) -> None:
    state = FlowState()
    for now_ms, event in enumerate(sequence):
        again = step(FLOW, state, event, now_ms)
        state, actions = step(FLOW, state, event, now_ms)
        assert (state, actions) == again


@given(st.lists(events, max_size=40))
def test_a_call_is_queued_at_most_once_and_nothing_is_said_after_its_end(sequence: list[FlowEvent]) -> None:
    run = FlowRun(FLOW)
    done = []
    for now_ms, event in enumerate(sequence):
        over = run.state.stage is FlowStage.OVER
        actions = run.on_event(event, now_ms)
        assert not (over and actions)
        done += actions
    assert sum(isinstance(action, Enqueue) for action in done) <= 1


@given(callers_deeds)
@settings(max_examples=200)
def test_every_caller_reaches_a_person_in_bounded_time(deeds: list[tuple[int, FlowEvent]]) -> None:
    settled = simulate(FLOW, deeds).settled_at_ms
    assert settled is not None
    assert settled <= FLOW.longest_ms


@given(callers_deeds)
def test_a_flow_that_asks_again_and_again_ends_too(deeds: list[tuple[int, FlowEvent]]) -> None:
    settled = simulate(TWO, deeds).settled_at_ms
    assert settled is not None
    assert settled <= 20_000 + 3_000


@given(st.lists(events, max_size=40))
def test_every_timer_that_is_no_longer_needed_is_cancelled(sequence: list[FlowEvent]) -> None:
    run = FlowRun(FLOW)
    running: set[str] = set()
    for now_ms, event in enumerate([Started(), *sequence, CallerGone()]):
        if isinstance(event, TimerFired):
            if event.name not in running:
                continue
            running.discard(event.name)
        for action in run.on_event(event, now_ms):
            if isinstance(action, StartTimer):
                assert action.name not in running
                running.add(action.name)
            if isinstance(action, CancelTimer):
                running.discard(action.name)
    assert not running


def test_an_agent_who_answers_ends_prompt_and_music() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    run.on_event(DigitPressed("0"), 1000)
    actions = run.on_event(AgentConnected(), 2000)
    assert StopSaying() in actions
    assert StopMusic() in actions
    assert run.state.stage is FlowStage.OVER


def test_a_caller_who_waits_on_after_a_refused_ring_is_told_the_position() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    (*_, say, _timer, _limit) = run.on_event(DigitPressed("0"), 1000)
    assert isinstance(say, Say)
    run.on_event(PromptEnded(say.token), 4000)
    run.on_event(AgentRinging(), 5000)
    assert run.on_event(PositionAnnounced(2), 6000) == ()
    (told,) = run.on_event(AgentGone(), 20000)
    assert isinstance(told, Say)
    assert told.text == "您前面还有2位市民在等待，请不要挂机。"


def test_a_telephone_that_rang_in_vain_is_followed_by_the_place_once_more() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    (*_, say, _timer, _limit) = run.on_event(DigitPressed("0"), 1000)
    assert isinstance(say, Say)
    run.on_event(PromptEnded(say.token), 4000)
    assert run.on_event(PositionAnnounced(0), 5000) == ()  # they are next, and have hardly waited
    run.on_event(AgentRinging(), 6000)
    (told,) = run.on_event(AgentGone(), 21000)
    assert isinstance(told, Say)
    assert told.text == FLOW.way_to_a_person[2].next
    run.on_event(PromptEnded(told.token), 24000)
    run.on_event(AgentRinging(), 25000)
    assert run.on_event(AgentGone(), 30000) == ()  # told a moment ago


def test_a_caller_who_comes_back_from_an_agent_is_told_what_one_is_told_at_first() -> None:
    run = FlowRun(FLOW)
    actions = run.on_event(Started(waiting_in="default"), 0)
    assert not any(isinstance(action, Enqueue | Answer) for action in actions)
    music, say, _patience = actions
    assert music == PlayMusic()
    assert isinstance(say, Say)
    assert run.on_event(PositionAnnounced(2, 130, True), 100) == ()
    texts = []
    for at_ms in range(4000, 20000, 4000):
        told = run.on_event(PromptEnded(run.state.saying), at_ms)
        texts += [action.text for action in told if isinstance(action, Say)]
    queue = FLOW.way_to_a_person[2]
    assert texts == [queue.position.replace("{before}", "2"), queue.wait.replace("{minutes}", "3"), queue.callback]
    assert AskCallback() in run.on_event(DigitPressed("1"), 30000)


def test_a_queue_without_a_verb_of_its_own_speaks_as_the_persons() -> None:
    two = flow_of(TWO_QUEUES)
    for queue, text in (("english", "One moment."), ("other", "请稍候。")):
        say = next(action for action in FlowRun(two).on_event(Started(waiting_in=queue), 0) if isinstance(action, Say))
        assert say.text == text


def test_what_is_announced_is_heard_before_the_answer_and_only_then() -> None:
    run = FlowRun(flow_of(ANNOUNCED))
    (_, first) = run.on_event(Started(), 0)
    assert isinstance(first, Say)
    assert run.on_event(DigitPressed("0"), 500) == ()
    (second,) = run.on_event(PromptEnded(first.token), 1000)
    assert isinstance(second, Say)
    assert second.text == "通话将被录音。"
    answer, greeting = run.on_event(PromptEnded(second.token), 2000)
    assert answer == Answer()
    assert isinstance(greeting, Say)
    run.on_event(PromptEnded(greeting.token), 3000)
    again = run.on_event(TimerFired(run.state.timer), 8000)
    assert [action.text for action in again if isinstance(action, Say)] == ["请说。"]


def test_a_limit_of_time_that_ends_an_announcement_answers_first() -> None:
    run = FlowRun(flow_of(ANNOUNCED))
    run.on_event(Started(), 0)
    actions = run.on_event(TimerFired("limit"), 20_000)
    assert actions.index(Answer()) < actions.index(Enqueue("default", QueuedBecause.FAULT, 0))


def test_the_same_position_is_not_told_again_soon() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    (*_, say, _timer, _limit) = run.on_event(DigitPressed("0"), 1000)
    assert isinstance(say, Say)
    run.on_event(PromptEnded(say.token), 4000)
    (told,) = run.on_event(PositionAnnounced(2), 5000)
    assert isinstance(told, Say)
    run.on_event(PromptEnded(told.token), 9000)
    assert run.on_event(PositionAnnounced(2), 15000) == ()
    assert len(run.on_event(PositionAnnounced(2), 36000)) == 1


def test_a_late_prompt_end_changes_nothing() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    before = run.state
    assert run.on_event(PromptEnded(99), 10) == ()
    assert run.state == before


def test_the_limit_of_time_leads_to_a_person_as_a_fault() -> None:
    run = FlowRun(FLOW)
    run.on_event(Started(), 0)
    actions = run.on_event(TimerFired("limit"), FLOW.longest_ms)
    assert Enqueue("default", QueuedBecause.FAULT, 0) in actions
    assert StopSaying() in actions


def test_a_flow_may_end_with_a_last_word() -> None:
    run = FlowRun(TWO)
    (_, _answer, prompt) = run.on_event(Started(), 0)
    assert isinstance(prompt, Say)
    (silence,) = run.on_event(PromptEnded(prompt.token), 600)
    assert isinstance(silence, StartTimer)
    (goodbye,) = run.on_event(TimerFired(silence.name), 2600)
    assert isinstance(goodbye, Say)
    (*_, end) = run.on_event(PromptEnded(goodbye.token), 3000)
    assert HangUp("silence") in (*_, end)


MENU = TWO_QUESTIONS.replace("{speech: any, goto: again}", "{speech: [投诉, 咨询], goto: again}")


def expected(sequence: list[FlowEvent], flow: Flow) -> list[Expect]:
    run = FlowRun(flow)
    done = [action for event in sequence for action in run.on_event(event, 0)]
    return [action for action in done if isinstance(action, Expect)]


def test_a_menus_words_are_expected_while_it_listens() -> None:
    asked: list[FlowEvent] = [Started(), PromptEnded(1)]
    menu, nothing = Expect(("投诉", "咨询"), only=True), Expect((), only=False)
    assert expected(asked, flow_of(MENU)) == [menu]
    assert expected([*asked, SpeechHeard("我要投诉", final=False)], flow_of(MENU)) == [menu, nothing]
    assert expected([*asked, CallerGone()], flow_of(MENU)) == [menu, nothing]
    assert expected([*asked, TimerFired("limit")], flow_of(MENU)) == [menu, nothing]


def test_where_any_speech_leads_on_the_words_are_only_likelier() -> None:
    words = Expect(("人工", "话务员", "接线员"), only=False)
    assert expected([Started(), PromptEnded(1)], FLOW) == [words]
    assert expected([Started(), PromptEnded(1)], flow_of(TWO_QUESTIONS)) == []


@given(st.lists(events, max_size=40))
def test_nothing_is_expected_any_more_once_a_person_is_waited_for(sequence: list[FlowEvent]) -> None:
    for flow in (FLOW, flow_of(MENU)):
        run = FlowRun(flow)
        told = Expect((), only=False)
        for event in [Started(), *sequence]:
            told = ([told] + [each for each in run.on_event(event, 0) if isinstance(each, Expect)])[-1]
            if run.state.stage is not FlowStage.MENU:
                assert told == Expect((), only=False)

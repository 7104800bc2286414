"""Another moment is looked at without going there: it has the bits that training had, and the run goes on unharmed."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training import commands as c
from simulator.training import events as e
from simulator.training.runner import Runner
from simulator.training.session import Session


@pytest.fixture(scope="module")
def penguins():
    found = open_dataset("penguins")
    Session(found).prepare()
    return found


@pytest.fixture
def session(penguins):
    """A run with dropout, a change of its batch size in the middle, and a branch with another optimizer."""
    made = Session(penguins, NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.2),), 3))
    made.advance(3)
    made.advance(4, "batch")
    made.configure(dataclasses.replace(made.config, batch_size=40))
    made.advance(5)
    made.go_to(2)
    made.fork("other")
    made.configure(dataclasses.replace(made.config, optimizer=Rule("sgd", learning_rate=0.05)))
    made.advance(4)
    return made


def same(one, other) -> bool:
    return (
        one.parameters.tobytes() == other.parameters.tobytes()
        and (one.epoch, one.batch, one.branch, one.updates) == (other.epoch, other.batch, other.branch, other.updates)
        and (one.network, one.config) == (other.network, other.config)
        and repr(one.record) == repr(other.record)  # NaN equals NaN
        and (one.end, one.live, one.way) == (other.end, other.live, other.way)
    )


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("place", [(0, 0), (1, 7), (2, 0), (3, 2), (4, 0), (5, 3), None])
def test_what_is_seen_is_what_is_found_there(session, number, place):
    seen = session.peek(number, *(place or (None,)))
    session.switch(number, *(place or (None,)))
    assert same(seen, session.snapshot())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=4))
def test_the_run_goes_on_as_if_nobody_had_looked(penguins, looks):
    def run(looked):
        made = Session(penguins)
        made.advance(4)
        made.fork()
        made.configure(dataclasses.replace(made.config, batch_size=32))
        made.advance(3, "batch")
        made.advance(1, "row")
        for look in looked:
            made.peek(*look)
        made.advance(3)
        return made

    one, other = run(looks), run([])
    assert same(one.snapshot(), other.snapshot())
    assert one.records.tobytes() == other.records.tobytes()


def test_looking_from_the_past_stays_in_the_past(session):
    session.go_to(1, 3)
    before = session.snapshot()
    session.peek(0)
    session.peek(1, 4)
    assert same(session.snapshot(), before)
    assert not before.live


def test_a_branch_or_moment_that_is_none_is_refused_and_nothing_moves(session):
    before = session.snapshot()
    for wrong in ((7,), (0, -1), (0, 1, 999)):
        with pytest.raises(ConfigError):
            session.peek(*wrong)
    assert same(session.snapshot(), before)


def test_beyond_the_end_is_the_end(session):
    assert session.peek(0, 10_000).end == session.peek(0).end
    assert same(session.peek(0, 10_000), session.peek(0))


def test_the_updates_since_the_start_are_counted_over_every_batch_size(penguins):
    made, rows = Session(penguins), len(penguins.X_train)
    each = -(-rows // 16)
    made.advance(2)
    made.advance(3, "batch")
    made.configure(dataclasses.replace(made.config, batch_size=50))
    assert made.snapshot().way == 2 * each + 3
    made.advance(1)
    assert made.snapshot().way == 3 * each, "the new size waits for the next epoch"
    made.advance(2)
    assert made.snapshot().way == 3 * each + 2 * -(-rows // 50)
    made.configure(dataclasses.replace(made.config, optimizer=Rule("sgd")))
    made.advance(1, "batch")
    assert (made.snapshot().updates, made.snapshot().way) == (1, 3 * each + 2 * -(-rows // 50) + 1)


def test_telling_of_the_last_update_does_not_repeat_the_whole_run(penguins):
    session = Session(penguins)
    session.advance(200)
    session.timeline.keep(session.branch, session._engine.state())
    session.advance(200)
    course, steps = session._course, []
    step = course.step
    course.step = lambda goal, seconds: (steps.append(course.place), step(goal, seconds))[1]
    session.last_moment()
    assert min(steps) >= (200, 0)


def test_a_runner_answers_while_it_trains(penguins):
    runner, seen = Runner(), []
    try:
        runner.send(c.Open(penguins))
        runner.send(c.Play())
        runner.send(c.Peek(0, 0))
        while not any(isinstance(event, e.Peeked) for event in seen):
            found = runner.events(timeout=30.0)
            assert found, "no answer came"
            seen += found
        assert e.Playing(on=False) not in seen
        (peeked,) = [event for event in seen if isinstance(event, e.Peeked)]
        assert peeked.asked == c.Peek(0, 0)
        assert np.array_equal(peeked.snapshot.parameters, Session(penguins).snapshot().parameters)
    finally:
        assert runner.close(30.0)

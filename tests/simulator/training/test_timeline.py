"""Every moment of a run is a place to go back to, bit for bit, and to start again from."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.engines import ENGINES, EngineState
from simulator.errors import ConfigError, DivergenceError
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.defaults import default_config
from simulator.training.history import History
from simulator.training.session import Session
from simulator.training.timeline import Change, Timeline, size_of

DROPPING = NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.3), LayerSpec(5, "relu")), 3)


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def session_of(penguins, network=DROPPING, engine="auto", **changes) -> Session:
    return Session(penguins, network, dataclasses.replace(default_config(penguins), **changes), engine)


def bits(session: Session) -> tuple:
    """Return everything that a run goes on from, as bytes."""
    state = session._course.engine.state()
    arrays = state.parameters, state.memory, state.scalars, state.sums
    return state.epoch, state.item, state.updates, *(array.tobytes() for array in arrays)


def walk(session: Session, changes=()) -> dict:
    """Train batch by batch, with changes of settings at given moments, and return the bits of every moment."""
    found = {session.place: bits(session)}
    for _ in range(100):
        for place, change in changes:
            if session.place == place:
                session.configure(dataclasses.replace(session.config, **change))
                found[place] = bits(session)
        session.advance(1, "batch")
        found[session.place] = bits(session)
    return found


def visit(session: Session, known: dict, seed: int, count: int = 25) -> None:
    places = list(known)
    for nth in np.random.default_rng(seed).integers(0, len(places), count):
        session.go_to(*places[nth])
        assert session.place == places[nth]
        assert bits(session) == known[places[nth]]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_any_moment_is_restored_bit_for_bit_with_every_optimizer(penguins, optimizer):
    session = session_of(penguins, optimizer=Rule(optimizer))
    visit(session, walk(session), 1)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
def test_it_is_in_every_engine_and_with_settings_that_were_changed_in_the_middle(penguins, engine):
    changes = [
        ((0, 5), {"l2": 0.01}),
        ((1, 3), {"optimizer": Rule("sgd", momentum=0.9)}),
        ((2, 4), {"batch_size": 40}),
        ((3, 2), {"optimizer": Rule("adam"), "batch_size": 8}),
        ((5, 0), {"clip_norm": 0.5}),
    ]
    session = session_of(penguins, engine=engine)
    known = walk(session, changes)
    assert {place for place, _ in changes} <= set(known)
    visit(session, known, 2)
    session.go_to(*session.end)
    assert session.config.clip_norm == 0.5
    assert session.config.batch_size == 8


def test_the_settings_of_a_moment_are_those_that_had_been_asked_for(penguins):
    session = session_of(penguins)
    session.advance(20, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=40))
    session.advance(2)
    session.go_to(0)
    assert session.config.batch_size == 16
    session.go_to(1, 4)
    assert session.snapshot().batch_size == 16
    assert session.config.batch_size == 40  # asked for in this epoch, to hold from the next
    session.go_to(2)
    assert session.snapshot().batch_size == 40


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_however_one_moves_about_a_run_ends_with_the_same_bits(penguins, data):
    session, straight = session_of(penguins), session_of(penguins)
    for _ in range(data.draw(st.integers(1, 6))):
        match data.draw(st.sampled_from(["advance", "back", "go"])):
            case "advance":
                session.advance(data.draw(st.integers(1, 30)), data.draw(st.sampled_from(["row", "batch", "epoch"])))
            case "back":
                session.back(data.draw(st.integers(1, 30)), data.draw(st.sampled_from(["row", "batch", "epoch"])))
            case _:
                session.go_to(data.draw(st.integers(0, session.end[0] + 1)))
    session.go_to(*session.end)
    session.advance(1)
    straight.advance(session.epoch)
    assert bits(session) == bits(straight)
    assert session.records.tobytes() == straight.records.tobytes()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.sampled_from(["row", "batch", "epoch"]))
def test_back_undoes_what_advance_did(penguins, n, unit):
    session = session_of(penguins)
    session.advance(40 if unit == "epoch" else 2)
    session.advance(3, "batch")
    before = session.snapshot()
    place = session.place
    session.advance(n, unit)
    session.back(n, unit)
    if unit == "epoch":  # an epoch that had begun is what was gone back over first
        assert session.place == (place[0], 0) if n == 1 else session.place <= place
    else:
        assert (session.place, session.snapshot().row) == (place, before.row)
        assert session.snapshot().parameters.tobytes() == before.parameters.tobytes()


def test_back_ends_at_the_start(penguins):
    session = session_of(penguins)
    start = bits(session)
    for unit in ("row", "batch", "epoch"):
        session.advance(3, unit)
        session.back(1000, unit)
        assert bits(session) == start
        assert session.snapshot().row == 0


def test_training_on_from_a_past_moment_repeats_what_was_trained_and_goes_on_behind_it(penguins):
    session, straight = session_of(penguins), session_of(penguins)
    session.advance(6)
    session.go_to(2, 3)
    session.advance(1)
    assert not session.live
    assert session.place == (3, 0)
    session.advance(7)
    assert session.live
    straight.advance(10)
    assert bits(session) == bits(straight)
    assert len(session.timeline.branches) == 1


def test_a_change_in_the_past_begins_a_branch_and_the_old_future_stays(penguins):
    session = session_of(penguins)
    session.advance(8)
    old, tip, records = session.branch, bits(session), session.records.tobytes()
    session.go_to(3, 2)
    session.configure(dataclasses.replace(session.config, optimizer=Rule("sgd", learning_rate=0.2)))
    session.advance(5)
    new = session.branch
    assert new is not old
    assert (new.parent, new.fork, session.end) == (old, (3, 2), (8, 0))
    assert session.records[:4].tobytes() == records[: 4 * session.records.itemsize]
    assert session.records[5]["train_loss"] != np.frombuffer(records, session.records.dtype)[5]["train_loss"]
    own = bits(session)
    session.switch(old.number)
    assert bits(session) == tip
    assert session.records.tobytes() == records
    session.switch(new.number)
    assert bits(session) == own
    session.go_to(2, 7)  # before the fork: a moment that both have
    assert session.config.optimizer.name == "adam"
    session.go_to(3, 2)
    assert session.config.optimizer.name == "sgd"
    session.go_to(4, 1)
    session.go_to(*session.end)
    assert bits(session) == own


def test_a_branch_of_a_branch_is_restored_too(penguins):
    session = session_of(penguins)
    session.advance(4)
    known = {}
    for nth in range(4):
        session.go_to(3 - nth // 2, 5)
        session.configure(dataclasses.replace(session.config, l2=0.01 * (nth + 1), batch_size=10 + nth))
        session.advance(3)
        known[session.branch.number] = session.end, bits(session)
    for number, (end, own) in known.items():
        session.switch(number)
        assert (session.place, bits(session)) == (end, own)
        session.go_to(1, 1)
        session.advance(20, "batch")
        session.go_to(*end)
        assert bits(session) == own


def test_a_branch_without_training_is_forgotten_when_it_is_left(penguins):
    session = session_of(penguins)
    session.advance(4)
    first = session.branch.number
    session.go_to(2)
    session.fork("try")
    assert len(session.timeline.branches) == 2
    session.switch(first)
    assert list(session.timeline.branches) == [first]


def test_continuing_here_without_a_change_gives_the_same_numbers_on_another_branch(penguins):
    session = session_of(penguins)
    session.advance(5)
    old = bits(session)
    session.go_to(2, 6)
    branch = session.fork("again")
    session.advance(3)
    assert branch.name == "again"
    assert bits(session) == old
    assert len(session.timeline.branches) == 2


def test_a_reset_and_new_weights_keep_what_was_trained(penguins):
    session = session_of(penguins)
    session.advance(3)
    first, tip = session.branch.number, bits(session)
    session.reset()
    assert session.place == (0, 0)
    session.advance(1)
    session.new_weights()
    session.advance(2)
    assert len(session.timeline.branches) == 3
    session.switch(first)
    assert bits(session) == tip
    assert session.config.seed == 0
    session.switch(2)
    assert session.config.seed == 1
    session.go_to(1)
    straight = session_of(penguins, seed=1)
    straight.advance(1)
    assert bits(session)[3:] == bits(straight)[3:]


@pytest.mark.parametrize("frames", [0, 1, 7])
def test_keyframes_stay_inside_their_budget_and_every_moment_can_still_be_reached(penguins, frames):
    session = Session(penguins, DROPPING, default_config(penguins), budget=1)
    size = size_of(session._course.engine.state())
    session.timeline.budget = (frames + 1) * size
    session.timeline._spacing = 0.0
    known = {}
    for _ in range(60):
        session.advance(1)
        known[session.place] = bits(session)
        assert session.timeline.bytes <= session.timeline.budget
    visit(session, known, 3, 8)


def test_a_million_keyframes_are_thinned_evenly(penguins):
    session = session_of(penguins)
    state = session._course.engine.state()
    timeline = Timeline(budget=200 * size_of(state))
    branch = timeline.begin("", state, [Change(0, 0, session.network, session.config, penguins, (0, 0))], History())
    kept = 0
    for epoch in range(1, 1_000_001):
        if timeline.due(0.001):
            timeline.keep(branch, dataclasses.replace(state, epoch=epoch))
            kept += 1
    assert kept < 20_000
    assert timeline.bytes <= timeline.budget
    epochs = np.array([each.epoch for each in branch.keyframes])
    assert 50 < len(epochs) <= 200
    assert np.diff(epochs).max() <= 4 * np.median(np.diff(epochs))


def test_who_cancels_stands_at_a_whole_moment_on_the_way(penguins):
    session, straight = session_of(penguins), session_of(penguins)
    session.timeline.budget = 0
    session.advance(300)
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        session.go_to(250, 3, progress)
    while straight.place < session.place:
        straight.advance(1, "batch")
    assert bits(session) == bits(straight)
    session.go_to(300)
    assert session.live


def test_a_divergence_in_a_branch_leaves_the_other_one_alone(penguins):
    session = session_of(penguins)
    session.advance(4)
    first, tip = session.branch.number, bits(session)
    session.go_to(2)
    session.configure(dataclasses.replace(session.config, optimizer=Rule("sgd", learning_rate=1e30)))
    with pytest.raises(DivergenceError):
        session.advance(50)
    assert np.isfinite(session.snapshot().parameters).all()
    session.switch(first)
    assert bits(session) == tip


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (1, 99)])
def test_a_moment_that_does_not_exist_is_refused_and_nothing_changes(penguins, place):
    session = session_of(penguins)
    session.advance(3)
    before = bits(session)
    with pytest.raises(ConfigError):
        session.go_to(*place)
    with pytest.raises(ConfigError, match="no branch 7"):
        session.switch(7)
    with pytest.raises(ConfigError):
        session.back(0)
    assert bits(session) == before


def test_a_state_knows_its_size():
    state = EngineState(0, 0, 0, np.zeros(10), np.zeros((2, 10)), np.zeros(0), np.zeros(4), 0.0)
    assert size_of(state) == 256 + 8 * (10 + 20 + 4)


def test_an_optimizer_that_was_left_and_taken_up_again_has_forgotten_when_the_run_is_repeated(penguins):
    session = session_of(penguins)
    session.advance(3)
    adam = session.config
    session.configure(dataclasses.replace(adam, optimizer=Rule("sgd")))
    session.configure(adam)
    session.advance(2, "batch")
    known = {session.place: bits(session)}
    session.advance(4)
    known[session.place] = bits(session)
    session.timeline.branches[0].keyframes[1:] = []
    for place in known:
        session.go_to(*place)
        assert bits(session) == known[place]

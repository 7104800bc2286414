"""The data changes while training goes on: every moment knows what it was trained on, to the bit."""

import dataclasses
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import Dataset, open_dataset
from simulator.engines import ENGINES
from simulator.errors import ConfigError, DivergenceError
from simulator.explain import explain, moment_of
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.comparison import next_losses
from simulator.training.defaults import default_config
from simulator.training.preparation import first_record, training_data
from simulator.training.session import Session
from simulator.training.verification import SAME, verify

SMALL = NetworkSpec(4, (LayerSpec(5, "tanh", dropout=0.3),), 3)
ENGINES_HERE = [name for name in ENGINES if name != "cuda"]


@pytest.fixture(scope="module")
def kitchens() -> list[Dataset]:
    """Four data sets of other rows and other numbers of rows, one of them without any for testing."""
    fractions = (0.5, 0.8, 0.0, 0.35)
    return [open_dataset("penguins", test_fraction=each, seed=nth) for nth, each in enumerate(fractions)]


def session_of(dataset: Dataset, engine: str = "reference", **changes) -> Session:
    return Session(dataset, SMALL, dataclasses.replace(default_config(dataset), batch_size=60, **changes), engine)


def bits(session: Session) -> tuple:
    return bits_of(session._course.engine.state())


def bits_of(state) -> tuple:
    arrays = state.parameters, state.memory, state.scalars, state.sums
    return state.epoch, state.item, state.updates, *(array.tobytes() for array in arrays)


Plan = dict[int, tuple[Dataset, int]]
"""From which epoch on what is trained on, in batches of which size."""


class Straight:
    """What must come of a plan: a new engine for every part of it."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.row, self.config, self.plan = ENGINES[session.engine_name], session.config, plan
        self.records: list[np.ndarray] = []
        self.updates = 0

    def to(self, epoch: int, item: int):
        state = None
        firsts = sorted(first for first in self.plan if first <= epoch)
        for first, until in zip(firsts, [*firsts[1:], None], strict=True):
            dataset, size = self.plan[first]
            config = dataclasses.replace(self.config, batch_size=size)
            data = training_data(dataset, SMALL, config)
            engine = self.row(SMALL, config, data, "cpu", 1)
            if state is None:
                self.records.append(first_record(engine, data, _Quiet()))
            else:
                engine.restore(state)
            self.records.append(engine.advance(*((until, 0) if until is not None else (epoch, item)), 10**6))
            state = engine.state()
            self.updates = state.updates  # the optimizer is the same all the way
        return state


class _Quiet:
    def report(self, fraction, text) -> None:
        pass


def check_all(session: Session, plans: dict[int, Plan]) -> None:
    """Compare the ends of all branches, and some moments on the way, with straight runs."""
    assert session.timeline.branches.keys() <= plans.keys()
    for number in list(session.timeline.branches):
        if number not in session.timeline.branches:
            continue  # nothing was trained on it when another one was looked at
        session.switch(number)
        straight = Straight(session, plans[number])
        assert bits(session) == bits_of(straight.to(*session.end))
        assert session.snapshot().way == straight.updates
        records = np.concatenate(straight.records)
        begins = 1 if session.branch.parent is not None else 0  # a branch has the record of what it left
        assert session.records[begins:].tobytes() == records[begins:].tobytes()
        for epoch in {0, 1, session.end[0] // 2}:
            if epoch <= session.end[0]:
                session.go_to(epoch)
                assert bits(session) == bits_of(Straight(session, plans[number]).to(epoch, 0))
                holds = plans[number][max(first for first in plans[number] if first <= epoch)]
                assert (session.dataset, session.snapshot().batch_size) == holds


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ENGINES_HERE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_wherever_every_branch_is_a_straight_run(kitchens, engine, dtype, data):
    session = session_of(kitchens[0], engine, dtype=dtype)
    plans: dict[int, Plan] = {0: {0: (kitchens[0], 60)}}
    for _ in range(data.draw(st.integers(1, 8))):
        match data.draw(st.sampled_from(["advance", "advance", "data", "data", "size", "go", "back", "switch"])):
            case "advance":
                session.advance(data.draw(st.integers(1, 7)), data.draw(st.sampled_from(["row", "batch", "epoch"])))
            case "back":
                session.back(data.draw(st.integers(1, 7)), data.draw(st.sampled_from(["row", "batch", "epoch"])))
            case "go":
                session.go_to(data.draw(st.integers(0, session.end[0] + 1)))
            case "switch":
                session.switch(data.draw(st.sampled_from(sorted(session.timeline.branches))))
            case what:
                before, (epoch, item), past = session.branch.number, session.place, session.place < session.end
                if what == "data":
                    session.change_data(data.draw(st.sampled_from(kitchens)))
                else:
                    size = data.draw(st.integers(20, 90))
                    session.configure(dataclasses.replace(session.config, batch_size=size))
                assert (session.branch.number != before) == past
                earlier = {first: each for first, each in plans[before].items() if first <= epoch}
                wanted = session.wanted_dataset, session.config.batch_size
                plans[session.branch.number] = earlier | {epoch + (item > 0): wanted}
    check_all(session, plans)
    assert verify(session.record()).verdict == SAME


@pytest.mark.parametrize("engine", ENGINES_HERE)
def test_other_data_holds_from_the_next_epoch_on_and_is_at_once_what_was_asked_for(kitchens, engine):
    first, other = kitchens[:2]
    session = session_of(first, engine)
    session.advance(1)
    session.advance(1, "batch")
    before = bits(session)
    session.change_data(other)
    assert bits(session) == before
    assert (session.dataset, session.wanted_dataset) == (first, other)
    assert session.snapshot().batches == 3
    session.advance(1, "epoch")
    assert session.dataset is session.wanted_dataset is other
    assert session.snapshot().batches == 2
    assert session.snapshot().way == 3 + 3
    session.advance(1)
    session.go_to(1)
    assert session.dataset is session.wanted_dataset is first
    session.go_to(1, 1)
    assert (session.dataset, session.wanted_dataset) == (first, other)


def test_before_the_first_update_other_data_is_that_of_epoch_0_too(kitchens):
    first, other = kitchens[:2]
    session, straight = session_of(first), session_of(other)
    session.change_data(other)
    assert session.dataset is other
    assert session.records.tobytes() == straight.records.tobytes()
    for each in (session, straight):
        each.advance(3)
    assert session.records.tobytes() == straight.records.tobytes()
    assert bits(session) == bits(straight)
    assert len(session.timeline.branches) == 1
    assert verify(session.record()).verdict == SAME


def test_sisters_that_begin_where_nothing_was_trained_share_the_record_of_epoch_0(kitchens):
    session = session_of(kitchens[0])
    session.fork("sister")
    session.advance(2)
    session.switch(0)
    session.change_data(kitchens[1])
    session.advance(1)
    for number in session.timeline.branches:
        session.switch(number)
        assert session.records[0].tobytes() == session_of(kitchens[1]).records[0].tobytes()
    session.go_to(1)
    assert verify(session.record()).verdict == SAME


def test_settings_that_are_changed_at_the_start_are_those_with_which_it_is_verified(kitchens):
    session = session_of(kitchens[0])
    session.configure(dataclasses.replace(session.config, optimizer=Rule("sgd", momentum=0.9)))
    session.configure(dataclasses.replace(session.config, loss=Rule("mse")), dataclasses.replace(SMALL, link="linear"))
    session.change_data(kitchens[3])
    session.advance(2)
    assert verify(session.record()).verdict == SAME


def test_a_batch_size_and_data_that_wait_hold_together_and_the_last_ones_win(kitchens):
    session = session_of(kitchens[0])
    session.advance(1, "batch")
    session.change_data(kitchens[1])
    session.configure(dataclasses.replace(session.config, batch_size=25))
    session.change_data(kitchens[3])
    session.configure(dataclasses.replace(session.config, l2=0.01))
    session.advance(1)
    assert session.dataset is kitchens[3]
    assert session.snapshot().batch_size == 25
    assert session.snapshot().batches == -(-len(kitchens[3].X_train) // 25)
    session.advance(2)
    assert verify(session.record()).verdict == SAME


def test_who_asks_for_what_holds_already_gives_up_what_waits(kitchens):
    session = session_of(kitchens[0])
    session.advance(1, "batch")
    session.change_data(kitchens[1])
    session.change_data(kitchens[0])
    assert session.wanted_dataset is kitchens[0]
    session.advance(2)
    assert session.record().datasets == (kitchens[0],)


def copies(dataset: Dataset, count: int) -> list[Dataset]:
    return [dataclasses.replace(dataset, X_train=dataset.X_train + 0.01 * nth) for nth in range(count)]


@pytest.mark.parametrize("item", [0, 1])
def test_strokes_that_nothing_was_trained_with_are_forgotten(kitchens, item):
    session = session_of(kitchens[0])
    session.advance(1)
    if item:
        session.advance(item, "batch")
    drawn = copies(kitchens[0], 60)
    watched = [weakref.ref(each) for each in drawn]
    while drawn:
        session.change_data(drawn.pop(0))
    gc.collect()
    assert [each() is not None for each in watched] == [False] * 59 + [True]
    assert len(session.changes) == 1
    assert len(session.record().datasets) == 2


def test_a_stroke_at_another_batch_of_the_epoch_adds_nothing_either(kitchens):
    session = session_of(kitchens[0])
    drawn = copies(kitchens[0], 3)
    for each in drawn:
        session.advance(1, "batch") if each is not drawn[-1] else None
        session.change_data(each)
    assert len(session.changes) == 1
    assert session.record().datasets == (kitchens[0], drawn[-1])


def test_a_branch_keeps_what_waits_at_its_fork(kitchens):
    session = session_of(kitchens[0])
    session.advance(1, "batch")
    session.change_data(kitchens[1])
    session.advance(2)
    session.go_to(0, 1)
    session.fork("other")
    session.configure(dataclasses.replace(session.config, l2=0.1))
    session.advance(2)
    assert session.dataset is kitchens[1]
    session.go_to(0)
    session.fork("before it was asked for")
    session.advance(2)
    assert session.dataset is kitchens[0]
    assert verify(session.record()).verdict == SAME


def test_a_reset_and_new_weights_go_on_with_the_data_of_now(kitchens):
    session = session_of(kitchens[0])
    session.advance(2)
    session.change_data(kitchens[1])
    session.advance(1)
    session.reset()
    straight = session_of(kitchens[1])
    for each in (session, straight):
        each.advance(3)
    assert session.records.tobytes() == straight.records.tobytes()
    session.new_weights(5)
    assert session.dataset is kitchens[1]
    session.switch(0, 1)
    assert session.dataset is kitchens[0]


def test_what_looks_elsewhere_sees_the_data_that_held_there(kitchens):
    session = session_of(kitchens[0])
    session.advance(3)
    at_three = session.snapshot()
    session.change_data(kitchens[1])
    session.advance(3)
    here = bits(session)
    seen = session.peek(0, 2)
    assert seen.batches == 3
    assert session.dataset_at(2) is kitchens[0]
    assert session.dataset_at(3) is kitchens[1]
    assert session.dataset_at(3, number=0) is kitchens[1]
    assert np.array_equal(session.peek(0, 3).parameters, at_three.parameters)
    assert (bits(session), session.dataset) == (here, kitchens[1])
    assert session.snapshot().way == 3 * 3 + 3 * 2


@pytest.mark.parametrize("place", [(3, 0), (2, 2), (1, 1)])
def test_an_explained_moment_is_made_of_the_rows_that_it_was_trained_on(kitchens, place):
    session = session_of(kitchens[0], dtype="float64")
    session.advance(2, "batch")
    session.change_data(kitchens[1])
    session.advance(1)
    session.advance(1)
    session.change_data(kitchens[3])
    session.advance(3)
    session.go_to(*place)
    following, last = session.moment(), session.last_moment()
    for moment, dataset in ((following, session.next_dataset), (last, session.dataset_at(last.epoch, last.batch))):
        assert np.array_equal(moment.X, dataset.X_train[moment.rows])
        assert np.array_equal(moment.Y, dataset.Y_train[moment.rows])
    assert explain(last).update.parameters == pytest.approx(session.snapshot().parameters, abs=1e-12)


def test_where_only_test_rows_are_left_the_next_update_is_made_of_the_data_that_waits(kitchens):
    session = session_of(kitchens[0])
    while session.place < (0, 3):
        session._course.work((0, 3), 1.0)
    assert session.place == (0, 3)
    session.change_data(kitchens[3])
    assert session.dataset is kitchens[0]
    assert session.next_dataset is kitchens[3]
    moment = session.moment()
    assert (moment.epoch, moment.batch) == (1, 0)
    assert pytest.approx(kitchens[3].X_train[moment.rows], abs=1e-6) == moment.X


def test_a_trace_has_the_gradients_of_the_data_that_held(kitchens):
    session = session_of(kitchens[0], dtype="float64")
    session.advance(2)
    session.change_data(kitchens[1])
    session.advance(2)
    trace = session.trace([0, 3])
    assert trace.epochs == pytest.approx([0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2, 2.5, 3, 3.5, 4])
    for nth, place in ((1, (0, 1)), (7, (2, 1))):
        session.go_to(*place)
        data = training_data(session.dataset, SMALL, session.config)
        moment = moment_of(SMALL, session.config, session._engine.state(), data)
        assert trace.gradients[nth] == pytest.approx(explain(moment).backward.gradient[[0, 3]], abs=1e-15)


def test_a_cursor_in_a_batch_that_gets_shorter_stays_inside_it(kitchens):
    session = session_of(kitchens[0])
    session.advance(1)
    session.advance(59, "row")
    tiny = dataclasses.replace(
        kitchens[0],
        X_train=kitchens[0].X_train[:7], Y_train=kitchens[0].Y_train[:7], train_rows=kitchens[0].train_rows[:7],
    )  # fmt: skip
    session.change_data(tiny)
    assert session.snapshot().row == 6
    session.advance(1, "row")
    assert session.place == (2, 0)


OTHERS = {
    "other inputs": lambda: open_dataset("iris", features=("petal_length_cm", "petal_width_cm")),
    "other outputs": lambda: open_dataset("auto_mpg", features=("cyl", "displ", "hp", "weight")),
    "another task": lambda: open_dataset("digits"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_data_that_does_not_fit_the_network_is_refused_and_nothing_changes(kitchens, other):
    session = session_of(kitchens[0])
    session.advance(2)
    before = bits(session)
    with pytest.raises(ConfigError) as refused:
        session.change_data(OTHERS[other]())
    assert "new session" in refused.value.hint
    assert (bits(session), session.wanted_dataset) == (before, kitchens[0])
    assert session.changes == []


def test_values_are_no_classes_even_where_both_have_one_output(kitchens):
    rows = open_dataset("diabetes", features=("bmi", "bp"))
    classes = open_dataset(rows.table.assign(high=["yes", "no"] * (len(rows.table) // 2)), target="high",
                           features=("bmi", "bp"))  # fmt: skip
    session = Session(rows, NetworkSpec(2, (), 1))
    with pytest.raises(ConfigError, match="is for classification"):
        session.change_data(classes)


@pytest.mark.parametrize("engine", ENGINES_HERE)
@pytest.mark.parametrize("epochs", [0, 2])
def test_data_that_makes_training_diverge_is_taken_back_by_other_data(kitchens, engine, epochs):
    session = session_of(kitchens[0], engine, optimizer=Rule("sgd"), loss=Rule("mse"))
    session.advance(epochs) if epochs else None
    wild = dataclasses.replace(kitchens[1], Y_train=kitchens[1].Y_train * 1e30)
    before = bits(session)[3:5]
    session.change_data(wild)
    with pytest.raises(DivergenceError):
        session.advance(5)
    assert session.place == (epochs, 0)
    assert bits(session)[3:5] == before
    session.change_data(kitchens[3])
    session.advance(2)
    assert wild not in session.record().datasets
    straight = session_of(kitchens[0], engine, optimizer=Rule("sgd"), loss=Rule("mse"))
    straight.advance(epochs) if epochs else None
    straight.change_data(kitchens[3])
    straight.advance(2)
    assert bits(session) == bits(straight)
    assert verify(session.record()).verdict == SAME


def test_the_next_losses_of_a_comparison_are_those_of_the_data_of_now(kitchens):
    session = session_of(kitchens[0])
    session.advance(2)
    session.change_data(kitchens[1])
    told = next_losses(session.moment(), session.next_dataset, 3, engine="reference")
    session.advance(3)
    assert session.records["train_loss"][3:].tolist() == told


def test_what_emptied_the_memory_before_other_data_came_is_remembered_without_its_data(kitchens):
    session = session_of(kitchens[0])
    session.advance(1)
    session.change_data(kitchens[1])
    session.configure(dataclasses.replace(session.config, optimizer=Rule("sgd", momentum=0.9)))
    session.configure(dataclasses.replace(session.config, optimizer=Rule("adam")))
    session.change_data(kitchens[3])
    assert session.record().datasets == (kitchens[0], kitchens[3])
    session.advance(1)
    assert session._course.engine.updates == session.snapshot().batches, "its memory began anew"
    assert verify(session.record()).verdict == SAME


@pytest.mark.parametrize("engine", ["compiled", "blas"])
def test_several_threads_go_on_with_other_data_together(kitchens, engine):
    def made(dataset):
        return Session(dataset, SMALL, default_config(dataset), engine, threads=2)

    session, other = made(kitchens[0]), made(kitchens[1])
    session.change_data(kitchens[1])
    for each in (session, other):
        each.advance(3)
        each.change_data(kitchens[3])
        each.advance(2, "batch")
        each.change_data(kitchens[0])
        each.advance(3)
    assert bits(session) == bits(other)
    end = bits(session)
    session.go_to(2)
    session.go_to(*session.end)
    assert bits(session) == end
    assert verify(session.record()).verdict == SAME


def test_how_far_a_moment_is_stays_between_nothing_and_all(kitchens):
    small = dataclasses.replace(
        kitchens[0],
        X_train=kitchens[0].X_train[:3], Y_train=kitchens[0].Y_train[:3], train_rows=kitchens[0].train_rows[:3],
    )  # fmt: skip
    session = Session(small, SMALL, dataclasses.replace(default_config(small), batch_size=1), "reference", budget=0)
    session.advance(20)
    session.change_data(kitchens[2])
    session.advance(4)
    told = []
    session.go_to(1)
    session.go_to(session.end[0] - 1, 0, Progress(lambda done, _text: told.append(done)))
    assert told
    assert all(0.0 <= each <= 1.0 for each in told)

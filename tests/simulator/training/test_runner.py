"""The worker thread, through its real queue: nothing here reaches inside it but the tests of its own defects."""

import dataclasses
import threading
import time

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.engines import ENGINES
from simulator.errors import ConfigError, DeviceError
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training import commands as c
from simulator.training import events as e
from simulator.training.defaults import default_config, default_network
from simulator.training.runner import Runner
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session

PATIENCE = 30.0


class Listener:
    """Collects a runner's events, and waits for what is to come."""

    def __init__(self, spare: int = 0) -> None:
        self.runner = Runner(spare)
        self.seen: list[e.Event] = []

    def send(self, *commands: c.Command) -> None:
        for command in commands:
            self.runner.send(command)

    def wait(self, wanted) -> e.Event:
        """Return the first event after the last one waited for, for which `wanted` holds."""
        end, passed = time.monotonic() + PATIENCE, []
        while time.monotonic() < end:
            while self.seen:
                passed.append(self.seen.pop(0))
                if wanted(passed[-1]):
                    return passed[-1]
            self.seen += self.runner.events(timeout=0.1)
        raise AssertionError(f"it did not come; there were {passed}")

    def wait_for(self, kind: type) -> e.Event:
        return self.wait(lambda event: isinstance(event, kind))

    def wait_until_it_rests(self) -> None:
        self.wait(lambda event: event == e.Playing(on=False))

    def snapshot(self):
        """Ask for the present moment, in the order of the commands."""
        while self.runner.snapshot() is not None:
            pass
        self.send(c.Show())
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.runner.snapshot()
            if found is not None:
                return found
            time.sleep(0.001)
        raise AssertionError("no snapshot came")


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    found = open_dataset("penguins")
    Session(found).prepare()  # compiling, where that was not done, takes longer than a test here is patient
    return found


@pytest.fixture
def listener(penguins):
    made = Listener()
    made.send(c.Open(penguins))
    made.wait_for(e.Opened)
    yield made
    assert made.runner.close(PATIENCE)


def configured(listener: Listener, **changes) -> TrainingConfig:
    return dataclasses.replace(listener.snapshot().config, **changes)


def test_commands_are_obeyed_in_the_order_in_which_they_were_sent(listener, penguins):
    config = default_config(penguins)
    slow = dataclasses.replace(config, optimizer=config.optimizer.having(learning_rate=0.0))
    listener.send(c.Advance(3), c.Pause(), c.NewWeights(5), c.Configure(dataclasses.replace(slow, seed=5)))
    listener.send(c.Advance(2))
    listener.wait(lambda event: event == e.Playing(on=True))
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] == 2)
    listener.wait_until_it_rests()
    snapshot = listener.snapshot()
    assert snapshot.epoch == 2
    drawn = parameters.start_values(snapshot.network, 5).astype(np.float32)
    assert np.array_equal(snapshot.parameters, drawn), "the rate was 0 before the first update of the new weights"


def test_a_pause_before_a_run_does_not_hold_it_up(listener):
    listener.send(c.Pause(), c.Pause(), c.Advance(2))
    listener.wait_until_it_rests()
    assert listener.snapshot().epoch == 2


def test_a_pause_after_play_stops_it_and_what_runs_is_shown(listener):
    listener.send(c.Play())
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] > 3)
    listener.send(c.Pause())
    listener.wait_until_it_rests()
    shown = listener.runner.snapshot()
    assert shown is not None
    time.sleep(0.05)
    assert listener.runner.events() == []
    assert listener.snapshot().epoch == shown.epoch


def test_a_second_advance_adds_to_the_first_and_advance_ends_play(listener):
    listener.send(c.Advance(40), c.Advance(3, "batch"), c.Advance(2, "row"))
    listener.wait_until_it_rests()
    snapshot = listener.snapshot()
    assert (snapshot.epoch, snapshot.batch, snapshot.row) == (40, 3, 2)
    listener.send(c.Play(), c.Advance(1))
    listener.wait_until_it_rests()
    assert listener.snapshot().batch == 0


def test_a_run_in_the_thread_has_the_bits_of_a_run_without_one(listener, penguins):
    listener.send(c.Advance(7), c.Advance(5, "batch"))
    listener.wait_until_it_rests()
    session = Session(penguins)
    session.advance(7)
    session.advance(5, "batch")
    assert np.array_equal(listener.snapshot().parameters, session.snapshot().parameters)


def test_no_epochs_scalars_are_lost_however_fast_they_come(penguins):
    listener = Listener()
    listener.send(c.Open(penguins, NetworkSpec(4, (), 3)), c.Advance(1500))
    rows: list[int] = []
    listener.wait(
        lambda event: (
            (isinstance(event, e.Recorded) and rows.extend(event.rows["epoch"].tolist()))
            or event == e.Playing(on=False)
        )
    )
    assert rows == list(range(1501))
    assert listener.runner.close(PATIENCE)


def test_a_learning_rate_changed_while_it_plays_holds_from_the_next_update(listener):
    listener.send(c.Play())
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] > 2)
    config = configured(listener)
    still = dataclasses.replace(config, optimizer=config.optimizer.having(learning_rate=0.0))
    listener.send(c.Configure(still))
    listener.wait_for(e.Configured)
    first = listener.snapshot()
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] > first.epoch + 3)
    assert np.array_equal(listener.snapshot().parameters, first.parameters)


def test_a_learning_rate_changed_in_the_middle_of_an_epoch_holds_from_the_next_batch(listener, penguins):
    config = default_config(penguins)
    still = dataclasses.replace(config, optimizer=config.optimizer.having(learning_rate=0.0))
    listener.send(c.Advance(5, "batch"))
    listener.wait_until_it_rests()
    before = listener.snapshot()
    listener.send(c.Configure(still), c.Advance(4, "batch"))
    listener.wait_until_it_rests()
    after = listener.snapshot()
    assert (before.batch, after.batch) == (5, 9)
    assert np.array_equal(before.parameters, after.parameters)


def test_an_error_becomes_an_event_and_the_session_goes_on(listener):
    wrong = configured(listener, optimizer=Rule("adm"))
    listener.send(c.Play(), c.Configure(wrong))
    failed = listener.wait_for(e.Failed)
    assert "'adm'" in failed.message
    assert "adam" in failed.hint
    assert failed.kind == "ConfigError"
    epoch = listener.snapshot().epoch
    listener.send(c.Advance(2))
    listener.wait_until_it_rests()
    assert listener.snapshot().epoch >= epoch + 2


def test_a_failed_open_leaves_the_running_network(listener):
    listener.send(c.Advance(3))
    listener.wait_until_it_rests()
    listener.send(c.Open(open_dataset("iris"), NetworkSpec(9, (), 3)))
    assert listener.wait_for(e.Failed).kind == "ConfigError"
    snapshot = listener.snapshot()
    assert (snapshot.epoch, snapshot.network.sizes) == (3, (4, 8, 8, 3))


def test_an_unexpected_defect_becomes_an_internal_error_and_the_thread_lives(listener, monkeypatch, caplog):
    def broken(self, *_):
        raise ZeroDivisionError("a planted defect")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "work", broken)
        listener.send(c.Play())
        failed = listener.wait_for(e.Failed)
    assert failed.kind == "InternalError"
    assert "a planted defect" in failed.message
    assert "a planted defect" in caplog.text, "the traceback is in the log"
    listener.send(c.Advance(1))
    listener.wait_until_it_rests()
    assert listener.snapshot().epoch == 1


def test_divergence_stops_the_training_and_keeps_the_last_finite_state():
    mileage, listener = open_dataset("auto_mpg"), Listener()
    config = dataclasses.replace(default_config(mileage), optimizer=Rule("sgd", learning_rate=1e6))
    listener.send(c.Open(mileage, default_network(mileage, (8,), "relu"), config), c.Play())
    failed = listener.wait_for(e.Failed)
    assert failed.kind == "TrainingDivergedError"
    assert np.isfinite(listener.snapshot().parameters).all()
    assert listener.runner.close(PATIENCE)


def test_an_endless_run_can_be_closed_at_once(penguins):
    before = set(threading.enumerate())
    listener = Listener()
    listener.send(c.Open(penguins), c.Play())
    listener.wait_for(e.Recorded)
    assert listener.runner.close(PATIENCE)
    assert listener.runner.events()[-1] == e.Closed()
    assert not any(thread.name == "nodeglow-worker" for thread in {*threading.enumerate()} - before)


def test_closing_does_not_wait_for_a_large_data_set_to_be_evaluated(monkeypatch, penguins):
    started = threading.Event()
    engine = ENGINES["compiled"]
    evaluate = engine.evaluate

    def slow(self, split, first, last):
        started.set()
        time.sleep(0.05)
        return evaluate(self, split, first, last)

    monkeypatch.setattr(engine, "evaluate", slow)
    runner = Runner()
    runner.send(c.Open(penguins))
    assert started.wait(PATIENCE)
    assert runner.close(PATIENCE)
    assert [type(event) for event in runner.events()] == [e.Closed]


def test_commands_without_a_session_say_what_is_missing():
    listener = Listener()
    listener.send(c.Play())
    assert "no session" in listener.wait_for(e.Failed).message
    assert listener.runner.close(PATIENCE)


def test_opening_another_data_set_begins_a_new_history(listener):
    listener.send(c.Advance(3))
    listener.wait_until_it_rests()
    listener.send(c.Open(open_dataset("iris")))
    opened = listener.wait_for(e.Opened)
    assert opened.dataset.name == "iris"
    assert opened.snapshot.epoch == 0
    assert listener.wait_for(e.Recorded).rows["epoch"].tolist() == [0]


def test_reset_and_new_weights_begin_at_epoch_0(listener):
    start = listener.snapshot().parameters
    listener.send(c.Play(), c.Reset())
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"].tolist() == [0])
    snapshot = listener.snapshot()
    assert snapshot.epoch == 0
    assert np.array_equal(snapshot.parameters, start)
    listener.send(c.NewWeights())
    assert listener.wait_for(e.Configured).config.seed == 1
    assert not np.array_equal(listener.snapshot().parameters, start)


def test_the_mailbox_holds_the_newest_moment_only(listener):
    listener.send(c.Show(), c.Advance(2), c.Show(), c.Advance(1))
    listener.wait_until_it_rests()
    assert listener.runner.snapshot().epoch == 3
    assert listener.runner.snapshot() is None


def test_a_moment_to_be_explained_comes_up_while_it_plays_and_changes_nothing(listener):
    listener.send(c.Play(), c.Explain(), c.Explain(), c.Pause())
    moments = [listener.wait_for(e.Explained).moment for _ in range(2)]
    assert moments[0].updates <= moments[1].updates
    assert not moments[0].parameters.flags.writeable
    listener.wait_until_it_rests()
    shown = listener.snapshot()
    listener.send(c.Explain())
    moment = listener.wait_for(e.Explained).moment
    assert np.array_equal(moment.parameters, shown.parameters.astype(np.float64))
    assert (moment.epoch, moment.batch) == (shown.epoch, shown.batch)
    assert np.array_equal(listener.snapshot().parameters, shown.parameters)


def test_what_comes_up_is_read_only(listener):
    listener.send(c.Advance(2))
    rows = listener.wait_for(e.Recorded).rows
    listener.wait_until_it_rests()
    snapshot = listener.snapshot()
    for array in (rows, snapshot.parameters, snapshot.layers[0].weight, snapshot.layers[0].bias):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize(("n", "unit"), [(0, "epoch"), (1, "step")])
def test_an_impossible_advance_is_refused_where_it_is_made(n, unit):
    with pytest.raises(ConfigError):
        c.Advance(n, unit)


def test_the_layers_of_a_session_may_change_activation_while_it_plays(listener):
    listener.send(c.Play(), c.Configure(network=NetworkSpec(4, (LayerSpec(8, "relu"), LayerSpec(8, "relu")), 3)))
    assert listener.wait_for(e.Configured).network.hidden[0].activation == "relu"
    listener.send(c.Pause())
    listener.wait_until_it_rests()
    assert listener.snapshot().network.hidden[0].activation == "relu"


def test_a_worker_that_leaves_cores_to_others_takes_fewer_threads_for_large_batches(penguins, monkeypatch):
    monkeypatch.setattr("simulator.engines.threads.available", lambda: 4)
    network = NetworkSpec(4, (LayerSpec(1000), LayerSpec(1000)), 3)
    for spare, threads in ((0, 4), (1, 3), (9, 1)):
        listener = Listener(spare)
        listener.send(c.Open(penguins, network))
        assert listener.wait_for(e.Opened).threads == threads
        assert listener.runner.close(PATIENCE)


# -- what has to be prepared first ----------------------------------------------------------------------------------


class Slow(ENGINES["reference"]):
    """An engine that has to be prepared, for as long as the text is not empty."""

    text = ""

    @property
    def ready(self) -> bool:
        return not self.text

    @property
    def preparing(self) -> str:
        return self.text

    def advance(self, epoch, item, limit):
        assert self.ready, "it was not ready to work"
        return super().advance(epoch, item, limit)


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setitem(ENGINES, "slow", Slow)
    monkeypatch.setattr(Slow, "text", "compiling")
    return Slow


@pytest.fixture
def waiting(slow, penguins):
    """A runner whose session cannot train yet, and has said so."""
    made = Listener()
    made.send(c.Open(penguins, engine="slow"))
    made.wait_for(e.Opened)
    assert made.wait_for(e.Preparing).text == "compiling"
    yield made
    assert made.runner.close(PATIENCE)


def test_what_is_prepared_is_said_as_soon_as_a_session_is_open_and_once(waiting, slow):
    time.sleep(0.2)
    assert [event for event in waiting.runner.events() if isinstance(event, e.Preparing)] == []
    slow.text = "loading"
    assert waiting.wait_for(e.Preparing).text == "loading"
    slow.text = ""
    assert waiting.wait_for(e.Preparing).text == ""


def test_play_waits_for_what_is_prepared_and_then_trains(waiting, slow, penguins):
    waiting.send(c.Advance(3))
    assert waiting.wait_for(e.Playing).on
    time.sleep(0.2)
    assert waiting.snapshot().epoch == 0
    slow.text = ""
    waiting.wait_until_it_rests()
    session = Session(penguins, engine="reference")
    session.advance(3)
    assert np.array_equal(waiting.snapshot().parameters, session.snapshot().parameters), "no other engine stepped in"


def test_commands_are_obeyed_at_once_while_it_waits(waiting):
    config = configured(waiting)
    waiting.send(c.Play(), c.Configure(dataclasses.replace(config, batch_size=7)), c.Pause())
    assert waiting.wait_for(e.Configured).config.batch_size == 7
    waiting.wait_until_it_rests()
    waiting.send(c.Play(), c.NewWeights(5))
    waiting.wait_until_it_rests()
    assert waiting.wait_for(e.Configured).config.seed == 5


def test_a_pause_while_it_waits_holds_when_it_is_ready(waiting, slow):
    waiting.send(c.Play(), c.Pause())
    waiting.wait_until_it_rests()
    slow.text = ""
    waiting.wait_for(e.Preparing)
    assert waiting.snapshot().epoch == 0


def test_another_session_can_be_opened_while_one_waits(waiting, penguins):
    waiting.send(c.Play(), c.Open(penguins, engine="reference"))
    waiting.wait_for(e.Opened)
    assert waiting.wait_for(e.Preparing).text == ""
    waiting.send(c.Advance(2))
    waiting.wait_until_it_rests()
    assert waiting.snapshot().epoch == 2


def test_a_runner_that_waits_can_be_closed_at_once(waiting):
    waiting.send(c.Play())
    waiting.wait_for(e.Playing)
    assert waiting.runner.close(PATIENCE)
    assert waiting.runner.events()[-1] == e.Closed()


def test_what_cannot_be_prepared_is_a_failure_when_it_is_needed_and_not_before(waiting, slow, monkeypatch):
    def refused(self, epoch, item, limit):
        raise DeviceError("the kernels cannot be compiled", "Take another engine.")

    monkeypatch.setattr(slow, "advance", refused)
    slow.text = ""
    assert waiting.wait_for(e.Preparing).text == ""
    assert waiting.runner.events() == []
    waiting.send(c.Play())
    failed = waiting.wait_for(e.Failed)
    assert (failed.kind, failed.hint) == ("DeviceError", "Take another engine.")


# -- the timeline


def test_one_goes_back_and_on_and_the_settings_of_the_moment_come_up(listener):
    listener.send(c.Advance(6))
    listener.wait_until_it_rests()
    end = listener.snapshot()
    listener.send(c.Configure(dataclasses.replace(end.config, l2=0.5)), c.Advance(1))
    listener.wait_until_it_rests()
    listener.send(c.GoTo(2, 3))
    listener.wait(lambda event: isinstance(event, e.Configured) and event.config.l2 == 0.0)
    shown = listener.snapshot()
    assert (shown.epoch, shown.batch, shown.live, shown.end) == (2, 3, False, (7, 0))
    for n, unit, place in ((1, "epoch", (2, 0)), (2, "batch", (1, 16))):
        listener.send(c.Back(n, unit))
        shown = listener.snapshot()
        assert (shown.epoch, shown.batch) == place
    listener.send(c.GoTo(6))
    listener.wait(lambda event: isinstance(event, e.Configured) and event.config.l2 == 0.5)
    assert np.array_equal(listener.snapshot().parameters, end.parameters)


def test_a_change_in_the_past_is_told_as_a_branch_with_its_own_records(listener):
    listener.send(c.Advance(5))
    listener.wait_until_it_rests()
    config = listener.snapshot().config
    listener.send(c.GoTo(2), c.Configure(dataclasses.replace(config, l2=0.5)))
    news = listener.wait(lambda event: isinstance(event, e.Branched) and len(event.branches) == 2)
    first, second = news.branches
    assert (first.parent, first.end, len(first.records)) == (None, (5, 0), 6)
    assert (second.parent, second.fork, news.current) == (first.number, (2, 0), second.number)
    rows = listener.wait_for(e.Recorded).rows
    assert rows["epoch"].tolist() == [0, 1, 2]
    listener.send(c.Advance(1), c.Rename(first.number, "before"))
    listener.wait(lambda event: isinstance(event, e.Branched) and event.branches[0].name == "before")
    listener.send(c.Switch(first.number))
    rows = listener.wait(lambda event: isinstance(event, e.Recorded) and len(event.rows) == 6).rows
    assert rows["epoch"].tolist() == list(range(6))
    assert listener.snapshot().branch == first.number


def test_of_many_moments_that_are_asked_for_the_last_one_is_shown(listener):
    listener.send(c.Advance(50))
    listener.wait_until_it_rests()
    listener.send(*(c.GoTo(epoch) for epoch in range(49, 9, -1)), c.Advance(1, "batch"))
    listener.wait_until_it_rests()
    shown = listener.snapshot()
    assert (shown.epoch, shown.batch) == (10, 1)


def test_a_moment_that_does_not_exist_is_refused_and_the_run_stays(listener):
    listener.send(c.Advance(2))
    listener.wait_until_it_rests()
    listener.send(c.GoTo(1, 99))
    assert "no batch 99" in listener.wait_for(e.Failed).message
    assert listener.snapshot().epoch == 2


# -- session files --------------------------------------------------------------------------------------------------


def test_a_session_is_saved_while_it_runs_and_goes_on(listener, penguins, tmp_path):
    listener.send(c.Play())
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] > 3)
    listener.send(c.Save(tmp_path / "s.nodeglow", {"docks": "AAAA"}, "autosave"))
    saving = listener.wait_for(e.Saving)
    assert (saving.asked.path, saving.asked.purpose) == (tmp_path / "s.nodeglow", "autosave")
    epoch = saving.record.present.epoch
    assert epoch > 3
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] > epoch)
    path = write_session(saving.record, saving.asked.path)
    record = read_session(path)
    assert (record.present.epoch, record.layout) == (epoch, {"docks": "AAAA"})
    straight = Session(penguins)
    straight.advance(epoch)
    assert record.branches[0].records.tobytes() == straight.records.tobytes()


def test_an_opened_record_stands_where_it_was_saved_with_its_branches_records_and_layout(listener):
    listener.send(c.Advance(20))
    listener.wait_until_it_rests()
    listener.send(c.GoTo(5), c.Fork("other"), c.Advance(3))
    listener.wait_until_it_rests()
    listener.send(c.GoTo(6, 2), c.Save(layout={"a": 1}))
    record = listener.wait_for(e.Saving).record
    before = listener.snapshot()
    listener.send(c.NewWeights(9), c.Advance(2), c.OpenRecord(record))
    opened = listener.wait_for(e.Opened)
    assert opened.layout == {"a": 1}
    assert opened.dataset is record.dataset
    branched = listener.wait_for(e.Branched)
    assert [(news.name, news.end) for news in branched.branches] == [("run 1", (20, 0)), ("other", (8, 0))]
    assert branched.current == 1
    assert len(listener.wait_for(e.Recorded).rows) == 9
    after = listener.snapshot()
    assert (after.epoch, after.batch, after.live, after.end) == (6, 2, False, (8, 0))
    assert after.parameters.tobytes() == before.parameters.tobytes() == opened.snapshot.parameters.tobytes()
    listener.send(c.Switch(0), c.Advance(1))
    listener.wait_until_it_rests()
    assert listener.snapshot().epoch == 21


def test_a_record_that_cannot_be_opened_leaves_the_running_session_alone(listener):
    listener.send(c.Advance(3), c.Save())
    record = listener.wait_for(e.Saving).record
    listener.send(c.OpenRecord(dataclasses.replace(record, engine="steam")))
    assert "steam" in listener.wait_for(e.Failed).message
    listener.send(c.OpenRecord(record, device="cuda:99"))
    assert listener.wait_for(e.Failed).kind == "DeviceError"
    before = listener.snapshot().epoch
    listener.send(c.Advance(2))
    listener.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] == before + 2)


def test_saving_and_opening_without_a_session_are_answered():
    listener = Listener()
    listener.send(c.Save())
    assert "no session" in listener.wait_for(e.Failed).message
    assert listener.runner.close(PATIENCE)


def test_a_smaller_budget_holds_at_once_and_for_sessions_that_are_opened_later(listener):
    listener.send(c.Advance(3000))
    listener.wait_until_it_rests()
    listener.send(c.Limit(0))
    shown = listener.snapshot()
    session = listener.runner._session
    assert all(len(branch.keyframes) == 1 for branch in session.timeline.branches.values())
    listener.send(c.GoTo(1500), c.GoTo(3000))
    assert np.array_equal(listener.snapshot().parameters, shown.parameters)
    listener.send(c.Open(session.dataset))
    listener.wait_for(e.Opened)
    assert listener.runner._session.timeline.budget == 0
    with pytest.raises(ConfigError):
        c.Limit(-1)


# -- the data changes -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> list[Dataset]:
    return [open_dataset("penguins", seed=seed, test_fraction=0.1 * seed) for seed in range(1, 7)]


def datasets_told(listener: Listener) -> list[e.DataChanged]:
    listener.snapshot()
    listener.seen += listener.runner.events()
    return [event for event in listener.seen if isinstance(event, e.DataChanged)]


def test_training_goes_on_while_data_is_drawn_and_what_is_shown_is_told(listener, drawn):
    listener.send(c.Play())
    listener.wait(lambda event: event == e.Playing(on=True))
    for each in drawn:
        listener.send(c.ChangeData(each))
        batches, end = -(-len(each.X_train) // 16), time.monotonic() + PATIENCE
        while listener.snapshot().batches != batches:  # an epoch may have begun
            assert time.monotonic() < end
        told = listener.wait(lambda event, each=each: isinstance(event, e.DataChanged) and event.dataset is each)
        assert told.waiting is None
    listener.send(c.Pause())
    listener.wait_until_it_rests()
    assert not [event for event in listener.seen if isinstance(event, e.Failed)]


def test_data_that_waits_is_told_and_again_when_it_holds(listener, penguins, drawn):
    listener.send(c.Advance(1, "batch"))
    listener.wait_until_it_rests()
    listener.send(c.ChangeData(drawn[0]))
    told = listener.wait_for(e.DataChanged)
    assert (told.dataset, told.waiting, told.place) == (penguins, drawn[0], (0, 1))
    listener.send(c.ChangeData(drawn[1]), c.Advance(1, "epoch"))
    told = listener.wait_for(e.DataChanged)
    assert (told.dataset, told.waiting) == (penguins, drawn[1])
    told = listener.wait_for(e.DataChanged)
    assert (told.dataset, told.waiting, told.place) == (drawn[1], None, (1, 0))


def test_going_back_and_forth_and_to_other_branches_tells_the_data_of_the_moment(listener, penguins, drawn):
    for command in (c.Advance(2), c.ChangeData(drawn[0]), c.Advance(2)):
        listener.send(command)
        if isinstance(command, c.Advance):
            listener.wait_until_it_rests()
    datasets_told(listener)
    listener.seen.clear()
    for command, dataset in (
        (c.GoTo(1), penguins), (c.GoTo(3), drawn[0]), (c.Back(2), penguins), (c.ChangeData(drawn[1]), drawn[1]),
        (c.Switch(0), drawn[0]), (c.GoTo(0), penguins), (c.NewWeights(), None), (c.Switch(0), drawn[0]),
        (c.Reset(), None),
    ):  # fmt: skip
        listener.send(command)
        told = datasets_told(listener)
        listener.seen.clear()
        assert [each.dataset for each in told] == ([] if dataset is None else [dataset])


def test_new_data_before_the_first_update_brings_a_new_record_of_epoch_0(listener, drawn):
    listener.wait_for(e.Recorded)
    listener.send(c.ChangeData(drawn[2]))
    told = listener.wait_for(e.Recorded)
    assert told.rows.tobytes() == Session(drawn[2]).records.tobytes()


def test_moments_that_are_explained_and_looked_at_say_their_data(listener, penguins, drawn):
    listener.send(c.Advance(1))
    listener.wait_until_it_rests()
    listener.send(c.ChangeData(drawn[0]), c.Explain())
    explained = listener.wait_for(e.Explained)
    assert (explained.dataset, explained.last_dataset) == (drawn[0], penguins)
    for moment, dataset in ((explained.moment, drawn[0]), (explained.last, penguins)):
        assert np.array_equal(moment.X, dataset.X_train[moment.rows].astype(np.float32))
    listener.send(c.Advance(2))
    listener.wait_until_it_rests()
    listener.send(c.Peek(0, 0), c.Peek(0, 1), c.Peek(0))
    assert [listener.wait_for(e.Peeked).dataset for _ in range(3)] == [penguins, drawn[0], drawn[0]]


def test_data_of_another_width_is_refused_and_what_was_there_stays(listener, penguins):
    listener.send(c.Advance(1))
    listener.wait_until_it_rests()
    listener.send(c.ChangeData(open_dataset("digits")))
    failed = listener.wait_for(e.Failed)
    assert "new session" in failed.hint
    assert datasets_told(listener) == []
    assert listener.snapshot().epoch == 1


def test_a_session_that_was_read_tells_what_waits(listener, penguins, drawn):
    session = Session(penguins)
    session.advance(1, "batch")
    session.change_data(drawn[0])
    listener.send(c.OpenRecord(session.record()))
    opened = listener.wait_for(e.Opened)
    told = listener.wait_for(e.DataChanged)
    assert opened.dataset is told.dataset is penguins
    assert told.waiting is drawn[0]


def test_of_data_that_comes_faster_than_it_can_be_taken_the_last_counts(listener, drawn, monkeypatch):
    session, hold, taken = listener.runner._session, threading.Event(), []
    record, change_data = session.record, session.change_data
    monkeypatch.setattr(session, "record", lambda layout: hold.wait(PATIENCE) and record(layout))
    monkeypatch.setattr(session, "change_data", lambda dataset: (taken.append(dataset), change_data(dataset)))
    listener.send(c.Save(), *map(c.ChangeData, drawn[:4]), c.Show(), c.ChangeData(drawn[4]), c.Advance(1))
    listener.send(c.ChangeData(drawn[5]), c.Explain())
    hold.set()
    assert listener.wait_for(e.Explained).dataset is drawn[5]
    assert taken == [drawn[4], drawn[5]], "what was sent before something else is to be done counts too"

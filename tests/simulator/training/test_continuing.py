"""Training goes on from a model as if it had never been saved: every number is the same to the bit."""

import dataclasses
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.engines import ENGINES
from simulator.errors import ConfigError, SessionFileError
from simulator.interchange import FORMATS, load_model, save_model
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.archive import document
from simulator.training.continuing import fingerprint, goes_on, was_trained_on
from simulator.training.defaults import default_config
from simulator.training.history import History
from simulator.training.own_data import data_for, open_for, prepared_for
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session
from simulator.training.session_record import same_state
from simulator.training.timeline import MOST_EPOCHS
from simulator.training.verification import SAME, verify

ON_THE_CPU = [name for name in ENGINES if name != "cuda"]
DROPPING = NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.3), LayerSpec(5, "relu")), 3)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


@pytest.fixture
def through_a_file(tmp_path):
    """A function that saves the model of a session, and opens it again."""

    def reopened(session: Session, suffix: str = ".safetensors"):
        return load_model(save_model(session.model(), tmp_path / f"model{suffix}"))

    return reopened


def same_numbers(one: Session, other: Session, first: int) -> bool:
    """Return whether two sessions stand at the same state, and have the same records from an epoch on."""
    states = one.record().present, other.record().present
    return same_state(*states) and one.records[first:].tobytes() == other.records[first:].tobytes()


def settings_of(dataset, optimizer="adam", schedule="constant", dtype="float32", **changes):
    config = dataclasses.replace(
        default_config(dataset), optimizer=Rule(optimizer), schedule=Rule(schedule), dtype=dtype, batch_size=50
    )
    return dataclasses.replace(config, **changes)


@pytest.mark.parametrize("suffix", [row.suffix for row in FORMATS.values() if row.group == "ours"])
def test_thirty_epochs_saved_and_opened_and_thirty_more_are_sixty(penguins, through_a_file, suffix):
    whole, begun = Session(penguins), Session(penguins)
    whole.advance(60)
    begun.advance(30)
    gone_on = Session(open_dataset("penguins"), start=through_a_file(begun, suffix))
    assert gone_on.epoch == 30
    assert gone_on.records[30:].tobytes() == whole.records[30:31].tobytes()
    gone_on.advance(30)
    assert same_numbers(gone_on, whole, 30)
    assert gone_on.snapshot().way == whole.snapshot().way
    assert gone_on.snapshot().updates == whole.snapshot().updates


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("engine", ON_THE_CPU)
def test_every_optimizer_goes_on_with_its_memory_in_every_engine(penguins, through_a_file, engine, optimizer):
    schedule = [*SCHEDULES][[*OPTIMIZERS].index(optimizer) % len(SCHEDULES)]
    config = settings_of(penguins, optimizer, schedule, l1=1e-4, l2=1e-3, clip_norm=1.0)
    whole, begun = (Session(penguins, DROPPING, config, engine) for _ in range(2))
    whole.advance(4)
    begun.advance(2)
    gone_on = Session(penguins, engine=engine, start=through_a_file(begun))
    gone_on.advance(2)
    assert same_numbers(gone_on, whole, 2)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("engine", ON_THE_CPU)
def test_every_combination_goes_on(penguins, through_a_file, engine, optimizer, schedule, dtype):
    config = settings_of(penguins, optimizer, schedule, dtype)
    whole, begun = (Session(penguins, DROPPING, config, engine) for _ in range(2))
    whole.advance(6)
    begun.advance(3)
    gone_on = Session(penguins, engine=engine, start=through_a_file(begun))
    gone_on.advance(3)
    assert same_numbers(gone_on, whole, 3)


@given(
    optimizer=st.sampled_from([*OPTIMIZERS]),
    schedule=st.sampled_from([*SCHEDULES]),
    dtype=st.sampled_from(["float32", "float64"]),
    batches=st.integers(1, 30),
    more=st.integers(1, 20),
    penalty=st.sampled_from([{}, {"l1": 0.01}, {"l2": 0.1}, {"clip_norm": 0.5}]),
    network=st.sampled_from([DROPPING, None]),
)
@settings(max_examples=25, **QUIET)
def test_a_model_of_any_batch_of_an_epoch_goes_on(
    penguins, through_a_file, optimizer, schedule, dtype, batches, more, penalty, network
):
    config = settings_of(penguins, optimizer, schedule, dtype, **penalty)
    whole, begun = (Session(penguins, network, config) for _ in range(2))
    whole.advance(batches, "batch")
    begun.advance(batches, "batch")
    gone_on = Session(penguins, start=through_a_file(begun))
    assert gone_on.place == begun.place
    for session in (whole, gone_on):
        session.advance(more, "batch")
        session.advance(2)
    assert same_numbers(gone_on, whole, begun.epoch)
    assert gone_on.snapshot().way == whole.snapshot().way
    gone_on.go_to(*begun.place)
    assert same_state(gone_on.record().present, begun.record().present)


def test_a_batch_size_that_waits_for_the_next_epoch_still_waits(penguins, through_a_file):
    whole = Session(penguins)
    whole.advance(5, "batch")
    whole.configure(dataclasses.replace(whole.config, batch_size=7))
    gone_on = Session(penguins, start=through_a_file(whole))
    assert gone_on.snapshot().batch_size == 16
    assert gone_on.config.batch_size == 7
    for session in (whole, gone_on):
        session.advance(3)
    assert same_numbers(gone_on, whole, 1)
    assert verify(gone_on.record()).verdict == SAME


def test_settings_that_are_given_hold_from_there_on_as_if_they_had_been_changed(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(4)
    model = through_a_file(begun)
    other_rate = model.config.optimizer.having(learning_rate=0.1)
    for change in ({"l2": 0.1}, {"batch_size": 9}, {"optimizer": Rule("sgd", momentum=0.9)}, {"optimizer": other_rate}):
        config = dataclasses.replace(model.config, **change)
        whole = Session(penguins)
        whole.advance(4)
        whole.configure(config)
        gone_on = Session(penguins, config=config, start=model)
        for session in (whole, gone_on):
            session.advance(3)
        assert same_numbers(gone_on, whole, 5)
        assert verify(gone_on.record()).verdict == SAME


def test_another_optimizer_begins_with_an_empty_memory(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(3)
    model = through_a_file(begun)
    config = dataclasses.replace(model.config, optimizer=Rule("rmsprop"))
    gone_on = Session(penguins, config=config, start=model)
    assert gone_on.snapshot().updates == 0
    assert not gone_on.record().present.memory.any()
    assert goes_on(model)
    assert not goes_on(model, config)
    assert gone_on.model().training.progression.updates == 0


def test_another_number_format_and_seed_hold_from_the_beginning_of_the_run(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(3)
    model = through_a_file(begun)
    config = dataclasses.replace(model.config, dtype="float64", seed=9)
    gone_on = Session(penguins, config=config, start=model)
    state = gone_on.record().present
    assert state.parameters.dtype == state.memory.dtype == np.float64
    assert state.memory.any()
    gone_on.advance(2)
    assert verify(gone_on.record()).verdict == SAME


def test_a_model_without_memory_starts_at_epoch_0_with_its_weights(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(3)
    model = dataclasses.replace(through_a_file(begun), training=None)
    session = Session(penguins, start=model)
    assert session.place == (0, 0)
    assert session.model().parameters.tobytes() == model.parameters.tobytes()
    assert not goes_on(model)


def test_a_model_of_epoch_0_starts_a_run_like_any_other(penguins, through_a_file):
    session = Session(penguins, start=through_a_file(Session(penguins)))
    assert session.place == (0, 0)
    assert session.branch.drawn


def test_another_shape_is_refused(penguins, through_a_file):
    model = through_a_file(Session(penguins))
    with pytest.raises(ConfigError, match="cannot go on"):
        Session(penguins, DROPPING, start=model)


# -- the run that begins later ------------------------------------------------------------------------------------


@pytest.fixture
def late(penguins, through_a_file) -> Session:
    """A run that went on from epoch 20 to epoch 30."""
    begun = Session(penguins)
    begun.advance(20)
    session = Session(penguins, start=through_a_file(begun))
    session.advance(10)
    return session


def test_epochs_before_it_are_not_known_and_take_their_places(late):
    records = late.records
    assert records["epoch"].tolist() == [*range(31)]
    for name in records.dtype.names[1:]:
        assert np.isnan(records[name][:20]).all()
        assert np.isfinite(records[name][20:]).all()


def test_before_its_start_there_is_nothing_to_go_to(late):
    for go in (
        lambda: late.go_to(0),
        lambda: late.go_to(7, 3),
        lambda: late.back(50),
        lambda: late.back(10_000, "batch"),
        lambda: late.back(10_000, "row"),
    ):
        go()
        assert late.place == (20, 0)
        assert late.snapshot().record.epoch == 20
        assert late.last_moment() is None
        late.go_to(25)
    assert late.peek(epoch=0).epoch == 20
    late.go_to(20, 1)
    assert late.last_moment() is not None
    late.back(1, "batch")
    assert late.place == (20, 0)


def test_reset_goes_back_to_the_imported_state_and_new_weights_begin_anew(late):
    first, parameters = late.records[21:], late.model().parameters
    late.reset()
    assert late.place == (20, 0)
    late.advance(10)
    assert late.model().parameters.tobytes() == parameters.tobytes()
    assert late.records[21:].tobytes() == first.tobytes()
    late.new_weights()
    assert late.place == (0, 0)
    late.advance(2)
    assert late.records["epoch"].tolist() == [0, 1, 2]
    late.switch(0)
    assert late.place == (30, 0)
    assert verify(late.record()).verdict == SAME


def test_reset_goes_back_under_the_settings_of_now(late):
    late.configure(dataclasses.replace(late.config, l2=0.5, optimizer=Rule("sgd")))
    late.reset()
    assert late.place == (20, 0)
    assert (late.config.l2, late.config.optimizer.name) == (0.5, "sgd")
    late.advance(3)
    late.reset()
    late.advance(1, "batch")
    assert verify(late.record()).verdict == SAME


def test_reset_in_the_middle_of_an_epoch_lets_another_batch_size_wait(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(23, "batch")
    session = Session(penguins, start=through_a_file(begun))
    session.advance(2)
    session.configure(dataclasses.replace(session.config, batch_size=11))
    session.reset()
    assert session.place == begun.place
    assert (session.snapshot().batch_size, session.config.batch_size) == (16, 11)
    session.advance(2)
    assert verify(session.record()).verdict == SAME


def test_branches_leave_it_and_keep_its_start(late):
    late.go_to(24, 5)
    late.configure(dataclasses.replace(late.config, l2=0.1))
    late.advance(3)
    assert late.branch.parent is late.timeline.branches[0]
    assert late.branch.first == (20, 0)
    assert np.isnan(late.records["train_loss"][:20]).all()
    late.go_to(3)
    assert late.place == (20, 0)
    assert verify(late.record()).verdict == SAME


def test_views_that_look_over_time_begin_with_it(late):
    moments, trace = late.survey(), late.trace([0, 5])
    assert (moments[0].epoch, moments[-1].epoch) == (20, 30)
    assert [moment.time for moment in moments] == sorted(moment.time for moment in moments)
    assert (trace.epochs[0], trace.epochs[-1]) == (20.0, 30.0)
    few = late.survey(most=12)
    assert few[0].time == 20.0


def test_other_data_of_its_shape_may_be_trained_on_from_there(late):
    late.change_data(open_dataset("penguins", test_fraction=0.4, seed=3))
    late.advance(2)
    late.reset()
    late.advance(2)
    assert verify(late.record()).verdict == SAME


# -- its session file ---------------------------------------------------------------------------------------------


def test_a_session_file_holds_where_it_began(late, tmp_path):
    late.advance(3, "batch")
    path = write_session(late.record(), tmp_path / "s.nodeglow")
    found = Session.of_record(read_session(path))
    assert same_numbers(found, late, 0)
    assert found.branch.first == (20, 0)
    for session in (found, late):
        session.advance(2)
    assert same_numbers(found, late, 0)
    assert verify(read_session(path)).verdict == SAME


def _version(path) -> int:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("session.json"))["version"]


def test_only_sessions_with_such_a_run_need_the_newer_version(late, penguins, tmp_path):
    assert _version(write_session(late.record(), tmp_path / "s.nodeglow")) == document.VERSION == 4
    assert _version(write_session(Session(penguins).record(), tmp_path / "t.nodeglow")) == 3


def test_a_changed_number_is_found(late):
    record = late.record()
    tip = dataclasses.replace(record.branches[0].tip, parameters=record.branches[0].tip.parameters + np.float32(1e-3))
    changed = dataclasses.replace(record, branches=(dataclasses.replace(record.branches[0], tip=tip),))
    assert verify(changed).verdict != SAME


@pytest.mark.parametrize("epoch", [MOST_EPOCHS + 1, 2**53])
def test_a_session_that_begins_at_an_epoch_without_sense_is_refused(late, tmp_path, monkeypatch, epoch):
    record = late.record()
    branch = record.branches[0]

    def moved(state):
        return dataclasses.replace(state, epoch=state.epoch - 20 + epoch)

    changes = tuple(dataclasses.replace(each, epoch=epoch, asked=(epoch, 0)) for each in branch.changes)
    hostile = dataclasses.replace(
        branch, changes=changes, keyframes=tuple(map(moved, branch.keyframes)), tip=moved(branch.tip)
    )
    made = dataclasses.replace(record, branches=(hostile,), present=moved(record.present))
    monkeypatch.setattr(type(made), "dataset", late.dataset)
    path = write_session(made, tmp_path / "s.nodeglow")
    with pytest.raises(SessionFileError, match="cannot begin"):
        read_session(path)


def test_a_model_of_an_epoch_without_sense_starts_at_epoch_0(penguins, through_a_file):
    begun = Session(penguins)
    begun.advance(1)
    model = dataclasses.replace(through_a_file(begun), epoch=2**62)
    assert not goes_on(model)
    assert Session(penguins, start=model).place == (0, 0)


def test_a_history_counts_epochs_that_nobody_knows():
    history = History(3)
    assert len(history) == 3
    assert history.since(0)["epoch"].tolist() == [0, 1, 2]
    assert np.isnan(history.since(0)["weight_norm"]).all()


# -- its data -----------------------------------------------------------------------------------------------------


def test_the_models_own_data_is_made_again_of_the_table(through_a_file):
    own = open_dataset("penguins", test_fraction=0.35, seed=4, scale="min_max", label_noise=0.1, duplicates=0.1)
    begun = Session(own)
    begun.advance(2)
    model = through_a_file(begun)
    found = prepared_for(model, open_dataset("penguins"), Progress())
    assert found is not own
    assert fingerprint(found) == fingerprint(own)
    assert was_trained_on(model, found)
    assert fingerprint(open_for(model, "penguins", Progress())) == fingerprint(own)
    assert fingerprint(data_for(model, None, Progress())) == fingerprint(own)


def test_other_rows_are_prepared_by_the_models_recipe_and_an_epoch_that_had_begun_begins_again(
    penguins, through_a_file
):
    begun = Session(penguins)
    begun.advance(25, "batch")
    model = through_a_file(begun)
    other = open_for(model, penguins.raw.iloc[::2].reset_index(drop=True), Progress())
    assert other.recipe.columns == model.recipe.columns
    assert not was_trained_on(model, other)
    session = Session(other, start=model)
    assert session.place == (1, 0)
    assert np.isfinite(session.records["train_loss"][1])
    session.advance(2)
    assert verify(session.record()).verdict == SAME


def test_a_model_with_a_state_that_a_file_cannot_hold_has_none(penguins):
    session = Session(penguins)
    session.advance(1)
    state = session.record().present
    frozen = dataclasses.replace(state, frozen=np.zeros(state.parameters.size, bool))
    session._engine.restore(frozen)
    assert session.model().training is None

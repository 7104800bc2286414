import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import Dataset, open_dataset
from simulator.engines import ENGINES
from simulator.engines.threads import available
from simulator.errors import ConfigError, DivergenceError
from simulator.nn import parameters
from simulator.progress import Cancelled, Progress
from simulator.snapshot import RECORD
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return open_dataset("penguins")


@pytest.fixture(scope="module")
def mileage() -> Dataset:
    return open_dataset("auto_mpg")


def faster(session: Session, rate: float) -> TrainingConfig:
    return dataclasses.replace(session.config, optimizer=session.config.optimizer.having(learning_rate=rate))


def test_a_session_starts_at_epoch_0_with_both_losses_evaluated(penguins):
    session = Session(penguins)
    snapshot = session.snapshot()
    assert (snapshot.epoch, snapshot.batch, snapshot.row, snapshot.updates) == (0, 0, 0, 0)
    assert snapshot.network.sizes == (4, 8, 8, 3)
    assert snapshot.batches == 18
    assert session.records.dtype == RECORD
    (record,) = session.records
    assert record["train_loss"] > 0.5
    assert record["test_loss"] > 0.5
    assert 0 < record["test_accuracy"] < 1


def test_the_first_play_learns_the_penguins(penguins):
    session = Session(penguins)
    session.advance(60)
    assert session.epoch == 60
    assert session.records["epoch"].tolist() == list(range(61))
    assert session.snapshot().record.test_accuracy > 0.95
    assert session.snapshot().record.train_loss < 0.05


def test_the_accuracy_of_the_record_is_that_of_the_models_predictions(penguins):
    session = Session(penguins)
    session.advance(3)
    rows = penguins.table.iloc[penguins.test_rows]
    right = session.model().predict(rows)["prediction"].to_numpy() == rows["species"].to_numpy()
    assert right.mean() == pytest.approx(session.snapshot().record.test_accuracy)


def test_a_value_has_no_accuracy_and_its_loss_falls(mileage):
    session = Session(mileage)
    session.advance(20)
    assert np.isnan(session.records["train_accuracy"]).all()
    assert session.records["test_loss"][-1] < session.records["test_loss"][0] / 3


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["row", "batch", "epoch"]), st.integers(1, 40)), max_size=8))
def test_the_bits_do_not_depend_on_how_the_session_is_advanced(penguins, moves):
    hidden = (LayerSpec(5, "tanh", dropout=0.2),)
    stepped, straight = (Session(penguins, NetworkSpec(4, hidden, 3), default_config(penguins)) for _ in range(2))
    for unit, n in moves:
        stepped.advance(n, unit)
    stepped.advance(1)
    straight.advance(stepped.epoch)
    assert np.array_equal(stepped.snapshot().parameters, straight.snapshot().parameters)
    assert stepped.records.tobytes() == straight.records.tobytes()


def test_a_row_moves_the_cursor_and_the_batchs_last_row_changes_the_weights(penguins):
    session = Session(penguins)
    start = session.snapshot().parameters
    session.advance(15, "row")
    assert (session.snapshot().batch, session.snapshot().row) == (0, 15)
    assert np.array_equal(session.snapshot().parameters, start)
    session.advance(1, "row")
    assert (session.snapshot().batch, session.snapshot().row) == (1, 0)
    assert not np.array_equal(session.snapshot().parameters, start)
    session.advance(274 - 16, "row")
    assert (session.snapshot().epoch, session.snapshot().batch, session.snapshot().row) == (1, 0, 0)


def test_batches_are_counted_across_epochs_and_the_last_one_completes_its_epoch(penguins):
    session = Session(penguins)
    session.advance(17, "batch")
    assert (session.epoch, session.batch) == (0, 17)
    session.advance(1, "batch")
    assert (session.epoch, session.batch, len(session.records)) == (1, 0, 2)
    session.advance(40, "batch")
    assert (session.epoch, session.batch) == (3, 4)


def test_in_the_middle_of_an_epoch_one_epoch_is_what_is_left_of_it(penguins):
    session = Session(penguins)
    session.advance(5, "batch")
    session.advance(1)
    assert (session.epoch, session.batch) == (1, 0)


@pytest.mark.parametrize(("n", "unit"), [(0, "epoch"), (-3, "batch"), (1, "step")])
def test_an_impossible_advance_is_refused(penguins, n, unit):
    session = Session(penguins)
    with pytest.raises(ConfigError):
        session.advance(n, unit)
    assert session.epoch == 0


def test_reset_brings_back_the_same_start_and_the_same_run(penguins):
    session = Session(penguins)
    start = session.snapshot().parameters
    session.advance(4)
    records = session.records
    session.reset()
    assert session.epoch == 0
    assert np.array_equal(session.snapshot().parameters, start)
    session.advance(4)
    assert session.records.tobytes() == records.tobytes()


def test_new_weights_are_those_of_the_next_seed_or_of_the_one_that_is_named(penguins):
    session = Session(penguins)
    session.advance(2)
    session.new_weights()
    assert (session.config.seed, session.epoch) == (1, 0)
    assert np.array_equal(session.snapshot().parameters, parameters.start_values(session.network, 1).astype("float32"))
    session.new_weights(7)
    assert session.config.seed == 7


def test_a_session_can_start_from_given_parameters(penguins):
    trained = Session(penguins)
    trained.advance(5)
    model = trained.model()
    session = Session(penguins, model.network, model.config, start=model.parameters)
    assert np.array_equal(session.snapshot().parameters, model.parameters)
    # Epoch 0 is evaluated by array code, so that a session opens before the kernels are there.
    assert session.records["test_loss"][0] == pytest.approx(trained.records["test_loss"][-1], rel=1e-6)


def test_a_learning_rate_changed_in_the_middle_of_an_epoch_holds_from_the_next_update(penguins):
    session, twin = Session(penguins), Session(penguins)
    for each in (session, twin):
        each.advance(5, "batch")
    session.configure(faster(session, 0.0))
    frozen = session.snapshot().parameters
    session.advance(4, "batch")
    assert np.array_equal(session.snapshot().parameters, frozen)
    session.configure(faster(session, 0.01))
    session.advance(1, "batch")
    assert not np.array_equal(session.snapshot().parameters, frozen)
    assert [(each.epoch, each.item) for each in session.changes] == [(0, 5), (0, 9)]
    twin.advance(5, "batch")
    assert not np.array_equal(session.snapshot().parameters, twin.snapshot().parameters)


def test_a_batch_size_changed_in_the_middle_of_an_epoch_holds_from_the_next_epoch(penguins):
    session = Session(penguins)
    session.advance(5, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=100, l2=0.1))
    assert session.snapshot().batches == 18
    assert session.snapshot().config.batch_size == 100
    assert session.snapshot().batch_size == 16
    session.advance(1)
    assert session.epoch == 1
    session.advance(1, "batch")
    assert (session.snapshot().batches, session.snapshot().batch_size, session.batch) == (3, 100, 1)
    session.advance(5, "batch")
    assert session.epoch == 3


def test_what_needs_a_new_run_is_refused_and_nothing_changes(penguins):
    session = Session(penguins)
    before = session.config, session.network
    wider = default_network(penguins, (9, 8))
    for config, network in [
        (None, wider),
        (dataclasses.replace(session.config, seed=5), None),
        (dataclasses.replace(session.config, dtype="float64"), None),
        (dataclasses.replace(session.config, loss=Rule("binary_cross_entropy")), None),
        (dataclasses.replace(session.config, optimizer=Rule("adm")), None),
    ]:
        with pytest.raises(ConfigError):
            session.configure(config, network)
    assert (session.config, session.network) == before
    session.advance(1)


def test_activations_and_dropout_may_change_while_the_weights_stay(penguins):
    session = Session(penguins)
    session.advance(2)
    kept = session.snapshot().parameters
    session.configure(network=NetworkSpec(4, (LayerSpec(8, "relu", 0.5), LayerSpec(8, "gelu")), 3))
    assert np.array_equal(session.snapshot().parameters, kept)
    session.advance(1)
    assert session.snapshot().network.hidden[0].activation == "relu"


@pytest.mark.parametrize("rate", [1e6, 1e30])
def test_divergence_keeps_the_last_finite_state_and_says_what_to_try(mileage, rate):
    session = Session(mileage, default_network(mileage, activation="relu"))
    session.advance(2)
    session.configure(dataclasses.replace(session.config, optimizer=Rule("sgd", learning_rate=rate)))
    with pytest.raises(DivergenceError) as caught:
        session.advance(10_000)
    assert "diverged in epoch" in caught.value.message
    assert "learning rate" in caught.value.hint
    snapshot = session.snapshot()
    assert np.isfinite(snapshot.parameters).all()
    assert session.records["epoch"].tolist() == list(range(snapshot.epoch + 1))
    assert np.isfinite(session.records["train_loss"]).all()
    with pytest.raises(DivergenceError):
        session.advance(10_000)
    assert np.array_equal(session.snapshot().parameters, snapshot.parameters)
    session.configure(faster(session, 1e-9))
    session.advance(1, "batch")
    assert session.batch == snapshot.batch + 1


def test_the_last_finite_state_is_the_one_a_careful_walk_finds(mileage):
    config = dataclasses.replace(default_config(mileage), optimizer=Rule("sgd", learning_rate=30.0))
    network = default_network(mileage, (30, 30), "relu")
    straight, careful = Session(mileage, network, config), Session(mileage, network, config)
    with pytest.raises(DivergenceError):
        straight.advance(10_000)

    def walk() -> None:
        for _ in range(10_000):
            careful.advance(1, "batch")

    with pytest.raises(DivergenceError):
        walk()
    assert (straight.epoch, straight.batch) == (careful.epoch, careful.batch)
    assert np.array_equal(straight.snapshot().parameters, careful.snapshot().parameters)
    assert straight.records.tobytes() == careful.records.tobytes()


def test_a_cancelled_advance_leaves_a_whole_session_that_goes_on(penguins):
    session, twin = Session(penguins), Session(penguins)
    seen: list[float | None] = []
    progress = Progress(lambda fraction, text: seen.append(fraction) or (len(seen) == 8 and progress.cancel()))
    with pytest.raises(Cancelled):
        session.advance(10_000, "epoch", progress)
    assert 0 < session.epoch < 10_000
    assert all(fraction is not None and 0 <= fraction <= 1 for fraction in seen)
    session.advance(1)
    twin.advance(session.epoch)
    assert np.array_equal(session.snapshot().parameters, twin.snapshot().parameters)


def test_two_classes_fit_two_softmax_outputs_or_one_sigmoid():
    dataset = open_dataset("breast_cancer")
    for loss, outputs in (("cross_entropy", 2), ("binary_cross_entropy", 1)):
        network = default_network(dataset, (6,), loss=loss)
        assert network.outputs == outputs
        session = Session(dataset, network, default_config(dataset, loss))
        session.advance(20)
        assert session.snapshot().record.test_accuracy > 0.9
        rows = dataset.table.iloc[dataset.test_rows]
        right = session.model().predict(rows)["prediction"].to_numpy() == rows[dataset.recipe.target].to_numpy()
        assert right.mean() == pytest.approx(session.snapshot().record.test_accuracy)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "binary_cross_entropy"])
def test_classes_can_be_learnt_with_every_loss(penguins, loss):
    session = Session(penguins, default_network(penguins, loss=loss), default_config(penguins, loss))
    session.advance(60)
    assert session.snapshot().record.test_accuracy > 0.9


def test_a_network_of_another_width_than_the_data_is_refused_with_both_numbers(penguins):
    with pytest.raises(ConfigError, match="5 inputs to 3 outputs") as caught:
        Session(penguins, NetworkSpec(5, (), 3))
    assert "4 inputs and 3 outputs" in caught.value.hint


def test_start_parameters_of_another_length_are_refused(penguins):
    with pytest.raises(ConfigError, match="do not fit"):
        Session(penguins, start=np.zeros(5))


def test_a_table_from_memory_can_be_learnt_without_test_rows():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    table["y"] = np.where(table["a"] > table["b"], "more", "less")
    session = Session(open_dataset(table, target="y", test_fraction=0.0))
    session.advance(50)
    record = session.snapshot().record
    assert record.train_accuracy > 0.9
    assert np.isnan(record.test_loss)


def test_one_thread_serves_small_products_all_cores_large_ones_and_a_given_number_is_kept(penguins):
    assert Session(penguins).threads == 1
    assert Session(penguins, threads=2).threads == 2
    wide = default_network(penguins, (2000, 2000))
    large = dataclasses.replace(default_config(penguins), batch_size=64)
    assert Session(penguins, wide, large).threads == available()


class Slow(ENGINES["reference"]):
    """An engine that has to be prepared, which takes three reports."""

    left = 3

    @property
    def ready(self) -> bool:
        return self.left == 0

    def prepare(self, progress: Progress) -> None:
        while self.left:
            progress.report(None, "compiling")
            self.left -= 1

    def advance(self, epoch, item, limit):
        assert self.ready, "it was not ready to work"
        return super().advance(epoch, item, limit)


def test_a_session_stands_at_once_and_advancing_waits_for_the_engine_and_says_so(penguins, monkeypatch):
    monkeypatch.setitem(ENGINES, "slow", Slow)
    session, said = Session(penguins, engine="slow"), []
    assert not session.ready
    assert session.snapshot().record.train_loss > 0
    session.advance(1, progress=Progress(lambda fraction, text: said.append((fraction, text))))
    assert session.ready
    assert said[:3] == [(None, "compiling")] * 3
    assert said[-1][0] == 1.0


def test_a_session_that_waits_for_its_engine_can_be_cancelled_and_is_whole(penguins, monkeypatch):
    monkeypatch.setitem(ENGINES, "slow", Slow)
    session = Session(penguins, engine="slow")
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        session.advance(1, progress=progress)
    assert session.epoch == 0
    session.advance(1)
    assert session.epoch == 1


def test_many_short_advances_do_not_let_the_next_chunk_grow_without_end(penguins):
    session = Session(penguins)
    for _ in range(100):
        session.work("epoch", 1)
    assert session.work("epoch", 10**12) < 10**6, "somebody must look for commands now and then"


@pytest.mark.parametrize("threads", [0, -1])
def test_less_than_one_thread_is_refused(penguins, threads):
    with pytest.raises(ConfigError, match=str(threads)):
        Session(penguins, threads=threads)

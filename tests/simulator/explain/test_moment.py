import dataclasses

import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.explain import explain, moment_of
from simulator.nn import random
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.defaults import default_config
from simulator.training.session import Session


def test_a_moment_holds_the_rows_that_the_epochs_order_puts_there(started):
    run = started(batches=4)
    moment = run.moment()
    order = random.permutation(run.config.seed, random.ORDER, 2, 22)
    assert (moment.epoch, moment.batch, moment.batches, moment.first, moment.updates) == (1, 1, 3, 8, 4)
    assert moment.rows.tolist() == order[8:16].tolist()
    assert np.array_equal(moment.X, run.data.X_train[moment.rows])
    assert np.array_equal(moment.Y, run.data.Y_train[moment.rows])


def test_a_given_order_is_followed(started):
    run = started(batches=3)
    data = dataclasses.replace(run.data, order=np.stack([np.arange(22), np.arange(22)[::-1]]))
    moment = moment_of(run.network, run.config, run.engine.state(), data)
    assert moment.rows.tolist() == list(range(21, 13, -1))


def test_another_batch_of_the_epoch_can_be_looked_at(started):
    moment = started(batches=3).moment(batch=2)
    assert (moment.batch, moment.first, len(moment.rows)) == (2, 16, 6)
    assert moment.updates == 3


@pytest.mark.parametrize("batch", [-1, 3])
def test_a_batch_that_the_epoch_does_not_have_is_refused(started, batch):
    with pytest.raises(ConfigError, match=f"no batch {batch}"):
        started().moment(batch=batch)


def test_where_only_test_rows_are_left_the_next_epochs_first_batch_is_meant(started):
    run = started(batches=0)
    moment = moment_of(run.network, run.config, dataclasses.replace(run.engine.state(), item=3), run.data)
    assert (moment.epoch, moment.batch) == (1, 0)


def test_the_numbers_of_a_float32_run_are_taken_over_exactly(started):
    run = started(batches=4, dtype="float32")
    state, moment = run.engine.state(), run.moment()
    assert moment.parameters.dtype == moment.X.dtype == np.float64
    assert np.array_equal(moment.parameters.astype(np.float32), state.parameters)
    assert np.array_equal(moment.memory.astype(np.float32), state.memory)


def test_all_arrays_are_closed_for_writing(started):
    moment = started(held=np.full(12, np.nan), frozen=np.zeros(53, dtype=bool)).moment()
    arrays = [value for value in vars(moment).values() if isinstance(value, np.ndarray)]
    assert len(arrays) == 8
    assert not any(array.flags.writeable for array in arrays)


def test_other_rows_are_shown_as_when_predicting(started):
    run = started(NetworkSpec(3, (LayerSpec(6, dropout=0.5),), 2))
    moment = run.moment()
    assert moment.kept is not None
    shown = moment.showing(run.data.X_train[[7]], run.data.Y_train[[7]], [7])
    assert shown.kept is None
    assert shown.rows.tolist() == [7]
    explained = explain(shown)
    assert explained.loss.total == pytest.approx(run.engine.evaluate("train", 7, 8)[0], rel=1e-12)


def test_a_row_without_a_target_has_outputs_and_no_loss(started):
    shown = explain(started().moment().showing([0.1, 0.2, 0.3]))
    assert shown.forward.outputs.sum() == pytest.approx(1.0)
    assert np.isnan(shown.loss.total)
    assert shown.moment.rows.tolist() == [-1]


def test_one_output_takes_the_second_classs_column(started):
    moment = started(NetworkSpec(3, (LayerSpec(4),), 1, "sigmoid"), loss=Rule("binary_cross_entropy")).moment()
    assert moment.showing([[0.1, 0.2, 0.3]], [[0.0, 1.0]]).Y.tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("X", "Y", "rows"), [([[1.0, 2.0]], None, None), ([[1.0, 2, 3]], [[1.0]], None), ([[1.0, 2, 3]], None, [1, 2])]
)
def test_rows_that_do_not_fit_are_refused(started, X, Y, rows):
    with pytest.raises(ConfigError, match="do not fit"):
        started().moment().showing(X, Y, rows)


def test_what_is_shown_is_a_copy(started):
    X = np.ones((1, 3))
    shown = started().moment().showing(X)
    X[0, 0] = 2.0
    assert shown.X.tolist() == [[1.0, 1.0, 1.0]]


def test_any_used_row_of_the_table_can_be_shown(penguins):
    moment = Session(penguins, engine="reference").moment()
    for split, rows in (("train", penguins.train_rows), ("test", penguins.test_rows)):
        shown = moment.showing_row(penguins, int(rows[4]))
        assert (shown.split, shown.rows.tolist()) == (split, [4])
        assert np.array_equal(shown.X, getattr(penguins, f"X_{split}")[[4]])
        assert np.array_equal(shown.Y, getattr(penguins, f"Y_{split}")[[4]])


@pytest.mark.parametrize("row", [-1, 3, 344])
def test_a_row_that_is_not_used_is_refused(penguins, row):
    with pytest.raises(ConfigError, match=f"row {row + 1} of the table is not used"):
        Session(penguins, engine="reference").moment().showing_row(penguins, row)


def test_a_session_gives_the_moment_of_the_batch_that_is_about_to_run(penguins):
    session = Session(penguins, engine="reference")
    session.advance(2)
    session.advance(3, "batch")
    moment = session.moment()
    assert (moment.epoch, moment.batch, moment.batches) == (2, 3, 18)
    assert session.moment(batch=17).batch == 17
    explained = explain(moment)
    session.advance(1, "batch")
    assert np.allclose(explained.update.parameters, session.snapshot().parameters, rtol=2e-5, atol=1e-6)


def test_a_new_batch_size_is_in_the_moment_from_the_next_epoch_on(penguins):
    session = Session(penguins, engine="reference")
    session.advance(16, "batch")
    session.configure(dataclasses.replace(default_config(penguins), batch_size=40))
    assert (session.moment().batches, len(session.moment().rows)) == (18, 16)
    session.advance(1)
    assert (session.moment().epoch, session.moment().batches, len(session.moment().rows)) == (1, 7, 40)

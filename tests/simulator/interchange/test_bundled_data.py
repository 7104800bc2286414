import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import FORMATS, load_model, save_model

LOADABLE = [name for name, row in FORMATS.items() if row.load is not None]
SMALL = [name for name, row in BUNDLED.items() if row.rows * len(row.columns) < 200_000]


@pytest.mark.parametrize("name", SMALL)
def test_a_model_of_a_bundled_set_goes_through_every_format_and_predicts_the_raw_table(make_model, tmp_path, name):
    dataset = open_dataset(name)
    model = make_model(((6, "tanh"),), recipe=dataset.recipe)
    predicted = model.predict(dataset.table)
    assert predicted.index.equals(dataset.table.index)
    used = np.concatenate([dataset.train_rows, dataset.test_rows])
    prepared = np.concatenate([dataset.X_train, dataset.X_test])
    expected = model.answers(model.outputs(prepared), dataset.table.index[used])
    pd.testing.assert_frame_equal(predicted.iloc[used], expected, check_exact=True, check_like=False)
    for each in LOADABLE:
        loaded = load_model(save_model(model, tmp_path / f"m{FORMATS[each].suffix}"))
        assert loaded.recipe == dataset.recipe
        pd.testing.assert_frame_equal(loaded.predict(dataset.table), predicted, check_exact=True)


def test_the_two_penguins_that_nobody_measured_are_left_empty(make_model):
    dataset = open_dataset("penguins")
    predicted = make_model(recipe=dataset.recipe).predict(dataset.table)
    empty = np.flatnonzero(predicted["prediction"].isna())
    assert empty.tolist() == [row.row for row in dataset.report.dropped]
    assert predicted.attrs["unpredicted"] == len(empty) == 2


def test_a_table_read_as_texts_is_predicted_like_the_numbers(make_model):
    dataset = open_dataset("iris")
    model = make_model(recipe=dataset.recipe)
    texts = dataset.table.astype(str)
    pd.testing.assert_frame_equal(model.predict(texts), model.predict(dataset.table), check_exact=True)

import dataclasses

import numpy as np
import pandas as pd
import pytest

from simulator.errors import ConfigError, DatasetError
from simulator.interchange import Model
from simulator.interchange.csv_text import csv_text
from simulator.interchange.model import SLICE_ROWS
from simulator.progress import Cancelled, Progress
from simulator.spec import Rule, TrainingConfig


def test_classes_get_a_prediction_and_a_probability_each_in_the_recipes_order(make_model, make_table):
    model, table = make_model(), make_table(50)
    predicted = model.predict(table)
    assert list(predicted.columns) == ["prediction", "probability_Adelie", "probability_Gentoo", "probability_Größe"]
    assert predicted.index.equals(table.index)
    probabilities = predicted.iloc[:, 1:].to_numpy()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(50))
    assert predicted["prediction"].tolist() == [model.class_names[k] for k in probabilities.argmax(axis=1)]
    assert predicted["prediction"].nunique() > 1
    assert np.array_equal(probabilities, model.outputs(model.recipe.transform(table)))


def test_a_value_is_predicted_in_real_units(make_model, make_table):
    model, table = make_model(classes=()), make_table(20)
    predicted = model.predict(table)
    assert list(predicted.columns) == ["prediction"]
    outputs = model.outputs(model.recipe.transform(table))[:, 0]
    assert predicted["prediction"].to_numpy() == pytest.approx(outputs * 801.9 + 4201.75, rel=1e-14)


def test_one_sigmoid_output_is_the_probability_of_the_second_class(make_model, make_table):
    model, table = make_model(classes=("no", "yes"), link="sigmoid", outputs=1, seed=3), make_table(60)
    predicted = model.predict(table)
    second = model.outputs(model.recipe.transform(table))[:, 0]
    assert np.array_equal(predicted["probability_yes"], second)
    assert np.array_equal(predicted["probability_no"], 1.0 - second)
    assert predicted["prediction"].tolist() == ["yes" if p > 0.5 else "no" for p in second]
    assert set(predicted["prediction"]) == {"no", "yes"}


def test_several_sigmoid_outputs_are_independent_probabilities(make_model, make_table):
    model = make_model(link="sigmoid")
    predicted = model.predict(make_table(60))
    probabilities = predicted.iloc[:, 1:].to_numpy()
    assert not np.allclose(probabilities.sum(axis=1), 1.0)
    assert predicted["prediction"].tolist() == [model.class_names[k] for k in probabilities.argmax(axis=1)]


def test_linear_outputs_of_classes_are_not_called_probabilities(make_model, make_table):
    predicted = make_model(link="linear").predict(make_table(5))
    assert list(predicted.columns) == ["prediction", "output_Adelie", "output_Gentoo", "output_Größe"]


def test_a_class_may_be_called_by_half_a_surrogate_pair(make_model, make_table):
    names = ("half \ud800", "b", "c")
    found = make_model(classes=names).predict(make_table(9))
    assert list(found.columns) == ["prediction", *(f"probability_{name}" for name in names)]
    assert set(found["prediction"]) <= {*names}
    assert csv_text(found, header=True).startswith("prediction,probability_half \ud800,")


def test_further_columns_and_another_order_do_no_harm(make_model, make_table):
    model, table = make_model(), make_table(30)
    mixed = table[table.columns[::-1]].assign(species="unknown", more=1)
    pd.testing.assert_frame_equal(model.predict(mixed), model.predict(table))


def test_the_index_of_the_table_is_kept_even_if_labels_repeat(make_model, make_table):
    table = make_table(4).set_axis(["b", "a", "a", "c"])
    predicted = make_model().predict(table)
    assert predicted.index.tolist() == ["b", "a", "a", "c"]
    assert predicted["prediction"].tolist() == make_model().predict(make_table(4))["prediction"].tolist()


@pytest.mark.parametrize("classes", [("a", "b", "c"), ()], ids=["classes", "a value"])
def test_a_row_with_a_missing_value_that_is_not_filled_is_left_empty_and_counted(make_model, make_table, classes):
    model, table = make_model(classes=classes), make_table(6)
    table.iloc[1, table.columns.get_loc("länge, mm")] = np.nan
    table.iloc[4, table.columns.get_loc("island")] = None
    texts = []
    predicted = model.predict(table, Progress(lambda fraction, text: texts.append(text)))
    assert predicted["prediction"].isna().tolist() == [False, True, False, False, True, False]
    assert predicted.iloc[[1, 4], 1:].isna().all(axis=None)
    assert predicted.attrs["unpredicted"] == 2
    assert "2 of 6 rows are left empty" in texts[-1]
    complete = model.predict(table.drop(index=[101, 104]))
    pd.testing.assert_frame_equal(predicted.drop(index=[101, 104]), complete)
    assert complete.attrs["unpredicted"] == 0


def test_a_missing_value_is_filled_where_the_recipe_says_so(make_model, make_table):
    model, table = make_model(fill=True), make_table(3)
    table.loc[101, "länge, mm"] = np.nan
    filled = table.fillna({"länge, mm": 44.0})
    assert not model.predict(table).isna().any(axis=None)
    assert np.array_equal(model.predict(table).iloc[:, 1:], model.predict(filled).iloc[:, 1:])


def test_an_unknown_category_is_predicted_as_none_of_the_known_ones(make_model, make_table):
    model, table = make_model(), make_table(2)
    table.loc[100, "island"] = "Atlantis"
    X = model.recipe.transform(table)
    assert X[0, 2:].tolist() == [0.0, 0.0]
    assert np.array_equal(model.predict(table).iloc[:, 1:], model.outputs(X))


@pytest.mark.parametrize("rows", [0, 3])
def test_a_missing_column_is_named_even_without_rows(make_model, make_table, rows):
    with pytest.raises(DatasetError, match="island"):
        make_model().predict(make_table(rows).drop(columns="island"))


def test_a_table_without_rows_gives_all_columns_and_no_rows(make_model, make_table):
    predicted = make_model().predict(make_table(0))
    assert predicted.shape == (0, 4)
    assert predicted["prediction"].dtype == "str"


def test_a_table_longer_than_a_slice_is_predicted_as_if_at_once(make_model, make_table):
    model, table = make_model(), make_table(SLICE_ROWS + 9)
    fractions = []
    predicted = model.predict(table, Progress(lambda fraction, text: fractions.append(fraction)))
    assert np.array_equal(predicted.iloc[:, 1:], model.outputs(model.recipe.transform(table)))
    assert fractions == pytest.approx([SLICE_ROWS / len(table), 1.0])


def test_a_bad_cell_behind_the_first_slice_is_named_with_its_row_in_the_whole_table(make_model, make_table):
    table = make_table(SLICE_ROWS + 9).astype({"=width": object})
    table.iloc[SLICE_ROWS + 4, table.columns.get_loc("=width")] = "wide"
    with pytest.raises(DatasetError, match=f"row {SLICE_ROWS + 5} "):
        make_model().predict(table)


def test_a_cancelled_prediction_stops(make_model, make_table):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        make_model().predict(make_table(3), progress)


def test_parameters_are_copied_and_cannot_be_written_to(make_model):
    model = make_model()
    mine = np.array(model.parameters)
    made = dataclasses.replace(model, parameters=mine)
    mine[:] = 0
    assert np.array_equal(made.parameters, model.parameters)
    with pytest.raises(ValueError, match="read-only"):
        made.parameters[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        made.layers[0].weight[0, 0] = 1


def test_read_only_parameters_are_not_copied(make_model):
    model = make_model()
    assert dataclasses.replace(model, epoch=3).parameters is model.parameters


def test_an_epoch_out_of_an_array_becomes_a_plain_number(make_model):
    assert type(dataclasses.replace(make_model(), epoch=np.int64(5)).epoch) is int


def test_names_are_those_of_the_recipe(make_model):
    model = make_model()
    assert model.feature_names == ("länge, mm", "=width", "island=Biscoe", 'island=Dream "2"')
    assert model.class_names == ("Adelie", "Gentoo", "Größe")
    assert make_model(classes=()).class_names == ()


def _wrong(model: Model, what: str) -> dict[str, object]:
    network = model.network
    layer = dataclasses.replace(network.hidden[0], activation="tahn")
    return {
        "too few parameters": {"parameters": model.parameters[:-1]},
        "parameters in a matrix": {"parameters": model.parameters[None]},
        "parameters of another format": {"parameters": model.parameters.astype(np.float64)},
        "an unknown activation": {"network": dataclasses.replace(network, hidden=(layer,))},
        "an unknown link": {"network": dataclasses.replace(network, link="softmin")},
        "a loss that does not fit the link": {"config": TrainingConfig(loss=Rule("binary_cross_entropy"))},
        "more inputs than the recipe makes": {"network": dataclasses.replace(network, inputs=5)},
        "fewer outputs than classes": {"network": dataclasses.replace(network, outputs=2)},
        "one softmax output": {"network": dataclasses.replace(network, outputs=1)},
        "a negative epoch": {"epoch": -1},
    }[what]


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("too few parameters", "shape"),
        ("parameters in a matrix", "shape"),
        ("parameters of another format", "float64"),
        ("an unknown activation", "tahn"),
        ("an unknown link", "softmin"),
        ("a loss that does not fit the link", "binary_cross_entropy"),
        ("more inputs than the recipe makes", "has 5"),
        ("fewer outputs than classes", "2 outputs"),
        ("one softmax output", "1 output"),
        ("a negative epoch", "-1"),
    ],
)
def test_parts_that_do_not_fit_are_refused(make_model, what, named):
    model = make_model()
    with pytest.raises(ConfigError) as refused:
        dataclasses.replace(model, **_wrong(model, what))
    assert named in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("link", ["linear", "softmax"])
def test_one_output_for_two_classes_must_be_a_sigmoid(make_model, link):
    with pytest.raises(ConfigError, match="2 classes"):
        make_model(classes=("no", "yes"), link=link, outputs=1)
    assert make_model(classes=("no", "yes"), link="sigmoid", outputs=1).network.outputs == 1

"""The recipe: fitted, frozen, invertible, and equal after a round trip."""

import contextlib
import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from simulator.data import BUNDLED, Recipe, RecipeChoices, open_dataset
from simulator.data.dates import ORDERS
from simulator.data.outcomes import Classes, Value
from simulator.data.steps import Number, OneHot, Ordinal, Parts, Scaling
from simulator.data.steps.parts import PARTS
from simulator.data.steps.scaling import WAYS
from simulator.errors import ConfigError, DatasetError


def mixed_table(rows=60):
    k = np.arange(rows)
    return pd.DataFrame(
        {
            "size": (k * 7 % 23) + 0.5,
            "colour": np.array(["red", "green", "blue"])[k % 3],
            "weight": np.where(k % 2 == 0, 1e6, 1e6 + 1) + k % 5,
            "same": 3,
            "kind": np.array(["a", "b"])[k % 2],
        }
    )


@pytest.fixture(scope="module")
def mixed():
    return open_dataset(mixed_table(), features=["size", "colour", "weight", "same"], target="kind")


def test_numbers_are_standardised_as_scikit_learn_does_on_training_rows(mixed):
    names = ["size", "weight", "same"]
    table = mixed.table[names].to_numpy(dtype=float)
    scaler = StandardScaler().fit(table[mixed.train_rows])
    places = [mixed.feature_names.index(name) for name in names]
    np.testing.assert_allclose(mixed.X_test[:, places], scaler.transform(table[mixed.test_rows]), atol=1e-12)
    np.testing.assert_allclose(mixed.X_train[:, places], scaler.transform(table[mixed.train_rows]), atol=1e-12)


def test_categories_are_encoded_as_scikit_learn_does(mixed):
    train = mixed.table[["colour"]].iloc[mixed.train_rows]
    encoder = OneHotEncoder(categories=[["red", "green", "blue"]], handle_unknown="ignore", sparse_output=False).fit(
        train
    )
    places = [place for place, name in enumerate(mixed.feature_names) if name.startswith("colour=")]
    assert [mixed.feature_names[place] for place in places] == ["colour=red", "colour=green", "colour=blue"]
    np.testing.assert_array_equal(
        mixed.X_test[:, places], encoder.transform(mixed.table[["colour"]].iloc[mixed.test_rows])
    )


def test_a_constant_column_has_scale_one(mixed):
    step = next(step for step in mixed.recipe.columns if step.column == "same")
    assert step.scaling == Scaling("standardise", 3.0, 1.0)
    assert (mixed.X_train[:, mixed.feature_names.index("same")] == 0).all()


def test_a_column_that_differs_by_rounding_alone_has_scale_one():
    frame = mixed_table().assign(same=[0.1 + 0.2, 0.3] * 30)
    step = open_dataset(frame, features=["size", "same"], target="kind").recipe.columns[1]
    assert step.scaling.scale == 1.0


@pytest.mark.parametrize("name", list(BUNDLED))
def test_a_recipe_is_equal_after_a_round_trip_through_json(name):
    recipe = open_dataset(name).recipe
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-300, allow_nan=False, allow_infinity=False)
name = st.text(max_size=8)
scalings = st.builds(Scaling, st.sampled_from(sorted(WAYS)), finite, positive)
names = st.lists(name, min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def parts(draw):
    kind = draw(st.sampled_from(sorted(PARTS)))
    chosen = tuple(draw(st.lists(st.sampled_from(PARTS[kind]), min_size=1, unique=True)))
    count = len(chosen)
    scaled = tuple(draw(st.lists(scalings, min_size=count, max_size=count)))
    fills = tuple(draw(st.just([]) | st.lists(finite, min_size=count, max_size=count)))
    order = draw(st.sampled_from(ORDERS)) if kind == "date" else ""
    return Parts(draw(name), kind, chosen, scaled, order, fills, draw(st.booleans()))


unknown = st.sampled_from(["zeros", "most_frequent", "refuse"])
steps = st.one_of(
    st.builds(Number, name, scalings, st.none() | finite, st.booleans(), st.booleans()),
    st.builds(OneHot, name, names, st.none(), unknown, st.none(), st.booleans()),
    names.flatmap(
        lambda known: st.builds(
            Ordinal,
            name,
            st.just(known),
            st.sampled_from(known),
            unknown,
            st.sampled_from(known),
            st.booleans(),
            scalings,
        )
    ),
    parts(),
)
targets = st.one_of(
    st.builds(Classes, st.just("the target of all"), st.lists(name, min_size=1, unique=True).map(tuple)),
    st.builds(Value, st.just("the target of all"), finite, positive, st.booleans()),
)


@given(st.lists(steps, min_size=1, max_size=5, unique_by=lambda step: step.column).map(tuple), targets)
def test_any_recipe_survives_json_to_the_last_bit(columns, outcome):
    recipe = Recipe(columns, outcome)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "column", "fill"]), inner),
    max_leaves=8,
)


@given(st.data())
def test_a_spoilt_recipe_is_refused_or_still_a_recipe(data):
    value = open_recipe()
    path = data.draw(st.sampled_from(["columns", "target", "choices", "decimal", "column"]))
    spoilt = data.draw(json_values)
    if path == "column":
        value["columns"][0][data.draw(st.sampled_from(sorted(value["columns"][0])))] = spoilt
    else:
        value[path] = spoilt
    with contextlib.suppress(ConfigError):
        recipe = Recipe.from_json(value)
        assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def open_recipe():
    return Recipe(
        (OneHot("colour", ("red", "blue"), "red"), Number("size", Scaling("standardise", 1.5, 2.0))),
        Classes("kind", ("a", "b")),
    ).to_json()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("columns", 0, "kind"), "two_hot", "two_hot"),
        (("columns", 1, "scaling", "scale"), 0, "scale"),
        (("columns", 1, "scaling", "centre"), "1", "centre"),
        (("columns", 1, "scaling", "centre"), 10**400, "centre"),
        (("columns", 1, "scaling", "way"), "standardize", "standardise"),
        (("columns", 1, "scaling"), None, "scaling"),
        (("columns", 1, "flag"), 1, "yes or no"),
        (("columns", 0, "unknown"), "guess", "guess"),
        (("choices", "derived"), [{"name": "r", "formula": "1 +"}], "missing at the end"),
        (("columns", 1, "column"), "colour", "twice"),
        (("columns", 0, "categories"), ["red", "red"], "twice"),
        (("columns", 0, "fill"), "green", "green"),
        (("target", "column"), "size", "twice"),
        (("target", "classes"), [], "categories"),
        (("choices", "seed"), -1, "seed"),
        (("choices", "sed"), 1, "sed"),
        (("decimal",), ";", "decimal"),
        (("columns",), [], "no columns"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_value_of_a_stored_recipe_is_named(path, value, said):
    recipe = open_recipe()
    place = recipe
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ConfigError) as error:
        Recipe.from_json(recipe)
    assert said in f"{error.value.message} {error.value.hint}"


def test_a_recipe_that_was_stored_before_there_were_other_scalings_is_read():
    old = open_recipe()
    old["columns"] = [
        {"kind": "one_hot", "column": "colour", "categories": ["red", "blue"], "fill": "red"},
        {"kind": "standardised", "column": "size", "mean": 1.5, "scale": 2.0, "fill": None},
        {"kind": "unscaled", "column": "age", "fill": 3.0},
    ]
    for newer in ("columns", "derived", "where", "leakage", "split", "label_noise", "thousands"):
        del old["choices"][newer]
    recipe = Recipe.from_json(old)
    assert recipe.columns[1:] == (Number("size", Scaling("standardise", 1.5, 2.0)), Number("age", Scaling(), 3.0))
    rows = pd.DataFrame({"age": [4.0, None], "size": [3.5, 1.5], "colour": ["blue", None]})
    assert recipe.transform(rows).tolist() == [[0, 1, 1, 4], [1, 0, 0, 3]]


def test_new_rows_may_have_other_columns_in_another_order(mixed):
    rows = mixed.table.iloc[mixed.test_rows]
    shuffled = rows[["weight", "same", "colour", "size"]].assign(extra="?", kind_of="x")
    np.testing.assert_array_equal(mixed.recipe.transform(shuffled), mixed.X_test)


def test_numbers_may_be_given_as_texts(mixed):
    rows = mixed.table.iloc[mixed.test_rows]
    spelt = rows.assign(size=[f" {x} " for x in rows["size"]], weight=rows["weight"].astype(object))
    np.testing.assert_array_equal(mixed.recipe.transform(spelt), mixed.X_test)


def test_a_decimal_comma_is_understood_where_the_file_had_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x;y;kind\n" + "".join(f"{k},5;{k % 7},25;{'ab'[k % 2]}\n" for k in range(20)))
    data = open_dataset(path)
    assert data.recipe.decimal == ","
    one = data.recipe.transform(pd.DataFrame({"x": ["3,5"], "y": ["3.25"]}))
    np.testing.assert_array_equal(one, data.recipe.transform(pd.DataFrame({"x": [3.5], "y": [3.25]})))


def test_an_unknown_category_is_all_zeros(mixed):
    rows = mixed.table.iloc[:1].assign(colour="violet")
    assert mixed.recipe.transform(rows)[0, 1:4].tolist() == [0, 0, 0]


def test_a_missing_value_is_reported_where_rows_are_dropped(mixed):
    rows = mixed.table.iloc[:3].assign(size=[1.5, None, 2.5], colour=["red", None, "?"])
    X = mixed.recipe.transform(rows)
    assert np.isnan(X[1:, 1:4]).all()
    assert mixed.recipe.missing(rows) == ((1, ("size", "colour")), (2, ("colour",)))


@pytest.mark.parametrize(
    ("way", "expected"),
    [("mean", 22 / 6), ("median", 3.0), ("most_frequent", 2.0)],
    ids=["mean", "median", "most frequent"],
)
def test_missing_values_are_filled_from_training_rows(way, expected):
    frame = pd.DataFrame(
        {"x": [2.0, np.nan, 2, 4, 9, 1, 4], "c": ["u", "v", None, "u", "v", "u", "u"], "y": [1.5] * 6 + [2]}
    )
    data = open_dataset(frame, target="y", features=["x", "c"], missing=way, test_fraction=0)
    number, category = data.recipe.columns
    assert number.fill == pytest.approx(expected)
    assert category.fill == "u"
    assert [(each.column, each.count) for each in data.report.filled] == [("x", 1), ("c", 1)]
    assert np.isfinite(data.X_train).all()
    assert data.recipe.missing(frame) == ()
    assert data.recipe.transform(pd.DataFrame({"x": ["NA"], "c": [""]})).tolist() == [
        [(number.fill - number.scaling.centre) / number.scaling.scale, 1, 0]
    ]


def test_a_lacking_column_is_refused_by_its_name(mixed):
    with pytest.raises(DatasetError, match="'weight'"):
        mixed.recipe.transform(mixed.table.drop(columns="weight"))


def test_a_text_in_a_column_of_numbers_is_refused_with_its_row(mixed):
    with pytest.raises(DatasetError, match="row 2 of 'size' is no number: 'big'"):
        mixed.recipe.transform(mixed.table.iloc[:2].astype({"size": object}).assign(size=[1, "big"]))


def test_an_infinite_number_is_refused_with_its_row(mixed):
    with pytest.raises(DatasetError, match="row 1 of 'size' is infinite"):
        mixed.recipe.transform(mixed.table.iloc[:1].assign(size=np.inf))


def test_targets_are_one_hot_and_an_unknown_class_is_refused(mixed):
    table = pd.DataFrame({"kind": ["b", "a", None]})
    np.testing.assert_array_equal(mixed.recipe.targets(table), [[0, 1], [1, 0], [np.nan, np.nan]])
    with pytest.raises(DatasetError, match="unknown class 'z'"):
        mixed.recipe.targets(pd.DataFrame({"kind": ["z"]}))


def test_inputs_turn_back_into_raw_rows(mixed):
    back = mixed.recipe.inverse(mixed.X_test)
    rows = mixed.table.iloc[mixed.test_rows]
    assert back["colour"].tolist() == rows["colour"].tolist()
    np.testing.assert_allclose(back["weight"], rows["weight"], rtol=1e-15)
    real = mixed.recipe.real(mixed.X_test[0])
    assert real.shape == (6,)
    assert real[0] == pytest.approx(rows["size"].iloc[0])


def test_unscaled_numbers_are_inputs_as_they_stand():
    data = open_dataset("iris", scale="none")
    np.testing.assert_array_equal(data.X_train, data.table.iloc[data.train_rows, :4].to_numpy())
    value = open_dataset("diabetes", scale="none")
    np.testing.assert_array_equal(value.Y_test[:, 0], value.table["progression"].to_numpy()[value.test_rows])


def test_no_step_sees_a_test_row():
    frame = mixed_table()
    data = open_dataset(frame, features=["size", "weight"], target="kind")
    spoilt = frame.astype({"size": float})
    spoilt.loc[data.test_rows, "size"] = 1e9
    assert open_dataset(spoilt, features=["size", "weight"], target="kind").recipe.columns == data.recipe.columns


def test_choices_survive_json_and_refuse_nonsense():
    choices = RecipeChoices(target="a", features=("b", "c"), missing="mean", seed=2**64 - 1, header=False)
    assert RecipeChoices.from_json(json.loads(json.dumps(choices.to_json()))) == choices
    assert RecipeChoices(ignore="one").ignore == ("one",)
    for wrong in (
        {"features": ()},
        {"ignore": 3},
        {"features": ("a", "a")},
        {"test_fraction": 1.0},
        {"missing": "guess"},
    ):
        with pytest.raises(ConfigError):
            RecipeChoices(**wrong)
    with pytest.raises(dataclasses.FrozenInstanceError):
        choices.seed = 1

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import Recipe
from simulator.data.dates import read_dates
from simulator.data.steps.parts import DATE_PARTS
from simulator.errors import DatasetError, ExportError
from simulator.interchange import FORMATS, ExportOptions

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
ISLANDS = ["Biscoe", 'Dream "2"', "Ørsted 🙂", "12", "O'Higgins\nisland"]

scalings = st.builds(
    lambda way, centre, scale: (
        {"way": way, "centre": 0.0, "scale": 1.0} if way == "none" else {"way": way, "centre": centre, "scale": scale}
    ),
    st.sampled_from(["standardise", "min_max", "robust", "log", "none"]),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
)
fills = st.one_of(st.none(), st.floats(-1e6, 1e6))
numbers = st.builds(
    lambda scaling, fill, flag: {"kind": "number", "scaling": scaling, "fill": fill, "flag": flag},
    scalings, fills, st.booleans(),
)  # fmt: skip
categories = st.builds(
    lambda kind, count, fill, unknown, flag, scaling: (
        {
            "kind": kind,
            "categories": ISLANDS[:count],
            "fill": ISLANDS[count - 1] if fill else None,
            "unknown": unknown,
            "usual": ISLANDS[0],
            "flag": flag,
        }
        | ({"scaling": scaling} if kind == "ordinal" else {})
    ),
    st.sampled_from(["one_hot", "ordinal"]),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from(["zeros", "most_frequent"]),
    st.booleans(),
    scalings,
)
dates = st.builds(
    lambda parts, scaling, filled, flag: {
        "kind": "parts",
        "of": "date",
        "parts": parts,
        "scalings": [scaling] * len(parts),
        "order": "ymd",
        "fills": [3.0] * len(parts) if filled else [],
        "flag": flag,
    },
    st.lists(st.sampled_from(list(DATE_PARTS)), min_size=1, max_size=4, unique=True),
    scalings, st.booleans(), st.booleans(),
)  # fmt: skip
cells = {
    "number": st.one_of(st.just(np.nan), st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, -0.0, 1e-30])),
    "one_hot": st.sampled_from([*ISLANDS, "Mars", "", "NaN", "n.A."]),
    "parts": st.one_of(st.just(""), st.datetimes().map(lambda when: when.isoformat(" ", "seconds"))),
}
cells["ordinal"] = cells["one_hot"]


def _recipe(steps: list[dict]) -> Recipe:
    columns = [step | {"column": f"column {place}"} for place, step in enumerate(steps)]
    target = {"kind": "value", "column": "y", "mean": 0.0, "scale": 1.0}
    return Recipe.from_json({"columns": columns, "target": target, "choices": {}, "decimal": "."})


def _given(recipe: Recipe, table: pd.DataFrame) -> pd.DataFrame:
    """Dates as a graph takes them: seconds since the beginning of 1970."""
    given = table.copy()
    for step in recipe.columns:
        if step.to_json()["kind"] == "parts":
            moments, _ = read_dates(table[step.column], "ymd")
            seconds = moments.astype("datetime64[s]").astype(np.int64).astype(np.float64)
            given[step.column] = np.where(np.isnat(moments), np.nan, seconds)
    return given


@given(st.data())
@settings(**QUIET)
def test_any_recipe_in_the_graph_does_what_the_recipe_does(make_model, write_onnx, run_raw, data):
    steps = data.draw(st.lists(st.one_of(numbers, numbers, categories, dates), min_size=1, max_size=6))
    recipe = _recipe(steps)
    rows = data.draw(st.integers(1, 5))
    table = pd.DataFrame(
        {
            f"column {place}": data.draw(st.lists(cells[step["kind"]], min_size=rows, max_size=rows))
            for place, step in enumerate(steps)
        }
    )
    table = table.astype({name: object for name in table if not pd.api.types.is_float_dtype(table[name])})
    model = make_model((), recipe=recipe, dtype="float64")
    got = run_raw(write_onnx(model), _given(recipe, table))["prediction"]
    want = model.predict(table)["prediction"].to_numpy()
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    sums = np.abs(np.nan_to_num(recipe.transform(table))).max(axis=1) * recipe.inputs * 10 + 10
    assert (np.abs(np.nan_to_num(got - want)) <= 1e-13 * sums).all()


@pytest.mark.parametrize("runtime", ["onnxruntime", "reference"])
def test_every_part_of_every_date_of_the_calendar_is_right(make_model, write_onnx, run_raw, runtime):
    parts = list(DATE_PARTS)
    plain = {"way": "none", "centre": 0.0, "scale": 1.0}
    step = {
        "kind": "parts",
        "of": "date",
        "parts": parts,
        "scalings": [plain] * 9,
        "order": "ymd",
        "fills": [],
        "flag": False,
    }
    recipe = _recipe([step])
    days = np.datetime64("0001-01-01") + np.arange(0, 3_000_000, 1499)
    ends = [
        f"{year:04}-{day}"
        for year in (4, 100, 400, 1900, 1969, 1970, 2000, 2024, 2100)
        for day in ("02-28", "03-01", "12-31", "01-01")
    ]
    moments = np.concatenate(
        [days[days < np.datetime64("9999-12-31")].astype("datetime64[s]") + 12_345, np.array(ends, "datetime64[s]")]
    )
    table = pd.DataFrame({"column 0": np.datetime_as_string(moments)}, dtype=object)
    model = make_model((), recipe=recipe, dtype="float64")
    want, given_table = recipe.transform(table), _given(recipe, table)
    for place in range(len(parts)):  # a network that gives out one part
        weights = np.zeros(10)
        weights[place] = 1.0
        one = type(model)(model.network, model.config, weights, recipe)
        got = run_raw(write_onnx(one), given_table, runtime)["prediction"]
        np.testing.assert_array_equal(got, want[:, place])


def test_a_large_number_with_a_small_scale_keeps_its_digits_in_a_float32_model(make_model, write_onnx, run_raw):
    near = {
        "kind": "number",
        "scaling": {"way": "standardise", "centre": 1e9, "scale": 1.0},
        "fill": None,
        "flag": False,
    }
    recipe = _recipe([near])
    model = make_model((), recipe=recipe)
    table = pd.DataFrame({"column 0": [1e9 + 0.25, 1e9 - 2.5, 1e9]})
    np.testing.assert_allclose(
        run_raw(write_onnx(model), table)["prediction"], model.predict(table)["prediction"], rtol=2e-7
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_given_as_float64_so_that_decimals_are_what_they_are(make_model, write_onnx, dtype):
    graph = onnx.load_model_from_string(write_onnx(make_model(dtype=dtype))).graph
    kinds = [each.type.tensor_type.elem_type for each in graph.input]
    assert kinds == [onnx.TensorProto.DOUBLE, onnx.TensorProto.DOUBLE, onnx.TensorProto.STRING]


def test_hundreds_of_pixels_are_prepared_all_at_once(make_model, write_onnx, run_raw):
    pixel = {
        "kind": "number",
        "scaling": {"way": "min_max", "centre": 0.0, "scale": 255.0},
        "fill": 0.0,
        "flag": False,
        "pixel": True,
    }
    recipe = _recipe([pixel] * 196)
    model = make_model(((4, "relu"),), recipe=recipe)
    data = write_onnx(model)
    assert len(onnx.load_model_from_string(data).graph.node) < 25
    table = pd.DataFrame(np.random.default_rng(0).integers(0, 256, (3, 196)), columns=recipe.used).astype(float)
    np.testing.assert_allclose(run_raw(data, table)["prediction"], model.predict(table)["prediction"], rtol=1e-5)


def test_an_unknown_category_that_the_recipe_refuses_gets_no_answer_and_that_is_said(make_model, write_onnx, run_raw):
    step = {"kind": "one_hot", "categories": ["a", "b"], "fill": "a", "unknown": "refuse"}
    model = make_model((), recipe=_recipe([step]))
    table = pd.DataFrame({"column 0": ["a", "c", ""]}, dtype=object)
    with pytest.raises(DatasetError):
        model.predict(table)
    got = run_raw(write_onnx(model), table)["prediction"]
    np.testing.assert_array_equal(np.isnan(got), [False, True, False])
    assert any("unknown category" in said for said in FORMATS["onnx"].limits(model, ExportOptions()))


def test_dates_and_codes_are_announced_and_texts_refused(make_model):
    date = {
        "kind": "parts",
        "of": "date",
        "parts": ["year"],
        "scalings": [{"way": "none", "centre": 0.0, "scale": 1.0}],
        "order": "ymd",
        "fills": [],
        "flag": False,
    }
    codes = {
        "kind": "ordinal",
        "categories": ["1", "2"],
        "fill": None,
        "scaling": {"way": "none", "centre": 0.0, "scale": 1.0},
    }
    said = " ".join(FORMATS["onnx"].limits(make_model((), recipe=_recipe([date, codes])), ExportOptions()))
    assert "'column 0': given as the seconds since the beginning of 1970" in said
    assert "'column 1': numbers that stand for categories are given as texts" in said
    text = date | {"of": "text", "parts": ["words"], "order": ""}
    model = make_model((), recipe=_recipe([text]))
    with pytest.raises(ExportError, match="characters or words of 'column 0'") as refused:
        FORMATS["onnx"].save(model, ExportOptions())
    assert "prepared inputs" in refused.value.hint

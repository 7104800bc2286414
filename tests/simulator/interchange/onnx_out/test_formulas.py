import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper

from simulator.data import Recipe
from simulator.errors import ExportError
from simulator.interchange import FORMATS, ExportOptions

NUMBERS = {"kind": "number", "scaling": {"way": "none", "centre": 0.0, "scale": 1.0}, "fill": None}
TABLE = pd.DataFrame(
    {
        "a": [1.5, -2.0, 0.0, np.nan, 1000.0, -0.25, 7.0, 3.0, -7.5],
        "b": [2.0, 3.0, 0.0, 1.0, -2.0, np.nan, 7.0, -3.0, 2.0],
        "island": ["Biscoe", "Dream", "NA", "nUll", "Torgersen", "n/a", "Biscoe", "", "Dream"],
    }
)


def _recipe(formula: str, **choices: object) -> Recipe:
    derived = {"derived": [{"name": "made", "formula": formula}], **choices}
    return Recipe.from_json(
        {
            "columns": [NUMBERS | {"column": "made"}, NUMBERS | {"column": "a"}],
            "target": {"kind": "value", "column": "y", "mean": 0.0, "scale": 1.0},
            "choices": derived,
            "decimal": ".",
        }
    )


def _inputs_of_the_network(data: bytes, run_onnx, feed, runtime):
    """Run the graph only as far as the prepared inputs, which are the first that a layer is given."""
    model = onnx.load_model_from_string(data)
    prepared = next(node.input[0] for node in model.graph.node if node.op_type == "Gemm")
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(prepared, TensorProto.DOUBLE, ["rows", None]))
    return run_onnx(model.SerializeToString(), feed, runtime)[prepared]


FORMULAS = [
    "a + b * 2 - 1", "-a / b", "+a % b", "a ^ 2", "abs(a) ^ 0.5", "2 ^ b", "a % 0.75", "-7 % b",
    "abs(a)", "sign(a)", "sqrt(a)", "exp(b)", "log(a)", "ln(abs(a))", "log10(a)", "floor(log10(a))", "log2(abs(a))",
    "sin(a)", "cos(b)", "tan(a)", "atan2(a, b)", "atan2(b, a)", "atan2(-1, a)", "atan2(0, b)", "tanh(a)", "floor(a)",
    "ceil(a)", "round(a)", "max(a, b)", "min(a, b, 1)", "max(a)", "is_missing(a)",
    'is_missing(island) or island == "Dream"', "is_missing(a / b)",
    "a > 1", "a >= b", "a < b", "a <= 1.5", "a == 7", "a != b", "not a > 1", "a > 1 and b > 1", "a > 1 or b > 1",
    "(a > 1) + (b > 1)", "(a > 0) == (b > 0)", "a in (7, 3, b)", 'island == "Biscoe"', 'island != "Biscoe"',
    'island in ("Dream", "Torgersen") and a > 0', '"Dream" == island', 'island == "NA"', 'island != " Dream"',
    "pi * a", "exp(a)", "1 / a", "a * 1e308 * 10",
]  # fmt: skip


@pytest.mark.parametrize("runtime", ["onnxruntime", "reference"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_every_word_of_a_formula_gives_what_it_gives_here(make_model, write_onnx, run_onnx, formula, runtime):
    recipe = _recipe(formula)
    data = write_onnx(make_model((), recipe=recipe, dtype="float64"))
    feed = {name: TABLE[name].to_numpy(object if name == "island" else np.float64)[:, None] for name in recipe.needed}
    got = _inputs_of_the_network(data, run_onnx, feed, runtime)
    np.testing.assert_allclose(got, recipe.transform(TABLE), rtol=1e-14, atol=1e-300)


def test_formulas_may_use_those_before_them_and_names_of_any_kind(make_model, write_onnx, run_raw):
    derived = [
        {"name": "première, °", "formula": "a / `my column`"},
        {"name": "unused", "formula": "exp(nowhere)"},
        {"name": "made", "formula": "`première, °` > 1"},
    ]
    recipe = _recipe("", derived=derived)
    model = make_model((), recipe=recipe)
    table = pd.DataFrame({"a": [1.0, 4.0, np.nan], "my column": [2.0, 2.0, 1.0]})
    got = run_raw(write_onnx(model), table[["a", "my column"]])
    np.testing.assert_allclose(got["prediction"], model.predict(table)["prediction"], rtol=1e-6)


def test_a_derived_column_may_be_a_category(make_model, write_onnx, run_raw):
    category = {"kind": "one_hot", "column": "made", "categories": ["0", "1.5", "missing"], "fill": "missing"}
    for extra in ({}, {"unknown": "most_frequent", "usual": "1.5", "flag": True}, {"unknown": "refuse", "fill": None}):
        value = _recipe("a / 2").to_json()
        value["columns"][0] = category | extra
        recipe = Recipe.from_json(value)
        model = make_model((), recipe=recipe)
        table = pd.DataFrame({"a": [0.0, 3.0, np.nan] + [8.0] * (extra.get("unknown") != "refuse")})
        got = run_raw(write_onnx(model), table)
        np.testing.assert_allclose(got["prediction"], model.predict(table)["prediction"], rtol=1e-6)


def test_a_column_that_is_only_asked_whether_it_is_missing_is_a_number_and_that_is_said(
    make_model, write_onnx, run_raw
):
    model = make_model((), recipe=_recipe("is_missing(note)"))
    table = pd.DataFrame({"note": ["x", "NA", "y"], "a": [1.0, 2.0, 3.0]})[[*model.recipe.needed]]
    given = table.assign(note=[0.0, np.nan, 7.0])
    got = run_raw(write_onnx(model), given)
    np.testing.assert_allclose(got["prediction"], model.predict(table)["prediction"], rtol=1e-6)
    assert any("'note'" in each and "only whether" in each for each in FORMATS["onnx"].limits(model, ExportOptions()))
    plain = make_model((), recipe=_recipe("is_missing(note) + note"))
    assert not any("only whether" in each for each in FORMATS["onnx"].limits(plain, ExportOptions()))


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ('island == "Dream" and island > 3', "takes 'island' for a number, elsewhere it is a text"),
        ('a == "text"', "takes 'a' for a text, elsewhere it is a number"),
        ("1 + 1", "the same in every row"),
    ],
)
def test_a_formula_that_onnx_cannot_hold_is_refused_with_the_way_out(make_model, formula, said):
    model = make_model((), recipe=_recipe(formula))
    with pytest.raises(ExportError, match=said) as refused:
        FORMATS["onnx"].save(model, ExportOptions())
    assert "prepared inputs" in refused.value.hint
    assert any("cannot be written" in each for each in FORMATS["onnx"].limits(model, ExportOptions()))
    assert FORMATS["onnx"].save(model, ExportOptions(inputs="prepared"))

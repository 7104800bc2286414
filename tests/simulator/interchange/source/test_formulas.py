"""A formula as NumPy code has the values that the formula has."""

from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import Recipe
from simulator.data.formula import parse
from simulator.data.formula_values import FUNCTIONS
from simulator.errors import ConfigError
from simulator.interchange.source.formulas import FormulaCode, text_columns
from simulator.interchange.source.preparing import preparation

TABLE = pd.DataFrame(
    {
        "a": [1.5, -2.0, np.nan, 0.0, 7.0, 3.0],
        "b": [2.0, 2.0, 1.0, np.nan, -1.0, 3.0],
        "two words": [0.5, 0.0, 2.0, 3.0, 100.0, -3.0],
        "t": ["x", "y", None, "it's", 'quo"te', "x"],
        "u": ["x", "x", None, "y", "z", None],
    }
)
NUMBERS, TEXTS = ["a", "b", "`two words`"], ["t", "u"]
LITERALS = ['"x"', '"it\'s"', "'quo\"te'", '"zz"']
ONE = [name for name, (_, fewest, most) in FUNCTIONS.items() if fewest == most == 1 and name != "is_missing"]

numbers = st.deferred(
    lambda: st.one_of(
        st.sampled_from(NUMBERS),
        st.sampled_from(["0", "1", "2.5", "1e-3", "pi"]),
        st.builds("({} {} {})".format, numbers, st.sampled_from(["+", "-", "*", "/", "%", "^"]), numbers),
        st.builds("{} {} {}".format, numbers, st.sampled_from(["+", "-", "*", "/", "%", "^"]), numbers),
        st.builds("{}{}".format, st.sampled_from(["-", "+"]), numbers),
        st.builds("{}({})".format, st.sampled_from(ONE), numbers),
        st.builds("atan2({}, {})".format, numbers, numbers),
        st.builds(
            "{}({})".format, st.sampled_from(["min", "max"]), st.lists(numbers, min_size=1, max_size=4).map(", ".join)
        ),
        st.builds("({}) * 2".format, conditions),
    )
)
conditions = st.deferred(
    lambda: st.one_of(
        st.builds("({} {} {})".format, numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers),
        st.builds(
            "({} {} {})".format, st.sampled_from(TEXTS), st.sampled_from(["==", "!="]), st.sampled_from(LITERALS)
        ),
        st.builds("({} {} {})".format, st.sampled_from(TEXTS), st.sampled_from(["==", "!="]), st.sampled_from(TEXTS)),
        st.builds(
            "({} in ({}))".format,
            st.sampled_from(TEXTS),
            st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3).map(", ".join),
        ),
        st.builds("({} in ({}))".format, numbers, st.lists(numbers, min_size=1, max_size=3).map(", ".join)),
        st.builds("is_missing({})".format, st.sampled_from(NUMBERS + TEXTS)),
        st.builds("({} {} {})".format, conditions, st.sampled_from(["and", "or"]), conditions),
        st.builds("(not {})".format, conditions),
    )
)


@pytest.fixture(scope="module")
def helpers() -> dict:
    """The functions that generated code calls."""
    number = {"kind": "number", "column": "a", "fill": None, "scaling": {"way": "none", "centre": 0.0, "scale": 1.0}}
    target = {"kind": "value", "column": "y", "mean": 0.0, "scale": 1.0}
    recipe = Recipe.from_json({"columns": [number], "target": target, "choices": {}, "decimal": "."})
    parts = preparation(recipe, ("texts", "agree", "disagree", "differ"))
    names: dict = {"np": np, "reduce": reduce}
    exec("\n".join([*parts.modules, *parts.constants, *parts.functions]), names)
    return names


@given(st.one_of(numbers, conditions))
def test_any_formula_has_the_same_values_as_code(helpers, text):
    try:
        formula = parse(text)
        expected = formula.evaluate(TABLE).astype(np.float64)
    except ConfigError:
        return  # too long or too deep, or a text that is counted with
    code = FormulaCode(text_columns(formula.root) | {"t", "u"}).write(formula.root)
    with np.errstate(all="ignore"):
        found = eval(code, {**helpers, "columns": TABLE})
    found = np.broadcast_to(found, (len(TABLE),)) if formula.names else np.broadcast_to(found, (1,))
    np.testing.assert_allclose(found.astype(float), expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a / b ^ 2 - 1", 'numbers(columns, "a") / numbers(columns, "b")**2.0 - 1.0'),
        ("(a + b) * 2", '(numbers(columns, "a") + numbers(columns, "b")) * 2.0'),
        ("-a ^ 2", '-numbers(columns, "a")**2.0'),
        ("(-a) ^ 2", '(-numbers(columns, "a"))**2.0'),
        ("a > 1 and t == 'x'", 'np.where((numbers(columns, "a") > 1.0) & (texts(columns, "t") == "x"), 1.0, 0.0)'),
        ("1 / 0", "np.inf"),
    ],
)
def test_the_code_reads_like_the_formula(text, code):
    root = parse(text).root
    assert FormulaCode(text_columns(root)).write(root) == code

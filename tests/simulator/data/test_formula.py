import contextlib
import math
import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.formula import LONGEST, parse, spell
from simulator.data.formula_values import FUNCTIONS
from simulator.errors import ConfigError

COLUMNS = {
    "x": np.array([1.0, 2.0, np.nan]),
    "y": np.array([4.0, 5.0, 6.0]),
    "n": np.array([1, 0, 2]),
    "s": pd.Series(["a", "b", None], dtype="str"),
    "bill length": np.array([1.0, 2.0, 4.0]),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x + y*2", [9, 12, math.nan]),
        ("-x^2", [-1, -4, math.nan]),
        ("2^3^2", [512, 512, 512]),
        ("2^-n", [0.5, 1, 0.25]),
        ("y - 1 - 1", [2, 3, 4]),
        ("12 / y / 3", [1, 0.8, 2 / 3]),
        ("y ** 2 % 7", [2, 4, 1]),
        ("`bill length` × 2 ÷ y − 1", [-0.5, -0.2, 1 / 3]),
        ("max(x, n, 1.5)", [1.5, 2, math.nan]),
        ("min(y, 5)", [4, 5, 5]),
        ("(n > 0) * 2", [2, 0, 2]),
        ("1e1 + .5", [10.5, 10.5, 10.5]),
        ("atan2(n, n)", [math.pi / 4, 0, math.pi / 4]),
        ("sin(pi/2)", [1, 1, 1]),
        ("ln(exp(n))", [1, 0, 2]),
    ],
)
def test_a_formula_counts_as_on_paper(text, values):
    # A name beside the formula gives constants their rows.
    found = parse(f"{text} + 0*n").evaluate(COLUMNS)
    assert found == pytest.approx(values, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("x > 1", [False, True, False]),
        ("x != 1", [False, True, False]),
        ("not x > 1", [True, False, True]),
        ("x > 1 or y >= 6", [False, True, True]),
        ("x >= 1 and s == 'b'", [False, True, False]),
        ('s != "a"', [False, True, False]),
        ("s in ('a', 'b')", [True, True, False]),
        ("n in (1, 1+1)", [True, False, True]),
        ("is_missing(s)", [False, False, True]),
        ("is_missing(x) or n = 0", [False, True, True]),
        ("(1 < x) == (x < 3)", [False, True, True]),
        ("y ≤ 5 AND n ≠ 0", [True, False, False]),
    ],
)
def test_a_condition_holds_for_rows_and_never_for_what_is_missing(text, rows):
    assert parse(text).condition(COLUMNS).tolist() == rows


def test_the_names_are_those_of_columns_in_the_order_of_their_appearance():
    assert parse("y + max(x, `bill length`) / y + pi").names == ("y", "x", "bill length")
    assert parse("1 + 2").names == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("x +", "character 4: something is missing"),
        ("(x", "character 1: this bracket is never closed"),
        ("'a", "never closed"),
        ("x y", "character 3: 'y' is one too many"),
        ("x $ y", "character 3: '$' means nothing"),
        ("1 < x < 2", "two comparisons"),
        ("foo(x)", "no function called 'foo'"),
        ("sin()", "takes 1 arguments, not 0"),
        ("sin(x, y)", "takes 1 arguments, not 2"),
        ("x in 3", "stands a list"),
        (")", "cannot stand here"),
        ("__import__('os')", "no function called '__import__'"),
        ("x.real", "means nothing"),
        ("-" * 100 + "x", "nested more than"),
        ("(" * 100 + "x" + ")" * 100, "nested more than"),
        ("+".join(["x"] * 900), "pieces"),
        ("x" * (LONGEST + 1), "characters"),
    ],
)
def test_nonsense_is_refused_with_its_place(text, words):
    with pytest.raises(ConfigError) as error:
        parse(text)
    assert words in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("z + 1", "'z', which is no column"),
        ("s + 1", "cannot be done with a text"),
        ("s", "is a text"),
        ("s < 'b'", "is < another"),
        ("s == x", "a text with a number"),
        ("x and y > 1", "stands a number"),
        ("not s", "stands a text"),
    ],
)
def test_what_does_not_fit_the_columns_is_refused(text, words):
    with pytest.raises(ConfigError) as error:
        parse(text).evaluate(COLUMNS)
    assert words in error.value.message
    assert error.value.hint


def test_a_slip_in_a_name_is_answered_with_the_nearest_column():
    with pytest.raises(ConfigError) as error:
        parse("bill_lenght").evaluate({"bill_length": np.ones(2)})
    assert "Did you mean 'bill_length'?" in error.value.hint


def test_a_number_is_no_condition():
    with pytest.raises(ConfigError, match="is a number, not a condition"):
        parse("x").condition(COLUMNS)


@pytest.mark.parametrize("name", ["x", "bill length (mm)", "sin", "and", "pi", "2x", "größe", "a-b"])
def test_every_name_can_be_spelt(name):
    values = np.array([1.0, 2.0])
    formula = parse(f"{spell(name)} * 2")
    assert formula.names == (name,)
    assert formula.evaluate({name: values}).tolist() == [2, 4]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_takes_columns(name):
    _, fewest, _ = FUNCTIONS[name]
    text = f"{name}({', '.join(['y'] * fewest)})"
    assert parse(text).evaluate(COLUMNS).shape == (3,)


@given(st.text(alphabet=string.printable + "xyns×÷≤`é²", max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    with contextlib.suppress(ConfigError):
        assert parse(text).evaluate(COLUMNS).dtype.kind in "fb"


numbers = st.floats(-5, 5).map(lambda value: round(value, 3))
trees = st.recursive(
    st.one_of(numbers.map(lambda value: f"({value!r})"), st.sampled_from(["x", "y"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda each: f"({' '.join(each)})"),
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(" ".join),
        inner.map(lambda each: f"-({each})"),
        inner.map(lambda each: f"abs({each})"),
    ),
    max_leaves=12,
)


@given(trees, st.floats(-3, 3), st.floats(-3, 3))
def test_arithmetic_is_that_of_python(text, x, y):
    expected = eval(text, {"__builtins__": {}}, {"x": x, "y": y, "abs": abs})
    found = parse(f"{text} + 0*x").evaluate({"x": np.array([x]), "y": np.array([y])})[0]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)

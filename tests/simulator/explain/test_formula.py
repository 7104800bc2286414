import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.explain import Number, figure
from simulator.explain.formula import numbers, pieces, substitute
from simulator.explain.number import Figure, Terms

Z, W = Number("z", 0, 0, 0), Number("parameter", 0, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (3750.0, "3750"), (-2007.0, "−2007"), (0.123456, "0.1235"), (-1.5, "−1.5"),
        (12345.67, "12346"), (9999.96, "10000"), (0.00012347, "0.0001235"), (1e-8, "1e−8"), (-1.23456e-7, "−1.235e−7"),
        (1234567.8, "1.235e6"), (2.5e300, "2.5e300"), (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "unknown"),
        ("Biscoe", "Biscoe"), (0.1 + 0.2, "0.3"),
    ],
)  # fmt: skip
def test_a_figure_is_short_and_says_its_size(value, text):
    assert figure(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_figure_with_all_its_digits_is_the_number(value):
    assert float(figure(value, 17).replace("−", "-")) == value


@given(st.floats(-1e300, 1e300), st.integers(2, 17))
def test_a_figure_is_right_to_its_digits(value, digits):
    assert float(figure(value, digits).replace("−", "-")) == pytest.approx(
        value, rel=0.51 * 10 ** (1 - digits), abs=1e-320
    )


def test_symbols_are_replaced_only_where_they_stand_alone():
    known = {"z": Z, "e": W}
    assert substitute("exp(z) + zₖ + z²", known) == ("exp(", Z, ") + zₖ + ", Z, "²")


def test_the_longer_symbol_wins():
    known = {"m": Figure(1), "m̂": Figure(2), "mₜ₋₁": Figure(3), "g": Figure(4), "g′": Figure(5)}
    tokens = substitute("m + m̂ + mₜ₋₁ + g + g′", known)
    assert [token.value for token in tokens if isinstance(token, Figure)] == [1, 2, 3, 4, 5]


def text_of(tokens, most=6):
    return "".join(piece.text for piece in pieces(tokens, lambda number: figure(-0.5), 4, most))


def test_a_negative_figure_stands_in_brackets_where_it_would_be_misread():
    assert text_of((Z, "·", Z, " + ", Z)) == "−0.5·(−0.5) + (−0.5)"
    assert text_of(("exp(−", Z, ")")) == "exp(−(−0.5))"
    assert text_of((Z, "²")) == "(−0.5)²"
    assert text_of(("tanh(", Z, ")")) == "tanh(−0.5)"


def terms_of(values):
    return Terms(np.array(values), lambda place: (Figure(values[place]),))


def test_a_short_sum_stands_in_its_order():
    assert text_of((terms_of([0.1, 3, -2]),)) == "0.1 + 3 + (−2)"


def test_a_long_sum_shows_its_largest_terms_and_the_rest_in_one_figure():
    assert text_of((terms_of([0.1, 3, -2, 0.25, 0.5, -9]),), most=2) == "−9 + 3 + … (4 smaller: −1.15)"


def test_a_single_term_is_not_worth_leaving_out():
    assert text_of((terms_of([1, 2, 3]),), most=2) == "1 + 2 + 3"


def test_an_empty_sum_is_nothing():
    assert text_of((terms_of([]),)) == "0"


@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.integers(1, 10))
def test_a_shortened_sum_still_adds_up(values, most):
    written = pieces((terms_of(values),), lambda number: "", 17, most)
    found = [
        float(piece.text.replace("−", "-"))
        for piece in written
        if piece.text.strip("−(").replace(".", "")[:1].isdigit()
    ]
    assert sum(found) == pytest.approx(sum(values), abs=1e-6)


def test_the_numbers_of_a_sum_come_in_the_order_of_its_terms_sizes_each_once():
    rows = [Number("row_loss", row=row) for row in range(3)]
    sum_of_rows = Terms(np.array([1.0, -5.0, 2.0]), lambda place: (rows[place], "·", W))
    assert numbers(("(", sum_of_rows, ")", rows[0])) == (rows[1], W, rows[2], rows[0])

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.choices import KINDS
from ui.dialogs.dataset.portraits import BINS, MOST_BARS, of_numbers, portrait, short

CELLS = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(-5, 5))


@given(st.lists(CELLS, max_size=60))
def test_every_finite_number_stands_in_one_bar(cells):
    values = np.array(cells, dtype=np.float64)
    shown = of_numbers(values)
    held = values[np.isfinite(values)]
    assert sum(shown.counts) == len(held)
    assert shown.missing == pytest.approx(0 if not len(values) else 1 - len(held) / len(values))
    if len(held):
        assert (shown.low, shown.high) == (held.min(), held.max())


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=80))
def test_the_bins_are_those_of_numpy(cells):
    values = np.array(cells, dtype=np.float64)
    shown = of_numbers(values)
    if shown.low < shown.high:
        apart = (values - shown.low) / (shown.high - shown.low) * BINS
        if not np.any((np.abs(apart - np.round(apart)) < 1e-9) & (apart > 0) & (apart < BINS)):  # no value on an edge
            assert list(shown.counts) == np.histogram(values, bins=BINS)[0].tolist()


@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), max_size=40), st.sampled_from(KINDS))
def test_a_column_of_any_texts_has_a_portrait_of_every_kind(cells, kind):
    shown = portrait(pd.Series(cells, name="x", dtype="str"), kind)
    assert len(shown.counts) <= max(BINS, MOST_BARS)
    assert 0 <= shown.missing <= 1
    assert shown.sentence


def test_categories_stand_by_their_number_and_the_rest_is_counted():
    cells = [f"c{place}" for place in range(30) for _ in range(30 - place)]
    shown = portrait(pd.Series(cells), "category")
    assert shown.labels[:2] == ("c0", "c1")
    assert shown.counts[:2] == (30, 29)
    assert (len(shown.labels), shown.others) == (MOST_BARS, 10)


def test_two_portraits_alike_have_the_same_bins_and_the_same_categories():
    every = portrait(pd.Series([0.0, 1.0, 2.0, 10.0]), "number")
    part = portrait(pd.Series([1.0, 2.0]), "number", every)
    assert (part.low, part.high, sum(part.counts)) == (0.0, 10.0, 2)
    names = portrait(pd.Series(["a", "b", "b"]), "category")
    assert portrait(pd.Series(["a"]), "category", names).counts == (0, 1)
    assert names.in_order(("a", "b")).counts == (1, 2)
    assert names.in_order(("a", "z")) is names


def test_dates_are_spread_over_time_and_texts_over_their_lengths():
    dates = portrait(pd.Series(["2007-11-09", "2009-12-01", "2008-11-03", None]), "date")
    assert dates.spelt_bounds == ("2007-11", "2009-12")
    assert sum(dates.counts) == 3
    notes = portrait(pd.Series(["a note", "none", "x"]), "text")
    assert notes.spelt_bounds == ("1", "6 letters")


def test_numbers_are_short_and_have_a_proper_minus_sign():
    assert [short(each) for each in (3750.0, -0.88321, 1e-9, float("nan"), 12_345.678, -2.0)] == [
        "3,750", "−0.8832", "1e−09", "–", "12,346", "−2",
    ]  # fmt: skip

"""Which columns are taken for pixels."""

import numpy as np
import pandas as pd
import pytest

from simulator.data import open_dataset
from simulator.data.pictures import guessed_picture


def table(shades, names=None) -> pd.DataFrame:
    return pd.DataFrame(shades, columns=names or [f"p{place:02}" for place in range(shades.shape[1])])


@pytest.fixture
def shades():
    return np.random.default_rng(0).integers(0, 17, (200, 64)).astype(np.float64)


def test_numbered_columns_of_whole_shades_are_a_picture(shades):
    made = table(shades)
    assert guessed_picture(made, list(made.columns)) == (8, 8)


@pytest.mark.parametrize(
    "change",
    [lambda x: x + 0.5, lambda x: x - 1.0, lambda x: 100.0 * x, lambda x: x * np.arange(1, 65), lambda x: x[:, :63],
     lambda x: x[:, :36], lambda x: np.where(x > 15, np.nan, x), lambda x: 0.0 * x],
    ids=["fractions", "below zero", "beyond 255", "scales of their own", "no square", "too few", "gaps", "all black"],
)  # fmt: skip
def test_other_numbers_are_none(shades, change):
    made = table(change(shades))
    assert guessed_picture(made, list(made.columns)) is None


def test_other_names_are_none(shades):
    for names in ([f"{'ab'[place % 2]}{place}" for place in range(64)], [*(f"p{place}" for place in range(63)), "age"]):
        made = table(shades, names)
        assert guessed_picture(made, names) is None
    made = table(shades)
    assert guessed_picture(made, [f"q{place}" for place in range(64)]) is None, "inputs that are no raw columns"


def test_the_bundled_digits_are_and_the_penguins_are_not():
    assert open_dataset("digits").picture == (8, 8)
    assert open_dataset("penguins").picture is None

"""The split: every row once, every class in its share, drawn from the seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.split import split

sizes = st.lists(st.integers(1, 40), min_size=2, max_size=8)
fractions = st.floats(0, 1, exclude_max=True)


@given(sizes, fractions, st.integers(0, 2**64 - 1))
def test_every_class_has_its_share_of_test_rows_and_keeps_a_training_row(counts, fraction, seed):
    classes = np.repeat(np.arange(len(counts)), counts)
    train, test = split(len(classes), fraction, seed, classes)
    assert sorted([*train, *test]) == list(range(len(classes)))
    in_test = np.bincount(classes[test], minlength=len(counts))
    in_train = np.bincount(classes[train], minlength=len(counts))
    assert (in_train >= 1).all()
    wanted = min(round(fraction * len(classes)), len(classes) - 1)
    assert len(test) <= wanted
    whole = np.array(counts) * wanted // len(classes)
    assert (in_test <= -(-np.array(counts) * wanted // len(classes))).all()
    assert (in_test >= np.minimum(whole, np.array(counts) - 1)).all()


@given(st.integers(1, 200), fractions, st.integers(0, 99))
def test_a_plain_split_has_the_rounded_number_of_test_rows(count, fraction, seed):
    train, test = split(count, fraction, seed)
    assert sorted([*train, *test]) == list(range(count))
    assert len(test) == min(round(fraction * count), count - 1)


@pytest.mark.parametrize("classes", [None, np.arange(90) % 3], ids=["plain", "stratified"])
def test_over_many_seeds_every_row_is_tested_about_equally_often(classes):
    often = np.zeros(90)
    for seed in range(400):
        often[split(90, 0.2, seed, classes)[1]] += 1
    # 80 expected, standard deviation 8
    assert often.min() > 40
    assert often.max() < 120


def test_the_penguins_sizes_are_shared_out_by_the_largest_remainders():
    classes = np.repeat([0, 1, 2], [151, 123, 68])
    _, test = split(342, 0.2, 0, classes)
    assert np.bincount(classes[test]).tolist() == [30, 24, 14]

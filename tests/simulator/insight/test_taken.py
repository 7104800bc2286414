import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.engines.passes import hits
from simulator.insight.taken import classes_of, mistaken, taken_for


@pytest.mark.parametrize("columns", [1, 2, 4])
def test_a_row_is_taken_for_what_the_engines_count(columns):
    drawn = np.random.default_rng(3)
    outputs = np.round(drawn.random((200, columns)), 1)  # many are equal, some are one half
    targets = np.eye(max(2, columns))[drawn.integers(0, max(2, columns), 200)]
    told = targets[:, 1:] if columns == 1 else targets
    wrong = mistaken(outputs, told, classes=True)
    assert len(wrong) - wrong.sum() == hits(outputs, told)
    assert np.array_equal(wrong, mistaken(outputs, targets, classes=True)), "one column or two say the same"
    taken, given = taken_for(outputs)
    both = np.concatenate([1.0 - outputs, outputs], axis=1) if columns == 1 else outputs
    assert np.array_equal(taken, classes_of(outputs))
    assert given == pytest.approx(both.max(axis=1))


def test_a_value_is_mistaken_a_standard_deviation_off_or_as_no_number():
    outputs = np.array([[0.0], [1.0], [1.01], [-1.5], [np.nan], [np.inf]])
    assert mistaken(outputs, np.zeros((6, 1)), classes=False).tolist() == [False, False, True, True, True, True]


def test_values_are_told_in_standard_deviations():
    dataset = open_dataset("diabetes")
    assert float(np.std(dataset.Y_train)) == pytest.approx(1.0, abs=0.01)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.snapshot import RECORD
from simulator.training.history import History


def rows(first: int, count: int) -> np.ndarray:
    block = np.zeros(count, dtype=RECORD)
    block["epoch"] = np.arange(first, first + count)
    return block


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(0, 500))
def test_blocks_of_any_size_stand_one_behind_the_other(sizes, first):
    history = History()
    for size in sizes:
        history.append(rows(len(history), size))
    assert len(history) == sum(sizes)
    assert history.since(first)["epoch"].tolist() == list(range(first, sum(sizes)))


def test_what_was_cut_off_is_gone_and_what_was_handed_out_stays():
    history = History()
    history.append(rows(0, 10))
    before = history.since(0)
    history.cut(4)
    history.append(rows(70, 1))
    assert history.since(0)["epoch"].tolist() == [0, 1, 2, 3, 70]
    assert before["epoch"].tolist() == list(range(10))
    assert history.last.epoch == 70

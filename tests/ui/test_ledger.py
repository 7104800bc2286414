"""The rows of all epochs."""

import numpy as np

from simulator.snapshot import RECORD
from ui.ledger import Ledger


def rows(first, last):
    block = np.zeros(last - first, RECORD)
    block["epoch"] = np.arange(first, last)
    block["train_loss"] = np.arange(first, last) / 10
    return block


def test_rows_stand_at_the_place_of_their_epoch():
    ledger = Ledger()
    for first in range(0, 5000, 7):
        ledger.write(rows(first, first + 7))
    assert ledger.rows["epoch"].tolist() == list(range(len(ledger.rows)))


def test_a_view_keeps_its_rows_when_a_new_history_begins():
    ledger = Ledger()
    ledger.write(rows(0, 10))
    held = ledger.rows
    ledger.write(rows(0, 3))
    assert len(held) == 10
    assert held["train_loss"][9] == 0.9
    assert len(ledger.rows) == 3


def test_an_epoch_that_comes_again_takes_the_place_of_the_first():
    ledger = Ledger()
    ledger.write(rows(0, 10))
    ledger.write(rows(6, 8))
    assert ledger.rows["epoch"].tolist() == list(range(8))


def test_cutting_forgets_the_last_rows():
    ledger = Ledger()
    ledger.write(rows(0, 10))
    ledger.cut(4)
    assert ledger.rows["epoch"].tolist() == [0, 1, 2, 3]

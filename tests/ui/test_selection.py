"""The rows that all views look at."""

import dataclasses

from simulator.data import open_dataset
from simulator.nn import random
from simulator.training.session import Session
from ui.selection import training_row


def test_the_row_of_a_run_advanced_by_rows_is_the_next_of_its_batch_also_while_a_new_batch_size_waits():
    penguins = open_dataset("penguins")
    session = Session(penguins)
    order = penguins.train_rows[random.permutation(0, random.ORDER, 1, len(penguins.train_rows))]
    session.advance(2, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=50))
    for step in range(1, 30):
        session.advance(1, "row")
        assert training_row(session.snapshot(), penguins) == order[2 * 16 + step]

import os
import sys

import pytest

from simulator.benchmarks import costs
from simulator.benchmarks.measuring import Plan
from simulator.errors import SimulatorError
from simulator.progress import Cancelled, Progress


def test_another_python_that_fails_is_an_error_with_its_last_line():
    with pytest.raises(SimulatorError, match="ValueError: no such thing"):
        costs._child("raise ValueError('no such thing')")


def test_another_python_that_cannot_be_started_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", os.devnull)
    with pytest.raises(SimulatorError, match="cannot be measured"):
        costs._child("pass")


def test_the_median_of_the_rounds_is_taken_and_progress_can_cancel():
    values = iter([5.0, 1.0, 3.0, 9.0])
    assert costs._median(Plan(rounds=3), Progress(), lambda: next(values)) == 3.0
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        costs._median(Plan(rounds=3), progress, lambda: next(values))


def test_a_snapshot_is_taken_of_the_workloads_own_network():
    assert costs._session_of("mnist").network.sizes == (784, 256, 128, 10)
    assert costs._session_of("penguins").network.sizes == (4, 8, 8, 3)

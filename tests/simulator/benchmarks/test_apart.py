import sys

import pytest

from simulator.benchmarks import apart, device_race
from simulator.benchmarks.measuring import Plan
from simulator.errors import SimulatorError
from simulator.progress import Cancelled, Progress

MEASURES = """
import os, threading
from simulator.errors import ConfigError

def tell(number, keep, progress):
    print("noise"); os.write(1, b"more noise")
    progress.report(0.5, "half way")
    keep({"so far": number})
    return {"number": number + 1}

def refuse(keep, progress):
    raise ConfigError("this cannot be", "Do otherwise.")

def break_down(keep, progress):
    raise ZeroDivisionError("by nothing")

def die(keep, progress):
    keep({"rounds": 2})
    progress.report(None, "playing with fire")
    os.write(2, b"\\nillegal address\\n\\n")
    os._exit(3)

def hang(keep, progress):
    progress.report(None, "waiting for ever")
    threading.Event().wait()
"""


@pytest.fixture
def measures(tmp_path, monkeypatch):
    """A module of functions that are measured, which another process finds too."""
    (tmp_path / "measures_apart.py").write_text(MEASURES, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("measures_apart")
    del sys.modules["measures_apart"]


def measured(function, *arguments, patience=60.0, progress=None):
    kept = []
    try:
        return apart.measured(function, arguments, patience, kept.append, progress or Progress()), kept
    except SimulatorError as error:
        return error, kept


def test_results_and_reports_come_from_another_process_and_its_noise_does_not(measures, capfd):
    reports = []
    progress = Progress(lambda fraction, text: reports.append((fraction, text)))
    assert measured(measures.tell, 41, progress=progress) == ({"number": 42}, [{"so far": 41}])
    assert (0.5, "half way") in reports
    assert "noise" not in capfd.readouterr().out


def test_a_refusal_comes_with_its_hint(measures):
    error, _ = measured(measures.refuse)
    assert (error.message, error.hint) == ("this cannot be", "Do otherwise.")


def test_a_defect_is_told_and_is_none_of_this_process(measures):
    error, _ = measured(measures.break_down)
    assert "ZeroDivisionError('by nothing')" in error.message


def test_of_a_process_that_dies_remain_its_results_what_it_did_and_its_last_words(measures):
    error, kept = measured(measures.die)
    assert error.message == "its process ended while playing with fire: illegal address"
    assert kept == [{"rounds": 2}]


def test_a_process_that_hangs_is_ended(measures):
    error, _ = measured(measures.hang, patience=0.5)
    assert "ended after 0.5 s" in error.message


def test_cancelling_ends_the_process(measures):
    progress = Progress(lambda fraction, text: progress.cancel() if text == "waiting for ever" else None)
    with pytest.raises(Cancelled):
        measured(measures.hang, progress=progress)


def test_a_workload_is_raced_in_another_process_with_and_without_a_device():
    plan = Plan(rounds=1, seconds=0.001, threads=1, rest=0.0)
    figures, kept = measured(device_race.measure, "penguins", "cuda:0", plan, ())
    assert len(figures["contestants"][device_race.PROCESSOR]["seconds_per_epoch"]) == 1
    assert device_race.OURS in figures["contestants"] or figures["left_out"][device_race.OURS]
    assert kept

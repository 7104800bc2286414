"""The door to the simulator: commands, pace, records, jobs, and the end."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QThread

from simulator.errors import ConfigError
from simulator.training.commands import Advance, Pause, Play, Show
from ui.bridge import SPEEDS, Bridge
from ui.jobs import Failure


def test_a_window_stands_at_epoch_0_with_the_penguins(guest):
    assert guest.epoch == 0
    assert guest.bridge.dataset.name == "penguins"
    assert guest.bridge.network.sizes == (4, 8, 8, 3)
    guest.wait(lambda: len(guest.bridge.records) == 1)


@pytest.mark.parametrize("speed", [10, 30, 60], ids=lambda speed: f"{speed} epochs a second")
def test_a_paced_run_shows_every_epoch_once(guest, speed):
    seen = []
    guest.bridge.speed = speed
    guest.bridge.snapshot_changed.connect(lambda snapshot: seen.append(snapshot.epoch))
    guest.bridge.send(Play())
    guest.wait(lambda: guest.epoch >= 12)
    guest.bridge.send(Pause())
    guest.wait_for_rest()
    shown = list(dict.fromkeys(seen))
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert shown[0] <= 1


def test_the_next_epoch_is_not_asked_for_while_the_last_is_unpainted(make_window):
    guest = make_window()
    guest.bridge.speed = 60
    epochs = []

    def keep_waiting(snapshot):
        epochs.append(snapshot.epoch)
        guest.bridge._unpainted = float("inf")  # as if a paint never came, with no end of patience

    guest.bridge.snapshot_changed.connect(keep_waiting)
    guest.window.canvas.removeEventFilter(guest.window.stage)
    guest.bridge.send(Play())
    guest.wait(lambda: 1 in epochs)
    guest.pass_time(0.2)
    assert max(epochs) == 1


def test_a_paced_run_is_one_run_to_those_who_listen(guest):
    heard = []
    guest.bridge.playing_changed.connect(heard.append)
    guest.bridge.speed = 30
    guest.bridge.send(Play())
    guest.wait(lambda: guest.epoch >= 5)
    guest.bridge.send(Pause())
    guest.wait_for_rest()
    assert heard == [True, False]


def test_max_speed_shows_the_newest_and_records_every_epoch(guest):
    guest.bridge.speed = None
    guest.bridge.send(Play())
    guest.wait(lambda: guest.epoch >= 40)
    guest.bridge.send(Pause())
    guest.wait_for_rest()
    guest.wait(lambda: len(guest.bridge.records) == guest.epoch + 1)
    assert guest.bridge.records["epoch"].tolist() == list(range(guest.epoch + 1))


@pytest.mark.parametrize("way", ["go_to", "back"])
def test_playing_right_after_going_back_goes_on_from_there(guest, way):
    guest.bridge.speed = 60
    guest.advance_to(20)
    seen = []
    guest.bridge.snapshot_changed.connect(lambda snapshot: seen.append(snapshot.epoch))
    guest.bridge.go_to(3) if way == "go_to" else guest.bridge.back(1)
    guest.bridge.play()
    guest.wait(lambda: len({each for each in seen if each != 20}) > 4 and guest.epoch > min(seen) + 5)
    guest.bridge.pause()
    guest.wait_for_rest()
    assert min(seen) in ({3, 4} if way == "go_to" else {19, 20})


def test_changing_the_speed_while_it_plays_goes_on_playing(guest):
    guest.bridge.speed = None
    guest.bridge.send(Play())
    guest.wait(lambda: guest.epoch >= 3)
    guest.bridge.speed = 30
    assert guest.bridge.playing
    before = guest.epoch
    guest.wait(lambda: guest.epoch > before + 3)
    guest.bridge.speed = None
    before = guest.epoch
    guest.wait(lambda: guest.epoch > before + 3)
    assert guest.bridge.playing


@pytest.mark.slow
def test_playing_and_advancing_reach_the_same_bits(make_window):
    played, advanced = make_window(), make_window()
    played.bridge.speed = 60
    played.bridge.send(Play())
    played.wait(lambda: played.epoch >= 6)
    played.bridge.send(Pause())
    played.wait_for_rest()
    advanced.bridge.send(Advance(played.epoch))
    advanced.wait(lambda: advanced.epoch == played.epoch)
    assert np.array_equal(played.parameters, advanced.parameters)


def test_every_signal_comes_in_the_gui_thread(guest):
    threads = set()
    gui = QThread.currentThread()
    for signal in (guest.bridge.snapshot_changed, guest.bridge.recorded, guest.bridge.playing_changed):
        signal.connect(lambda _value: threads.add(QThread.currentThread() is gui))
    guest.advance_to(5)
    assert threads == {True}


def test_a_snapshot_is_asked_for_only_when_the_last_was_taken(guest):
    sent = []
    send = guest.bridge._runner.send
    guest.bridge._runner.send = lambda command: (sent.append(command), send(command))
    guest.bridge.speed = None
    taken = []
    guest.bridge.snapshot_changed.connect(taken.append)
    guest.bridge.send(Play())
    guest.wait(lambda: guest.epoch >= 20)
    guest.bridge.send(Pause())
    guest.wait_for_rest()
    assert 0 < sum(isinstance(each, Show) for each in sent) <= len(taken) + 1


def test_a_new_history_begins_with_a_reset(guest):
    guest.advance_to(5)
    held = guest.bridge.records
    guest.bridge.reset()
    guest.wait(lambda: len(guest.bridge.records) == 1)
    assert held["epoch"].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_records_cannot_be_written_to(guest):
    with pytest.raises(ValueError, match="read-only"):
        guest.bridge.records["epoch"][0] = 1


def test_a_divergence_is_reported_and_the_records_end_at_the_kept_state(make_window):
    guest = make_window()
    failures = []
    guest.bridge.failed.connect(failures.append)
    from simulator.spec import Rule

    config = guest.bridge.config
    import dataclasses

    wild = dataclasses.replace(config, optimizer=Rule("sgd", learning_rate=1e39))
    guest.bridge.configure(wild)
    guest.bridge.speed = None
    guest.bridge.play()
    guest.wait(lambda: bool(failures))
    guest.wait_for_rest()
    assert failures[0].kind == "TrainingDivergedError"
    assert failures[0].hint
    assert guest.bridge.records["epoch"][-1] == guest.epoch


def test_speeds_go_from_1_to_max():
    assert SPEEDS == (1, 2, 5, 10, 30, 60, None)


# -- jobs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def bridge(qtbot):
    made = Bridge()
    yield made
    made.close()


def test_a_job_works_elsewhere_and_reports_here(qtbot, bridge):
    where, reports, results = [], [], []
    here = threading.current_thread()

    def work(a, b, progress):
        progress.report(0.5, "half")
        where.append(threading.current_thread())
        return a + b

    def done(result):
        results.append((result, threading.current_thread()))

    bridge.run_job(work, 2, 3, on_done=done, on_progress=lambda *report: reports.append(report))
    qtbot.waitUntil(lambda: bool(results))
    assert results == [(5, here)]
    assert where[0] is not here
    assert reports[-1] == (0.5, "half")  # a frame may have heard before that it began


def test_a_cancelled_job_calls_nothing(qtbot, bridge):
    called, begun, go_on = [], threading.Event(), threading.Event()

    def work(progress):
        begun.set()
        go_on.wait(10)
        progress.report(0.9, "late")
        return 1

    job = bridge.run_job(work, on_done=called.append, on_failed=called.append, on_progress=lambda *_: called.append(_))
    begun.wait(10)
    job.cancel()
    go_on.set()
    qtbot.wait(100)
    assert called == []
    assert not job.running


def test_an_error_of_a_job_has_its_message_and_hint(qtbot, bridge):
    failures = []

    def work(progress):
        raise ConfigError("that is wrong", "do it right")

    bridge.run_job(work, on_failed=failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert failures == [Failure("that is wrong", "do it right", "ConfigError")]


def test_a_defect_in_a_job_becomes_an_internal_error(qtbot, bridge):
    failures = []

    def work(progress):
        raise KeyError("nobody thought of this")

    bridge.run_job(work, on_failed=failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert failures[0].kind == "InternalError"
    assert "nobody thought of this" in failures[0].message


def test_a_bridge_that_is_closed_obeys_nothing_more(qtbot, bridge):
    assert bridge.close()
    bridge.send(Play())
    assert not bridge.playing
    assert bridge.close()

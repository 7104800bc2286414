"""What else takes time: the window's first frame, imports, snapshots, and all that goes on beside the training."""

import dataclasses
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import simulator
from simulator.benchmarks.contestants import engine_contestant
from simulator.benchmarks.measuring import Plan
from simulator.benchmarks.workloads import WORKLOADS
from simulator.data import Dataset, open_dataset
from simulator.engines import ENGINES
from simulator.errors import SimulatorError
from simulator.progress import Progress
from simulator.training import commands
from simulator.training.preparation import training_data
from simulator.training.runner import Runner
from simulator.training.session import Session

FRAME_SECONDS = 1 / 60

_PATIENCE = 120.0
_SNAPSHOTS = 200
_THOUSAND, _TEN_THOUSAND, _MNIST, _HALF_A_MILLION = "20,25,20", "100,50,100", "784,128,64,10", "784,512,196"

# The window may not be imported here, so another process opens it. What it remembers goes into a file of its own.
_OPEN_WINDOW = """
import json, sys, time
import ui.command
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from ui.app import create_window
from ui.preferences import Preferences

class Watcher(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            # This event paints; what is timed to happen after it sees the frame done.
            name = "first_frame" if window.bridge.snapshot is None else "network_on_screen"
            QTimer.singleShot(0, lambda: note(name))
        return False

seen = {}
def note(name):
    seen.setdefault(name, time.time() - float(sys.argv[1]))
    if name == "network_on_screen":
        window.close()

app = QApplication(["nodeglow"])
window = create_window(Preferences(sys.argv[2]))
watcher = Watcher()
window.stage.view.installEventFilter(watcher)
QTimer.singleShot(60000, app.quit)
window.show()
app.exec()
print(json.dumps(seen))
"""

_IMPORT = """
import json, time
began = time.perf_counter()
import simulator.training.session
print(json.dumps({"import": time.perf_counter() - began}))
"""


@dataclasses.dataclass(frozen=True)
class Cost:
    """A row of the table of costs.

    Attributes
    ----------
    title, unit
        What is measured, and in what.
    measure
        Returns the median of as many measurements as the plan has rounds.
    below
        The bar, where there is one.
    """

    title: str
    unit: str
    measure: Callable[[Plan, Progress], float]
    below: float | None = None


def _first_frame(name: str) -> Callable[[Plan, Progress], float]:
    def measure(plan: Plan, progress: Progress) -> float:
        with tempfile.TemporaryDirectory() as folder:
            preferences = str(Path(folder) / "preferences.ini")
            return _median(plan, progress, lambda: _child(_OPEN_WINDOW, str(time.time()), preferences)[name])

    return measure


def _import_time(plan: Plan, progress: Progress) -> float:
    return _median(plan, progress, lambda: _child(_IMPORT)["import"])


def _recolour(sizes: str, name: str, of: str = "") -> Callable[[Plan, Progress], float]:
    """Measure the picture of a network in which every edge has another weight: milliseconds, or % of another name."""

    def measure(plan: Plan, progress: Progress) -> float:
        progress.report(None, "drawing")
        found = _drawn("recolour", sizes, plan.rounds, plan.seconds)
        return 100.0 * found[name] / found[of] if of else found[name]

    return measure


def _lost_to_drawing(plan: Plan, progress: Progress) -> float:
    """Return the percentage of its speed that training loses to being drawn sixty times a second."""
    progress.report(None, "training, drawn and not")
    return 100.0 * (1.0 - _drawn("training", _TEN_THOUSAND, plan.rounds, plan.seconds)["kept"])


@functools.cache
def _drawn(what: str, sizes: str, rounds: int, seconds: float) -> dict[str, float]:
    """Let the window's own program measure something, once for all rows that need it."""
    arguments = [what, sizes, "--rounds", str(rounds), "--seconds", str(seconds)]
    return _python("-m", "ui.measuring", *arguments)


def _child(program: str, *arguments: str) -> dict[str, float]:
    """Run a program in another Python, where nothing is imported yet, and return the numbers it prints."""
    return _python("-c", program, *arguments)


def _python(*arguments: str) -> dict[str, float]:
    here = str(Path(str(simulator.__file__)).parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, env=environment, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise SimulatorError(f"another Python cannot be measured: {error}") from error
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise SimulatorError(f"another Python failed: {told[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def _snapshot(workload: str) -> Callable[[Plan, Progress], float]:
    def measure(plan: Plan, progress: Progress) -> float:
        session = _session_of(workload)

        def once() -> float:
            began = time.perf_counter()
            for _ in range(_SNAPSHOTS):
                session.snapshot()
            return 1e6 * (time.perf_counter() - began) / _SNAPSHOTS

        return _median(plan, progress, once)

    return measure


def _session_of(name: str) -> Session:
    """Return a session with a workload's network; a few rows are enough, since no snapshot holds them."""
    workload = WORKLOADS[name]
    few = dataclasses.replace(workload, rows=10 * workload.outputs)
    data = few.data()
    frame = pd.DataFrame(data.X_train, columns=[f"input {index}" for index in range(few.inputs)])
    frame["class"] = [f"class {index}" for index in range(few.outputs)] * 10
    dataset = open_dataset(frame, target="class", task="classification", test_fraction=0.0)
    return Session(dataset, workload.network, workload.config)


def _lost_at_full_speed(plan: Plan, progress: Progress) -> float:
    """Return the percentage of the bare engine's speed that a run with everything around it does not reach."""
    dataset = open_dataset("penguins")
    session = Session(dataset)
    network, config = session.network, session.config
    data = training_data(dataset, network, config)
    bare = dataclasses.replace(data, X_test=data.X_test[:0], Y_test=data.Y_test[:0])
    engine = engine_contestant(ENGINES[session.engine_name], network, config, bare, session.threads)
    engine.run(1)

    def once() -> float:
        whole = _played_speed(dataset, plan.seconds)
        epochs = max(1, round(whole * plan.seconds))
        engine.start()
        began = time.perf_counter()
        engine.run(epochs)
        alone = epochs / (time.perf_counter() - began)
        return 100.0 * (1.0 - whole / alone)

    return _median(plan, progress, once)


def _played_speed(dataset: Dataset, seconds: float) -> float:
    """Return the epochs a second of a runner that evaluates, records, and shows itself sixty times a second."""
    runner = Runner()
    try:
        runner.send(commands.Open(dataset))
        runner.send(commands.Play())
        _frames(runner, min(seconds, 0.3))  # the session finds the length of its chunks
        first, began = _shown(runner), time.perf_counter()
        _frames(runner, seconds)
        last, ended = _shown(runner), time.perf_counter()
        return (last - first) / (ended - began)
    finally:
        runner.close(_PATIENCE)


def _frames(runner: Runner, seconds: float) -> None:
    """Do what a window does in every frame, but for the drawing."""
    due = time.perf_counter()
    end = due + seconds
    while due < end:
        runner.send(commands.Show())
        runner.events()
        runner.snapshot()
        due += FRAME_SECONDS
        time.sleep(max(0.0, due - time.perf_counter()))


def _shown(runner: Runner) -> int:
    """Return the epoch of a snapshot of this moment."""
    while runner.snapshot() is not None:
        pass
    runner.send(commands.Show())
    end = time.perf_counter() + _PATIENCE
    while time.perf_counter() < end:
        snapshot = runner.snapshot()
        if snapshot is not None:
            return snapshot.epoch
        time.sleep(0.0002)
    raise SimulatorError("the worker does not answer")


def _median(plan: Plan, progress: Progress, once: Callable[[], float]) -> float:
    measured: list[float] = []
    for number in range(plan.rounds):
        progress.report(number / plan.rounds, f"round {number + 1} of {plan.rounds}")
        measured.append(once())
    return statistics.median(measured)


def figures(cost: Cost, value: float | None) -> dict[str, Any]:
    """Return a cost as JSON values; None is what could not be measured."""
    return {"title": cost.title, "unit": cost.unit, "value": value, "below": cost.below}


COSTS: dict[str, Cost] = {
    "first_frame": Cost("from the start of the program to the window's first frame", "s", _first_frame("first_frame")),
    "network_on_screen": Cost(
        "from the start of the program to the network on the screen", "s", _first_frame("network_on_screen")
    ),
    "import": Cost("importing the simulator", "s", _import_time),
    "snapshot_penguins": Cost("a snapshot of the penguins' network", "µs", _snapshot("penguins")),
    "snapshot_mnist": Cost("a snapshot of a 784-256-128-10 network", "µs", _snapshot("mnist")),
    "around_training": Cost(
        "speed lost to evaluation, records and 60 snapshots a second, penguins", "%", _lost_at_full_speed, below=20.0
    ),
    "canvas_139": Cost("a frame of 139 parameters in the full style", "ms", _recolour("4,8,8,3", "frame"), below=8.0),
    "canvas_1000": Cost("a frame of 1,000 edges", "ms", _recolour(_THOUSAND, "frame"), below=12.0),
    "canvas_1000_rival": Cost(
        "the same beside pyqtgraph's GraphItem", "%", _recolour(_THOUSAND, "frame", of="graph_item"), below=100 / 8
    ),
    "canvas_10000": Cost("a frame of 10,000 edges", "ms", _recolour(_TEN_THOUSAND, "frame"), below=20.0),
    "canvas_10000_rival": Cost(
        "the same beside pyqtgraph's GraphItem", "%", _recolour(_TEN_THOUSAND, "frame", of="graph_item"), below=100 / 40
    ),
    "canvas_10000_training": Cost(
        "speed that training loses to 60 frames of 10,000 edges a second", "%", _lost_to_drawing, below=20.0
    ),
    "canvas_109184": Cost("a frame of 784-128-64-10", "ms", _recolour(_MNIST, "frame"), below=25.0),
    "canvas_109184_window": Cost("its part in the window's own thread", "ms", _recolour(_MNIST, "window"), below=4.0),
    "canvas_501760": Cost("a frame of 784-512-196", "ms", _recolour(_HALF_A_MILLION, "frame"), below=40.0),
    "canvas_501760_window": Cost(
        "its part in the window's own thread", "ms", _recolour(_HALF_A_MILLION, "window"), below=4.0
    ),
}
"""Every cost by its name."""

"""How long the picture of a network takes, and what it costs the training beside it: a program of its own.

    python -m ui.measuring recolour 784,128,64,10 --rounds 7
    python -m ui.measuring training 100,50,100 --seconds 2

The benchmarks of the simulator start it, since they may not import the window. It prints one JSON object.
"""

import argparse
import json
import os
import statistics
import sys
import time
from typing import Any

import numpy as np

EXTENT = 1200, 800
"""Of the picture that is measured, in pixels."""

_FRAME_SECONDS = 1 / 60
_PATIENCE = 60.0
_PICTURES = 5
_MOST_PENS = 20_000


def recolour(sizes: tuple[int, ...], rounds: int) -> dict[str, Any]:
    """Measure frames in which every edge has another weight.

    Parameters
    ----------
    sizes
        Of the network's layers.
    rounds
        How often; pyqtgraph's GraphItem takes turns with ours.

    Returns
    -------
    Medians in milliseconds: ``frame`` until it is painted, of which ``window`` is work of the window's thread;
    ``graph_item``, a pen an edge, or None where there are too many; and how many ``edges``.
    """
    app, view, pictures = _view(sizes)
    edges = sum(weight.size for weight in pictures[0].weights)
    rival = _GraphItem(pictures[0]) if edges <= _MOST_PENS else None
    view.frame(app, pictures[0])
    ours: list[tuple[float, float]] = []
    theirs: list[float] = []
    for number in range(rounds):
        for _ in range(3):
            ours.append(view.frame(app, pictures[len(ours) % _PICTURES]))
        if rival is not None:
            theirs.append(rival.frame(pictures[number % _PICTURES]))
    frame, window = (1e3 * statistics.median(times) for times in zip(*ours, strict=True))
    return {
        "edges": edges, "frame": frame, "window": window,
        "graph_item": 1e3 * statistics.median(theirs) if theirs else None,
    }  # fmt: skip


def training(sizes: tuple[int, ...], seconds: float, rounds: int) -> dict[str, Any]:
    """Measure how fast a network trains while it is drawn sixty times a second, and while it is not.

    Returns
    -------
    Medians: ``alone`` and ``drawn`` in epochs a second, ``kept`` the ratio of the two in each round, and the
    ``frames`` a second that were drawn.
    """
    from simulator.training import commands
    from simulator.training.runner import Runner
    from ui.canvas.picture import compose

    app, view, pictures = _view(sizes)
    view.frame(app, pictures[0])
    runner = Runner(1)
    found: list[tuple[float, float, float]] = []

    def follow(*, drawn: bool) -> tuple[float, float]:
        """Return the epochs and the frames a second."""
        first, last, frames, began = None, 0, 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            due = time.perf_counter() + _FRAME_SECONDS
            runner.send(commands.Show())
            snapshot = None
            while snapshot is None and time.perf_counter() - began < _PATIENCE:
                snapshot = runner.snapshot()
                time.sleep(0.0005)
            runner.events()
            if snapshot is None:
                break
            first = snapshot.epoch if first is None else first
            last, frames = snapshot.epoch, frames + 1
            if drawn:
                view.frame(app, compose(snapshot.network, snapshot.layers))
            time.sleep(max(0.0, due - time.perf_counter()))
        passed = time.perf_counter() - began
        return (last - (first or 0)) / passed, frames / passed

    try:
        runner.send(commands.Open(_dataset(sizes), _network(sizes)))
        runner.send(commands.Play())
        follow(drawn=False)
        found += [(follow(drawn=False)[0], *follow(drawn=True)) for _ in range(rounds)]
    finally:
        runner.close(_PATIENCE)
    alone, drawn, frames = (statistics.median(each) for each in zip(*found, strict=True))
    kept = statistics.median(beside / max(1e-9, by_itself) for by_itself, beside, _ in found)
    return {"alone": alone, "drawn": drawn, "kept": kept, "frames": frames}


def _network(sizes: tuple[int, ...]) -> Any:
    from simulator.spec import LayerSpec, NetworkSpec

    return NetworkSpec(sizes[0], tuple(LayerSpec(units, "tanh") for units in sizes[1:-1]), sizes[-1])


def _dataset(sizes: tuple[int, ...]) -> Any:
    import pandas as pd

    from simulator.data import open_dataset

    rows = max(1000, 10 * sizes[-1])
    values = np.random.default_rng(0).normal(size=(rows, sizes[0]))
    frame = pd.DataFrame(values, columns=[f"input {place}" for place in range(sizes[0])])
    frame["class"] = [f"class {row % sizes[-1]}" for row in range(rows)]
    return open_dataset(frame, target="class", task="classification", test_fraction=0.0)


def _view(sizes: tuple[int, ...]) -> tuple[Any, Any, list[Any]]:
    """Return the program, a view that times its frames, and pictures of a network with other weights each."""
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication

    from simulator.nn import parameters
    from ui.canvas import raster_drawing
    from ui.canvas.contrast import with_contrast
    from ui.canvas.picture import compose
    from ui.canvas.view import NetworkView

    class Timed(NetworkView):
        """Knows how long its paints take, and when one was complete."""

        painting, complete = 0.0, False

        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
            began, complete = time.perf_counter(), not self.drawing
            super().paintEvent(event)
            self.painting += time.perf_counter() - began
            self.complete = self.complete or complete

        def frame(self, app: QApplication, picture: Any) -> tuple[float, float]:
            """Return the seconds until a picture was painted, and how many of them the window's thread worked."""
            self.painting, self.complete = 0.0, False
            began = time.perf_counter()
            self.set_picture(picture)
            told = time.perf_counter() - began
            while not self.complete and time.perf_counter() - began < _PATIENCE:
                app.processEvents()
                if not self.complete:
                    time.sleep(0.0002)
            return time.perf_counter() - began, told + self.painting

    app = QApplication.instance() or QApplication(["nodeglow"])
    assert isinstance(app, QApplication)
    raster_drawing.kernel()
    network, row = _network(sizes), np.linspace(-1.0, 1.0, sizes[0])
    pictures: list[Any] = []
    for seed in range(_PICTURES):
        layers = parameters.layers(network, parameters.start_values(network, seed))
        pictures.append(with_contrast(compose(network, layers, row, title="Network"), pictures[-1] if seed else None))
    view = Timed()
    view.resize(*EXTENT)
    view.show()
    app.processEvents()
    return app, view, pictures


class _GraphItem:
    """pyqtgraph's own drawing of a graph, with a pen an edge."""

    def __init__(self, picture: Any) -> None:
        import pyqtgraph as pg

        self._plot = pg.PlotWidget()
        self._plot.resize(*EXTENT)
        self._item = pg.GraphItem()
        self._plot.addItem(self._item)
        self._plot.show()
        sizes = picture.sizes
        begins = np.cumsum([0, *sizes])
        self._places = np.concatenate([
            np.column_stack([np.full(units, layer), (np.arange(units) + 0.5) / units])
            for layer, units in enumerate(sizes)
        ])  # fmt: skip
        self._pairs = np.concatenate([
            np.stack(np.meshgrid(
                begins[layer] + np.arange(sizes[layer]), begins[layer + 1] + np.arange(sizes[layer + 1]), indexing="ij"
            ), -1).reshape(-1, 2)
            for layer in range(len(sizes) - 1)
        ])  # fmt: skip
        self.frame(picture)

    def frame(self, picture: Any) -> float:
        """Return the seconds that other weights take to be painted."""
        began = time.perf_counter()
        weights = np.concatenate([np.asarray(weight).ravel() for weight in picture.weights])
        shares = np.clip(np.abs(weights) / max(1e-9, float(np.abs(weights).max())), 0.0, 1.0)
        pens = np.zeros(len(weights), dtype=[(name, np.ubyte) for name in ("red", "green", "blue", "alpha")]
                        + [("width", float)])  # fmt: skip
        pens["red"], pens["blue"] = np.where(weights < 0, 255, 74), np.where(weights < 0, 60, 255)
        pens["green"], pens["alpha"], pens["width"] = 160, 90 + 160 * shares, 1.0 + 4.0 * shares
        self._item.setData(pos=self._places, adj=self._pairs, pen=pens, size=10)
        self._plot.viewport().repaint()
        return time.perf_counter() - began


def main() -> None:
    """Obey the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("recolour", "training"))
    parser.add_argument("sizes", type=lambda text: tuple(int(units) for units in text.split(",")))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.what == "recolour":
        found = recolour(asked.sizes, asked.rounds)
    else:
        found = training(asked.sizes, asked.seconds, asked.rounds)
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()

"""What the network of the shown moment says about every row, worked out once for all views that want it."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from simulator.engines.passes import forward
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Job
from ui.selection import fits

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

Doubles = NDArray[np.float64]

_AT_ONCE = 1_000_000
"""So many products are worked out in the frame, about two milliseconds; more is a job."""

_SECONDS, _DUTY = 0.03, 5.0
_BLOCK = 4_000_000


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says about all rows; float64, in the order of the data set's training and test rows.

    Attributes
    ----------
    snapshot, dataset
        The moment and its data.
    train, test
        (rows, outputs): probabilities, or values as the network gives them (`dataset.recipe.value` turns them into real
        units).
    """

    snapshot: "Snapshot"
    dataset: "Dataset"
    train: Doubles
    test: Doubles

    def of(self, split: str) -> Doubles:
        """Return those of "train", "test" or "all" (training rows first)."""
        return _chosen(split, self.train, self.test)

    def targets(self, split: str) -> Doubles:
        """Return what the network is told of the same rows, (rows, outputs); two columns where one output says it."""
        return np.asarray(_chosen(split, self.dataset.Y_train, self.dataset.Y_test), np.float64)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Return where the same rows stand in the raw table, (rows,)."""
        return _chosen(split, self.dataset.train_rows, self.dataset.test_rows)


def _chosen(split: str, train: Any, test: Any) -> Any:
    return train if split == "train" else test if split == "test" else np.concatenate([train, test])


def predictions_of(snapshot: "Snapshot", dataset: "Dataset", progress: Progress) -> Predictions:
    """Send all rows through a network in float64, in blocks; a cancelled job stops between two of them."""
    widest = max(snapshot.network.sizes)
    size = max(64, _BLOCK // widest)
    found = []
    with np.errstate(all="ignore"):
        for X in (dataset.X_train, dataset.X_test):
            blocks = []
            for start in range(0, len(X), size):
                block = np.asarray(X[start : start + size], np.float64)
                blocks.append(np.asarray(forward(snapshot.network, snapshot.layers, block).outputs, np.float64))
                progress.report(None, "asking the network about every row")
            found.append(np.concatenate(blocks) if blocks else np.zeros((0, snapshot.network.outputs)))
    return Predictions(snapshot, dataset, found[0], found[1])


class Predicting(QObject):
    """Keeps the predictions of the moment that is shown, while anybody wants them.

    Signals
    -------
    answered
        `Predictions` of the newest moment that was worked out.

    Attributes
    ----------
    predictions
        The last ones, or None; `fresh` says whether they are of the present moment.
    """

    answered = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.predictions: Predictions | None = None
        self._wanting: set[Any] = set()
        self._job: Job | None = None
        self._refused: Any = None
        self._asked_at, self._pause = 0.0, _SECONDS
        bridge.opened.connect(self._opened)
        bridge.ticked.connect(self._look)

    def want(self, view: Any, *, wanted: bool = True) -> None:
        """Say that a view wants to be told, from now on or no longer."""
        (self._wanting.add if wanted else self._wanting.discard)(view)

    @property
    def fresh(self) -> bool:
        """Whether the predictions are those of the present moment and its data."""
        found = self.predictions
        return found is not None and found.snapshot is self._bridge.snapshot and found.dataset is self._bridge.dataset

    def _opened(self, _event: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self.predictions = None

    def _look(self, now: float) -> None:
        """Ask the network, where somebody wants that and the last answer is old; while it plays, now and then."""
        snapshot, dataset = self._bridge.snapshot, self._bridge.dataset
        if not self._wanting or self._job is not None or self.fresh or snapshot is None or dataset is None:
            return
        if self._bridge.playing and now - self._asked_at < self._pause:
            return
        if snapshot is self._refused or not fits(snapshot, dataset):
            return  # it cannot be asked, or it is a moment between two data sets
        self._asked_at = time.perf_counter()
        work = snapshot.network.parameter_count * (len(dataset.X_train) + len(dataset.X_test))
        if work <= _AT_ONCE:
            self._done(predictions_of(snapshot, dataset, Progress()))
        else:
            self._job = self._bridge.run_job(
                predictions_of, snapshot, dataset,
                on_done=self._done, on_failed=lambda _failure: self._failed(snapshot),
            )  # fmt: skip

    def _done(self, predictions: Predictions) -> None:
        self._job = None
        self.predictions = predictions
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.answered.emit(predictions)

    def _failed(self, snapshot: "Snapshot") -> None:
        """Leave a moment alone that could not be worked out, as for want of memory: it is in the log."""
        self._job, self._refused = None, snapshot

"""Works contributions out: at once where that is quick, else beside the window and a few times a second."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ui.bridge import Bridge
from ui.jobs import Failure
from ui.panels.what_if_shares import Shares, cost, shares_of

_AT_ONCE, _LARGE = 1_000_000, 4_000_000
_SECONDS, _DUTY = 0.15, 4.0

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Seen


class Weighing(QObject):
    """Answers the newest question only.

    Signals
    -------
    weighed
        (snapshot, `Shares`): of the newest moment and row, or of those of a moment ago.
    """

    weighed = Signal(object, object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._question: tuple[Any, ...] | None = None
        self._busy: Any = None
        self._asked_at, self._pause = 0.0, 0.0
        bridge.ticked.connect(self._look)

    def ask(self, *question: Any) -> None:
        """Ask for the contributions of a snapshot, a data set, what is seen in it, inputs and an output's index."""
        snapshot, _, seen, *_ = question
        if cost(snapshot, seen) <= _AT_ONCE:
            self.forget()
            self.weighed.emit(snapshot, shares_of(*question))
        else:
            self._question = question
            self._look(time.perf_counter())

    @property
    def waiting(self) -> bool:
        """Whether something was asked that is not answered yet."""
        return self._question is not None or self._busy is not None

    def forget(self) -> None:
        """Answer nothing that was asked before."""
        self._question = None
        if self._busy is not None:
            self._busy.cancel()
            self._busy = None

    def _look(self, now: float) -> None:
        if self._question is None or self._busy is not None or now - self._asked_at < self._pause:
            return
        question, self._question, self._asked_at = self._question, None, now
        self._busy = self._bridge.run_job(
            shares_of, *question, on_done=lambda shares: self._done(question[0], shares), on_failed=self._failed
        )

    def _done(self, snapshot: Any, shares: Shares) -> None:
        self._busy = None
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.weighed.emit(snapshot, shares)

    def _failed(self, _failure: Failure) -> None:
        self._busy = None


def what_is_seen(bridge: Bridge, dataset: "Dataset", tell: "Callable[[Seen], None]") -> None:
    """Tell what training has seen of the features of a data set: at once where it is small."""
    if dataset.X_train.size <= _LARGE:
        tell(_seen_in(dataset))
    else:
        bridge.run_job(_seen_in, dataset, on_done=tell)


def _seen_in(dataset: "Dataset", _progress: Any = None) -> "Seen":
    from simulator.explain.whatif import seen_in

    return seen_in(dataset)

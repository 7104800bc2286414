"""The way of one row over the whole run: what the network said about it at moments of the branch."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import forward
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Job
from ui.selection import ChosenRow, Selection, seen_with

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.training.survey import SurveyMoment

Doubles = NDArray[np.float64]

_SECONDS, _DUTY = 0.5, 8.0
"""While training runs, the moments are asked for so often at most, and again after so many times as long as it took."""
_AT_ONCE = 1_000_000


def way_of(
    moments: Sequence["SurveyMoment"], chosen: ChosenRow, dataset: "Dataset", progress: Progress | None = None
) -> tuple[Doubles, Doubles]:
    """Return when, (moments,) in epochs, and what a network said about a row, (moments, outputs) float64.

    Moments at which the row cannot be told, since the data were other ones or a value was missing, are left out.

    Parameters
    ----------
    moments
        The oldest first.
    chosen, dataset
        The row, and the data that it is of.
    """
    times: list[float] = []
    found: list[Doubles] = []
    with np.errstate(all="ignore"):
        for moment in moments:
            seen = seen_with(moment.dataset, dataset, chosen)
            if seen.inputs is None or len(seen.inputs) != moment.network.inputs:
                continue
            outputs = np.asarray(forward(moment.network, moment.layers, seen.inputs[None, :]).outputs[0], np.float64)
            if found and len(outputs) != len(found[0]):
                continue
            times.append(moment.time)
            found.append(outputs)
            if progress is not None:
                progress.report(None, "following the row")
    return np.array(times), np.array(found) if found else np.zeros((0, 1))


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """A row, when, (moments,) in epochs, and what the network said about it then, (moments, outputs)."""

    chosen: ChosenRow
    times: Doubles
    outputs: Doubles


class Following:
    """Keeps the way of the chosen row.

    Parameters
    ----------
    bridge, selection
        The run, and which row.
    tell
        Called when another way was found.

    Attributes
    ----------
    found
        The newest one, or None.
    """

    def __init__(self, bridge: Bridge, selection: Selection, tell: Callable[[], None]) -> None:
        self._bridge, self._selection, self._tell = bridge, selection, tell
        self.found: Found | None = None
        self._moments: tuple[Any, ...] = ()
        self._of: tuple[Any, ...] = ()
        self._job: Job | None = None
        self._asked_at, self._pause, self._stale, self._waiting = 0.0, _SECONDS, True, False
        bridge.surveyed.connect(self._surveyed)
        bridge.recorded.connect(lambda _rows: self._age())
        bridge.branched.connect(lambda _event: self._age())

    def forget(self) -> None:
        """Another session runs."""
        if self._job is not None:
            self._job.cancel()
        self._job, self.found, self._moments, self._of = None, None, (), ()
        self._stale, self._waiting = True, False
        self._tell()

    def _age(self) -> None:
        self._stale = True

    def ask(self, now: float) -> None:
        """Ask for the moments of the branch where they may be others; called with every frame while the way is seen."""
        pause = self._pause if self._bridge.playing else 0.05
        if self._stale and now - self._asked_at >= pause and self._bridge.snapshot is not None:
            self._stale, self._waiting, self._asked_at = False, True, time.perf_counter()
            self._bridge.survey()

    def _surveyed(self, event: Any) -> None:
        if self._waiting:  # another view may have asked as well: its answer is as good
            self._waiting = False
            self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
            self._moments = event.moments
            self.look()

    def look(self) -> None:
        """Work out what the network said about the chosen row, where that is not known yet."""
        bridge, chosen = self._bridge, self._selection.chosen
        snapshot, dataset, moments = bridge.snapshot, bridge.dataset, self._moments
        if self._job is not None or snapshot is None or dataset is None or chosen is None:
            return
        key = moments, chosen, dataset
        if self._of and all(one is two for one, two in zip(key, self._of, strict=True)):
            return
        self._of = key
        if chosen.inputs is None or not moments:
            self._done(None)
        elif snapshot.network.parameter_count * len(moments) <= _AT_ONCE:
            self._done(way_of(moments, chosen, dataset))
        else:
            self._job = bridge.run_job(
                way_of, moments, chosen, dataset, on_done=self._done, on_failed=lambda _failure: self._done(None)
            )

    def _done(self, way: tuple[Doubles, Doubles] | None) -> None:
        self._job = None
        self.found = None if way is None or not len(way[0]) else Found(self._of[1], *way)
        self._tell()
        self.look()  # meanwhile another row may have been chosen

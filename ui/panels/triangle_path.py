"""The way of one row over the whole run: what the network said about it at moments of the branch. No Qt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import forward
from simulator.progress import Progress
from ui.selection import ChosenRow, seen_with

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.training.survey import SurveyMoment

Doubles = NDArray[np.float64]


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

"""A run seen whole: its states along a branch, repeated where that is quick, else those that were kept."""

import time

import numpy as np

from simulator.engines import EngineState
from simulator.errors import DivergenceError
from simulator.progress import Cancelled, Progress
from simulator.training.course import Course
from simulator.training.timeline import Place, place_of

SAMPLE_SECONDS = 0.3
"""How long a run may be repeated to see it whole, where nobody waits for something else."""


def sample(course: Course, most: int = 240, patience: float = SAMPLE_SECONDS) -> list[EngineState]:
    """Return states along the branch, the first and the last one among them; about `most` of them at most.

    A run that can be repeated in so many seconds is, with a state of every batch where these are few, else of
    epochs that stand closer at the start, where more happens; of a longer run there are the keyframes. Where it
    turns out to take longer than it seemed, or to leave the finite numbers, there are the keyframes too.
    """
    with course.away():
        branch = course.branch
        if not course.engine.ready or course.seconds_between(branch.first, branch.end) > patience:
            return _keyframes(course, most)
        began, found = time.perf_counter(), list[EngineState]()

        def told(_fraction: float | None, _text: str) -> None:
            if time.perf_counter() - began > 2.0 * patience:
                progress.cancel()

        progress = Progress(told)
        try:
            for place in _spread(course, most):
                course.seek(place, progress)
                found.append(course.engine.state())
        except (Cancelled, DivergenceError):
            return _keyframes(course, most)
        return found


def _spread(course: Course, most: int) -> list[Place]:
    first, end = course.branch.first, course.branch.end
    begin, epochs, last = first[0], end[0] - first[0], end[1]
    counts = [course.batches(begin + epoch) for epoch in range(min(epochs, most))]
    if len(counts) == epochs and sum(counts) + last <= most:
        found = [(begin + epoch, item) for epoch, count in enumerate(counts) for item in range(count)]
        found += [(end[0], item) for item in range(last)]
        return [*(place for place in found if first <= place), end]
    even = np.linspace(0.0, epochs, max(1, most // 2))
    early = np.geomspace(1.0, max(1.0, epochs), max(0, most // 2 - 1))
    whole = [max(first, (begin + int(each), 0)) for each in np.unique(np.round([*even, *early]))]
    return [*(place for place in whole if place < end), end]


def _keyframes(course: Course, most: int) -> list[EngineState]:
    until, found = course.branch.end, [course.branch.tip]
    for branch in course.branch.line:
        found = [state for state in branch.keyframes if place_of(state) < until] + found
        until = min(until, branch.fork)
    chosen = np.unique(np.linspace(0, len(found) - 1, max(2, min(most, len(found)))).round().astype(int))
    return [found[nth] for nth in chosen.tolist()]

"""Contestants are measured turn by turn, so that whatever else the machine does hits them all alike."""

import contextlib
import dataclasses
import gc
import math
import statistics
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any

from simulator.benchmarks.contestants import Contestant, Prepare
from simulator.benchmarks.workloads import Workload
from simulator.errors import SimulatorError
from simulator.progress import Progress

_MOST_EPOCHS = 1_000_000


@dataclasses.dataclass(frozen=True)
class Plan:
    """How is measured.

    Attributes
    ----------
    rounds
        How often every contestant has its turn.
    seconds
        How long a turn should take; it is one epoch at least.
    threads
        How many threads everybody may use.
    rest
        Seconds before every turn: the threads of a matrix library go on looking for work for about as long, and would
        take a core from the next contestant.
    """

    rounds: int = 5
    seconds: float = 0.5
    threads: int = 1
    rest: float = 0.1


@dataclasses.dataclass
class Entry:
    """A contestant's results so far.

    Attributes
    ----------
    epochs
        How many epochs a turn has.
    seconds
        An epoch's time in every round.
    loss
        The last epoch's mean loss.
    """

    epochs: int
    seconds: list[float] = dataclasses.field(default_factory=list)
    loss: float = math.nan


class Race:
    """The measurement of one workload; what is measured stays when it is cancelled.

    Parameters
    ----------
    workload
        What is trained.
    entrants
        What makes the contestants, by their names.
    plan
        How is measured.
    clock
        Returns seconds.

    Attributes
    ----------
    entries
        The results by the contestants' names.
    left_out
        Why a contestant has no results.
    """

    def __init__(
        self,
        workload: Workload,
        entrants: Mapping[str, Prepare],
        plan: Plan,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.workload, self.plan = workload, plan
        self.entries: dict[str, Entry] = {}
        self.left_out: dict[str, str] = {}
        self._entrants, self._clock = entrants, clock

    def run(self, progress: Progress) -> None:
        """Prepare all contestants, warm them up, and give each its turn in every round.

        Raises
        ------
        Cancelled
            When the progress was cancelled, between two turns.
        """
        contestants = self._prepare(progress)
        for number in range(self.plan.rounds):
            for place, (name, contestant) in enumerate(contestants.items()):
                done = (number + place / len(contestants)) / self.plan.rounds
                progress.report(done, f"round {number + 1} of {self.plan.rounds}: {name}")
                if name in self.entries:
                    with self._leaving_out(name):
                        self._take_turn(self.entries[name], contestant)

    def speed(self, name: str) -> float | None:
        """Return a contestant's epochs a second, the median over its rounds; None where there is none."""
        entry = self.entries.get(name)
        return 1.0 / statistics.median(entry.seconds) if entry is not None and entry.seconds else None

    def ratio(self, name: str, other: str) -> float | None:
        """Return how many times as fast as another one a contestant is, the median of the rounds' ratios, or None."""
        one, two = (self.entries[each].seconds if each in self.entries else [] for each in (name, other))
        ratios = [theirs / ours for ours, theirs in zip(one, two, strict=False)]  # the last round may be unfinished
        return statistics.median(ratios) if ratios else None

    def figures(self) -> dict[str, Any]:
        """Return all results as JSON values."""
        return {
            "title": self.workload.title,
            "contestants": {
                name: {
                    "epochs_per_second": self.speed(name),
                    "seconds_per_epoch": entry.seconds,
                    "epochs_a_turn": entry.epochs,
                    "loss": entry.loss if math.isfinite(entry.loss) else None,
                    "ratios": {other: self.ratio(name, other) for other in self.entries if other != name},
                }
                for name, entry in self.entries.items()
            },
            "left_out": self.left_out,
        }

    def _prepare(self, progress: Progress) -> dict[str, Contestant]:
        progress.report(None, "making the rows")
        data = self.workload.data()
        contestants: dict[str, Contestant] = {}
        for name, prepare in self._entrants.items():
            progress.report(None, f"warming up: {name}")
            with self._leaving_out(name):
                contestant = prepare(self.workload, data, self.plan.threads)
                self.entries[name] = Entry(self._epochs_a_turn(contestant))
                contestants[name] = contestant
        return contestants

    @contextlib.contextmanager
    def _leaving_out(self, name: str) -> Generator[None]:
        """Go on without a contestant that refuses."""
        try:
            yield
        except SimulatorError as error:
            self.entries.pop(name, None)
            self.left_out[name] = str(error)

    def _epochs_a_turn(self, contestant: Contestant) -> int:
        """Return how many epochs take about as long as a turn should."""
        self._timed(contestant, 1)  # compiles, fills caches: no guide
        epochs = 1
        took, _ = self._timed(contestant, epochs)
        while took < self.plan.seconds / 4 and epochs < _MOST_EPOCHS:
            epochs *= 4
            took, _ = self._timed(contestant, epochs)
        return min(_MOST_EPOCHS, max(1, round(epochs * self.plan.seconds / max(took, 1e-9))))

    def _take_turn(self, entry: Entry, contestant: Contestant) -> None:
        time.sleep(self.plan.rest)
        took, entry.loss = self._timed(contestant, entry.epochs)
        entry.seconds.append(took / entry.epochs)

    def _timed(self, contestant: Contestant, epochs: int) -> tuple[float, float]:
        contestant.start()
        with _without_garbage_collection():
            began = self._clock()
            loss = contestant.run(epochs)
            return self._clock() - began, loss


@contextlib.contextmanager
def _without_garbage_collection() -> Generator[None]:
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()

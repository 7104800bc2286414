"""What the narrator's rules look at: frozen values that were gathered before."""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight.health import Health, LayerGradient
from simulator.spec import NetworkSpec, TrainingConfig

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is to be known about a data set and the loss that is used on it.

    Attributes
    ----------
    name, classes
        What the set and its classes are called; no classes for a value.
    train_rows, test_rows
        How many there are.
    train_counts
        How many training rows each class has.
    test_majority
        The share of the test rows (training rows without any) of the class that is most frequent among training rows.
    guess_loss
        The test (else training) loss of the best answer that is the same for every row: the classes' shares, the
        mean, or for absolute errors the median of the training targets.
    train_guess_loss
        The training loss of that answer.
    inputs
        (name, root mean square, largest |value|) of every input column, of training rows.
    target_spread
        Root mean square of the targets of a value as the network sees them; 0 for classes.
    class_rows
        Up to 40 rows of the raw table of each class, to be lit.
    """

    name: str
    classes: tuple[str, ...]
    train_rows: int
    test_rows: int
    train_counts: tuple[int, ...]
    test_majority: float
    guess_loss: float
    train_guess_loss: float
    inputs: tuple[tuple[str, float, float], ...]
    target_spread: float = 0.0
    class_rows: tuple[tuple[int, ...], ...] = ()

    @property
    def majority(self) -> int:
        """The class with most training rows."""
        return int(np.argmax(self.train_counts)) if self.train_counts else 0


@dataclasses.dataclass(frozen=True, eq=False)
class Examined:
    """One moment of the branch, looked through.

    Attributes
    ----------
    epoch
        Complete epochs; `time` has the fraction of the next one.
    network, config, data
        What held then; `data` is a number that tells data sets apart.
    health, flow
        See `simulator.insight.health`.
    predicted, hits
        How often each class was said of the training rows, and how often rightly; empty for a value.
    loss
        The data loss of the training rows that were looked at, without dropout.
    penalty
        l1·Σ|w| + l2/2·Σw².
    twins
        The hidden layers (1 is the first) whose neurons all have the same incoming and the same outgoing weights.
    """

    epoch: int
    time: float
    network: NetworkSpec
    config: TrainingConfig
    data: int
    health: Health
    flow: tuple[LayerGradient, ...]
    predicted: tuple[int, ...]
    hits: tuple[int, ...]
    loss: float
    penalty: float
    twins: tuple[int, ...]

    @property
    def known(self) -> int:
        """The epoch that it belongs to, counted from 1: of the middle of an epoch, that one."""
        return math.ceil(self.time)


@dataclasses.dataclass(frozen=True)
class Divergence:
    """Why training left the finite numbers, and what was found to help.

    Attributes
    ----------
    epoch
        The epoch in which it happened, counted from 1.
    from_epoch
        The last moment from which training can go on: its loss had not yet run away.
    rate
        The learning rate that it happened with.
    stable
        The largest rate that was tried from there and did not run away; None where none did.
    advised
        A round rate below it.
    tried
        (rate, loss at the start, loss at the end) of every short run; infinite where it diverged.
    epochs
        How many epochs each run took at most.
    cause
        "rate", "inputs", "outlier", "targets", "weights" or "link".
    culprit
        The input column, or what else is too large, with its size.
    size
        How large that is.
    clipped
        Whether the same rate holds when the gradient is clipped at norm 1.
    """

    epoch: int
    from_epoch: int
    rate: float
    stable: float | None
    advised: float | None
    tried: tuple[tuple[float, float, float], ...]
    epochs: int
    cause: str = "rate"
    culprit: str = ""
    size: float = math.nan
    clipped: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of a branch up to a moment.

    Attributes
    ----------
    records
        Rows of `simulator.snapshot.RECORD` from epoch 0 on.
    network, config, facts
        What holds at its end.
    moments
        The branch looked through, the oldest moment first; may be empty while that is being done.
    fork
        When the branch left another one, and that one's name; None for a run from start weights.
    divergence
        What is known about a divergence after the last record, or None.
    start_facts
        Those of epoch 0, where its data were others; else None.
    """

    records: NDArray[Any]
    network: NetworkSpec
    config: TrainingConfig
    facts: Facts
    moments: tuple[Examined, ...] = ()
    fork: tuple[int, str] | None = None
    divergence: Divergence | None = None
    start_facts: Facts | None = None

    def until(self, epoch: int) -> "Evidence":
        """Return what was known when so many epochs were complete."""
        moments = tuple(moment for moment in self.moments if moment.time <= epoch)
        last = moments[-1] if moments else None
        return dataclasses.replace(
            self,
            records=self.records[: epoch + 1],
            facts=self.start_facts if self.start_facts and epoch <= self.data_since else self.facts,
            network=last.network if last else self.network,
            config=last.config if last else self.config,
            moments=moments,
            divergence=self.divergence if self.divergence and self.divergence.epoch <= epoch + 1 else None,
            fork=self.fork if self.fork and self.fork[0] <= epoch else None,
        )

    def since(self, moment: Examined) -> str:
        """Return since when something has held, that holds at a moment and did not at the one before.

        Of a long run moments far apart were looked through: then it holds since that one at the latest.
        """
        if moment.time == 0:
            return "from the start"
        return f"since epoch {moment.known:,}{'' if self.unsure(moment) is None else ' at the latest'}"

    def unsure(self, moment: Examined) -> tuple[int, int] | None:
        """Return (epoch looked at before, epoch of this moment) where no one looked at the epochs between them."""
        place = next(nth for nth, each in enumerate(self.moments) if each is moment)
        before = math.floor(self.moments[place - 1].time) if place else moment.known
        return None if moment.known - before <= 1 else (before, moment.known)

    @functools.cached_property
    def data_since(self) -> int:
        """The last epoch that was trained on other data than the last one; 0 where there was none."""
        for before, now in zip(self.moments[-2::-1], self.moments[:0:-1], strict=True):
            if before.data != now.data:
                return math.floor(now.time)
        return 0

    def _column(self, name: str) -> Doubles:
        """Return a figure of every epoch, NaN where the data were others: what is not comparable."""
        values = np.array(self.records[name], np.float64)
        if self.data_since:
            values[: self.data_since + 1] = np.nan
        return values

    @functools.cached_property
    def train(self) -> Doubles:
        """The training loss of every epoch; NaN where the data were others."""
        return self._column("train_loss")

    @functools.cached_property
    def test(self) -> Doubles:
        """The test loss of every epoch; NaN without test rows, and where the data were others."""
        return self._column("test_loss")

    @functools.cached_property
    def best_known(self) -> Doubles:
        """The test loss, or the training loss where there are no test rows."""
        return self.train if np.isnan(self.test).all() else self.test

    @functools.cached_property
    def accuracy(self) -> Doubles:
        """The test accuracy, or the training accuracy where there are no test rows."""
        test = self._column("test_accuracy")
        return self._column("train_accuracy") if np.isnan(test).all() else test

    @property
    def tested(self) -> str:
        """Which rows `accuracy` and `best_known` are of."""
        return "training" if np.isnan(self.test).all() else "test"

    @property
    def start(self) -> float:
        """The training loss of the first epoch, or of the first one on these data; NaN without records."""
        first = self.data_since + 1 if self.data_since else self.first
        return float(self.train[first]) if len(self.train) > first else math.nan

    @property
    def begins(self) -> int:
        """The epoch from which on the data are what they are: that of their change, or else the first one."""
        return self.data_since or self.first

    @functools.cached_property
    def first(self) -> int:
        """The first epoch that is known: 0, or a later one where training goes on from a model."""
        known = np.isfinite(np.asarray(self.records["train_loss"], np.float64))
        return int(np.argmax(known)) if len(known) else 0

    @property
    def last(self) -> int:
        """The last complete epoch."""
        return max(0, len(self.records) - 1)

    @property
    def rate(self) -> float:
        """The learning rate of the last update."""
        return float(self.records["learning_rate"][-1]) if len(self.records) else math.nan

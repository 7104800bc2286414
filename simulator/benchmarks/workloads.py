"""What is trained in a benchmark: shapes, settings, and data that are read or drawn from a seed."""

import dataclasses
from collections.abc import Callable

import numpy as np

from simulator.data import BUNDLED, Dataset, open_dataset, read_table
from simulator.engines import TrainingData
from simulator.snapshot import Floats
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

_SEED = 0
_CENTRES = 0.08
"""How far the centres of drawn classes lie apart, in the noise's deviations and for each input: about nine in ten of
784 inputs' rows can be told, so that neither a loss nor a gradient dies away."""


@dataclasses.dataclass(frozen=True)
class Workload:
    """One row of the table of workloads; another number of rows makes the same one larger or smaller.

    Attributes
    ----------
    rows, inputs, hidden, outputs
        The training rows, and the widths of the network from left to right.
    activation, link, loss
        Of the hidden layers; of the outputs; and what is minimised.
    batch_size, optimizer
        How many rows an update sees, and by which rule it is made.
    make
        Returns the inputs (rows, inputs) and the targets (rows, outputs).
    """

    rows: int
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: str
    link: str
    loss: str
    batch_size: int
    optimizer: Rule
    make: Callable[["Workload"], tuple[Floats, Floats]]

    @property
    def network(self) -> NetworkSpec:
        """The network that is trained."""
        hidden = tuple(LayerSpec(units, self.activation) for units in self.hidden)
        return NetworkSpec(self.inputs, hidden, self.outputs, self.link)

    @property
    def config(self) -> TrainingConfig:
        """How it is trained: in float32."""
        return TrainingConfig(
            loss=Rule(self.loss), optimizer=self.optimizer, batch_size=self.batch_size, seed=_SEED, dtype="float32"
        )

    @property
    def title(self) -> str:
        """The shapes and settings in one line."""
        sizes = "-".join(map(str, self.network.sizes))
        shape = f"{self.rows:,} × {self.inputs}"
        return f"{shape}, {sizes} {self.activation}, batch {self.batch_size}, {self.optimizer.name}"

    def data(self) -> TrainingData:
        """Return the rows in float32; there are no test rows."""
        X, Y = (np.ascontiguousarray(array, dtype=np.float32) for array in self.make(self))
        return TrainingData(X, Y, X[:0], Y[:0], classification=True)


def _of(dataset: Dataset, workload: Workload) -> tuple[Floats, Floats]:
    # Evenly spaced: the penguins stand in the file species by species.
    rows = np.linspace(0, len(dataset.X_train) - 1, workload.rows).round().astype(np.int64)
    return dataset.X_train[rows], dataset.Y_train[rows]


def _penguins(workload: Workload) -> tuple[Floats, Floats]:
    """Return the four measurements of the birds of whom everything is known."""
    complete = read_table(BUNDLED["penguins"].path).frame.dropna()
    return _of(open_dataset(complete, test_fraction=0.0, **BUNDLED["penguins"].choices), workload)


def _digits(workload: Workload) -> tuple[Floats, Floats]:
    return _of(open_dataset("digits", test_fraction=0.0), workload)


def _spiral(workload: Workload) -> tuple[Floats, Floats]:
    """Return two arms that wind around each other one and a half times."""
    rng = np.random.default_rng(_SEED)
    arm = np.arange(workload.rows) % 2
    radius = np.sqrt(rng.uniform(size=workload.rows))
    angle = 3.0 * np.pi * radius + np.pi * arm
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return 2.0 * points + rng.normal(scale=0.05, size=points.shape), arm[:, None].astype(np.float64)


def _classes(workload: Workload) -> tuple[Floats, Floats]:
    """Return clouds around a centre for every class."""
    rng = np.random.default_rng(_SEED)
    centres = _CENTRES * rng.standard_normal((workload.outputs, workload.inputs), dtype=np.float32)
    labels = rng.integers(0, workload.outputs, workload.rows)
    X = rng.standard_normal((workload.rows, workload.inputs), dtype=np.float32)
    X += centres[labels]
    return X, np.eye(workload.outputs, dtype=np.float32)[labels]


def _events(workload: Workload) -> tuple[Floats, Floats]:
    """Return two kinds told apart by a weighted sum, two products, and luck."""
    rng = np.random.default_rng(_SEED)
    X = rng.standard_normal((workload.rows, workload.inputs), dtype=np.float32)
    weights = rng.standard_normal(workload.inputs, dtype=np.float32) / np.sqrt(np.float32(workload.inputs))
    score = X @ weights + X[:, 0] * X[:, 1] - X[:, 2] * X[:, 3]
    luck = 0.5 * rng.standard_normal(workload.rows, dtype=np.float32)
    return X, (score + luck > 0).astype(np.float32)[:, None]


_CLASSES = ("softmax", "cross_entropy")
_TWO = ("sigmoid", "binary_cross_entropy")
_ADAM = Rule("adam", learning_rate=0.001)

WORKLOADS: dict[str, Workload] = {
    "penguins": Workload(333, 4, (8, 8), 3, "tanh", *_CLASSES, 10, Rule("adam", learning_rate=0.01), _penguins),
    "spiral": Workload(500, 2, (8, 8, 8), 1, "tanh", *_TWO, 10, Rule("sgd", learning_rate=0.1), _spiral),
    "digits": Workload(1797, 64, (128, 64), 10, "relu", *_CLASSES, 32, _ADAM, _digits),
    "mnist": Workload(60_000, 784, (256, 128), 10, "relu", *_CLASSES, 128, _ADAM, _classes),
    "wide": Workload(
        8192, 784, (2048, 2048), 10, "relu", *_CLASSES, 512, _ADAM.having(learning_rate=0.0003), _classes
    ),  # with the usual rate the loss of so wide a network rises first
    "million": Workload(1_000_000, 28, (64, 64), 1, "relu", *_TWO, 1024, _ADAM, _events),
}
"""Every workload by its name, from the smallest network to the longest table."""

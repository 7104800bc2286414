"""What crosses from the simulator to a view: frozen values with read-only host arrays."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.spec import NetworkSpec, TrainingConfig

Floats = NDArray[np.floating[Any]]

RECORD = np.dtype(
    [
        ("epoch", np.int64),
        ("train_loss", np.float64),
        ("test_loss", np.float64),
        ("train_accuracy", np.float64),
        ("test_accuracy", np.float64),
        ("learning_rate", np.float64),
        ("gradient_norm", np.float64),
        ("weight_norm", np.float64),
    ]
)
"""One row an epoch. Losses are data losses; `train_*` are row-weighted means over the epoch's batches, each before its
update and with dropout; `test_*` are evaluated after the last update, without dropout; epoch 0 evaluates both.
Accuracies are fractions, NaN when a value is predicted; `test_*` are NaN without test rows; `learning_rate` is that of
the epoch's last update. `gradient_norm` is the Euclidean norm of that update's whole gradient as clipping measures it
(and PyTorch's `clip_grad_norm_` returns it): of the batch's loss with the L1 and L2 penalties, 0 for frozen parameters,
before it is shortened to `clip_norm`; weight decay, a part of the optimizer's rule, is not in it. `weight_norm` is the
Euclidean norm of all weights and biases after that update. At epoch 0 there was no update: `learning_rate` and
`gradient_norm` are NaN, `weight_norm` is that of the start. In the run's dtype squares are made, in float64 they are
added up. Both norms are NaN in epochs of files older than they are."""


@dataclasses.dataclass(frozen=True)
class EpochRecord:
    """One row of `RECORD` as a value."""

    epoch: int
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    learning_rate: float
    gradient_norm: float
    weight_norm: float


@dataclasses.dataclass(frozen=True, eq=False)
class LayerParameters:
    """The weights and biases of one linear layer: views into a flat vector.

    Attributes
    ----------
    weight
        (fan_in, fan_out)
    bias
        (fan_out,)
    """

    weight: Any
    bias: Any


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """One moment of a training run.

    Attributes
    ----------
    network, config
        What was trained, and how.
    epoch
        How many epochs are complete.
    batch, row
        The next batch of the epoch that has begun, and the next row in that batch, both from 0.
    batches, batch_size
        How many batches the epoch that has begun has, and how many rows each; a new size in `config` may still wait for
        the next epoch.
    updates
        How many updates the optimizer has made since its memory was empty.
    parameters
        All weights and biases, read-only, in the order of `simulator.nn.parameters`.
    layers
        The same numbers, a pair of read-only views a layer.
    record
        The last complete epoch's figures.
    branch
        The number of the branch of the timeline.
    end
        How far that branch was trained: complete epochs, and work items of the next one.
    live
        Whether this is its end.
    way
        How many updates were made since the start weights.
    first
        The first moment of its run: epoch 0, or where the model stood from which it goes on.
    """

    network: NetworkSpec
    config: TrainingConfig
    epoch: int
    batch: int
    row: int
    batches: int
    batch_size: int
    updates: int
    parameters: Floats
    layers: tuple[LayerParameters, ...]
    record: EpochRecord
    branch: int = 0
    end: tuple[int, int] = (0, 0)
    live: bool = True
    way: int = 0
    first: tuple[int, int] = (0, 0)

    @property
    def first_epoch(self) -> int:
        """The first whole epoch of its run; a model may go on from amid one."""
        epoch, item = self.first
        return epoch + (item > 0)

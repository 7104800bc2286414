"""The network and the settings that a data set starts with."""

from collections.abc import Sequence

from simulator.data import Dataset
from simulator.errors import ConfigError
from simulator.nn.losses import LOSSES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.tables import look_up

_ADAPTIVE = ("adam", "adamw", "nadam", "rmsprop")
_BATCHES_AN_EPOCH = 64


def default_loss(dataset: Dataset) -> str:
    """Return cross_entropy for classes and mse for a value."""
    return "cross_entropy" if dataset.task == "classification" else "mse"


def default_network(
    dataset: Dataset, hidden: Sequence[int] = (8, 8), activation: str = "tanh", loss: str = "auto"
) -> NetworkSpec:
    """Return a network that fits a data set and a loss.

    Parameters
    ----------
    dataset
        Gives the number of inputs and outputs.
    hidden
        The neurons of every hidden layer; empty for none.
    activation
        Of every hidden layer.
    loss
        A name of `simulator.nn.losses.LOSSES`, or "auto".

    Raises
    ------
    ConfigError
        When a name or a number is refused, or the loss does not go with the target.
    """
    loss = default_loss(dataset) if loss == "auto" else loss
    links = look_up(LOSSES, loss, "loss").links
    usual = "linear" if dataset.task == "regression" else "softmax"
    if dataset.task == "regression" and usual not in links:
        raise ConfigError(
            f"the loss {loss} is for classes, and {dataset.recipe.target} is a value",
            f"Take one of {', '.join(name for name, row in LOSSES.items() if usual in row.links)}.",
        )
    outputs = dataset.Y_train.shape[1]
    if loss == "binary_cross_entropy" and len(dataset.class_names) == 2:
        outputs = 1
    return NetworkSpec(
        dataset.X_train.shape[1],
        tuple(LayerSpec(units, activation) for units in hidden),
        outputs,
        usual if usual in links else links[0],
    )


def default_batch_size(rows: int) -> int:
    """Return the power of two from 16 to 1024 that makes about 64 batches an epoch (16 for the penguins)."""
    size = 16
    while size < 1024 and size * _BATCHES_AN_EPOCH < rows:
        size *= 2
    return size


def with_default_rate(dataset: Dataset, optimizer: Rule) -> Rule:
    """Return the optimizer with a learning rate that suits the data set, where it names none and has one of its own.

    The adaptive optimizers' 0.01 learns small tables of classes at sight; for values it memorises the noise of a few
    hundred rows within the first hundred epochs, where their authors' 0.001 does not.
    """
    named = any(name == "learning_rate" for name, _ in optimizer.settings)
    if named or optimizer.name not in _ADAPTIVE:
        return optimizer
    return optimizer.having(learning_rate=0.001 if dataset.task == "regression" else 0.01)


def default_config(dataset: Dataset, loss: str = "auto", seed: int = 0) -> TrainingConfig:
    """Return the settings that a data set starts with: Adam, with a rate that suits the target."""
    return TrainingConfig(
        loss=Rule(default_loss(dataset) if loss == "auto" else loss),
        optimizer=with_default_rate(dataset, Rule("adam")),
        batch_size=default_batch_size(len(dataset.X_train)),
        seed=seed,
    )

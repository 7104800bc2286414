"""What a network and its training are, as frozen values without arrays; a spec is replaced, never edited."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from simulator import fields
from simulator.errors import ConfigError
from simulator.fields import setting

Value = float | int | bool | str
"""What a setting of a rule can be."""


@dataclasses.dataclass(frozen=True, init=False)
class Rule:
    """A row of a table by name, with the settings that differ from the row's defaults.

    ``Rule("sgd", learning_rate=0.1, momentum=0.9)`` names the optimizer ``sgd`` with two settings. The names are
    looked up, and the values checked, by the table that is meant (see `simulator.nn.choices`).
    """

    name: str
    settings: tuple[tuple[str, Value], ...]

    def __init__(self, name: str, **settings: Value) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "settings", tuple(sorted(settings.items())))

    def having(self, **settings: Value) -> "Rule":
        """Return the same rule with some settings replaced."""
        return Rule(self.name, **(dict(self.settings) | settings))

    def to_json(self) -> dict[str, Value]:
        """Return ``{"name": …, setting: value, …}``."""
        return {"name": self.name, **dict(self.settings)}

    @staticmethod
    def from_json(value: Mapping[str, Value]) -> "Rule":
        """Read what `to_json` wrote."""
        settings = dict(value)
        return Rule(str(settings.pop("name")), **settings)


@dataclasses.dataclass(frozen=True)
class LayerSpec:
    """A hidden layer: how many neurons, which activation, how much dropout."""

    units: int = setting(8, "Neurons", "How many neurons the layer has.", minimum=1, maximum=1_000_000)
    activation: str = setting(
        "tanh",
        "Activation",
        "The function a = f(z) that every neuron of the layer applies to its weighted sum.",
        choices_from="activation",
    )
    dropout: float = setting(
        0.0,
        "Dropout",
        "The probability p that a neuron is left out of a training row; the others are multiplied by 1/(1 − p).",
        minimum=0,
        maximum=1,
        open_maximum=True,
    )

    def __post_init__(self) -> None:
        fields.check(self)


@dataclasses.dataclass(frozen=True)
class NetworkSpec:
    """A fully connected network: inputs, hidden layers, outputs, and the link from logits to outputs.

    Attributes
    ----------
    inputs, outputs
        How many numbers go in and come out.
    hidden
        The hidden layers from left to right; none makes a linear model.
    link
        What turns the last layer's logits into outputs: softmax, sigmoid or linear.
    initializer
        How the start weights are drawn; biases start at zero.
    """

    inputs: int = setting(4, "Inputs", "How many numbers go into the network.", minimum=1, maximum=10_000_000)
    hidden: tuple[LayerSpec, ...] = (LayerSpec(), LayerSpec())
    outputs: int = setting(3, "Outputs", "How many numbers come out of the network.", minimum=1, maximum=1_000_000)
    link: str = setting(
        "softmax", "Output link", "What turns the last layer's logits into the outputs.", choices_from="link"
    )
    initializer: str = setting(
        "glorot_uniform", "Initializer", "How the start weights are drawn.", choices_from="initializer"
    )

    def __post_init__(self) -> None:
        fields.check(self)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The width of every layer from the inputs to the outputs."""
        return (self.inputs, *(layer.units for layer in self.hidden), self.outputs)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(fan_in, fan_out) of every linear layer."""
        return tuple(zip(self.sizes[:-1], self.sizes[1:], strict=True))

    @property
    def parameter_count(self) -> int:
        """How many weights and biases the network has."""
        return sum(fan_in * fan_out + fan_out for fan_in, fan_out in self.shapes)

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON values."""
        return dataclasses.asdict(self) | {"hidden": [dataclasses.asdict(layer) for layer in self.hidden]}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "NetworkSpec":
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigError
            When a value is missing, unknown or refused.
        """
        try:
            hidden = tuple(LayerSpec(**layer) for layer in value["hidden"])
            arguments: dict[str, Any] = {**value, "hidden": hidden}
            return NetworkSpec(**arguments)
        except (TypeError, KeyError, AttributeError) as error:
            raise ConfigError(
                f"this is not a network: {error}", "It needs inputs, hidden, outputs and link."
            ) from error


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained: loss, optimizer, schedule, batches, penalties, seed and number format."""

    loss: Rule = Rule("cross_entropy")
    optimizer: Rule = Rule("adam", learning_rate=0.01)
    schedule: Rule = Rule("constant")
    batch_size: int = setting(16, "Batch size", "How many rows are summed up before each update.", minimum=1)
    l1: float = setting(0.0, "L1 penalty", "Adds l1·Σ|w| over all weights (not biases) to the loss.", minimum=0)
    l2: float = setting(0.0, "L2 penalty", "Adds l2/2·Σw² over all weights (not biases) to the loss.", minimum=0)
    clip_norm: float | None = setting(
        None,
        "Gradient clipping",
        "A gradient whose norm ‖g‖ is larger than this is multiplied by clip/(‖g‖ + 1e−6); none switches it off.",
        minimum=0,
        open_minimum=True,
    )
    seed: int = setting(
        0,
        "Seed",
        "The number from which split, start weights, row order and dropout follow.",
        minimum=0,
        maximum=2**64 - 1,
    )
    dtype: str = setting("float32", "Number format", "How numbers are kept.", choices=("float32", "float64"))
    tf32: bool = setting(
        False,
        "TF32 products",
        "Products of float32 numbers on a GPU round their factors to 10 bits first: faster, less exact.",
    )

    def __post_init__(self) -> None:
        fields.check(self)

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as JSON values."""
        rules = {"loss": self.loss, "optimizer": self.optimizer, "schedule": self.schedule}
        return dataclasses.asdict(self) | {name: rule.to_json() for name, rule in rules.items()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "TrainingConfig":
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigError
            When a value is missing, unknown or refused.
        """
        try:
            arguments = dict(value)
            for name in ("loss", "optimizer", "schedule"):
                arguments[name] = Rule.from_json(arguments[name])
            return TrainingConfig(**arguments)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"this is not a training configuration: {error}") from error

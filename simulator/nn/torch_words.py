"""What PyTorch calls the rows of our tables."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from simulator.errors import ConfigError

Row = TypeVar("Row")

ACTIVATION_CODE: dict[str, str] = {
    "linear": "z",
    "relu": "F.relu(z)",
    "leaky_relu": "F.leaky_relu(z, 0.01)",
    "elu": "F.elu(z)",
    "selu": "F.selu(z)",
    "gelu": "F.gelu(z)",
    "silu": "F.silu(z)",
    "mish": "F.mish(z)",
    # From 20 on, PyTorch takes z itself unless it is told to be exact for longer.
    "softplus": "F.softplus(z, threshold=60)",
    "softsign": "F.softsign(z)",
    "tanh": "torch.tanh(z)",
    "sigmoid": "torch.sigmoid(z)",
}
"""a of z, by the name of the activation."""

LINK_CODE: dict[str, str] = {
    "softmax": "torch.softmax(z, dim=1)",
    "sigmoid": "torch.sigmoid(z)",
    "linear": "z",
}
"""The outputs of the logits z, by the name of the link."""

LOSS_CODE: dict[str, str] = {
    "cross_entropy": 'F.cross_entropy(z, y, reduction="none")',
    "binary_cross_entropy": 'F.binary_cross_entropy_with_logits(z, y, reduction="none").mean(dim=1)',
    "mse": 'F.mse_loss(outputs(z), y, reduction="none").mean(dim=1)',
    "mae": 'F.l1_loss(outputs(z), y, reduction="none").mean(dim=1)',
    "huber": 'F.huber_loss(outputs(z), y, reduction="none", delta={threshold!r}).mean(dim=1)',
}
"""The loss of every row, by its name; in braces a setting."""


@dataclasses.dataclass(frozen=True)
class TorchOptimizer:
    """An optimizer of PyTorch.

    Attributes
    ----------
    code
        The call that makes it; in braces a setting.
    memory
        What its memory is called, by our name.
    counts
        Whether it counts its updates.
    """

    code: str
    memory: Mapping[str, str]
    counts: bool = True


_ADAM = "lr={learning_rate!r}, betas=({beta1!r}, {beta2!r}), eps={epsilon!r}, weight_decay={weight_decay!r}"
_MOMENTS = {"m": "exp_avg", "v": "exp_avg_sq"}
_PLAIN = "lr={learning_rate!r}, eps={epsilon!r}, weight_decay={weight_decay!r}"

OPTIMIZER_CODE: dict[str, TorchOptimizer] = {
    "sgd": TorchOptimizer(
        "torch.optim.SGD(model.parameters(), lr={learning_rate!r}, momentum={momentum!r}, "
        "weight_decay={weight_decay!r}, nesterov={nesterov!r})",
        {"velocity": "momentum_buffer"},
        counts=False,
    ),
    "adam": TorchOptimizer(f"torch.optim.Adam(model.parameters(), {_ADAM})", _MOMENTS),
    "adamw": TorchOptimizer(f"torch.optim.AdamW(model.parameters(), {_ADAM})", _MOMENTS),
    "nadam": TorchOptimizer(
        f"torch.optim.NAdam(model.parameters(), {_ADAM}, momentum_decay={{momentum_decay!r}})",
        {**_MOMENTS, "momentum_product": "mu_product"},
    ),
    "rmsprop": TorchOptimizer(
        f"torch.optim.RMSprop(model.parameters(), {_PLAIN}, alpha={{rho!r}}, momentum={{momentum!r}})",
        {"mean_square": "square_avg", "velocity": "momentum_buffer"},
    ),
    "adagrad": TorchOptimizer(f"torch.optim.Adagrad(model.parameters(), {_PLAIN})", {"square_sum": "sum"}),
    "adadelta": TorchOptimizer(
        f"torch.optim.Adadelta(model.parameters(), {_PLAIN}, rho={{rho!r}})",
        {"mean_square": "square_avg", "mean_square_step": "acc_delta"},
    ),
}
"""The optimizers by our names."""


def torch_word(table: Mapping[str, Row], name: str, what: str) -> Row:
    """Return PyTorch's word for a row of one of our tables.

    Raises
    ------
    ConfigError
        When PyTorch has no such thing.
    """
    found = table.get(name)
    if found is None:
        hint = f"It has {', '.join(table)}. Choose one of these to compare with it."
        raise ConfigError(f"PyTorch has no {what} like our {name!r}", hint)
    return found


def filled(code: str, rule: Any) -> str:
    """Return code with the settings of an optimizer or a loss in its braces."""
    values: dict[str, Any] = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule)}
    return code.format_map(values)

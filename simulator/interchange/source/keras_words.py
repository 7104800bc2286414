"""What Keras 3 calls the rows of our tables, and where it means something else by them."""

import dataclasses

from simulator.spec import TrainingConfig

ACTIVATIONS = (
    "linear", "relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "softsign", "tanh", "sigmoid",
)  # fmt: skip
"""Activations that Keras has under our names; our leaky_relu is a layer of it with another slope."""

LOSS_CODE: dict[str, str] = {
    "cross_entropy": "keras.losses.CategoricalCrossentropy(from_logits=True)",
    "binary_cross_entropy": "keras.losses.BinaryCrossentropy(from_logits=True)",
    "mse": "keras.losses.MeanSquaredError()",
    "mae": "keras.losses.MeanAbsoluteError()",
    "huber": "keras.losses.Huber(delta={threshold!r})",
}
"""A loss by its name; the first two take logits."""

OF_LOGITS = ("cross_entropy", "binary_cross_entropy")


@dataclasses.dataclass(frozen=True)
class KerasOptimizer:
    """An optimizer of Keras.

    Attributes
    ----------
    code
        Its class and arguments; in braces a setting.
    difference
        How it differs from ours, in a sentence; empty where it does not.
    """

    code: str
    difference: str = ""


_BETAS = "beta_1={beta1!r}, beta_2={beta2!r}, epsilon={epsilon!r}"
_EPSILON = "Keras adds epsilon to the root before it is corrected for the start: the first steps differ a little."
_INSIDE = "Keras adds epsilon inside the root, not outside: steps differ where gradients are tiny."

OPTIMIZER_CODE: dict[str, KerasOptimizer] = {
    "sgd": KerasOptimizer("SGD({rate}, momentum={momentum!r}, nesterov={nesterov!r}"),
    "adam": KerasOptimizer(f"Adam({{rate}}, {_BETAS}", _EPSILON),
    "adamw": KerasOptimizer(f"AdamW({{rate}}, {_BETAS}, weight_decay={{weight_decay!r}}", _EPSILON),
    "nadam": KerasOptimizer(
        f"Nadam({{rate}}, {_BETAS}", "Keras lets the momentum of nadam rise faster, whatever the momentum decay is."
    ),
    "rmsprop": KerasOptimizer("RMSprop({rate}, rho={rho!r}, momentum={momentum!r}, epsilon={epsilon!r}", _INSIDE),
    "adagrad": KerasOptimizer("Adagrad({rate}, initial_accumulator_value=0.0, epsilon={epsilon!r}", _INSIDE),
    "adadelta": KerasOptimizer("Adadelta({rate}, rho={rho!r}, epsilon={epsilon!r}"),
}
"""The optimizers by our names."""


def differences(config: TrainingConfig, weight_decay: float) -> list[str]:
    """Return how Keras trains otherwise, in plain sentences."""
    name = config.optimizer.name
    sentences = [OPTIMIZER_CODE[name].difference] if OPTIMIZER_CODE[name].difference else []
    momentum = dict(config.optimizer.settings).get("momentum")
    if momentum and name in ("sgd", "rmsprop") and config.schedule.name != "constant":
        sentences.append("Keras keeps the rate inside the momentum: steps differ while the rate changes.")
    if config.clip_norm is not None:
        sentences.append("Keras clips gradients without the 1e-6 that Nodeglow adds to their norm.")
    if weight_decay and name != "adamw":
        where = ", and is clipped with the gradient" if config.clip_norm is not None else ""
        sentences.append(f"The weight decay is written as an L2 penalty, which counts in the printed loss{where}.")
    elif config.l1 or config.l2:
        sentences.append("The penalties count in the loss that Keras prints.")
    return sentences

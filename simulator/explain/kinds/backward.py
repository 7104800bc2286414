"""The numbers of the backward pass: how the loss changes with every sum, activation, weight and input."""

from collections.abc import Callable

import numpy as np

from simulator.explain.addresses import row_name
from simulator.explain.formula import substitute
from simulator.explain.kinds.forward import dropout, held_at, is_kept, seen
from simulator.explain.kinds.loss import LOSS_TEXTS, known_of_output
from simulator.explain.number import Account, Figure, Kind, Number, Scene, Terms, Token


def _output_pull(scene: Scene, number: Number) -> float:
    of_outputs = scene.explanation.backward.of_outputs
    return float("nan") if of_outputs is None else float(of_outputs[number.row, number.unit])


def _output_pull_account(scene: Scene, number: Number) -> Account:
    text = LOSS_TEXTS[scene.explanation.moment.config.loss.name].of_output
    if not text:
        return Account(remark="this loss is taken from the logits at once")
    return Account(f"∂L/∂ŷ = {text}", substitute(text, known_of_output(scene, number.unit, number.row)))


def _pull(scene: Scene, layer: int, entry: int, row: int) -> tuple[float, Terms]:
    """Return the derivative of a row's loss by what a linear layer sees at an input, and the terms of its sum."""
    explanation = scene.explanation
    weights = explanation.forward.layers[layer].weight[entry]
    products = explanation.backward.deltas[layer][row] * weights

    def term(unit: int) -> tuple[str | Number, ...]:
        return Number("delta", layer, unit, row), "·", Number("parameter", layer, unit, source=entry)

    return float(products.sum()), Terms(products, term)


def _pull_account(scene: Scene, number: Number) -> Account:
    _, terms = _pull(scene, number.layer + 1, number.unit, number.row)
    return Account("∂L/∂a = Σⱼ δⱼ·wⱼ, over the next layer", (terms,))


def _input_pull_account(scene: Scene, number: Number) -> Account:
    if held_at(scene, 0, number.unit) is not None:
        return Account(remark="the input is held, so that it makes no difference")
    _, terms = _pull(scene, 0, number.unit, number.row)
    return Account("∂L/∂x = Σⱼ δⱼ·wⱼ, over the first layer", (terms,))


def _hidden_delta(scene: Scene, number: Number) -> Account:
    layer, unit, row = number.layer, number.unit, number.row
    pull, slope = Number("pull", layer, unit, row), Number("slope", layer, unit, row)
    if held_at(scene, layer + 1, unit) is not None:
        return Account(remark="the neuron is held, so that its sum makes no difference", also=(pull, slope))
    if not is_kept(scene, layer, unit, row):
        return Account(remark="dropout leaves the neuron out of this row", also=(pull, slope))
    rate = dropout(scene, layer)
    text = "∂L/∂a·f′(z)/(1 − p)" if rate else "∂L/∂a·f′(z)"
    return Account(f"δ = {text}", substitute(text, {"∂L/∂a": pull, "f′(z)": slope, "p": Figure(rate)}))


def _softmax_delta(scene: Scene, number: Number, known: dict[str, Token]) -> Account:
    outputs = scene.explanation.forward.outputs[number.row]
    of_outputs = scene.explanation.backward.of_outputs
    products = np.zeros(0) if of_outputs is None else of_outputs[number.row] * outputs

    def term(unit: int) -> tuple[str | Number, ...]:
        return _of_output(unit, number.row), "·", Number("output", unit=unit, row=number.row)

    tokens = substitute("ŷ·(∂L/∂ŷ − (…))", known)
    last = str(tokens[-1]).split("…")
    return Account("δₖ = ŷₖ·(∂L/∂ŷₖ − Σⱼ ∂L/∂ŷⱼ·ŷⱼ)", (*tokens[:-1], last[0], Terms(products, term), last[1]))


def _sigmoid_delta(_scene: Scene, _number: Number, known: dict[str, Token]) -> Account:
    text = "∂L/∂ŷ·ŷ·(1 − ŷ)"
    return Account(f"δ = {text}", substitute(text, known))


def _linear_delta(_scene: Scene, _number: Number, known: dict[str, Token]) -> Account:
    return Account("δ = ∂L/∂ŷ", substitute("∂L/∂ŷ", known))


LINK_DELTAS: dict[str, Callable[[Scene, Number, dict[str, Token]], Account]] = {
    "softmax": _softmax_delta,
    "sigmoid": _sigmoid_delta,
    "linear": _linear_delta,
}
"""How ∂L/∂z follows from ∂L/∂ŷ, by the name of the link."""


def _of_output(unit: int, row: int) -> Number:
    return Number("output_pull", unit=unit, row=row)


def _delta_account(scene: Scene, number: Number) -> Account:
    moment = scene.explanation.moment
    if number.layer < len(moment.network.hidden):
        return _hidden_delta(scene, number)
    known = known_of_output(scene, number.unit, number.row)
    text = LOSS_TEXTS[moment.config.loss.name].delta
    if not text:
        known["∂L/∂ŷ"] = _of_output(number.unit, number.row)
        return LINK_DELTAS[moment.network.link](scene, number, known)
    if moment.Y[number.row].sum() == 1.0:
        text = text.replace("·Σy", "")
    return Account(f"δ = {text}", substitute(text, known))


def _share(scene: Scene, number: Number) -> float:
    shares = scene.explanation.backward.shares(number.layer, number.source, number.unit)
    return float(shares[number.row])


def _share_account(scene: Scene, number: Number) -> Account:
    rows = len(scene.explanation.moment.X)
    text = "δ" if number.source is None else "δ·x"
    known: dict[str, Token] = {"δ": Number("delta", number.layer, number.unit, number.row), "n": Figure(rows)}
    if number.source is not None:
        known["x"] = seen(scene, number.layer, number.source, number.row)
    if rows == 1:  # the mean over one row is that row's
        return Account(text, substitute(text, known))
    return Account(f"{text}/n, n the rows of the batch", substitute(f"{text}/n", known))


def _gradient(scene: Scene, number: Number) -> float:
    layer = scene.explanation.backward.layers[number.layer]
    return float(layer.bias[number.unit] if number.source is None else layer.weight[number.source, number.unit])


def _gradient_account(scene: Scene, number: Number) -> Account:
    shares = scene.explanation.backward.shares(number.layer, number.source, number.unit)

    def share(row: int) -> tuple[Number]:
        return (Number("share", number.layer, number.unit, row, number.source),)

    rule = "∂L/∂w = 1/n·Σᵣ δᵣ" if number.source is None else "∂L/∂w = 1/n·Σᵣ δᵣ·xᵣ"
    remark = f"the batch is {row_name(scene, 0)} alone" if len(shares) == 1 else ""
    return Account(f"{rule}, over the rows of the batch", (Terms(shares, share),), remark=remark)


_PLACE = ("layer", "unit", "source")

BACKWARD: dict[str, Kind] = {
    "output_pull": Kind(
        ("row", "output"),
        "∂L/∂ŷ",
        "slope of the loss by {answer}, {row}",
        "How the loss of the row changes when this output does.",
        _output_pull,
        _output_pull_account,
    ),
    "delta": Kind(
        ("row", "layer", "unit"),
        "δ",
        "δ of {neuron}, {row}",
        "How the loss of the row changes when this neuron's sum z does.",
        lambda scene, n: float(scene.explanation.backward.deltas[n.layer][n.row, n.unit]),
        _delta_account,
    ),
    "pull": Kind(
        ("row", "hidden", "unit"),
        "∂L/∂a",
        "slope of the loss by a of {neuron}, {row}",
        "How the loss of the row changes when this neuron's activation does: what all that it feeds send back.",
        lambda scene, n: _pull(scene, n.layer + 1, n.unit, n.row)[0],
        _pull_account,
    ),
    "input_pull": Kind(
        ("row", "input"),
        "∂L/∂x",
        "slope of the loss by {feature}, {row}",
        "How the loss of the row changes when this input does.",
        lambda scene, n: float(scene.explanation.backward.inputs[n.row, n.unit]),
        _input_pull_account,
    ),
    "share": Kind(
        ("row", *_PLACE),
        "share",
        "what {row} adds to the gradient of {parameter}",
        "The row's part of the mean: its δ times what came in, over the number of rows.",
        _share,
        _share_account,
    ),
    "data_gradient": Kind(
        _PLACE,
        "∂L/∂w",
        "gradient of {parameter}",
        "How the batch's loss changes with this parameter: the mean over its rows.",
        _gradient,
        _gradient_account,
    ),
}
"""Numbers of the backward pass."""

"""The numbers of the forward pass: from what a layer sees to the outputs."""

import re

import numpy as np

from simulator.data.outcomes import Value
from simulator.explain.addresses import is_value
from simulator.explain.formula import substitute
from simulator.explain.number import Account, Figure, Kind, Number, Scene, Terms, Token
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS

_WHERE = re.compile(r", (?=\w+ = )")


def held_at(scene: Scene, layer: int, entry: int) -> float | None:
    """Return the value at which an input of a linear layer is held; None where it is free."""
    moment = scene.explanation.moment
    if moment.held is None:
        return None
    value = float(moment.held[sum(moment.network.sizes[:layer]) + entry])
    return None if np.isnan(value) else value


def dropout(scene: Scene, layer: int) -> float:
    """Return the dropout between a hidden layer and the next one; 0 where it is off."""
    moment = scene.explanation.moment
    return moment.network.hidden[layer].dropout if moment.dropping else 0.0


def seen(scene: Scene, layer: int, entry: int, row: int) -> Number:
    """Return the address of what a linear layer sees: the input or the activation itself where nothing changes it."""
    changed = held_at(scene, layer, entry) is not None or (layer > 0 and dropout(scene, layer - 1) > 0)
    if changed:
        return Number("seen", layer, entry, row)
    return Number("input", unit=entry, row=row) if layer == 0 else Number("a", layer - 1, entry, row)


def is_kept(scene: Scene, layer: int, unit: int, row: int) -> bool:
    """Whether dropout keeps a neuron of a hidden layer."""
    masks = scene.explanation.moment.kept
    mask = None if masks is None else masks[layer]
    return mask is None or bool(mask[row, unit])


def _seen_account(scene: Scene, number: Number) -> Account:
    layer, entry, row = number.layer, number.unit, number.row
    own = Number("input", unit=entry, row=row) if layer == 0 else Number("a", layer - 1, entry, row)
    value = held_at(scene, layer, entry)
    if value is not None:
        remark = "the unit is muted" if value == 0 else "the unit is held at this value"
        return Account(remark=remark, also=(own,))
    rate = Figure(dropout(scene, layer - 1))
    if not is_kept(scene, layer - 1, entry, row):
        return Account(remark="dropout leaves the neuron out of this row", also=(own,))
    return Account("x = a/(1 − p), p the dropout", substitute("a/(1 − p)", {"a": own, "p": rate}))


def _z_account(scene: Scene, number: Number) -> Account:
    forward = scene.explanation.forward
    products, _ = forward.terms(number.layer, number.unit, number.row)

    def term(source: int) -> tuple[str | Number, ...]:
        weight = Number("parameter", number.layer, number.unit, source=source)
        return seen(scene, number.layer, source, number.row), "·", weight

    bias = Number("parameter", number.layer, number.unit)
    return Account("z = Σᵢ xᵢ·wᵢ + b", (Terms(products, term), " + ", bias))


def curve(text: str, symbol: str, known: dict[str, Token]) -> Account:
    """Return the account of a function of the table: its formula, and the same with figures."""
    main, *where = _WHERE.split(text.removeprefix(f"{symbol} = "))
    return Account(
        f"{symbol} = {text.removeprefix(f'{symbol} = ')}",
        substitute(main, known),
        substitute(", ".join(where), known),
    )


def _a_account(scene: Scene, number: Number) -> Account:
    activation = ACTIVATIONS[scene.explanation.moment.network.hidden[number.layer].activation]
    return curve(activation.formula, "a", {"z": _same("z", number)})


def _slope_account(scene: Scene, number: Number) -> Account:
    activation = ACTIVATIONS[scene.explanation.moment.network.hidden[number.layer].activation]
    text, where = activation.derivative_formula, _WHERE.split(activation.formula)[1:]
    # What the function's formula gives a name to, its derivative's formula uses by that name.
    return curve(", ".join([text, *where]), "f′(z)", {"z": _same("z", number), "a": _same("a", number)})


def _same(kind: str, number: Number) -> Number:
    return Number(kind, number.layer, number.unit, number.row)


def logit(scene: Scene, unit: int, row: int) -> Number:
    """Return the address of an output's z."""
    return Number("z", len(scene.explanation.moment.network.hidden), unit, row)


def _power(scene: Scene, number: Number) -> float:
    softmax = scene.explanation.forward.softmax
    return float("nan") if softmax is None else float(softmax.powers[number.row, number.unit])


def _power_account(scene: Scene, number: Number) -> Account:
    largest = int(scene.explanation.forward.logits[-1][number.row].argmax())
    known: dict[str, Token] = {
        "zₖ": logit(scene, number.unit, number.row),
        "zₘₐₓ": logit(scene, largest, number.row),
    }
    return Account("e = exp(zₖ − zₘₐₓ)", substitute("exp(zₖ − zₘₐₓ)", known))


def _softmax_account(scene: Scene, number: Number) -> Account:
    softmax = scene.explanation.forward.softmax
    powers = np.zeros(0) if softmax is None else softmax.powers[number.row]

    def power(unit: int) -> tuple[Number]:
        return (Number("power", unit=unit, row=number.row),)

    return Account(LINKS["softmax"].formula, (*power(number.unit), "/(", Terms(powers, power), ")"))


def _sigmoid_account(scene: Scene, number: Number) -> Account:
    z = logit(scene, number.unit, number.row)
    return Account(LINKS["sigmoid"].formula, substitute("1/(1 + exp(−z))", {"z": z}))


def _linear_account(scene: Scene, number: Number) -> Account:
    return Account(LINKS["linear"].formula, (logit(scene, number.unit, number.row),))


LINK_ACCOUNTS = {"softmax": _softmax_account, "sigmoid": _sigmoid_account, "linear": _linear_account}
"""How an output is made of the logits, by the name of the link."""


def _output_account(scene: Scene, number: Number) -> Account:
    return LINK_ACCOUNTS[scene.explanation.moment.network.link](scene, number)


def _answer(scene: Scene, number: Number) -> float:
    output = scene.explanation.forward.outputs[number.row, number.unit]
    if scene.dataset is None:
        return float(output)
    return float(scene.dataset.recipe.value(output))


def _answer_account(scene: Scene, number: Number) -> Account:
    output = Number("output", unit=number.unit, row=number.row)
    if scene.dataset is None or not is_value(scene):
        return Account(tokens=(output,))
    column = scene.dataset.recipe.target
    outcome = scene.dataset.recipe.outcome
    if isinstance(outcome, Value) and outcome.log:
        known: dict[str, Token] = {
            "ŷ": output,
            "s": Number("log_scale", name=column),
            "m": Number("log_mean", name=column),
        }
        return Account(f"{column} = exp(ŷ·standard deviation + mean) − 1", substitute("exp(ŷ·s + m) − 1", known))
    known = {"ŷ": output, "s": Number("scale", name=column), "m": Number("mean", name=column)}
    return Account(f"{column} = ŷ·standard deviation + mean", substitute("ŷ·s + m", known))


FORWARD: dict[str, Kind] = {
    "seen": Kind(
        ("row", "layer", "entry"),
        "x",
        "{entry} as the next layer sees it, {row}",
        "What is left of the value after dropout, or where a unit is held.",
        lambda scene, n: float(scene.explanation.forward.inputs[n.layer][n.row, n.unit]),
        _seen_account,
    ),
    "z": Kind(
        ("row", "layer", "unit"),
        "z",
        "z of {neuron}, {row}",
        "The weighted sum: every input times its weight, summed up, plus the bias.",
        lambda scene, n: float(scene.explanation.forward.logits[n.layer][n.row, n.unit]),
        _z_account,
    ),
    "a": Kind(
        ("row", "hidden", "unit"),
        "a",
        "a of {neuron}, {row}",
        "The activation: what the neuron makes of its sum.",
        lambda scene, n: float(scene.explanation.forward.activations[n.layer][n.row, n.unit]),
        _a_account,
    ),
    "slope": Kind(
        ("row", "hidden", "unit"),
        "f′(z)",
        "slope of {neuron}, {row}",
        "How steep the activation function is at this z: how much of a change in z passes on.",
        lambda scene, n: float(scene.explanation.forward.derivatives[n.layer][n.row, n.unit]),
        _slope_account,
    ),
    "power": Kind(
        ("row", "output"),
        "e",
        "exponential of {class}, {row}",
        "The exponential of the logit, with the largest logit taken away so that it stays small.",
        _power,
        _power_account,
    ),
    "output": Kind(
        ("row", "output"),
        "ŷ",
        "{answer}, {row}",
        "What the network says.",
        lambda scene, n: float(scene.explanation.forward.outputs[n.row, n.unit]),
        _output_account,
    ),
    "answer": Kind(
        ("row", "output"),
        "answer",
        "prediction of {class}, {row}",
        "What the network says, in the unit of the file.",
        _answer,
        _answer_account,
    ),
}
"""Numbers of the forward pass."""

"""What a hover card says: a neuron's strongest inputs and its sum, or one edge's weight. Plain values, no Qt."""

import dataclasses
import math

import numpy as np

from ui.canvas.picture import Picture, grouped

_MOST_ROWS = 6
_FORMULAS = {
    "linear": "a = z",
    "softmax": "a = softmax(z)",
    "sigmoid": "a = σ(z)",
}


@dataclasses.dataclass(frozen=True)
class CardRow:
    """One summand.

    Attributes
    ----------
    label
        Where it comes from.
    product
        ``w × a`` as text.
    value
        The product's value as text.
    share
        −1 … 1: the value over the largest one of the card.
    """

    label: str
    product: str
    value: str
    share: float


@dataclasses.dataclass(frozen=True)
class Card:
    """A small table: a title, summands, and lines of (label, value) below them."""

    title: str
    detail: str
    rows: tuple[CardRow, ...] = ()
    results: tuple[tuple[str, str], ...] = ()


def number(value: float) -> str:
    """Return a number with three decimals, or with an exponent where these say nothing."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    text = (
        f"{value:.3f}" if size == 0 or 1e-3 <= size < 1e5 else f"{value:.2e}".replace("e+0", "e").replace("e-0", "e-")
    )
    return text.replace("-", "−")


def neuron_card(picture: Picture, layer: int, unit: int) -> Card:
    """Return what is to be said about a neuron: its inputs w·a by strength, the bias, z and a."""
    title, values = picture.name(layer, unit), picture.activations
    if title.startswith(f"{picture.captions[layer].title}, "):
        title = f"Neuron {unit + 1}"
    if layer == 0:
        results = []
        if unit < len(picture.input_values):
            results.append(("value", picture.input_values[unit]))
        if values:
            results.append(("standardised", number(float(values[0][unit]))))
        return Card(title, "Input", (), (*results, *_of_mode(picture, layer, unit)))
    function = picture.functions[layer - 1]
    caption = picture.captions[layer]
    detail = f"{caption.title}, {function}"
    weights = np.asarray(picture.weights[layer - 1], dtype=np.float64)[:, unit]
    bias = float(picture.biases[layer - 1][unit])
    if not values:
        order = np.argsort(-np.abs(weights), kind="stable")[:_MOST_ROWS]
        peak = _peak(weights)
        rows = tuple(
            CardRow(_source(picture, layer, int(i)), "w", number(float(weights[i])), _share(float(weights[i]), peak))
            for i in order
        )
        return Card(title, detail, rows, (("bias b", number(bias)), *_of_mode(picture, layer, unit)))
    inputs = np.asarray(values[layer - 1], dtype=np.float64)
    with np.errstate(all="ignore"):
        products = weights * inputs
        z = float(products.sum() + bias)
    order = np.argsort(-np.abs(np.nan_to_num(products)), kind="stable")
    most = _MOST_ROWS if len(order) > _MOST_ROWS + 1 else len(order)
    peak = _peak(products)
    rows = [
        CardRow(
            _source(picture, layer, int(i)),
            f"{number(float(weights[i]))} × {number(float(inputs[i]))}",
            number(float(products[i])),
            _share(float(products[i]), peak),
        )
        for i in order[:most]
    ]
    rest = order[most:]
    if len(rest):
        others = float(products[rest].sum())
        rows.append(CardRow(f"{grouped(len(rest))} others", "", number(others), _share(others, peak)))
    results = (
        ("bias b", number(bias)),
        ("z = Σ w·a + b", number(z)),
        (_FORMULAS.get(function, f"a = {function}(z)"), number(float(values[layer][unit]))),
        *ailment_lines(picture, layer, unit),
    )
    return Card(title, detail, tuple(rows), (*results, *_of_mode(picture, layer, unit)))


def _of_mode(picture: Picture, layer: int, unit: int) -> tuple[tuple[str, str], ...]:
    """Return what the neuron shows where that is not what it answers."""
    shown = picture.node_values[layer] if picture.node_values else None
    return () if shown is None else ((picture.node_scale.name, number(float(shown[unit]))),)


def ailment_lines(picture: Picture, layer: int, unit: int) -> tuple[tuple[str, str], ...]:
    """Return what ails a neuron, as a line of its card; nothing where it is well."""
    found = picture.ailment(layer, unit)
    if found is None:
        return ()
    return ((found.kind, "every row" if found.share >= 1 else f"{100 * found.share:.0f} % of rows"),)


def edge_card(picture: Picture, layer: int, source: int, target: int) -> Card:
    """Return what is to be said about a weight: w, and with a chosen row what it carries."""
    weight = float(picture.weights[layer][source, target])
    title = f"{picture.name(layer, source)} → {picture.name(layer + 1, target)}"
    results = [("weight w", number(weight))]
    if picture.activations:
        value = float(picture.activations[layer][source])
        results += [("input a", number(value)), ("w × a", number(weight * value))]
    if picture.edge_values and picture.edge_values[layer] is not picture.weights[layer]:
        shown, scale = picture.edge_numbers(layer)
        results.append((scale.name, number(float(shown[source, target]))))
    return Card(title, "Weight", (), tuple(results))


def _source(picture: Picture, layer: int, unit: int) -> str:
    if layer == 1 and unit < len(picture.input_names):
        return picture.input_names[unit]
    return f"neuron {unit + 1}" if layer > 1 else f"input {unit + 1}"


def _peak(values: np.ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0


def _share(value: float, peak: float) -> float:
    return max(-1.0, min(1.0, value / peak)) if peak > 0.0 and math.isfinite(value) else 0.0

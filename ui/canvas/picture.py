"""Everything the canvas draws, as one frozen value without Qt: what a network is, computes and is called."""

import dataclasses
import functools
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import forward
from simulator.insight.health import Ailment
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec
from ui.canvas.act import ACTIVATION, WEIGHT, Act, Scale

Floats = NDArray[np.floating[Any]]

_UNITS = frozenset(
    "mm cm m km g kg mg lb lbs oz s ms hz khz ml kpa hpa mv kw hp usd eur pct percent deg mpg".split()  # noqa: SIM905
)
_SPELT = {
    "pct": "%", "percent": "%", "deg": "°", "hz": "Hz", "khz": "kHz", "kw": "kW", "kpa": "kPa", "hpa": "hPa",
    "mv": "mV",
}  # fmt: skip
_BRACKETED = re.compile(r"^(.*?)\s*[(\[]\s*([^()\[\]]{1,12})\s*[)\]]\s*$")
_THIN_SPACE = "\u202f"
_MINUS = "−"
_REST = Act()


@dataclasses.dataclass(frozen=True)
class Caption:
    """What stands above a layer: ``Hidden 1`` and ``8 × tanh``."""

    title: str
    detail: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """One frame.

    Attributes
    ----------
    sizes
        The width of every layer from the inputs to the outputs.
    captions
        One a layer.
    functions
        What every layer after the input does with its sum: ``("tanh", "tanh", "softmax")``.
    weights, biases
        One a linear layer, (fan_in, fan_out) and (fan_out,).
    activations
        One a layer, (units,): the standardised inputs first, the outputs last; empty without a chosen row.
    input_names, input_values
        The column names, and the row's values in real units as text (empty without a row).
    output_names
        Classes, or the name of the predicted value. One output neuron with two names is a two-class network whose
        output is the probability of the second.
    probabilities
        One an output name, or empty when a value is predicted or no row is chosen.
    value_text, truth_text
        The predicted and the true value in real units, when a value is predicted.
    predicted, actual
        Index of the predicted and of the true class among the output names, or None.
    title, subtitle, readouts
        The header: what it is, what it is made of, and small cards of (label, value).
    input_shape
        (height, width) of the picture whose pixels the inputs are, or None.
    edge_scale, node_scale, act
        What the colours of edges and neurons stand for at rest, and what is different while an update is told, or None.
    ailments
        Hidden neurons that are silent, saturated or exploding.
    edge_scales
        One a linear layer, where their ends are not the same; nothing: `edge_scale` for all.
    edge_values, node_values
        What edges and neurons show at rest, in the shapes of the weights and one array a column (None shows nothing);
        nothing: the weights, and the activations.
    """

    sizes: tuple[int, ...]
    captions: tuple[Caption, ...]
    functions: tuple[str, ...]
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    activations: tuple[Floats, ...] = ()
    input_names: tuple[str, ...] = ()
    input_values: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    value_text: str = ""
    truth_text: str = ""
    predicted: int | None = None
    actual: int | None = None
    title: str = ""
    subtitle: str = ""
    readouts: tuple[tuple[str, str], ...] = ()
    edge_scale: Scale = WEIGHT
    node_scale: Scale = ACTIVATION
    act: Act | None = None
    ailments: tuple[Ailment, ...] = ()
    input_shape: tuple[int, int] | None = None
    edge_scales: tuple[Scale, ...] = ()
    edge_values: tuple[Floats, ...] = ()
    node_values: tuple[Floats | None, ...] = ()

    @functools.cached_property
    def now(self) -> Act:
        """The act; rest where there is none, or where it was made for a network of another shape."""
        return self.act if self.act is not None and self.act.fits(self.sizes) else _REST

    @property
    def scales(self) -> tuple[Scale, Scale]:
        """What the colours of edges and of neurons stand for now."""
        now = self.now
        edges = now.edge_scale if now.edge_values else self.edge_scale
        return edges, now.node_scale if now.node_values else self.node_scale

    @property
    def first_told(self) -> int:
        """The first linear layer whose edges show the act's values; those before it show their weights, faded."""
        told = self.now.edges_from
        return 0 if told is None or not self.now.edge_values else max(0, len(self.weights) - told)

    def edge_numbers(self, layer: int) -> tuple[Floats, Scale]:
        """Return what the edges of a linear layer show, (fan_in, fan_out), and on which scale."""
        if self.now.edge_values and layer >= self.first_told:
            return self.now.edge_values[layer], self.now.edge_scale
        scale = self.edge_scales[layer] if self.edge_scales else self.edge_scale
        return self.edge_values[layer] if self.edge_values else self.weights[layer], scale

    @property
    def all_scales(self) -> tuple[Scale, ...]:
        """What the colours of the edges stand for, one a linear layer."""
        return tuple(self.edge_numbers(layer)[1] for layer in range(len(self.weights)))

    def node_numbers(self, layer: int) -> Floats | None:
        """Return what the neurons of a column show, (units,), or None when they show no number."""
        rest = self.activations[layer] if self.activations else None
        rest = self.node_values[layer] if self.node_values else rest
        return self.now.node_values[layer] if self.now.node_values else rest

    def revealed(self, layer: int) -> float:
        """Return how many neurons of a column are not empty, from the top."""
        if self.now.node_values and self.now.node_values[layer] is None:
            return 0.0
        return float(self.sizes[layer]) if self.now.revealed is None else self.now.revealed[layer]

    def ailment(self, layer: int, unit: int) -> Ailment | None:
        """Return what ails a neuron, or None."""
        return next((each for each in self.ailments if (each.layer, each.unit) == (layer, unit)), None)

    def name(self, layer: int, unit: int) -> str:
        """Return what a neuron is called: a column, a class, or its number in its layer."""
        if layer == 0 and unit < len(self.input_names):
            return self.input_names[unit]
        if layer == len(self.sizes) - 1 and len(self.output_names) == self.sizes[-1]:
            return self.output_names[unit]
        return f"{self.captions[layer].title}, neuron {unit + 1}"


def compose(
    network: NetworkSpec,
    layers: Sequence[LayerParameters],
    row: Floats | None = None,
    *,
    feature_names: Sequence[str] = (),
    real_values: Sequence[float | str] = (),
    class_names: Sequence[str] = (),
    target_name: str = "",
    value: float | None = None,
    truth: float | None = None,
    actual: int | None = None,
    title: str = "",
    note: str = "",
    readouts: Sequence[tuple[str, str]] = (),
    edge_scale: Scale = WEIGHT,
    node_scale: Scale = ACTIVATION,
    input_shape: tuple[int, int] | None = None,
) -> Picture:
    """Send a row through a network and put everything that is drawn together.

    Parameters
    ----------
    network, layers
        The network and its parameters, weight (fan_in, fan_out) and bias (fan_out,) each.
    row
        The standardised inputs (inputs,), or None: the network is drawn without activations.
    feature_names, real_values
        Names of the inputs as the data set has them (``bill_length_mm``), and the row's values in real units.
    class_names
        The classes, or nothing when a value is predicted.
    target_name, value, truth
        What is predicted, and the predicted and true value in real units, when it is a value.
    actual
        The row's true class.
    title, note, readouts, edge_scale, node_scale, input_shape
        The header, whose note follows the network's own description; and see `Picture`.
    """
    pretty = [pretty_name(name) for name in feature_names]
    input_units = [pair[1] for pair in pretty] or [""] * len(real_values)
    activations: tuple[Floats, ...] = ()
    probabilities: tuple[float, ...] = ()
    if row is not None:
        passed = forward(network, tuple(layers), np.asarray(row)[None, :])
        activations = tuple(np.asarray(A[0]) for A in (*passed.inputs, passed.outputs))
        if class_names:
            probabilities = _class_probabilities(activations[-1], len(class_names))
    name, unit = pretty_name(target_name)
    return Picture(
        sizes=network.sizes,
        captions=captions(network),
        functions=(*(layer.activation for layer in network.hidden), network.link),
        weights=tuple(np.asarray(layer.weight) for layer in layers),
        biases=tuple(np.asarray(layer.bias) for layer in layers),
        activations=activations,
        input_names=tuple(pair[0] for pair in pretty),
        input_values=tuple(value_text(number, of) for number, of in zip(real_values, input_units, strict=False)),
        output_names=tuple(class_names) or ((name,) if name else ()),
        probabilities=probabilities,
        value_text="" if value is None else value_text(value, unit),
        truth_text="" if truth is None else value_text(truth, unit),
        predicted=int(np.argmax(probabilities)) if probabilities else None,
        actual=actual,
        title=title,
        subtitle=_described(network) + (f"   ·   {note}" if note else ""),
        readouts=tuple(readouts),
        edge_scale=edge_scale,
        node_scale=node_scale,
        input_shape=input_shape if input_shape and input_shape[0] * input_shape[1] == network.inputs else None,
    )


def captions(network: NetworkSpec) -> tuple[Caption, ...]:
    """Return what stands above the layers of a network."""
    features = "feature" if network.inputs == 1 else "features"
    hidden = (
        Caption(f"Hidden {number}", f"{grouped(layer.units)} × {layer.activation}")
        for number, layer in enumerate(network.hidden, 1)
    )
    return (
        Caption("Input", f"{grouped(network.inputs)} {features}"),
        *hidden,
        Caption("Output", network.link),
    )


def pretty_name(column: str) -> tuple[str, str]:
    """Return a column's name for people and its unit: ``bill_length_mm`` → ``("bill length", "mm")``."""
    name, category = (part.strip() for part in column.split("=", 1)) if "=" in column else (column.strip(), None)
    if category is not None:
        return f"{name.replace('_', ' ')} = {category}", ""
    bracketed = _BRACKETED.match(name)
    if bracketed and bracketed[1]:
        return bracketed[1].replace("_", " "), bracketed[2]
    words = [word for word in name.split("_") if word]
    if len(words) > 1 and words[-1].lower() in _UNITS:
        return " ".join(words[:-1]), _SPELT.get(words[-1].lower(), words[-1])
    return " ".join(words) or column, ""


def grouped(number: int) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{number:,}".replace(",", _THIN_SPACE).replace("-", _MINUS)


def value_text(value: float | str, unit: str = "") -> str:
    """Return a value in real units, to about four digits: ``48.4 mm``, ``5 250 g``, ``1.2e−5``."""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        text = "missing" if math.isnan(value) else ("∞" if value > 0 else f"{_MINUS}∞")
    elif value == 0 or 1e-3 <= abs(value) < 1e7:
        digits = 0 if value == 0 else max(0, min(6, 3 - math.floor(math.log10(abs(value)))))
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    text = text.replace(",", _THIN_SPACE).replace("-", _MINUS)
    return f"{text}{'' if unit in {'%', '°'} else ' '}{unit}" if unit and text != "missing" else text


def short_number(value: float, clamp: float = 1.0) -> str:
    """Return a number in at most five characters, for the inside of a neuron: ``−0.74``, ``12.3``, ``45k``.

    On a scale that ends below 0.2, as gradients have it, small ones are written ``4e−3``.
    """
    if math.isnan(value):
        return "NaN"
    size = abs(value)
    if clamp < 0.2 and 1e-9 < size < 0.0095:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", _MINUS)
    if math.isinf(value):
        text = "∞"
    elif size >= 9.5e99:
        text = ">e99"
    elif size < 9.995:
        text = f"{size:.2f}"
    elif size < 99.95:
        text = f"{size:.1f}"
    elif size < 999.5:
        text = f"{size:.0f}"
    elif size < 99_500:
        text = f"{size / 1000:.0f}k"
    else:
        text = f"{size:.0e}".replace("e+0", "e").replace("e+", "e")
    return _MINUS + text if value < 0 and text != "0.00" else text


def percent_text(probability: float) -> str:
    """Return a probability as ``91.8 %``."""
    return f"{100 * probability:.1f} %" if math.isfinite(probability) else "–"


def _class_probabilities(outputs: Floats, classes: int) -> tuple[float, ...]:
    if len(outputs) == 1 and classes == 2:
        return 1.0 - float(outputs[0]), float(outputs[0])
    return tuple(float(value) for value in outputs)


def _described(network: NetworkSpec) -> str:
    functions = list(dict.fromkeys(layer.activation for layer in network.hidden))
    shape = " – ".join(grouped(size) for size in network.sizes)
    return f"{shape}   {', '.join([*functions, network.link])}   ·   {grouped(network.parameter_count)} parameters"

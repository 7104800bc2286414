"""What a screen reader hears of a network, of a neuron and of an edge. Plain values, no Qt."""

import math

from ui.canvas.pick import carried, edges_of
from ui.canvas.picture import Picture, percent_text

_MANY = 1e6
_FEW = 1e-4


def overview(picture: Picture) -> str:
    """Return what the network is, what it predicts, and how to go on."""
    hidden = ", ".join(caption.detail for caption in picture.captions[1:-1]) or "none"
    words = f"{picture.title}: {picture.sizes[0]} inputs, hidden layers: {hidden}, {picture.sizes[-1]} outputs."
    if picture.now.outcome and picture.predicted is not None and picture.predicted < len(picture.output_names):
        words += f" Predicted: {picture.output_names[picture.predicted]}."
    return f"{words} Arrow keys walk from neuron to neuron."


def neuron_sentence(picture: Picture, layer: int, unit: int) -> str:
    """Return a neuron in one sentence.

    It is ``hidden 1, neuron 3, activation 0.62, strongest input flipper length plus 1.8``. An input is told with its
    value in real units and as the network sees it, an output with its probability or value.
    What slow motion has not reached yet is not told.
    """
    parts = [_place(picture, layer, unit, alone=True)]
    if unit >= picture.revealed(layer):
        return f"{parts[0]}, still empty"
    if layer == 0 and unit < len(picture.input_values):
        parts.append(picture.input_values[unit])
    numbers = picture.node_numbers(layer)
    if picture.now.node_values and numbers is not None:
        return ", ".join([*parts, f"{picture.now.node_scale.name} {spoken(float(numbers[unit]))}"])
    if picture.node_values and numbers is not None:
        parts.append(f"{picture.node_scale.name} {spoken(float(numbers[unit]))}")
    elif numbers is not None:
        parts.append(_state(picture, layer, unit, float(numbers[unit])))
    if layer > 0 and picture.activations:
        edges = edges_of(picture, layer, unit)
        if edges and math.isfinite(carried(picture, edges[0])):
            source = _place(picture, layer - 1, edges[0][1])
            parts.append(f"strongest input {source} {signed(carried(picture, edges[0]))}")
    ailment = picture.ailment(layer, unit)
    if ailment is not None:
        rows = "every training row" if ailment.share >= 1 else f"{percent_text(ailment.share)} of the training rows"
        parts.append(f"{ailment.kind} for {rows}")
    return ", ".join(parts)


def edge_sentence(picture: Picture, edge: tuple[int, int, int], at: tuple[int, int] | None = None) -> str:
    """Return an edge in one sentence: ``weight 0.81 from flipper length, carries plus 1.2``.

    Parameters
    ----------
    picture, edge
        The edge is (layer, source, target).
    at
        The neuron from which it is looked at; of an input, its edges lead "to" somewhere.
    """
    layer, source, target = edge
    weight = spoken(float(picture.weights[layer][source, target]))
    leaving = at == (layer, source)
    other = _place(picture, layer + 1, target) if leaving else _place(picture, layer, source)
    words = f"weight {weight} {'to' if leaving else 'from'} {other}"
    if picture.edge_values:
        shown, scale = picture.edge_numbers(layer)
        words += f", {scale.name} {spoken(float(shown[source, target]))}"
    return f"{words}, carries {signed(carried(picture, edge))}" if picture.activations else words


def spoken(value: float) -> str:
    """Return a number for the ear, to two digits: ``0.62``, ``minus 1.8``, ``12``."""
    if math.isnan(value):
        return "not a number"
    size = abs(value)
    if math.isinf(size):
        text = "infinity"
    elif size >= _MANY or 0.0 < size < _FEW:
        mantissa, exponent = f"{size:.1e}".split("e")
        text = f"{mantissa} times ten to the {int(exponent)}".replace("-", "minus ")
    else:
        digits = 2 if size == 0.0 else max(0, 1 - math.floor(math.log10(size)))
        text = f"{size:,.{digits}f}"
    return f"minus {text}" if value < 0 else text


def signed(value: float) -> str:
    """Return a number for the ear with its sign: ``plus 1.8``."""
    return f"plus {spoken(value)}" if value >= 0 else spoken(value)


def _place(picture: Picture, layer: int, unit: int, *, alone: bool = False) -> str:
    """Return where a neuron is: a column's name, ``hidden 1, neuron 3``, ``output Gentoo``."""
    name, caption = picture.name(layer, unit), picture.captions[layer].title
    if name.startswith(f"{caption}, "):
        return caption.lower() + name.removeprefix(caption)
    return f"{caption.lower()} {name}" if alone and layer > 0 else name


def _state(picture: Picture, layer: int, unit: int, value: float) -> str:
    if layer == 0:
        return f"standardised {spoken(value)}"
    if layer < len(picture.sizes) - 1 or not picture.now.outcome:
        return f"activation {spoken(value)}"
    if len(picture.probabilities) == picture.sizes[-1]:
        return f"probability {percent_text(picture.probabilities[unit])}"
    if picture.probabilities and picture.output_names:
        return f"probability of {picture.output_names[-1]} {percent_text(picture.probabilities[-1])}"
    return f"predicted {picture.value_text}" if picture.value_text else f"activation {spoken(value)}"

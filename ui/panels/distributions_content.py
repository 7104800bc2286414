"""What ridgelines and histograms are made from, and how layers and numbers are written. No Qt."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ui.panels.points_axes import tick_text

if TYPE_CHECKING:
    from simulator.insight.distributions import Study


def layer_names(hidden: int) -> list[str]:
    """Return what the linear layers of a network with so many hidden ones are called."""
    return [*(f"Hidden {number}" for number in range(1, hidden + 1)), "Output"]


@dataclasses.dataclass(frozen=True, eq=False)
class Content:
    """What is drawn.

    Attributes
    ----------
    studies
        The oldest first.
    present
        The moment on the timeline, which is one of them, or None.
    quantity
        Which numbers of the layers.
    layers
        The linear layers that are shown, from 0.
    names, sizes
        Of every linear layer of the network.
    logarithmic
        Whether heights are logarithms of counts.
    by_size
        Whether the axis is log₁₀ |value|, without zeros.
    lit
        The layer of the neuron that somebody chose or points at, or None.
    """

    studies: "tuple[Study, ...]"
    present: "Study | None"
    quantity: str
    layers: tuple[int, ...]
    names: tuple[str, ...]
    sizes: tuple[str, ...]
    logarithmic: bool = False
    by_size: bool = False
    lit: int | None = None


def table_of(content: Content) -> Iterator[list[Any]]:
    """Return every histogram as lines of numbers, the first of which names the columns."""
    yield ["epoch", "layer", "from", "to", "count"]
    for study in content.studies:
        for layer in content.layers:
            histogram = study.spreads[content.quantity][layer].histogram
            edges = histogram.edges.tolist()
            for low, high, count in zip(edges[:-1], edges[1:], histogram.counts.tolist(), strict=True):
                yield [study.time, content.names[layer], low, high, count]


def axis_text(value: float) -> str:
    """Return a number as it stands at an axis: very small ones as powers of ten."""
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        mantissa, _, power = f"{value:.3g}".partition("e")
        if power:
            return f"{mantissa}e{int(power)}".replace("-", "−")
    return tick_text(value)


def size_text(power: float) -> str:
    """Return the value that a place on an axis of magnitudes stands for."""
    return axis_text(float(f"{10.0**power:.2g}"))

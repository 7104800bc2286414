"""Which numbers the pictures show: a matrix of weights, its gradient or its change, and what stands where. No Qt."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.colour import steady_clamp
from ui.canvas.picture import pretty_name

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

WEIGHTS, GRADIENT, CHANGE = "weights", "gradient", "change"
QUANTITIES = {
    WEIGHTS: ("Weights", "w: what every neuron makes of what comes in"),
    GRADIENT: ("Gradient", "∂loss/∂w of the next batch: how the loss would change with each weight"),
    CHANGE: ("Change", "w − w at the start of this branch: what training has made of the start weights"),
}
LETTERS = {WEIGHTS: "w", GRADIENT: "∂loss/∂w", CHANGE: "Δw"}
_SAMPLE = 20_000
_LEAST_PIXELS = 16


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet:
    """The matrix of a layer, its biases, and what every row and column is called.

    Attributes
    ----------
    layer
        The linear layer, from 0.
    quantity
        A key of `QUANTITIES`.
    weight, bias
        (fan_in, fan_out) and (fan_out,).
    less, less_bias
        What is taken away from them, of the same shapes, or None.
    sources, targets
        What the rows and the columns are called; nothing where neurons have no name but their number.
    """

    layer: int
    quantity: str
    weight: Floats
    bias: Floats
    less: Floats | None
    less_bias: Floats | None
    sources: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, without the biases."""
        return self.weight.shape[0], self.weight.shape[1]

    def block(self, rows: slice, columns: slice) -> Floats:
        """Return some of the numbers; only these are worked out."""
        found = self.weight[rows, columns]
        with np.errstate(all="ignore"):
            return found if self.less is None else found - self.less[rows, columns]

    def biases(self, columns: slice) -> Floats:
        """Return some of the biases, or of their gradients or changes."""
        found = self.bias[columns]
        with np.errstate(all="ignore"):
            return found if self.less_bias is None else found - self.less_bias[columns]

    def table(self) -> Iterator[list[Any]]:
        """Return all numbers as lines, the first of which names the columns; the last one holds the biases."""
        rows, columns = self.shape
        yield ["", *(self.targets or range(1, columns + 1))]
        for row, name in enumerate(self.sources or range(1, rows + 1)):
            yield [name, *self.block(slice(row, row + 1), slice(None))[0].tolist()]
        yield ["bias", *self.biases(slice(None)).tolist()]

    def value(self, row: int, column: int) -> float:
        """Return one number; the row behind the last one is that of the biases."""
        if row >= len(self.weight):
            return float(self.biases(slice(column, column + 1))[0])
        return float(self.block(slice(row, row + 1), slice(column, column + 1))[0, 0])

    def clamp(self, before: float | None) -> float:
        """Return where the colours end: a round number that holds 95 % of all, or of an even sample of many."""
        rows, columns = self.shape
        step = max(1, int(np.sqrt(rows * columns / _SAMPLE)))
        some = self.block(slice(None, None, step), slice(None, None, step)).ravel()
        return steady_clamp(np.concatenate([some, self.biases(slice(None))]), before)

    def source_name(self, row: int) -> str:
        """Return what a row is called."""
        if row >= len(self.weight):
            return "bias"
        return self.sources[row] if row < len(self.sources) else f"{row + 1}"

    def target_name(self, column: int) -> str:
        """Return what a column is called."""
        return self.targets[column] if column < len(self.targets) else f"{column + 1}"

    def sentence(self, row: int, column: int) -> str:
        """Return a number with its address: ``w from bill length to neuron 3 of Hidden 1 = −0.3124``."""
        hidden = not self.targets
        target = f"neuron {column + 1}" if hidden else self.targets[column]
        layer = f" of hidden layer {self.layer + 1}" if hidden else ""
        value = number_text(self.value(row, column))
        if row >= len(self.weight):
            letter = LETTERS[self.quantity].replace("w", "b")
            return f"{letter} of {target}{layer} = {value}"
        source = self.sources[row] if self.sources else f"neuron {row + 1} of hidden layer {self.layer}"
        return f"{LETTERS[self.quantity]} from {source} to {target}{layer} = {value}"


def sheet_of(
    snapshot: Any, dataset: Any, layer: int, quantity: str = WEIGHTS, start: Any = None, gradient: Any = None
) -> Sheet | None:
    """Return the matrix of a layer, or None where its gradient or its start is not known.

    Parameters
    ----------
    start
        The snapshot of epoch 0, for the change.
    gradient
        A pair (weight, bias) a layer, for the gradient.
    """
    pair, less = snapshot.layers[layer], None
    if quantity == GRADIENT:
        if gradient is None:
            return None
        pair = gradient[layer]
    elif quantity == CHANGE:
        if start is None or start.network.sizes != snapshot.network.sizes:
            return None
        less = start.layers[layer]
    sources: tuple[str, ...] = ()
    if layer == 0:
        sources = _pretty(tuple(dataset.feature_names))
    targets: tuple[str, ...] = ()
    if layer == len(snapshot.layers) - 1:
        outputs = snapshot.network.outputs
        names = tuple(dataset.class_names) if dataset.class_names else (dataset.recipe.target.replace("_", " "),)
        targets = names if len(names) == outputs else names[-outputs:]
    return Sheet(
        layer,
        quantity,
        np.asarray(pair.weight),
        np.asarray(pair.bias),
        None if less is None else np.asarray(less.weight),
        None if less is None else np.asarray(less.bias),
        sources,
        targets,
    )


@functools.lru_cache(maxsize=4)
def _pretty(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return columns' names for people; kept, since hundreds take longer than their weights."""
    return tuple(pretty_name(name)[0] for name in names)


def picture_of(dataset: Any) -> tuple[tuple[int, int] | None, bool]:
    """Return the height and width of the picture that the inputs may be, None where they cannot, and whether they are.

    A square number of columns that are not known as pixels may be a picture: that is for somebody to say.
    """
    if dataset.picture is not None:
        return dataset.picture, True
    names = tuple(dataset.feature_names)
    side = round(len(names) ** 0.5)
    possible = len(names) >= _LEAST_PIXELS and side * side == len(names) and not any("=" in name for name in names)
    return ((side, side) if possible else None), False


def codes(values: Floats, clamp: float | Doubles) -> NDArray[np.uint8]:
    """Return the place of each value in a ramp of 256 colours that ends at ± clamp, as `ui.canvas.colour.places` does.

    In single precision, in place: a million take some milliseconds. What is not a number counts as zero.
    """
    with np.errstate(all="ignore"):
        share = np.asarray(values, np.float32) * (np.float32(127.5) / np.asarray(clamp, np.float32))
        share += np.float32(127.5)
        if not np.isfinite(share.sum()):  # one pass instead of three, where nothing has diverged
            np.nan_to_num(share, copy=False, nan=127.5, posinf=255.0, neginf=0.0)
        np.clip(share, 0.0, 255.0, out=share)
        share += np.float32(0.5)  # rounded by cutting off
    return share.astype(np.uint8)


def order_of(weight: Floats, by_norm: bool) -> NDArray[np.int64]:
    """Return in which order neurons are shown: by number, or those with the longest weight vector first."""
    count = weight.shape[1]
    if not by_norm:
        return np.arange(count)
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(np.asarray(weight, np.float64), axis=0)
    return np.argsort(-np.nan_to_num(norms, nan=np.inf, posinf=np.inf), kind="stable")


def own_clamps(weight: Floats, before: NDArray[np.float64] | None = None) -> Doubles:
    """Return a clamp for every neuron alone, (units,): its largest |w|, held while it changes by less than a fifth."""
    with np.errstate(all="ignore"):
        peaks = np.abs(np.asarray(weight, np.float64))
    peaks = np.where(np.isfinite(peaks), peaks, 0.0).max(axis=0)
    peaks = np.where(peaks > 0.0, peaks, 1.0)
    if before is None or len(before) != len(peaks):
        return peaks
    return np.where((peaks > before) | (peaks < 0.8 * before), peaks, before)


def number_text(value: float) -> str:
    """Return a number with four figures behind the point, or with an exponent where these say nothing."""
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    text = f"{value:.4f}" if size == 0 or 1e-3 <= size < 1e5 else f"{value:.3e}"
    return text.replace("-", "−")

"""What every feature contributes to an output, in the units that it is shown in, with the words for it."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.picture import pretty_name, value_text

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Seen
    from simulator.snapshot import Snapshot

Doubles = NDArray[np.float64]

GRADIENT, LEAVE_OUT = "gradient × input", "leave out"
KINDS: dict[str, str] = {
    GRADIENT: "What the output would lose on a straight line if the feature went to x = 0: ∂z/∂x · x.",
    LEAVE_OUT: "What the output loses, exactly, with the training mean in the feature's place: z − z without it.",
}
"""The two ways to share an output out among the features, with a sentence about each."""

_LEAST = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class Shares:
    """What every feature contributes to one class, or to the predicted value; arrays are (features,).

    Of a class it is the z that is shared out, as its probability hardly moves near 0 and 1; of a value the value itself
    in real units.

    Attributes
    ----------
    name, unit
        The class or the target for people, and the target's unit.
    is_class
        Whether it is a class.
    by_gradient, by_leaving_out
        Gradient × input, summed over the inputs of every feature, and what is lost with the feature at its mean.
    whole, without
        ŷ, and ŷ with a feature at its mean: a probability from 0 to 1, or a value in real units.
    slopes, x
        The factors of gradient × input where the feature has one input; else NaN.
    least
        What is less is a rounding error: nothing is drawn for it.
    """

    name: str
    unit: str
    is_class: bool
    by_gradient: Doubles
    by_leaving_out: Doubles
    whole: float
    without: Doubles
    slopes: Doubles
    x: Doubles
    least: float

    def of(self, kind: str) -> Doubles:
        """Return the contributions by a key of `KINDS`."""
        return self.by_gradient if kind == GRADIENT else self.by_leaving_out

    def scale(self, kind: str) -> float:
        """Return what a full bar stands for."""
        sizes = np.abs(self.of(kind))
        finite = sizes[np.isfinite(sizes)]
        return max(self.least, float(finite.max()) if len(finite) else 0.0)

    def text(self, place: int, kind: str) -> str:
        """Return a feature's contribution as a figure with its sign."""
        value = float(self.of(kind)[place])
        if not math.isfinite(value):
            return "–"
        size = abs(value)
        if size < self.least:
            return "0"
        if self.is_class and 0.0095 <= size < 999.5:
            text = f"{size:.2f}" if size >= 0.0995 else f"{size:.3f}"
        else:
            text = value_text(float(f"{size:.3g}" if size >= 1e-3 else f"{size:.1g}"), self._short_unit)
        return f"{'+' if value > 0 else '−'}{text}"

    @property
    def _short_unit(self) -> str:
        return self.unit if len(self.unit) <= 3 else ""

    def explained(self, place: int, column: str) -> str:
        """Return both contributions of a feature and how they are calculated."""
        name, _ = pretty_name(column)
        straight, out = self.text(place, GRADIENT), self.text(place, LEAVE_OUT)
        symbol, to = ("z", f"the z of {self.name}") if self.is_class else ("ŷ", self.name)
        how = f"∂{symbol}/∂x · x"
        if math.isfinite(self.slopes[place]) and math.isfinite(self.x[place]):
            how += f" = {value_text(float(self.slopes[place]))} · {_bracketed(float(self.x[place]))}"
        of = f"the probability of {self.name}" if self.is_class else self.name
        whole, without = (self._output(value) for value in (self.whole, float(self.without[place])))
        return (
            f"What {name} contributes to {to}:\n"
            f"Gradient × input: {how} = {straight}.\n"
            f"Leave out: {out}. With {name} at its training mean {of} is {without}, not {whole}."
        )

    def _output(self, value: float) -> str:
        if not math.isfinite(value):
            return "unknown"
        return f"{100.0 * value:.1f} %" if self.is_class else value_text(value, self.unit)


def shares_of(
    snapshot: "Snapshot", dataset: "Dataset", seen: "Seen", x: Doubles, index: int, _progress: Any = None
) -> Shares:
    """Return what every feature of a prepared row x, (inputs,), contributes to a class by index, or to the value."""
    from simulator.explain.whatif import contributions

    network, recipe, classes = snapshot.network, dataset.recipe, dataset.class_names
    values = np.asarray(snapshot.parameters, np.float64)
    output = 0 if network.outputs == 1 else index
    with np.errstate(all="ignore"):
        found = contributions(network, values, x, output, seen, of_logit=bool(classes))
        whole, without = float(found.outputs[output]), found.answers[:, output]
        if classes:
            # One output is the probability of the second class: what is for that is against the first.
            first = network.outputs == 1 and index == 0
            factor, least = -1.0 if first else 1.0, _LEAST
            if first:
                whole, without = 1.0 - whole, 1.0 - without
        else:
            zero, one = (float(each) for each in recipe.value(np.array([0.0, 1.0])))
            factor, least = one - zero, _LEAST * abs(one - zero)
            whole, without = float(recipe.value(np.array([whole]))[0]), recipe.value(without)
        by_gradient, by_leaving_out, slopes = (
            factor * each for each in (found.by_gradient, found.by_ablation, found.gradient)
        )
    name, unit = (classes[index], "") if classes else pretty_name(recipe.target)
    single = np.array([part.start if part.stop - part.start == 1 else -1 for part in (f.places for f in seen.features)])
    alone, inputs = (np.where(single < 0, np.nan, np.asarray(each)[single]) for each in (slopes, x))
    return Shares(name, unit, bool(classes), by_gradient, by_leaving_out, whole, without, alone, inputs, least)


def cost(snapshot: "Snapshot", seen: "Seen") -> int:
    """Return about how many multiplications `shares_of` takes."""
    return snapshot.network.parameter_count * (len(seen.features) + 4)


def _bracketed(value: float) -> str:
    text = value_text(value)
    return f"({text})" if text.startswith("−") else text

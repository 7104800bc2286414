"""An account as the phases and the lesson tell it: which row, which batch, what everything is called. No Qt."""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.explain import address_of, figure
from simulator.nn import choices, parameters
from ui.asking import Account
from ui.canvas.act import ACTIVATION, GRADIENT, VALUE, Act, Floats, Scale
from ui.canvas.colour import steady_clamp
from ui.canvas.picture import pretty_name, value_text

_FEW = 6
_DRAWABLE = 2_000_000


class Story:
    """What is told of an account.

    Parameters
    ----------
    account
        Of the moment before the update.
    clamps
        See `ui.motion.phases.phases_of`.

    Attributes
    ----------
    moment, network, dataset
        Of the account.
    batch, row
        What happens to the batch, and to the shown row; None where that cannot go through the network.
    """

    def __init__(self, account: Account, clamps: dict[str, float]) -> None:
        self.account, self._clamps = account, clamps
        self._made: dict[Any, Any] = {}
        self.moment, self.dataset = account.moment, account.dataset
        self.network = account.moment.network
        self.batch = account.batch.explanation
        self.row = None if account.row is None else account.row.explanation

    # -- rows ---------------------------------------------------------------------------------------------------

    @property
    def row_name(self) -> str:
        """What the shown row is called: "row 153", or that somebody changed it."""
        number = f"row {self.account.shown.row + 1:,}"
        return f"{number}, changed by hand" if self.account.shown.split == "changed" else number

    @property
    def judged(self) -> bool:
        """Whether the truth of the shown row is known, so that there is a loss."""
        return self.row is not None and self.account.shown.split != "changed"

    @property
    def rows(self) -> str:
        """The batch's rows: "16 rows"."""
        return counted(len(self.moment.X), "row")

    @property
    def apart(self) -> str:
        """Half a line when the shown row is none of the batch's; else nothing."""
        if self.row is None or self.account.place is not None:
            return ""
        name = sentence_case(self.row_name)
        return f"{name} is not in this batch: its passes are shown, the update follows from the batch's {self.rows}."

    @functools.cached_property
    def finite(self) -> bool:
        """Whether the network still computes with numbers."""
        return bool(np.isfinite(self.moment.parameters).all())

    @property
    def place(self) -> str:
        """Which update it is: "batch 3 of 17 in epoch 5"."""
        moment = self.moment
        return f"batch {moment.batch + 1:,} of {moment.batches:,} in epoch {moment.epoch + 1:,}"

    # -- names --------------------------------------------------------------------------------------------------

    @functools.cached_property
    def features(self) -> tuple[tuple[str, str], ...]:
        """The name and the unit of every input."""
        return tuple(pretty_name(name) for name in self.dataset.feature_names)

    @functools.cached_property
    def outputs(self) -> tuple[str, ...]:
        """The name of every output: a class, or the column whose value it says."""
        classes, count = self.dataset.class_names, self.network.outputs
        if count == 1 and len(classes) == 2:
            return (classes[1],)  # one output is the probability of the second class
        return classes if len(classes) == count else (pretty_name(self.dataset.recipe.target)[0],)

    def layer(self, layer: int) -> str:
        """Return what a linear layer's neurons are called together: "Hidden 1" or "Output"."""
        return f"Hidden {layer + 1}" if layer < len(self.network.hidden) else "Output"

    def neuron(self, layer: int, unit: int) -> str:
        """Return what a neuron of a linear layer is called; −1 is the layer of the inputs."""
        if layer < 0:
            return self.features[unit][0]
        if layer == len(self.network.hidden):
            return self.outputs[unit]
        return f"neuron {unit + 1}" + (f" of hidden {layer + 1}" if len(self.network.hidden) > 1 else "")

    def parameter(self, layer: int, source: int | None, unit: int) -> str:
        """Return what a weight or bias is called: "w(flipper length → neuron 3)"."""
        target = self.neuron(layer, unit)
        if source is None:
            return f"b({target})"
        first = self.neuron(layer - 1, source)
        return f"w({first.split(' of hidden')[0] if layer else first} → {target})"

    def real(self, unit: int) -> str:
        """Return an input of the shown row in real units: "217 mm"."""
        return value_text(self.account.shown.real[unit], self.features[unit][1])

    # -- numbers ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def activations(self) -> tuple[Floats, ...]:
        """What every column of the canvas shows of the shown row: inputs, hidden layers, outputs; (units,) each."""
        if self.row is None:
            return ()
        return (*(seen[0] for seen in self.row.forward.inputs), self.row.forward.outputs[0])

    @functools.cached_property
    def gradients(self) -> tuple[Floats, ...]:
        """What the shown row says about every weight, ∂L/∂w, (fan_in, fan_out) a layer.

        The batch's mean where the truth of the row is not known.
        """
        if self.row is None or not self.judged:
            return tuple(layer.weight for layer in self.batch.backward.layers)
        backward, seen = self.row.backward, self.row.forward.inputs
        with np.errstate(all="ignore"):
            return tuple(np.outer(one[0], delta[0]) for one, delta in zip(seen, backward.deltas, strict=True))

    @functools.cached_property
    def deltas(self) -> tuple[Floats, ...]:
        """δ of every linear layer's neurons, (fan_out,): the shown row's, or the mean over the batch as above."""
        if self.row is None or not self.judged:
            return tuple(layer.bias for layer in self.batch.backward.layers)
        return tuple(delta[0] for delta in self.row.backward.deltas)

    @functools.cached_property
    def steps(self) -> tuple[Any, ...]:
        """Δw (fan_in, fan_out) and Δb (fan_out,) a layer."""
        return parameters.layers(self.network, self.batch.update.step)

    @functools.cached_property
    def new(self) -> tuple[Any, ...]:
        """The weights and biases after the update, a layer each."""
        return parameters.layers(self.network, self.batch.update.parameters)

    def most(self, values: NDArray[np.float64], count: int) -> list[tuple[int, int | None, int]]:
        """Return the addresses (layer, source, unit) of the parameters with the largest sizes, the largest first."""
        sizes = np.nan_to_num(np.abs(values), nan=-1.0, posinf=math.inf)
        count = min(count, len(sizes))
        found = np.argpartition(-sizes, count - 1)[:count]
        ordered = found[np.argsort(-sizes[found], kind="stable")]
        return [address_of(self.network, int(place)) for place in ordered]

    def scale(self, name: str, values: Iterable[Floats], ramp: str = VALUE) -> Scale:
        """Return a round scale that fits values and changes as seldom as it can from update to update."""
        flat = np.concatenate([np.ravel(each) for each in values])
        self._clamps[name] = clamp = steady_clamp(flat, self._clamps.get(name))
        return Scale(name, clamp, ramp)

    @functools.cached_property
    def gradient_scale(self) -> Scale:
        """Of the gradients of single rows and of the batch."""
        return self.scale("Gradient", self.gradients, GRADIENT)

    @functools.cached_property
    def delta_scale(self) -> Scale:
        """Of the neurons' δ."""
        return self.scale("δ", self.deltas, GRADIENT)

    def remember(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was made under a key; it is made when it is first seen."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    # -- what is seen -------------------------------------------------------------------------------------------

    def act(self, columns: int, units: float | None = None, **changes: Any) -> Act:
        """Return an act in which the numbers have come into so many columns, and into some units of the last one."""
        sizes = self.network.sizes
        revealed = [float(size) if column < columns else 0.0 for column, size in enumerate(sizes)]
        if units is not None and columns:
            revealed[columns - 1] = units
        return Act(**{"revealed": tuple(revealed), "outcome": False, **changes})

    @functools.cached_property
    def with_sums(self) -> dict[str, Any]:
        """The neurons as they are before the output link: its z in the place of ŷ."""
        if self.row is None:
            return {}
        return {"node_values": (*self.activations[:-1], self.row.forward.logits[-1][0]), "node_scale": ACTIVATION}

    # -- words --------------------------------------------------------------------------------------------------

    @functools.cached_property
    def origin(self) -> str:
        """Where the weights come from."""
        moment = self.moment
        if moment.epoch or moment.batch or moment.updates:
            done = counted(moment.updates, "update")
            return f"The weights have come through {done}; Reset shows those that they began with."
        drawn = f"drawn at random: {self.network.initializer}, seed {moment.config.seed}"
        if self.network.parameter_count > _DRAWABLE:
            return f"The weights are {drawn}."
        start = parameters.start_values(self.network, moment.config.seed).astype(moment.config.dtype)
        if np.array_equal(start, moment.parameters.astype(moment.config.dtype)):
            return f"The weights are {drawn}."
        return "The weights are those that the network was opened with."

    @functools.cached_property
    def optimizer(self) -> Any:
        """What makes steps of gradients."""
        return choices.optimizer(self.moment.config)

    @functools.cached_property
    def dropout(self) -> str:
        """Half a line when neurons are left out in training; else nothing."""
        dropping = [layer.dropout for layer in self.network.hidden if layer.dropout]
        if not dropping:
            return ""
        return "The row is shown without dropout; in training some neurons are left out."

    @property
    def lost(self) -> str:
        """Half a line when nothing can be computed any more; else nothing."""
        return "" if self.finite else "Weights have grown beyond all bounds (NaN): Reset begins again."


def number(value: float) -> str:
    """Return a number with four digits that count, as in formulas."""
    return "NaN" if math.isnan(value) else figure(value)


def vector(values: Sequence[float] | Floats, digits: int = 2, most: int = _FEW) -> str:
    """Return numbers as a vector: "[0.91, 0.03, 0.06]"; with more digits where even the largest is small."""
    sizes = [abs(float(value)) for value in values[:most] if math.isfinite(value) and value]
    if sizes and max(sizes) < 0.1:
        digits = min(8, max(digits, 1 - math.floor(math.log10(max(sizes)))))
    shown = [short(float(value), digits) for value in values[:most]]
    return f"[{', '.join(shown)}{f', … {len(values) - most} more' if len(values) > most else ''}]"


def short(value: float, digits: int = 2) -> str:
    """Return a number with so many decimals; one that is too large or too small for that with digits that count."""
    if not math.isfinite(value) or value == int(value) or abs(value) >= 1e4:
        return number(value)
    return f"{value:.{digits}f}".replace("-", "−")


def counted(count: int, thing: str, things: str = "") -> str:
    """Return "1 row" or "1,234 rows"."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def sentence_case(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def said(*parts: str) -> str:
    """Return the sentences that are not empty as one line."""
    return " ".join(part for part in parts if part)

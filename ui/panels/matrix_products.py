"""The products of an update as equations of matrices, with the sum behind every cell. No Qt."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from simulator.explain import Ancestry, Number, figure
from simulator.explain.formula import pieces
from simulator.explain.number import Figure, Terms, Token
from ui.asking import Account
from ui.canvas.act import GRADIENT
from ui.panels.matrix_axes import column_axis, rows_axis
from ui.panels.matrix_values import ONE, Axis, Equation, Floats, Matrix, Part, Writer


@dataclasses.dataclass(frozen=True, eq=False)
class Scene:
    """One layer of an update: the traces, and what its rows, inputs and neurons are called."""

    ancestry: Ancestry
    layer: int
    rows: Axis
    raw_rows: tuple[int, ...]
    before: Axis
    after: Axis
    title_before: str
    title: str

    @property
    def hidden(self) -> bool:
        """Whether the layer is a hidden one."""
        return self.layer < len(self.ancestry.explanation.moment.network.hidden)

    def seen(self) -> Matrix:
        """Return what the layer sees."""
        layer, values = self.layer, self.ancestry.explanation.forward.inputs[self.layer]
        network = self.ancestry.explanation.moment.network
        if layer == 0:
            write = told(self.ancestry, lambda row, unit: Number("input", unit=unit, row=row))
            return Matrix("X", "", "The rows of the batch, standardised: one row of the file each.", values, self.rows,
                          self.before, write)  # fmt: skip
        changed = self.ancestry.explanation.moment.held is not None or (
            self.ancestry.explanation.moment.dropping and network.hidden[layer - 1].dropout > 0
        )
        if changed:
            write = told(self.ancestry, lambda row, unit: Number("seen", layer, unit, row))
        else:
            write = told(self.ancestry, lambda row, unit: Number("a", layer - 1, unit, row))
        about = f"What {self.title} sees: the activations of {self.title_before}."
        return Matrix("X", f"A of {self.title_before}", about, values, self.rows, self.before, write)

    def weight(self) -> Matrix:
        """Return the weights, (fan_in, fan_out)."""
        write = told(self.ancestry, lambda source, unit: Number("parameter", self.layer, unit, source=source))
        about = f"The weights into {self.title}: a row for every input, a column for every neuron."
        return Matrix("W", "", about, self.ancestry.explanation.forward.layers[self.layer].weight, self.before,
                      self.after, write)  # fmt: skip

    def delta(self, name: str = "δ") -> Matrix:
        """Return the deltas of the layer, (rows, fan_out)."""
        write = told(self.ancestry, lambda row, unit: Number("delta", self.layer, unit, row))
        about = f"∂L/∂Z: how the loss of each row changes with the sums of {self.title}."
        return Matrix(name, self.title, about, self.ancestry.explanation.backward.deltas[self.layer], self.rows,
                      self.after, write, GRADIENT)  # fmt: skip


_ONE = Axis(ONE)
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def scene_of(account: Account, layer: int, *, whole: bool) -> Scene | None:
    """Return what a layer's products are made of: of the whole batch or the shown row; None where that is not used."""
    ancestry = account.batch if whole else account.row
    if ancestry is None:
        return None
    network = account.moment.network
    rows, raw_rows = rows_axis(account, ancestry)
    before, after = (column_axis(account.dataset, network.sizes, place) for place in (layer, layer + 1))
    return Scene(
        ancestry, layer, rows, raw_rows, before, after, layer_title(network, layer - 1), layer_title(network, layer)
    )


def layer_title(network: Any, layer: int) -> str:
    """Return what a linear layer is called, counted from 0: "hidden 1" or "output"; −1 for the inputs."""
    if layer < 0:
        return "the inputs"
    return f"hidden {layer + 1}" if layer < len(network.hidden) else "output"


def forward_equation(scene: Scene) -> Equation:
    """Return X · W + b = Z and A = f(Z)."""
    ancestry, layer = scene.ancestry, scene.layer
    forward = ancestry.explanation.forward
    X, W, b, Z = scene.seen(), scene.weight(), forward.layers[layer].bias, forward.logits[layer]

    def write_sum(row: int, unit: int, most: int) -> str:
        last = (" + ", Figure(float(b[unit])))
        return sum_of(X.values[row], W.values[:, unit], most, float(Z[row, unit]), after=last)

    bias = told(ancestry, lambda _row, unit: Number("parameter", layer, unit))
    about = f"The biases of {scene.title}: one is added to every sum of its neuron."
    sums = Matrix("Z", "", f"The weighted sums of {scene.title}.", Z, scene.rows, scene.after, write_sum)
    if scene.hidden:
        function = ancestry.explanation.moment.network.hidden[layer].activation
        write = told(ancestry, lambda row, unit: Number("a", layer, unit, row))
        answer = Matrix("A", "", f"What {scene.title} passes on: {function} of every sum.", forward.activations[layer],
                        scene.rows, scene.after, write)  # fmt: skip
    else:
        function = ancestry.explanation.moment.network.link
        write = told(ancestry, lambda row, unit: Number("output", unit=unit, row=row))
        answer = Matrix("Ŷ", "", "What the network says about each row.", forward.outputs, scene.rows, scene.after,
                        write)  # fmt: skip
    parts = (
        Part("", X),
        Part("·", W, "+", Matrix("b", "", about, b[None, :], _ONE, scene.after, bias)),
        Part("=", sums),
        Part(f"{function}\n→", answer),
    )
    shapes = f"({X.shape}) · ({W.shape}) + ({len(b):,}) = ({sums.shape})"
    return Equation(parts, f"X · W + b = Z,   {answer.name} = {function}(Z)", shapes, scene.raw_rows)


def gradient_equation(scene: Scene) -> Equation:
    """Return Xᵀ · δ / n = dW, and db."""
    X, delta = scene.seen(), scene.delta()
    gradient, n = scene.ancestry.explanation.backward.layers[scene.layer], len(X.values)
    over: tuple[Token, ...] = (")/", Figure(n)) if n > 1 else ()
    before = "(" if n > 1 else ""

    def write_weight(source: int, unit: int, most: int) -> str:
        value = float(gradient.weight[source, unit])
        return sum_of(X.values[:, source], delta.values[:, unit], most, value, before, over)

    def write_bias(_row: int, unit: int, most: int) -> str:
        return sum_of(delta.values[:, unit], None, most, float(gradient.bias[unit]), before, over)

    turned = Matrix("Xᵀ", X.of, f"{X.meaning} Turned: a column for every row.", X.values.T, X.across, X.down,
                    lambda unit, row, most: X.write(row, unit, most))  # fmt: skip
    about = "The gradient ∂L/∂W: how the loss of the batch changes with each weight, the mean over its rows."
    weights = Matrix("dW", "", about, gradient.weight, scene.before, scene.after, write_weight, GRADIENT)
    about = "The gradient ∂L/∂b: how the loss of the batch changes with each bias, the mean of δ over its rows."
    biases = Matrix("db", "", about, gradient.bias[None, :], _ONE, scene.after, write_bias, GRADIENT)
    sign, letters = ("=", "") if n == 1 else (f"/ {n:,}  =", " / n")
    shapes = f"({turned.shape}) · ({delta.shape}) = ({weights.shape})"
    parts = (Part("", turned), Part("·", delta), Part(sign, weights, "", biases))
    return Equation(parts, f"Xᵀ · δ{letters} = dW", shapes, scene.raw_rows)


def backward_equation(scene: Scene) -> Equation:
    """Return δ · Wᵀ ⊙ f′(Z) = the delta of the layer before, or ∂L/∂X of the first layer."""
    ancestry, layer = scene.ancestry, scene.layer
    own, before = (str(number).translate(_BELOW) for number in (layer + 1, layer))
    explanation, W, delta = ancestry.explanation, scene.weight(), scene.delta(f"δ{own}")
    turned = Matrix("Wᵀ", "", "The weights, turned: a row for every neuron, a column for every input.", W.values.T,
                    W.across, W.down, lambda unit, source, most: W.write(source, unit, most))  # fmt: skip
    first = Part("", delta), Part("·", turned)
    begin = f"({delta.shape}) · ({turned.shape})"
    if layer == 0:
        pulled = explanation.backward.inputs

        def write_input(row: int, source: int, most: int) -> str:
            return sum_of(delta.values[row], W.values[source], most, float(pulled[row, source]))

        about = "∂L/∂X: how the loss of each row changes with its inputs."
        result = Matrix("∂L/∂X", "", about, pulled, scene.rows, scene.before, write_input, GRADIENT)
        return Equation(
            (*first, Part("=", result)), f"{delta.name} · Wᵀ = ∂L/∂X", f"{begin} = ({result.shape})", scene.raw_rows
        )
    slopes, deltas = explanation.forward.slopes[layer - 1], explanation.backward.deltas[layer - 1]
    dropped = explanation.moment.dropping and explanation.moment.network.hidden[layer - 1].dropout > 0
    about = f"How steep the activation is at every sum of {scene.title_before}" + (", and dropout." if dropped else ".")
    slope = Matrix(f"f′(Z{before})", scene.title_before, about, slopes, scene.rows, scene.before,
                   _slope_writer(ancestry, layer - 1, slopes, plain=not dropped))  # fmt: skip

    def write_delta(row: int, unit: int, most: int) -> str:
        after = (")·", Figure(float(slopes[row, unit])))
        return sum_of(delta.values[row], W.values[unit], most, float(deltas[row, unit]), "(", after)

    about = f"∂L/∂Z: how the loss of each row changes with the sums of {scene.title_before}."
    result = Matrix(f"δ{before}", scene.title_before, about, deltas, scene.rows, scene.before, write_delta, GRADIENT)
    shapes = f"{begin} ⊙ ({slope.shape}) = ({result.shape})"
    return Equation(
        (*first, Part("⊙", slope), Part("=", result)),
        f"{delta.name} · Wᵀ ⊙ {slope.name} = {result.name}",
        shapes,
        scene.raw_rows,
    )


def _slope_writer(ancestry: Ancestry, layer: int, slopes: Floats, *, plain: bool) -> Writer:
    if plain and ancestry.explanation.moment.held is None:
        return told(ancestry, lambda row, unit: Number("slope", layer, unit, row))
    return lambda row, unit, most: figure(float(slopes[row, unit]))


EQUATIONS: Mapping[str, Callable[[Scene], Equation]] = {
    "forward": forward_equation,
    "gradient": gradient_equation,
    "backward": backward_equation,
}
"""How the products of a layer are written, by their names."""


def equation_of(account: Account, product: str, layer: int, *, whole: bool) -> Equation | None:
    """Return a product of a layer; None where the shown row is not used. A layer beyond the last is the last."""
    scene = scene_of(account, min(layer, len(account.moment.network.hidden)), whole=whole)
    return None if scene is None else EQUATIONS[product](scene)


def sum_of(
    left: Floats, right: Floats | None, most: int, result: float, before: str = "", after: tuple[Token, ...] = ()
) -> str:
    """Return a sum of products (or of the left figures alone) with figures, and what it comes to."""
    values = left if right is None else left * right

    def term(place: int) -> tuple[str | Figure, ...]:
        own = Figure(float(left[place]))
        return (own,) if right is None else (own, "·", Figure(float(right[place])))

    tokens = (*((before,) if before else ()), Terms(np.asarray(values, np.float64), term), *after)
    written = pieces(tokens, lambda _number: "", 4, most)
    return "".join(piece.text for piece in written) + f" = {figure(result)}"


def told(ancestry: Ancestry, number: Callable[[int, int], Number]) -> Writer:
    """Return a writer that asks the ancestry of a cell's number."""

    def write(row: int, column: int, most: int) -> str:
        return ancestry.formula(number(row, column), most=most).partition(" = ")[2]

    return write

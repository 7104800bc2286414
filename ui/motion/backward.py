"""Step 5: the influence of every weight on the loss, from the outputs back. No Qt."""

import numpy as np

from simulator.explain import Number, place_of
from ui.canvas.act import Act, Floats, Flow
from ui.motion.forward import MOST_NEURONS
from ui.motion.phase import Phase
from ui.motion.story import Story, number, said, sentence_case, vector

_ARRIVED = 0.75


def backward_phases(story: Story, grain: str) -> tuple[Phase, ...]:
    """Return step 5: δ of the outputs, back through the layers, and the mean over the batch."""
    phases = [_outputs(story)]
    layers = len(story.network.shapes)
    if grain == "pass":
        phases.append(_pass(story))
    else:
        for layer in reversed(range(layers)):
            units = story.network.shapes[layer][1]
            if grain == "neuron" and units <= MOST_NEURONS:
                phases += [_neuron(story, layer, unit) for unit in range(units)]
            else:
                phases.append(_layer(story, layer))
    return (*phases, _mean(story))


def largest(story: Story, layer: int | None = None) -> str:
    """Return the weight with the largest gradient of what is shown, in a layer or in all."""
    gradients = story.gradients if layer is None else (story.gradients[layer],)
    sizes = [np.nan_to_num(np.abs(each), nan=-1.0) for each in gradients]
    best = int(np.argmax([each.max() for each in sizes]))
    source, unit = np.unravel_index(int(sizes[best].argmax()), sizes[best].shape)
    value = float(gradients[best][source, unit])
    name = story.parameter(best if layer is None else layer, int(source), int(unit))
    return f"∂L/∂{name} = {number(value)}"


def _whose(story: Story) -> str:
    """Return of whom δ and gradients are shown."""
    if story.judged:
        return story.row_name
    return f"the batch (the mean of its {story.rows}; the shown row has no loss)"


def _outputs(story: Story) -> Phase:
    layers = len(story.network.shapes)
    deltas = story.deltas[-1]
    rule = "δ = ŷ − y" if _plain(story) else "δ"
    text = said(
        f"How the loss changes when an output's sum z does, for {_whose(story)}: {rule} = {vector(deltas, most=4)}.",
        "Calculus goes from there back to every weight.",
        story.lost,
    )

    def act(share: float) -> Act:
        shown = min(1.0, share / _ARRIVED) * len(deltas)
        return _act(story, layers, shown, edges=0)

    where = Number("delta", layers - 1, 0, 0) if story.judged else None
    return Phase("backward outputs", 5, "The loss looks back", text, 1.4, act, where)


def _plain(story: Story) -> bool:
    """Whether δ of the outputs is ŷ − y and nothing else: a binary loss is divided by the outputs."""
    loss = story.moment.config.loss.name
    return story.judged and (loss == "cross_entropy" or (loss == "binary_cross_entropy" and story.network.outputs == 1))


def _layer(story: Story, layer: int) -> Phase:
    name = story.layer(layer)
    if layer:
        slope = f"the slope of {story.network.hidden[layer - 1].activation}"
        back = f"δ·w flows back to {story.layer(layer - 1).lower()}; what arrives, times {slope}, is its δ."
    else:
        back = "The inputs are what they are: here the way back ends."
    text = said(
        f"{name}: a weight's influence is its input times δ, here for {_whose(story)}."
        f" Largest: {largest(story, layer)}.",
        back,
        story.lost,
    )
    title = f"Back through {name.lower()}" if layer < len(story.network.hidden) else "Back through the outputs"

    def act(share: float) -> Act:
        return _layer_act(story, layer, share)

    return Phase(f"backward {layer}", 5, title, text, 2.2, act, _delta(story, layer, 0))


def _layer_act(story: Story, layer: int, share: float) -> Act:
    """Signals run back through a layer's edges, whose colours become gradients, and δ appears where they arrive."""
    flow = Flow(layer, _signals(story, layer), min(1.0, share / _ARRIVED), backward=True)
    shown = max(0.0, (share - _ARRIVED) / (1.0 - _ARRIVED)) * story.network.sizes[layer]
    return _act(
        story,
        layer,
        shown,
        edges=len(story.network.shapes) - layer,
        flow=None if share >= 1.0 else flow,
    )


def _pass(story: Story) -> Phase:
    layers = len(story.network.shapes)
    text = said(
        f"Layer by layer back, for {_whose(story)}: δ·w flows to the layer before, and a weight's influence is its"
        f" input times δ. Largest: {largest(story)}.",
        story.lost,
    )

    def act(share: float) -> Act:
        nth = min(layers - 1, int(share * layers))
        return _layer_act(story, layers - 1 - nth, share * layers - nth)

    where = _delta(story, 0, 0)
    return Phase("backward pass", 5, "Back through the network", text, 1.6 * layers, act, where)


def _neuron(story: Story, layer: int, unit: int) -> Phase:
    name = sentence_case(story.neuron(layer, unit))
    delta = number(float(story.deltas[layer][unit]))
    gradients = story.gradients[layer][:, unit]
    text = said(
        f"{name}: δ = {delta} for {_whose(story)}; its inputs times δ are the influence of its weights:"
        f" {vector(gradients, 3, 4)}.",
        f"δ·w flows back to {story.layer(layer - 1).lower()}." if layer else "",
        story.lost,
    )
    last = unit == story.network.shapes[layer][1] - 1

    def act(share: float) -> Act:
        values = story.gradients[layer].copy()
        values[:, unit + 1 :] = 0.0
        back = Flow(layer, _signals(story, layer), min(1.0, share / _ARRIVED), unit, backward=True)
        shown = max(0.0, (share - _ARRIVED) / (1.0 - _ARRIVED)) * story.network.sizes[layer] if last else 0.0
        edges = (*story.gradients[:layer], values, *story.gradients[layer + 1 :])
        return _act(
            story,
            layer,
            shown,
            edges=len(story.network.shapes) - layer,
            flow=None if share >= 1.0 else back,
            edge_values=edges,
            lit=(layer + 1, unit),
        )

    return Phase(f"backward {layer}.{unit}", 5, f"{name} sends back", text, 1.6, act, _delta(story, layer, unit))


def _mean(story: Story) -> Phase:
    backward = story.batch.backward
    layer, source, unit = story.most(backward.gradient, 1)[0]
    value = float(backward.gradient[place_of(story.network, layer, source, unit)])
    frozen = 0 if story.moment.frozen is None else int(np.count_nonzero(story.moment.frozen))
    text = said(
        f"The mean over the batch's {story.rows} is the gradient: how the batch's loss changes with each weight."
        f" Largest: ∂L/∂{story.parameter(layer, source, unit)} = {number(value)}.",
        "The penalty's slope is added." if story.batch.loss.penalty else "",
        f"{frozen:,} frozen parameters are left out." if frozen else "",
        story.lost,
    )
    weights = tuple(each.weight for each in backward.layers)
    biases = tuple(each.bias for each in backward.layers)

    def act(share: float) -> Act:
        blend = min(1.0, share / 0.7)
        return _act(
            story,
            0,
            0.0,
            edges=len(weights),
            edge_values=_blended(story.gradients, weights, blend),
            node_values=(None, *_blended(story.deltas, biases, blend)),
        )

    where = Number("data_gradient", layer, unit, source=source)
    return Phase("backward mean", 5, "The mean over the batch", text, 1.8, act, where)


def _blended(first: tuple[Floats, ...], second: tuple[Floats, ...], share: float) -> tuple[Floats, ...]:
    if share >= 1.0:
        return second
    with np.errstate(all="ignore"):
        return tuple(one + (other - one) * share for one, other in zip(first, second, strict=True))


def _act(story: Story, column: int, shown: float, *, edges: int, **changes: object) -> Act:
    """Return an act in which δ has come back to a column, of which some units show theirs already."""
    sizes = story.network.sizes
    revealed = tuple(0.0 if place < column else shown if place == column else float(size)
                     for place, size in enumerate(sizes))  # fmt: skip
    values: dict[str, object] = {
        "revealed": revealed,
        "outcome": True,
        "edge_values": story.gradients,
        "edge_scale": story.gradient_scale,
        "edges_from": edges,
        "node_values": (None, *story.deltas),
        "node_scale": story.delta_scale,
    }
    return Act(**(values | changes))  # type: ignore[arg-type]


def _signals(story: Story, layer: int) -> Floats:
    """Return δ·w of every edge of a layer, (fan_in, fan_out): what flows back along it."""
    return story.remember(("back", layer), lambda: _products(story, layer))


def _products(story: Story, layer: int) -> Floats:
    with np.errstate(all="ignore"):
        return story.moment.layers[layer].weight * story.deltas[layer]


def _delta(story: Story, layer: int, unit: int) -> Number | None:
    return Number("delta", layer, unit, 0) if story.judged else None

"""Steps 1 to 3: the rows, the way forward through the network, and what comes out. No Qt."""

import functools
from collections.abc import Callable

import numpy as np

from simulator.data.steps import Number as NumberStep
from simulator.data.steps import OneHot
from simulator.explain import Number
from simulator.nn.links import LINKS
from ui.canvas.act import Act, Filling, Floats, Flow, Term
from ui.canvas.picture import pretty_name, value_text
from ui.motion.phase import Phase
from ui.motion.story import Story, counted, number, said, sentence_case, short, vector

MOST_NEURONS = 24
"""A layer with more neurons goes at once, however finely the passes are cut."""

_MOST_GAUGES = 4096
_MOST_TERMS = 20
_ARRIVED = 0.62


def rows_phases(story: Story) -> tuple[Phase, ...]:
    """Return step 1: which rows there are, and which are next."""
    data = story.dataset
    train, test, total = len(data.train_rows), len(data.test_rows), len(data.table)
    unused = total - train - test
    text = said(
        f"The network learns from {counted(train, 'row')} of {total:,}; {counted(test, 'row')}"
        f" {'is' if test == 1 else 'are'} kept to test it" + (f", {unused:,} cannot be used." if unused else "."),
        f"Next is {story.place}, {story.rows}.",
        story.apart,
    )
    return (Phase("rows", 1, "Training and test rows", text, 1.2, lambda _share: story.act(0)),)


def forward_phases(story: Story, grain: str) -> tuple[Phase, ...]:
    """Return step 2: the row's values go in, and layer by layer through the network."""
    if story.row is None:
        name = sentence_case(story.row_name)
        text = f"{name} lacks a value, so nothing goes forward; the batch's {story.rows} go. {story.origin}"
        return (Phase("forward inputs", 2, "The features go forward", text, 1.2, lambda _share: story.act(0)),)
    phases = [_inputs(story)]
    if grain == "pass":
        phases.append(_pass(story))
    else:
        for layer, (_, units) in enumerate(story.network.shapes):
            if grain == "neuron" and units <= MOST_NEURONS:
                phases += [_neuron(story, layer, unit) for unit in range(units)]
            else:
                phases.append(_layer(story, layer))
    return tuple(phases)


def output_phases(story: Story) -> tuple[Phase, ...]:
    """Return step 3: ŷ."""
    columns = len(story.network.sizes)
    if story.row is None:
        text = f"{sentence_case(story.row_name)} gets no answer: a value is missing in it."
        return (Phase("output", 3, "The output ŷ", text, 1.0, lambda _share: story.act(0)),)

    def act(share: float) -> Act:
        if share < 0.4:
            return story.act(columns, **story.with_sums)
        return story.act(columns, outcome=True)

    best = int(np.argmax(story.row.forward.outputs[0]))
    phase = Phase(
        "output", 3, "The output ŷ", said(answer(story), story.lost), 1.6, act, Number("output", unit=best, row=0)
    )
    return (phase,)


def answer(story: Story) -> str:
    """Return what the network says about the shown row, as a vector or a value."""
    if story.row is None:
        return ""
    outputs, link = story.row.forward.outputs[0], LINKS[story.network.link].formula
    logits = story.row.forward.logits[-1][0]
    if not story.dataset.class_names:
        name, unit = pretty_name(story.dataset.recipe.target)
        value = float(story.dataset.recipe.value(outputs)[0])
        standing = ", in standardised units; that is" if value != float(outputs[0]) else ":"
        made = "ŷ = z" if story.network.link == "linear" else link
        return f"{made} = {number(float(outputs[0]))}{standing} {name} {value_text(value, unit)}."
    if len(outputs) == 1:
        name, other = story.outputs[0], story.dataset.class_names[0]
        share = float(outputs[0])
        return (
            f"{link} makes a probability of z = {short(float(logits[0]))}: ŷ = P({name}) = {short(share)},"
            f" so P({other}) = {short(1.0 - share)}."
        )
    names = ", ".join(f"P({name})" for name in story.outputs[:6]) + (", …" if len(outputs) > 6 else "")
    name, whole = (
        ("Softmax", "probabilities that sum up to 1") if story.network.link == "softmax" else (link, "probabilities")
    )
    return f"{name} turns the sums z = {vector(logits)} into {whole}: ŷ = [{names}] = {vector(outputs)}."


# -- the inputs ---------------------------------------------------------------------------------------------------


def _inputs(story: Story) -> Phase:
    count = story.network.inputs
    text = said(_features(story), story.apart)

    def act(share: float) -> Act:
        return story.act(1, share * count)

    where = Number("input", unit=0, row=0)
    return Phase("forward inputs", 2, f"{sentence_case(story.row_name)} goes in", text, 1.4, act, where)


SCALED = {
    "standardise": "standardised, (value − mean)/standard deviation",
    "min_max": "scaled, (value − minimum)/range",
    "robust": "scaled, (value − median)/interquartile range",
    "log": "standardised after a logarithm, (ln(1 + |value|) − mean)/standard deviation",
}
"""How numbers are scaled, in words, by the way's name."""


def _features(story: Story) -> str:
    """Return what goes in, in real units and as the network sees it."""
    steps = story.dataset.recipe.columns
    ways = {step.scaling.way for step in steps if isinstance(step, NumberStep)}
    others = [step for step in steps if not isinstance(step, NumberStep)]
    real = ", ".join(f"{story.features[unit][0]} {story.real(unit)}" for unit in range(min(4, len(story.features))))
    more = f" and {len(story.features) - 4:,} more" if len(story.features) > 4 else ""
    inputs = "x = " + vector(story.activations[0], most=4)
    scaled = SCALED.get(next(iter(ways))) if len(ways) == 1 else "scaled" if ways > {"none"} else None
    if scaled is None:
        return f"{sentence_case(real)}{more}: {inputs}."
    if others:
        coded = all(isinstance(step, OneHot) for step in others)
        rest = "categories become 0 and 1" if coded else "the rest becomes numbers too"
        return f"{sentence_case(real)}{more}. Numbers are {scaled.split(',')[0]}, {rest}: {inputs}."
    return f"{sentence_case(real)}{more}. {sentence_case(scaled)}: {inputs}."


# -- the layers ---------------------------------------------------------------------------------------------------


def _pass(story: Story) -> Phase:
    layers = len(story.network.shapes)

    def act(share: float) -> Act:
        layer = min(layers - 1, int(share * layers))
        return _layer_act(story, layer, share * layers - layer)

    sums = " – ".join(f"{size:,}" for size in story.network.sizes)
    text = said(
        f"Layer by layer, {sums}: every neuron sums its inputs times their weights, adds its bias and applies its"
        f" function. {story.origin}",
        story.dropout,
        story.lost,
    )
    where = Number("z", layers - 1, 0, 0)
    return Phase("forward pass", 2, "Forward through the network", text, 1.6 * layers, act, where)


def _layer(story: Story, layer: int) -> Phase:
    fan_in, units = story.network.shapes[layer]
    who = "its neuron" if units == 1 else "every neuron"
    text = f"{story.layer(layer)}: {who} sums its {counted(fan_in, 'input')} times their weights"
    if layer < len(story.network.hidden):
        function = story.network.hidden[layer].activation
        shown = vector(story.activations[layer + 1], most=3)
        text += f", adds its bias and passes the sum through {function}: a = {shown}."
    elif story.row is not None:
        text += f" and adds its bias: z = {vector(story.row.forward.logits[layer][0], most=4)}."
    text = said(text, story.origin if layer == 0 else "", story.dropout if layer == 0 else "", story.lost)
    kind = "a" if layer < len(story.network.hidden) else "z"
    title = (
        f"Forward to {story.layer(layer).lower()}" if layer < len(story.network.hidden) else "Forward to the outputs"
    )
    where = Number(kind, layer, 0, 0)
    return Phase(f"forward {layer}", 2, title, text, 2.2, lambda share: _layer_act(story, layer, share), where)


def _layer_act(story: Story, layer: int, share: float) -> Act:
    """Signals run into a layer, the sums of its neurons fill, and their numbers appear."""
    values, units = _signals(story, layer), story.network.shapes[layer][1]
    last = layer == len(story.network.shapes) - 1
    arriving = min(1.0, share / _ARRIVED)
    filled = max(0.0, (share - 0.4) / 0.4)
    shown = units * max(0.0, min(1.0, (share - _ARRIVED) / (1.0 - _ARRIVED)))
    fillings = ()
    if filled > 0.0 and share < 1.0 and values.size <= _MOST_GAUGES:
        fillings = tuple(_filling(story, layer, unit)(min(1.0, filled)) for unit in range(units))
    return story.act(
        layer + 2,
        shown,
        flow=None if share >= 1.0 else Flow(layer, values, arriving),
        fillings=fillings,
        **(story.with_sums if last else {}),
    )


def _neuron(story: Story, layer: int, unit: int) -> Phase:
    assert story.row is not None
    z = float(story.row.forward.logits[layer][0, unit])
    fan_in = story.network.shapes[layer][0]
    name = sentence_case(story.neuron(layer, unit))
    text = f"{name}: z is the sum of {counted(fan_in, 'input')} times weight, and the bias: {number(z)}"
    hidden = layer < len(story.network.hidden)
    if hidden:
        function, a = story.network.hidden[layer].activation, float(story.activations[layer + 1][unit])
        text += f"; a = {function}({number(z)}) = {number(a)}."
    else:
        text += "."
    first = layer == 0 and unit == 0
    text = said(text, story.origin if first else "", story.dropout if first else "", story.lost)

    def act(share: float) -> Act:
        values = _signals(story, layer)
        filled = max(0.0, min(1.0, (share - 0.3) / 0.6))
        return story.act(
            layer + 2,
            unit + max(0.0, min(1.0, (share - 0.9) / 0.1)),
            flow=None if share >= 1.0 else Flow(layer, values, min(1.0, share / 0.5), unit),
            fillings=(_filling(story, layer, unit)(filled),) if filled else (),
            lit=(layer + 1, unit),
            **({} if hidden else story.with_sums),
        )

    where = Number("a" if hidden else "z", layer, unit, 0)
    return Phase(f"forward {layer}.{unit}", 2, f"{name} fills", text, 1.8 + 0.25 * min(fan_in, 8), act, where)


def _signals(story: Story, layer: int) -> Floats:
    """Return x·w of every edge of a layer for the shown row, (fan_in, fan_out)."""
    return story.remember(("signals", layer), lambda: _products(story, layer))


def _products(story: Story, layer: int) -> Floats:
    with np.errstate(all="ignore"):
        return story.activations[layer][:, None] * story.moment.layers[layer].weight


def _filling(story: Story, layer: int, unit: int) -> Callable[[float], Filling]:
    """Return a neuron's sum as it is when a share of it has been added."""
    return story.remember(("filling", layer, unit), lambda: _filled(story, layer, unit))


def _filled(story: Story, layer: int, unit: int) -> Callable[[float], Filling]:
    values, weights = _signals(story, layer)[:, unit], story.moment.layers[layer]
    hidden = layer < len(story.network.hidden)
    function = f"a = {story.network.hidden[layer].activation}(z)" if hidden else ""
    result = float(story.activations[layer + 1][unit]) if hidden else None
    order = list(range(len(values)))
    if len(values) > _MOST_TERMS:
        largest = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[: _MOST_TERMS - 1]
        order = sorted(largest.tolist())
    terms = [
        Term(
            story.neuron(layer - 1, place).partition(" of ")[0] if layer else story.features[place][0],
            f"{_factor(story.activations[layer][place])}·{_factor(weights.weight[place, unit])}",
            float(values[place]),
        )
        for place in order
    ]
    left = len(values) - len(order)
    if left:
        terms.append(Term(f"{left:,} smaller", "Σ x·w", float(np.delete(values, order).sum())))
    terms.append(Term("bias", "", float(weights.bias[unit])))
    return functools.partial(_filling_at, layer + 1, unit, tuple(terms), function, result)


def _filling_at(
    layer: int, unit: int, terms: tuple[Term, ...], function: str, result: float | None, share: float
) -> Filling:
    return Filling(layer, unit, terms, share, function, result if share >= 1.0 else None)


def _factor(value: float) -> str:
    text = short(float(value))
    return f"({text})" if value < 0 else text

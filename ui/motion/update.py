"""Steps 6 and 7: the weights are replaced, and all begins again. No Qt."""

import dataclasses
from typing import Any

import numpy as np

from simulator.explain import Number, place_of
from ui.canvas.act import WEIGHT, Act, Scale
from ui.motion.phase import Phase
from ui.motion.story import Story, counted, number, said


def update_phases(story: Story) -> tuple[Phase, ...]:
    """Return step 6: the change of every weight, and the new weights."""
    weights, biases = [each.weight for each in story.steps], [each.bias for each in story.steps]
    scale = story.scale("Δw", [*weights, *biases])
    layer, source, unit = story.most(story.batch.update.step, 1)[0]
    where = Number("step", layer, unit, source=source)
    shown = (None, *biases)
    changes = said(f"{making(story)}.", f"Largest change: {change(story, layer, source, unit)}.", story.lost)

    def step(share: float) -> Act:
        grown = tuple(each * min(1.0, share / 0.6) for each in weights)
        return Act(
            outcome=False,
            edge_values=grown if share < 0.6 else tuple(weights),
            edge_scale=scale,
            node_values=shown,
            node_scale=dataclasses.replace(scale, name="Δb"),
        )

    count = story.network.parameter_count
    replaced = f"Old value + Δ = new value, for all {count:,} weights and biases: {change(story, layer, source, unit)}."

    def new(share: float) -> Act:
        return story.act(1, outcome=False, edge_values=_faded(story, scale, share), edge_scale=WEIGHT)

    new_number = Number("new", layer, unit, source=source)
    return (
        Phase("update step", 6, "The changes", changes, 1.8, step, where),
        Phase("update new", 6, "The weights are replaced", said(replaced, story.lost), 1.8, new, new_number),
    )


def making(story: Story) -> str:
    """Return what makes steps of gradients: optimizer, rate and whatever else takes part."""
    update, config = story.batch.update, story.moment.config
    parts = [f"{type(story.optimizer).__name__}, learning rate {number(update.rate)}"]
    if update.factor != 1.0:
        parts[0] += f" ({number(update.factor)} of {number(story.optimizer.learning_rate)} by the schedule)"
    if config.l1 or config.l2:
        parts.append("with the penalty")
    if story.optimizer.weight_decay:
        parts.append(f"with weight decay {number(story.optimizer.weight_decay)}")
    if update.clip < 1.0:
        parts.append(f"the gradient clipped to {number(update.clip)} of its length")
    text = ", ".join(parts) + ", makes a step Δ of every gradient"
    frozen = 0 if story.moment.frozen is None else int(np.count_nonzero(story.moment.frozen))
    return text + (f", but for {counted(frozen, 'frozen parameter')}" if frozen else "")


def change(story: Story, layer: int, source: int | None, unit: int) -> str:
    """Return what becomes of a parameter: "w(flipper length → neuron 3): 0.812 → 0.803"."""
    place = place_of(story.network, layer, source, unit)
    old, new = float(story.moment.parameters[place]), float(story.batch.update.parameters[place])
    return f"{story.parameter(layer, source, unit)}: {number(old)} → {number(new)}"


def again_phases(story: Story, records: Any) -> tuple[Phase, ...]:
    """Return step 7: how far the run is, and what comes next."""
    text = said(progress(story), losses(records), story.lost)

    def act(_share: float) -> Act:
        return story.act(0, edge_values=tuple(each.weight for each in story.new), edge_scale=WEIGHT)

    return (Phase("again", 7, "Again, with the next batch", text, 1.2, act, Number("batch_loss")),)


def progress(story: Story) -> str:
    """Return how many batches make an epoch, and which one this was."""
    moment = story.moment
    if moment.batch + 1 < moment.batches:
        following = f"batch {moment.batch + 2:,} is next"
    else:
        following = f"epoch {moment.epoch + 1:,} is complete, and the rows are shuffled for the next"
    count = counted(moment.batches, "batch", "batches")
    return f"An epoch is {count}, every training row once; this was {story.place}, {following}."


def known(records: Any) -> Any:
    """Return the rows of `RECORD` from the first epoch that is known: a run that goes on from a model begins later."""
    return records[int(np.argmax(np.isfinite(records["train_loss"]))) :] if len(records) else records


def losses(records: Any) -> str:
    """Return the training loss from the first epoch to now."""
    records = None if records is None else known(records)
    if records is None or not len(records):
        return ""
    if len(records) == 1:
        return f"The training loss begins at {number(float(records['train_loss'][0]))}."
    first, last = records["train_loss"][0], records["train_loss"][-1]
    count = counted(len(records) - 1, "epoch")
    return f"In {count} the training loss went from {number(float(first))} to {number(float(last))}."


def _faded(story: Story, scale: Scale, share: float) -> tuple[Any, ...]:
    """Return what edges show on their way from Δ, as large as on its own scale, to the new weights."""
    new = tuple(each.weight for each in story.new)
    if share >= 1.0:
        return new
    size = WEIGHT.clamp / scale.clamp
    pairs = zip(story.steps, new, strict=True)
    with np.errstate(all="ignore"):
        return tuple((1.0 - share) * size * step.weight + share * weight for step, weight in pairs)

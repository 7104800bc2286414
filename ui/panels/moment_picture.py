"""A moment as the canvas draws it."""

from typing import Any

import numpy as np

from ui.canvas.picture import Picture, compose
from ui.selection import ChosenRow


def picture(
    snapshot: Any, dataset: Any, chosen: ChosenRow | None, readouts: tuple[tuple[str, str], ...] = ()
) -> Picture:
    """Return what the canvas draws of a moment: the network, and what it computes for the chosen row in float64."""
    from simulator.data import BUNDLED

    inputs = None if chosen is None else chosen.inputs
    value = None
    row = BUNDLED.get(dataset.name)
    with np.errstate(all="ignore"):
        if inputs is not None and not dataset.class_names:
            from simulator.engines.passes import forward

            value = float(
                dataset.recipe.value(forward(snapshot.network, snapshot.layers, inputs[None, :]).outputs[0])[0]
            )
        return compose(
            snapshot.network,
            snapshot.layers,
            inputs,
            feature_names=dataset.feature_names,
            real_values=() if chosen is None else chosen.real,
            class_names=dataset.class_names,
            target_name="" if dataset.class_names else dataset.recipe.target,
            value=value,
            truth=None if chosen is None else chosen.truth,
            actual=None if chosen is None else chosen.actual,
            title=row.title if row else dataset.name,
            readouts=readouts,
            input_shape=dataset.picture,
        )


def readouts(record: Any, *, classes: bool) -> tuple[tuple[str, str], ...]:
    """Return the cards of a picture that stands alone."""
    loss = record.train_loss if np.isnan(record.test_loss) else record.test_loss
    shown = [("Epoch", f"{record.epoch:,}"), ("Test loss" if loss is record.test_loss else "Loss", f"{loss:.4f}")]
    if classes and not np.isnan(record.test_accuracy):
        shown.append(("Test accuracy", f"{100 * record.test_accuracy:.1f} %"))
    return tuple(shown)

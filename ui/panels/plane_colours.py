"""What a network says at every place of a plane, as colours: those of the classes, or those of values."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from ui.canvas import colour
from ui.panels.points_picture import Inks

Singles = NDArray[np.float32]

_LEAST = 0.3
"""How strong the colour of a class is where all classes are equally probable, as a share of where one is sure."""


def scores_of(outputs: NDArray[np.floating]) -> Singles:
    """Return a score a class (…, classes): one output is the probability of the second of two classes."""
    found = np.asarray(outputs, np.float32)
    return np.concatenate([1.0 - found, found], axis=-1) if found.shape[-1] == 1 else found


def class_shades(scores: Singles, inks: Inks, strength: float, *, confident: bool) -> NDArray[np.uint32] | None:
    """Return colours mixed by probabilities, (rows, columns) as 0xffRRGGBB; None where a class has no colour.

    Parameters
    ----------
    scores
        (rows, columns, classes)
    strength
        How much of its colour the ground takes at most.
    confident
        Whether it takes less where the network is less sure; else it takes as much everywhere.
    """
    inked = _inked(inks)
    if scores.shape[2] != len(inked):
        return None  # a class was added, and its network is not there yet
    planes = np.ascontiguousarray(np.moveaxis(scores, 2, 0)).reshape(len(inked), -1)
    with np.errstate(all="ignore"):
        broken = ~np.isfinite(planes.sum(axis=0))
        shares = np.clip(np.nan_to_num(planes), 0.0, None)
        total = shares.sum(axis=0)
        shares /= np.maximum(1.0, total)
        alpha = np.full(len(total), strength, np.float32)
        if confident and len(inked) > 1:
            least = 1.0 / len(inked)
            sure = np.clip((shares.max(axis=0) - least) / (1.0 - least), 0.0, 1.0)
            alpha *= _LEAST + (1.0 - _LEAST) * sure
        alpha[broken] = 0.0
        ground = _ground(inks)
        # Where probabilities sum up to less than one, the rest is the ground's.
        mixed = inked.T @ shares + ground[:, None] * (1.0 - shares.sum(axis=0))
        shades = ground[:, None] + alpha * (mixed - ground[:, None])
    return _packed(shades).reshape(scores.shape[:2])


def value_shades(values: NDArray[np.floating], inks: Inks, strength: float) -> NDArray[np.uint32] | None:
    """Return the colours of values in real units, (rows, columns) as 0xffRRGGBB; None for classes."""
    if inks.classes:
        return None
    ground = _ground(inks)
    ramp = _packed(ground[:, None] + strength * (_inked(inks).T - ground[:, None]))
    shades = ramp[inks.places(np.asarray(values, np.float64))]
    shades[~np.isfinite(values)] = _packed(ground[:, None])[0]
    return shades


def image_of(shades: NDArray[np.uint32]) -> QImage:
    """Return colours (rows, columns) as an image of its own."""
    rows, columns = shades.shape
    packed = np.ascontiguousarray(shades, np.uint32)
    return QImage(packed.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def _inked(inks: Inks) -> Singles:
    return np.array([(each.red(), each.green(), each.blue()) for each in inks.colours()], np.float32)


def _ground(inks: Inks) -> Singles:
    return colour.rgb(inks.theme.canvas_bottom).astype(np.float32)


def _packed(shades: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Return (3, places) as 0xffRRGGBB."""
    red, green, blue = np.clip(shades + 0.5, 0, 255).astype(np.uint32)
    return (np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue).astype(np.uint32)

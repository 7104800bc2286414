"""Numbers to colours: symmetric about zero, clamped at a stated value, 256 steps. Plain NumPy, no Qt."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVELS = 256
READABLE = 4.5
_SERIES = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
_FAINTEST = 0.4

Bytes = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, eq=False)
class Ramp:
    """256 colours for the values −clamp … clamp.

    Attributes
    ----------
    rgb
        (256, 3); place 0 is −clamp or less, place 255 is clamp or more.
    dark_text
        (256,): whether text is written in the darker of the two colours, because the lighter one has less than 4.5:1.
    """

    rgb: Bytes
    dark_text: NDArray[np.bool_]


def rgb(colour: str) -> NDArray[np.float64]:
    """Return ``#rrggbb`` as three numbers 0 … 255."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)


def mix(first: ArrayLike, second: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """Return the colour that lies `share` of the way from `first` to `second`; a share may be (n, 1)."""
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return one + (two - one) * np.asarray(share, dtype=np.float64)


def luminance(colours: ArrayLike) -> NDArray[np.float64]:
    """Return the relative luminance of sRGB colours (…, 3), as WCAG 2.2 defines it."""
    parts = np.asarray(colours, dtype=np.float64) / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the contrast ratio 1 … 21 between sRGB colours (…, 3), as WCAG 2.2 defines it."""
    one, two = luminance(first), luminance(second)
    return (np.maximum(one, two) + 0.05) / (np.minimum(one, two) + 0.05)


def places(values: ArrayLike, clamp: ArrayLike) -> NDArray[np.intp]:
    """Return the place of each value in a ramp that ends at ± clamp, one for all or one each.

    Zero lies at 127 or 128, which have the same colour. What is not a number counts as zero: a diverged network is
    still drawn.
    """
    with np.errstate(all="ignore"):
        share = np.asarray(values, dtype=np.float64) / np.asarray(clamp, dtype=np.float64)
    share = np.clip(np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    return np.rint(127.5 + 127.5 * share).astype(np.intp)


def magnitudes() -> NDArray[np.float64]:
    """Return |value|/clamp for the 256 places of a ramp, exactly 0 for the two in the middle."""
    return np.clip((np.abs(np.arange(LEVELS) - 127.5) - 0.5) / 127.0, 0.0, 1.0)


def ramp(negative: str, zero: str, positive: str, dark: str, light: str) -> Ramp:
    """Return the colours of nodes: from `negative` over `zero` to `positive`.

    Parameters
    ----------
    negative, zero, positive
        ``#rrggbb`` at −clamp, 0 and clamp.
    dark, light
        The two colours that text on the ramp may have.
    """
    share = magnitudes()[:, None]
    ends = np.where((np.arange(LEVELS) < 128)[:, None], rgb(negative), rgb(positive))
    colours = np.rint(mix(rgb(zero), ends, share**0.9)).astype(np.uint8)
    on_light = contrast(colours, rgb(light))
    return Ramp(colours, (on_light < READABLE) & (contrast(colours, rgb(dark)) > on_light))


def edge_ramp(nodes: Ramp, background: ArrayLike, fade: float = 0.0) -> Bytes:
    """Return the colours of edges, (256, 3): those of nodes, the weak ones blended with what lies behind them.

    Translucent lines would show the same colours and cost several times as much.

    Parameters
    ----------
    nodes
        Where the colours come from.
    background
        (3,) the colour behind the edges.
    fade
        0 … 1: how far all edges step back, when something else is shown.
    """
    presence = _FAINTEST + (1.0 - _FAINTEST) * magnitudes() ** 0.6
    presence = presence * (1.0 - fade)
    return np.rint(mix(background, nodes.rgb, presence[:, None])).astype(np.uint8)


def steady_clamp(values: ArrayLike, before: float | None = None, *, least: float = 0.3, most: float = 1.1) -> float:
    """Return a round value (1, 1.5, 2, 3, 5 or 7 times a power of ten) to clamp at.

    It holds nearly all of the values (95 %), and stays what it was `before` while that is not far off, so that the
    colours do not flicker while numbers change.

    Parameters
    ----------
    values
        Any shape; what is not finite is left out.
    before
        The clamp of the frame before.
    least, most
        It stays while the 95 % lie between these shares of it.
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64)).ravel()
    sizes = sizes[np.isfinite(sizes)]
    peak = float(np.quantile(sizes, 0.95)) if sizes.size else 0.0
    if peak <= 0.0:
        return before if before is not None else 1.0
    if before is not None and least * before <= peak <= most * before:
        return before
    power = 10.0 ** np.floor(np.log10(peak))
    return float(next((step * power for step in _SERIES if step * power >= peak), 10.0 * power))

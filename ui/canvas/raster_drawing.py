"""One picture of the edges of a large network as pixels: what it is drawn from, and the function that draws it.

It takes frozen values and no Qt, so that it can be drawn in any thread; the compiled part does not hold the
interpreter's lock.
"""

import dataclasses
import functools
import hashlib
import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.act import Floats
from ui.canvas.bundles import Bundles, Lens, bundled
from ui.canvas.layout import Span

if TYPE_CHECKING:
    from simulator.engines.preparing import Preparation

_MODULE = "ui.canvas.raster"
_INTS, _FLOATS = "int64[::1]", "float32[::1]"
_SIGNATURE = (
    f"int64(Array(float32, 2, 'C', readonly=True), {_INTS}, {_INTS}, {_INTS}, {_INTS}, {_FLOATS}, {_FLOATS},"
    f" UniTuple(float64, 2), {_FLOATS}, {_FLOATS}, uint32[::1], {_FLOATS}, uint32[::1], int64, UniTuple(int64, 2),"
    " int64, float64, float64)"
)
_LOOK_SECONDS = 0.05
_BRIEF_EDGES, _BRIEF_LINES = 20_000, 1_500


@dataclasses.dataclass(frozen=True, eq=False)
class Lines:
    """How lines look: for every place of the colour ramp.

    Attributes
    ----------
    colours
        (256,) opaque ARGB.
    widths
        (256,) in pixels.
    weakest
        Edges with a smaller part of the end of their scale are hidden.
    dash
        Length of a dash with its gap on negative lines, in pixels; 0: none.
    """

    colours: NDArray[np.uint32]
    widths: NDArray[np.float32]
    weakest: float
    dash: float


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """The edges of one span: where they are, what they show, on a scale that ends at ±clamp, and how they look."""

    span: Span
    values: Floats
    clamp: float
    lines: Lines


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """All that a picture follows from; values count as the same while they are the same array."""

    lens: Lens
    parts: tuple[Part, ...]

    def same(self, other: "Drawing | None") -> bool:
        """Return whether another drawing gives the same picture."""
        return other is not None and self.lens == other.lens and self._like(other, values=True)

    def fits(self, other: "Drawing | None") -> bool:
        """Return whether it shows the same spans, through whatever lens and with whatever values."""
        return other is not None and self._like(other, values=False)

    def _like(self, other: "Drawing", *, values: bool) -> bool:
        if len(self.parts) != len(other.parts):
            return False
        pairs = zip(self.parts, other.parts, strict=True)
        return all(
            a.span is b.span
            and (not values or (a.values is b.values and a.lines is b.lines and a.clamp == b.clamp))
            for a, b in pairs
        )  # fmt: skip

    @property
    def brief(self) -> bool:
        """Whether it is drawn in a few milliseconds."""
        if sum(part.values.size for part in self.parts) > _BRIEF_EDGES:
            return False
        found = [self.bundles(part) for part in self.parts]
        return sum(math.prod(each.count) for each in found if each is not None) <= _BRIEF_LINES

    def bundles(self, part: Part) -> Bundles | None:
        """Return the bundles of a part, or None where it is not seen."""
        return bundled(part.span, self.lens)


def drawn(drawing: Drawing) -> NDArray[np.uint32]:
    """Return the picture, (height, width) premultiplied ARGB; wait for the compiled function where it is not there.

    Raises
    ------
    DeviceError
        When it cannot be compiled.
    """
    lens = drawing.lens
    out = np.zeros(lens.width * lens.height, np.uint32)
    trace = kernel()
    for part in drawing.parts:
        bundles = drawing.bundles(part)
        if bundles is None:
            continue
        lines = part.lines
        trace(
            shares(part), bundles.rows, bundles.columns, bundles.firsts, bundles.lasts, bundles.starts, bundles.ends,
            bundles.spreads, bundles.along, bundles.slopes, lines.colours, lines.widths, out,
            bundles.first * lens.steps[0], lens.steps, lens.reach, lines.weakest, lines.dash,
        )  # fmt: skip
    return out.reshape(lens.height, lens.width)


def shares(part: Part) -> NDArray[np.float32]:
    """Return the values over the end of their scale, as the compiled function wants them."""
    values = np.asarray(part.values)
    made = np.empty(values.shape, np.float32)
    with np.errstate(all="ignore"):
        np.divide(values, values.dtype.type(part.clamp), out=made, casting="same_kind")
    return made


# -- the compiled function -------------------------------------------------------------------------------------------

_lock = threading.Lock()


@functools.cache
def _preparation() -> "Preparation":
    from simulator.engines.kernel_files import Kernel
    from simulator.engines.preparing import Preparation

    source = hashlib.sha256(Path(__file__).with_name("raster.py").read_bytes()).hexdigest()[:8]
    return Preparation(f"canvas-{source}", "float32", {"trace": Kernel(_MODULE, "trace", _SIGNATURE)})


def request() -> None:
    """Begin to load the compiled function, or to compile it in a child process, once; return at once."""
    with _lock:
        _preparation()


def ready() -> bool:
    """Return whether `drawn` would begin at once; the first question requests the function."""
    request()
    found = _preparation()
    return found.done.is_set() and found.usable


def failed() -> bool:
    """Return whether there will be no compiled function."""
    found = _preparation()
    return found.done.is_set() and not found.usable


def kernel() -> Any:
    """Return the compiled function; wait for it if it must be prepared first.

    Raises
    ------
    DeviceError
        When it cannot be compiled.
    """
    request()
    found = _preparation()
    while not found.done.wait(_LOOK_SECONDS):
        pass
    return found.kernels["trace"]

"""A view that is drawn for a picture instead of the screen: it leaves its copies alone, and perhaps its ground out.

Views keep what they have drawn as pixels of the screen, since copying costs less than drawing. In a picture of another
sharpness, or of curves, those would be seen: a view asks `portrayed` before it copies, and `ground_wanted` before it
fills what is behind it. Only the thread that paints asks.
"""

import contextlib
import dataclasses
from collections.abc import Iterator


@dataclasses.dataclass(frozen=True)
class Portrait:
    """How a picture is drawn.

    Attributes
    ----------
    sharp
        Pixels for each logical one; 1 in a picture of curves.
    ground
        Whether what is behind the view belongs to it; without, the picture is transparent there.
    """

    sharp: float = 1.0
    ground: bool = True


_drawn: list[Portrait] = []


@contextlib.contextmanager
def portraying(portrait: Portrait) -> Iterator[None]:
    """Let whatever is painted meanwhile be a picture."""
    _drawn.append(portrait)
    try:
        yield
    finally:
        _drawn.pop()


def portrayed() -> Portrait | None:
    """Return how the picture that is being drawn is drawn, or None on the screen."""
    return _drawn[-1] if _drawn else None


def ground_wanted() -> bool:
    """Return whether a view is to fill what is behind it."""
    return not _drawn or _drawn[-1].ground

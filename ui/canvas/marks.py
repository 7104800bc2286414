"""What lies over the picture because somebody has chosen it, or points at it here or in another view."""

import dataclasses

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from ui.canvas import cards, overlay
from ui.canvas.camera import Neuron, Target
from ui.canvas.edges import Edge
from ui.canvas.layout import bernstein
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.canvas.scene import Scene

_HALF_WAY = 0.5


@dataclasses.dataclass
class Marks:
    """What is marked.

    Attributes
    ----------
    chosen
        What all views look at: it keeps its mark until something else is chosen.
    pointed
        What a pointer is on in another view.
    """

    chosen: Target | None = None
    pointed: Target | None = None

    def paint(self, painter: QPainter, scene: Scene, page: Page) -> None:
        """Draw both: an edge in full colour over all others, neurons with a ring."""
        for target, ink in ((self.chosen, "accent"), (self.pointed, "text")):
            if target is not None and _exists(target, scene):
                if isinstance(target, Edge):
                    scene.paint_edge(painter, page, target)
                paint_rings(painter, scene, page, target, ink)


def _exists(target: Target, scene: Scene) -> bool:
    """Return whether the shown network has this neuron or edge: another one may have come meanwhile."""
    sizes = () if scene.picture is None else scene.picture.sizes
    layer, *units = target
    return layer >= 0 and len(sizes) >= layer + len(units) and all(
        0 <= unit < size for unit, size in zip(units, sizes[layer:], strict=False)
    )  # fmt: skip


def paint_rings(painter: QPainter, scene: Scene, page: Page, target: Target, ink: str) -> None:
    """Draw a ring around a neuron, or around both ends of an edge, in a colour of the theme."""
    ends = [target] if isinstance(target, Neuron) else [
        Neuron(target.layer, target.source), Neuron(target.layer + 1, target.target)
    ]  # fmt: skip
    strip = QRectF(*page.network).adjusted(0, -8, 0, 8)
    for neuron in ends:
        place = scene.seen(page, *neuron)
        if place is not None and strip.contains(place):
            wide, high, disc = scene.size(page, neuron.layer)
            thin = isinstance(target, Edge)
            if disc:
                overlay.paint_ring(painter, place.x(), place.y(), wide, scene.theme, ink=ink, thin=thin)
            else:
                box = QRectF(place.x() - wide, place.y() - high, 2.0 * wide, 2.0 * high)
                overlay.paint_frame(painter, box, scene.theme, ink=ink, thin=thin)


def paint_spoken(
    painter: QPainter, scene: Scene, page: Page, picture: Picture, target: Target, pointer: QPointF | None
) -> None:
    """Draw what is told of a neuron or an edge: rings, and a card beside it.

    Parameters
    ----------
    painter, scene, page, picture
        Where and what.
    target, pointer
        What it is about, and where the pointer is on it; None when it was reached by keys.
    """
    strip = QRectF(*page.network).adjusted(0, -8, 0, 8)
    scale, room = page.scale, QRectF(*page.rect).adjusted(8, 8, -8, -8)
    if isinstance(target, Neuron):
        anchor, card = scene.seen(page, *target), cards.neuron_card(picture, *target)
        if anchor is None or not strip.contains(anchor):
            return
        clear = scene.size(page, target.layer)[0] + 14.0
    else:
        anchor, card = pointer or _middle(scene, page, target), cards.edge_card(picture, *target)
        clear = 16.0 if pointer is not None else 16.0 + _half_height(scene, page, target)
    paint_rings(painter, scene, page, target, "text" if pointer is not None else "link")
    sizes = overlay.measured(card, room, scale)
    below_buttons = room.adjusted(0, page.network.y - room.top() - 4.0, 0, 0)  # they would lie over it
    bounds = below_buttons if sizes.height <= below_buttons.height() else room
    box = overlay.beside((anchor.x(), anchor.y()), clear, sizes, bounds, above=isinstance(target, Edge))
    overlay.paint_card(painter, card, box, sizes, scene.theme, scale)


def _middle(scene: Scene, page: Page, edge: Edge) -> QPointF:
    """Return the middle of an edge as it is seen; of one that is folded away, where the neuron it comes to is."""
    one, two = scene.seen(page, edge.layer, edge.source), scene.seen(page, edge.layer + 1, edge.target)
    if one is not None and two is not None:
        span = page.layout.spans[edge.layer]
        x = float(bernstein(_HALF_WAY) @ span.x)
        ends = [column.place(unit) for column, unit in ((span.left, edge.source), (span.right, edge.target))]
        y = 0.5 * sum(float(column.y[place or 0]) for column, place in zip((span.left, span.right), ends, strict=True))
        return QPointF(*scene.camera.seen(*page.at(x, y)))
    whole = QRectF(*page.network)
    return two or one or whole.center()


def _half_height(scene: Scene, page: Page, edge: Edge) -> float:
    """Return how far the ends of an edge and their neurons reach above and below its middle."""
    one, two = scene.seen(page, edge.layer, edge.source), scene.seen(page, edge.layer + 1, edge.target)
    radius = max(scene.size(page, layer)[1] for layer in (edge.layer, edge.layer + 1))
    return radius + (0.5 * abs(one.y() - two.y()) if one is not None and two is not None else 0.0)

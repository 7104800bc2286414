"""The buttons of all layers: fewer, more, remove above each hidden layer, and one to add a layer in every gap."""

import itertools
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from ui.canvas.buttons import SIDE, CanvasButton
from ui.canvas.lettering import Hand
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.theme import Theme

_SPACE = 4
_LARGE_STEP = 8


class LayerButtons:
    """Keeps the buttons that a picture needs and puts them where its columns are.

    Parameters
    ----------
    canvas
        The widget they stand on.
    units_changed, layer_added, layer_removed
        Called with (layer, delta), with the layer that the new one is to become, and with the layer to remove; layer 1
        is the first hidden one.
    """

    def __init__(
        self,
        canvas: QWidget,
        units_changed: Callable[[int, int], None],
        layer_added: Callable[[int], None],
        layer_removed: Callable[[int], None],
    ) -> None:
        self._canvas = canvas
        self._units_changed = units_changed
        self._layer_added = layer_added
        self._layer_removed = layer_removed
        self._columns: list[tuple[CanvasButton, CanvasButton, CanvasButton]] = []
        self._gaps: list[CanvasButton] = []
        self.reason = ""
        self.shown = True

    @property
    def all(self) -> list[CanvasButton]:
        """Every button, in the order of the keyboard."""
        return [*(button for column in self._columns for button in column), *self._gaps]

    def follow(self, sizes: tuple[int, ...], theme: Theme) -> None:
        """Make the buttons that a network of these sizes needs."""
        while len(self._columns) > max(0, len(sizes) - 2):
            for button in self._columns.pop():
                button.deleteLater()
                button.hide()
        while len(self._gaps) > len(sizes) - 1:
            gap = self._gaps.pop()
            gap.hide()
            gap.deleteLater()
        while len(self._columns) < len(sizes) - 2:
            self._columns.append(self._column(len(self._columns) + 1, theme))
        while len(self._gaps) < len(sizes) - 1:
            self._gaps.append(self._gap(len(self._gaps) + 1, theme))
        for layer, (fewer, more, remove) in enumerate(self._columns, 1):
            fewer.refuse(self.reason or ("A layer needs at least one neuron." if sizes[layer] <= 1 else ""))
            more.refuse(self.reason)
            remove.refuse(self.reason)
        for gap in self._gaps:
            gap.refuse(self.reason)

    def recolour(self, theme: Theme) -> None:
        """Give every button another theme."""
        for button in self.all:
            button.theme = theme
            button.update()

    def place(self, page: Page, picture: Picture, xs: list[float]) -> None:
        """Move the buttons to their columns and gaps; those without room are hidden."""
        side = round(SIDE * min(1.6, max(1.0, page.scale)))
        gap = min((b - a for a, b in itertools.pairwise(xs)), default=0.0)
        left, right = page.rect.x, page.rect.x + page.rect.width
        if page.upright:
            self._place_beside(page, xs, side, gap)
            return
        for column, x in zip(self._columns, xs[1:-1], strict=True):
            fitting = 3 if gap >= 3 * side + 3 * _SPACE else 2 if gap >= 2 * side + 2 * _SPACE else 0
            wide = fitting * side + (fitting - 1) * _SPACE
            for place, button in enumerate(column):
                button.resize(side, side)
                button.move(round(x - 0.5 * wide) + place * (side + _SPACE), round(page.buttons_y - 0.5 * side))
                button.setVisible(self.shown and place < fitting and left <= x - 0.5 * wide and x + 0.5 * wide <= right)
        title, detail = page.hands.caption, page.hands.detail
        y = round(page.captions.y + 0.5 * (page.captions.height - side))
        widths = [_half(title, detail, picture, layer) for layer in range(len(xs))]
        for index, button in enumerate(self._gaps):
            start, end = xs[index] + widths[index], xs[index + 1] - widths[index + 1]
            middle = round(0.5 * (xs[index] + xs[index + 1]))
            roomy = min(middle - start, end - middle) >= 0.5 * side + 6
            button.resize(side, side)
            button.move(middle - side // 2, y)
            button.setVisible(self.shown and roomy and left <= middle - side and middle + side <= right)

    def _place_beside(self, page: Page, ys: list[float], side: int, gap: float) -> None:
        """Put the buttons below the captions that stand left of upright layers."""
        title, detail = page.hands.caption, page.hands.detail
        left, words = round(page.captions.x + page.margin), title.height + detail.height
        top, bottom = page.network.y, page.network.y + page.network.height
        roomy = gap >= words + side + 10.0
        for column, y in zip(self._columns, ys[1:-1], strict=True):
            at = round(y + detail.height + 8.0 * page.scale)
            for place, button in enumerate(column):
                button.resize(side, side)
                button.move(left + place * (side + _SPACE), at)
                button.setVisible(self.shown and roomy and top <= at and at + side <= bottom)
        for index, button in enumerate(self._gaps):
            after = ys[index] + (detail.height + 8.0 * page.scale + side if index > 0 else detail.height)
            before = ys[index + 1] - title.height
            at = round(0.5 * (after + before - side) + 2.0)
            button.resize(side, side)
            button.move(left, at)
            button.setVisible(self.shown and before - after >= side + 2.0 and top <= at and at + side <= bottom)

    def _column(self, layer: int, theme: Theme) -> tuple[CanvasButton, CanvasButton, CanvasButton]:
        made = []
        for glyph, name, hint, sign in (
            ("minus", "fewer neurons", "One neuron fewer (with Shift: eight). The network starts anew.", -1),
            ("plus", "more neurons", "One neuron more (with Shift: eight). The network starts anew.", 1),
            ("remove", "remove the layer", "Remove this layer. The network starts anew.", 0),
        ):
            button = CanvasButton(glyph, f"Hidden layer {layer}: {name}", hint, theme, self._canvas)
            button.setObjectName(f"canvas.layer{layer}.{glyph}")
            if sign:
                button.clicked.connect(lambda _=False, sign=sign: self._units_changed(layer, sign * _step()))
            else:
                button.clicked.connect(lambda _=False: self._layer_removed(layer))
            made.append(button)
        return made[0], made[1], made[2]

    def _gap(self, layer: int, theme: Theme) -> CanvasButton:
        hint = "Add a hidden layer here. The network starts anew."
        button = CanvasButton("add", f"Add a hidden layer at place {layer}", hint, theme, self._canvas)
        button.setObjectName(f"canvas.add{layer}")
        button.clicked.connect(lambda _=False: self._layer_added(layer))
        return button


def _step() -> int:
    shifted = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
    return _LARGE_STEP if shifted else 1


def _half(title: Hand, detail: Hand, picture: Picture, layer: int) -> float:
    caption = picture.captions[layer]
    return 0.5 * max(title.width(caption.title), detail.width(caption.detail))

"""Layers that show a part of their neurons at a time, and the forms that somebody chooses for layers."""

import dataclasses
import functools

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QContextMenuEvent
from PySide6.QtWidgets import QMenu

from ui.canvas import counts
from ui.canvas.camera import Neuron
from ui.canvas.forms import AUTOMATIC, COLUMN, FORMS, GRID, STRIP, Form
from ui.canvas.picture import Picture, grouped
from ui.canvas.sight import Sight

WORDS = {
    AUTOMATIC: ("&Automatic", "The form that suits the layer's size and the room"),
    COLUMN: ("&Column", "Neurons below one another; where they do not fit, a part of them that can be scrolled"),
    GRID: ("&Grid", "All neurons as cells, row after row; the pixels of a picture as in the picture"),
    STRIP: ("&Strip", "All neurons as thin cells below one another"),
}
_NOTCH = 120.0
_SHARE = 8
_BAND = 12.0


class Folding(Sight):
    """A sight in which layers have forms and can be scrolled.

    Signals
    -------
    forms_changed
        Another form was chosen, or a layer was scrolled.
    menu_opened
        A `QMenu` that is about to be shown: others add to it what they can do.
    """

    forms_changed = Signal()
    menu_opened = Signal(object)

    _turned = 0.0

    @property
    def forms(self) -> tuple[Form, ...]:
        """What was chosen, one a layer."""
        sizes = () if self.picture is None else self.picture.sizes
        known = self._scene.forms
        return known if len(known) == len(sizes) else tuple(Form() for _ in sizes)

    def set_form(self, layer: int, kind: str) -> None:
        """Choose the form of a layer: one of `ui.canvas.forms.FORMS`."""
        self._take(layer, Form(kind))

    def scroll_to(self, layer: int, first: int) -> None:
        """Let a scrolled column begin with another neuron."""
        page = self._page()
        if page is not None and layer < len(page.layout.columns):
            first = page.layout.columns[layer].scrolled(first)
            self._take(layer, dataclasses.replace(self.forms[layer], first=first))

    def scroll_by(self, layer: int, by: int) -> None:
        """Scroll a column by some neurons."""
        page = self._page()
        if page is not None and layer < len(page.layout.columns):
            self.scroll_to(layer, int(page.layout.columns[layer].shown[0]) + by)

    def reveal(self, layer: int, unit: int) -> None:
        """Scroll as little as is needed to show a neuron."""
        page = self._page()
        if page is None or not 0 <= layer < len(page.layout.columns):
            return
        column = page.layout.columns[layer]
        if not 0 <= unit < column.units or column.place(unit) is not None:
            return
        self.scroll_to(layer, unit if unit < column.above else unit - len(column.shown) + 1)

    def follow_forms(self, before: Picture | None, picture: Picture) -> None:
        """Keep what was chosen for a network of as many layers; of layers that have another size, only the form."""
        if before is None or len(before.sizes) != len(picture.sizes):
            self._scene.forms = ()
        elif self._scene.forms:
            self._scene.forms = tuple(
                form if one == other else Form(form.kind)
                for form, one, other in zip(self.forms, before.sizes, picture.sizes, strict=True)
            )

    def _take(self, layer: int, form: Form) -> None:
        forms = self.forms
        if 0 <= layer < len(forms) and forms[layer] != form:
            self._scene.forms = (*forms[:layer], form, *forms[layer + 1 :])
            self._moved()
            self.update()
            self.forms_changed.emit()

    # -- pointer ------------------------------------------------------------------------------------------------

    def folded_at(self, point: QPointF) -> int | None:
        """Return the layer whose scrolled column is at a point of the widget, or None."""
        page = self._page()
        if page is None or not page.network.y - 8.0 <= point.y() <= page.footer.y:
            return None
        x, _ = page.at(*self.camera.page(point.x(), point.y()))
        for layer, column in enumerate(page.layout.columns):
            if column.hidden and abs(x - column.x) <= column.half + _BAND / self.camera.zoom:
                return layer
        return None

    def plate_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the layer whose count is at a point, and whether it is that before (−1) or after (1)."""
        page, picture = self._page(), self.picture
        if page is None or picture is None:
            return None
        return counts.plate_at(page, picture, *self.camera.page(point.x(), point.y()))

    def turn_page(self, layer: int, side: int) -> None:
        """Scroll a column by nearly all that it shows."""
        page = self._page()
        if page is not None:
            self.scroll_by(layer, side * max(1, len(page.layout.columns[layer].shown) - 1))

    def turn_wheel(self, layer: int, delta: int) -> None:
        """Scroll by what a wheel was turned, in eighths of a degree; touch pads turn it a little at a time."""
        page = self._page()
        if page is None:
            return
        self._turned -= delta / _NOTCH * max(1, len(page.layout.columns[layer].shown) // _SHARE)
        by = int(self._turned)
        self._turned -= by
        self.scroll_by(layer, by)

    def drag_fold(self, layer: int, moved: QPointF) -> bool:
        """Scroll by what was dragged; return whether that was a neuron's room at least."""
        page = self._page()
        if page is None:
            return False
        along, _ = page.at(moved.y(), moved.x())
        by = int(along / (page.layout.columns[layer].pitch * self.camera.zoom))
        if by:
            self.scroll_by(layer, -by)
        return bool(by)

    # -- the menu -----------------------------------------------------------------------------------------------

    def layer_at(self, point: QPointF) -> int | None:
        """Return the layer near whose middle line a point of the widget is, or None."""
        page = self._page()
        if page is None:
            return None
        along = point.y() if page.upright else point.x()
        lines = self._scene.lines(page)
        layer = min(range(len(lines)), key=lambda place: abs(lines[place] - along))
        near = page.layout.columns[layer].half * self.camera.zoom + 4.0 * _BAND
        return layer if abs(lines[layer] - along) <= near else None

    def fill_forms(self, menu: QMenu, layer: int) -> None:
        """Put the forms that a layer can have into a menu."""
        group = QActionGroup(menu)
        for kind in FORMS:
            words, hint = WORDS[kind]
            action = QAction(words, menu)
            action.setObjectName(f"form.{layer}.{kind}")
            action.setToolTip(hint)
            action.setStatusTip(hint)
            action.setCheckable(True)
            action.setChecked(self.forms[layer].kind == kind)
            action.triggered.connect(functools.partial(self.set_form, layer, kind))
            group.addAction(action)
            menu.addAction(action)

    def forms_menu(self, layer: int | None) -> QMenu | None:
        """Return the menu of a layer's forms; without a layer, one with all layers; None without a network."""
        picture = self.picture
        if picture is None:
            return None
        menu = QMenu(self)
        menu.setObjectName("canvas.forms")
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place in range(len(picture.sizes)) if layer is None else (layer,):
            title = f"{picture.captions[place].title}: {grouped(picture.sizes[place])} neurons as"
            if layer is None:
                part = menu.addMenu(title)
                part.setToolTipsVisible(True)
                self.fill_forms(part, place)
            else:
                menu.addSection(title)
                self.fill_forms(menu, place)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        stands = self._stands()
        layer = (None if stands is None else stands.layer) if keys else self.layer_at(QPointF(event.pos()))
        menu = self.forms_menu(layer) or QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_opened.emit(menu)
        if menu.isEmpty():
            menu.deleteLater()
        else:
            menu.popup(self.mapToGlobal(self.rect().center()) if keys else event.globalPos())

    def _stands(self) -> Neuron | None:
        """Return the neuron where the keys are; for who has keys."""
        return None

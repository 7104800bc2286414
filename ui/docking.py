"""Where the panels are, in words that can come from any file: Qt believes what `QMainWindow.restoreState` is given.

A few wrong bytes in a saved state end the process, so a session file holds names, sides and sizes instead.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

_SIDES = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "top": Qt.DockWidgetArea.TopDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_SMALLEST, _LARGEST = 40, 4000


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an open panel is.

    Attributes
    ----------
    name
        Its id.
    side
        "left", "right", "top" or "bottom".
    beside
        The panel before it behind whose tab it lies; empty for the first of several, and for one alone.
    front
        Whether it is seen, and not only its tab.
    floating
        Whether it is a window of its own.
    width, height
        In pixels; those of one that is seen in the same place where it is not.
    """

    name: str
    side: str
    beside: str
    front: bool
    floating: bool
    width: int
    height: int

    def to_json(self) -> dict[str, Any]:
        """Return what a session file keeps."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Place | None":
        """Read what stands in a session file; None for what makes no sense."""
        if not isinstance(value, dict) or value.keys() != {field.name for field in dataclasses.fields(cls)}:
            return None
        texts = all(isinstance(value[name], str) for name in ("name", "side", "beside"))
        flags = all(isinstance(value[name], bool) for name in ("front", "floating"))
        sizes = all(type(value[name]) is int and 0 <= value[name] <= _LARGEST for name in ("width", "height"))
        return cls(**value) if texts and flags and sizes and value["side"] in _SIDES else None


def places(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> tuple[Place, ...]:
    """Return where the open panels are, from top to bottom and from left to right."""
    sides = {area: side for side, area in _SIDES.items()}
    names = {dock: name for name, dock in docks.items()}
    found: list[tuple[tuple[int, int], Place]] = []
    for name, dock in docks.items():
        side = sides.get(window.dockWidgetArea(dock))
        if dock.isHidden() or side is None:
            continue
        group = [other for other in docks.values() if other is dock or other in window.tabifiedDockWidgets(dock)]
        seen = next((each for each in group if not each.visibleRegion().isEmpty()), dock)
        beside = names[group[0]] if group[0] is not dock else ""
        place = Place(name, side, beside, seen is dock, dock.isFloating(), seen.width(), seen.height())
        found.append(((seen.y(), seen.x()), place))
    return tuple(place for _, place in sorted(found, key=lambda each: each[0]))


def put(window: QMainWindow, docks: Mapping[str, QDockWidget], wanted: tuple[Place, ...]) -> None:
    """Put the panels where they were, as far as there are such panels; those that are not named are closed."""
    chosen = {place.name: place for place in wanted if place.name in docks}
    for name, dock in docks.items():
        if name not in chosen:
            dock.hide()
    put_already: set[str] = set()
    for name, place in chosen.items():
        dock = docks[name]
        dock.setFloating(False)
        window.removeDockWidget(dock)
        window.addDockWidget(_SIDES[place.side], dock)
        if place.beside in put_already:
            window.tabifyDockWidget(docks[place.beside], dock)
        put_already.add(name)
        dock.setFloating(place.floating)
        dock.show()
    for place in chosen.values():
        if place.front:
            docks[place.name].raise_()
    size(window, docks, wanted)


def size(window: QMainWindow, docks: Mapping[str, QDockWidget], wanted: tuple[Place, ...]) -> None:
    """Give the panels the sizes that they had; once more when Qt has made room for them all."""
    for side in _SIDES:
        here = [place for place in wanted if place.side == side and place.front and not place.floating]
        here = [place for place in here if place.name in docks]
        both = [docks[place.name] for place in here]
        window.resizeDocks(both, [max(_SMALLEST, place.width) for place in here], Qt.Orientation.Horizontal)
        window.resizeDocks(both, [max(_SMALLEST, place.height) for place in here], Qt.Orientation.Vertical)

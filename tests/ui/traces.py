"""All that can be seen and asked of a window, so that two of them, or one at two times, can be compared."""

import enum
import re
import types
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QMetaMethod, QObject, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QScrollBar,
    QStackedWidget,
    QTabBar,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from simulator.snapshot import Snapshot
from simulator.spec import NetworkSpec, TrainingConfig
from ui.main_window import MainWindow
from ui.theme import Theme

NOISE = re.compile(
    r"(_at|pause|took|began|_not_before|quiet|resting|_paced_next|_paced_from|unpainted|_ticks|again|_turn)$"
    r"|^(_memory|_pages|_paths|_still|_styles|_layers|_jobs|_runner|_cache|_kept_for|grid|textWidth)$"
)
"""Attributes that say how late it was, how often something has happened, or what need not be worked out again."""
SHOWN = (
    (QLabel, lambda each: each.text()),
    (QAbstractButton, lambda each: (each.text(), each.isChecked())),
    (QLineEdit, lambda each: each.text()),
    (QComboBox, lambda each: (each.currentIndex(), each.count())),
    (QAbstractSlider, lambda each: (each.value(), each.minimum(), each.maximum())),
    (QStackedWidget, lambda each: each.currentIndex()),
    (QAbstractItemView, lambda each: _rows(each)),
)
"""What there is to be seen of a widget."""


def traces(window: MainWindow) -> dict[str, Any]:
    """Return all that can be seen and asked of a window, by where it was found."""
    found: dict[str, Any] = {"focus": _name(window.focusWidget())}
    counts: Counter[str] = Counter()
    aside: set[Any] = set()
    for widget in window.findChildren(QWidget):
        name, visible = _name(widget), widget.isVisible()
        if isinstance(widget, QTabBar | QScrollBar) or _is_qts(widget):
            continue
        if widget.parent() in aside or _is_aside(widget):
            aside.add(widget)
            continue
        counts[name] += 1
        shown = [look(widget) for kind, look in SHOWN if isinstance(widget, kind)]
        found[f"widget {name} {counts[name]}"] = (visible, widget.isEnabled(), shown)
    found |= docks_of(window)
    for action in window.findChildren(QAction):
        if action.objectName():
            found[f"action {action.objectName()}"] = (action.text(), action.isChecked(), action.isEnabled())
    store = window.preferences._store
    found |= {f"preference {key}": store.value(key) for key in store.allKeys()}
    seen: set[int] = set()
    found |= dict(_held("window", window, seen))
    for path, thing in list(vars(window).items()):
        if isinstance(thing, QObject):
            found |= dict(_listeners(path, thing))
    return found


def docks_of(window: MainWindow) -> dict[str, Any]:
    """Return where the docks are: whether in sight, in which area, how large, and beside which others."""
    found = {}
    for name, dock in window.docks.items():
        beside = sorted(each.objectName() for each in window.tabifiedDockWidgets(dock))
        size = dock.size().toTuple() if dock.isVisible() else None
        found[f"dock {name}"] = (dock.isHidden(), window.dockWidgetArea(dock), dock.isFloating(), size, beside)
    return found


def _is_qts(widget: QWidget) -> bool:
    """Whether Qt has made a widget for itself, as between docks, and makes it again whenever they are put anew."""
    return widget.objectName().startswith("qt_") or isinstance(widget.parent(), QTabBar)


def _is_aside(thing: Any) -> bool:
    """Whether a widget is kept for later in a part that is seen: who shows it says first what it shows."""
    if not isinstance(thing, QWidget) or isinstance(thing, QDockWidget) or not isValid(thing):
        return False
    return thing.isHidden() and thing.parentWidget() is not None and thing.parentWidget().isVisible()


def _name(widget: QWidget | None) -> str:
    return "" if widget is None else f"{type(widget).__name__} {widget.objectName()}"


def _rows(view: QAbstractItemView) -> tuple[Any, ...]:
    model, current = view.model(), view.currentIndex()
    if not isinstance(view, QTableView) or model is None:
        return None if model is None else model.rowCount(), current.row()
    columns = model.columnCount()
    widths = tuple(view.columnWidth(place) for place in range(min(40, columns)))
    return (model.rowCount(), columns), (current.row(), current.column()), widths


def _listeners(path: str, thing: QObject) -> Iterator[tuple[str, int]]:
    """Yield how many listen to each signal of an object."""
    about = thing.metaObject()
    for nth in range(about.methodOffset(), about.methodCount()):
        method = about.method(nth)
        if method.methodType() == QMetaMethod.MethodType.Signal:
            signature = bytes(method.methodSignature().data()).decode()
            yield f"listeners of {path}.{signature}", thing.receivers(f"2{signature}")


def _held(path: str, thing: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield what an object of the window holds, and what is held by what it holds."""
    if isinstance(thing, SignalInstance) or _is_aside(thing):
        return
    told = next((tell(thing) for kind, tell in TOLD if isinstance(thing, kind)), None)
    if told is not None:
        yield path, told
    elif isinstance(thing, tuple | list | set | frozenset | dict):
        pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
        parts = [(_key(key), value) for key, value in pairs if not _is_aside(value)]
        yield path, (type(thing).__name__, len(parts))
        for name, value in parts[:40]:
            yield from _held(f"{path}[{name}]", value, seen)
    elif type(thing).__module__.startswith("ui.") and hasattr(thing, "__dict__"):
        if id(thing) not in seen:
            seen.add(id(thing))
            for name, value in list(vars(thing).items()):
                if not NOISE.search(name):
                    yield from _held(f"{path}.{name}", value, seen)
    else:
        yield path, type(thing).__name__


def _key(key: Any) -> str:
    return repr(key) if isinstance(key, str | int | tuple) else ""


TOLD = (
    (float, repr),  # what is not a number is not even equal to itself
    ((str, int, enum.Enum, types.NoneType), repr),
    (np.ndarray, lambda each: (each.shape, None if each.dtype == object else zlib.crc32(np.ascontiguousarray(each)))),
    (Snapshot, lambda each: (each.epoch, each.batch, each.row, each.branch, zlib.crc32(each.parameters))),
    ((NetworkSpec, TrainingConfig), repr),
    ((types.FunctionType, types.MethodType), lambda each: each.__qualname__),
    (Theme, lambda each: each.name),
)
"""What is told of a thing that is not looked into."""

"""The timeline below the network: every epoch that was trained, branches, and the way back to the newest moment."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QToolButton, QWidget

from ui.bridge import Bridge
from ui.panels.thinning import Thinned
from ui.panels.track import Line, Track
from ui.theme import Theme, base_pixel_size

_SECONDS = 0.1
_POINTS = 500
_WIDE = 42.0
_MOST_CHIPS = 5


class Timeline(QWidget):
    """The strip.

    Parameters
    ----------
    bridge
        What is followed, and told where to go.
    actions
        ``first``, ``live``, ``fork`` and ``keep_moment``.
    theme
        Colours.
    """

    def __init__(self, bridge: Bridge, actions: Mapping[str, QAction], theme: Theme) -> None:
        super().__init__()
        self.setObjectName("timeline")
        self._bridge, self._actions = bridge, actions
        self.theme = theme
        self._losses: Thinned | None = None
        self._read, self._current = "test_loss", 0
        self._others: dict[int, Line] = {}
        self._drawn_at, self._stale = 0.0, True
        self.track = Track(theme)
        self.track.sought.connect(bridge.go_to)
        self.branch = QToolButton()
        self.branch.setObjectName("timeline.branch")
        self.branch.setAccessibleName("Branch")
        self.branch.setToolTip("The runs and their branches: choose the one to look at, or give it a name.")
        self.branch.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.branch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.menu = QMenu(self.branch)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.branch.setMenu(self.menu)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 2, 12, 2)
        line.setSpacing(6)
        self.buttons = {name: self._button(actions[name]) for name in ("first", "live", "fork", "keep_moment")}
        line.addWidget(self.buttons["first"])
        line.addWidget(self.track, 1)
        line.addWidget(self.buttons["live"])
        line.addWidget(self.buttons["fork"])
        line.addWidget(self.buttons["keep_moment"])
        self._chips = QHBoxLayout()
        self._chips.setSpacing(0)
        line.addLayout(self._chips)
        line.addWidget(self.branch)
        bridge.recorded.connect(self._record)
        bridge.branched.connect(self._branched)
        bridge.snapshot_changed.connect(self._follow)
        bridge.ticked.connect(self._tick)
        self._show_branch()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"timeline.{action.objectName().removeprefix('action.')}")
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAutoRaise(True)
        return button

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = self.track.theme = theme
        self.track.redraw()
        self._stale = True
        self._show_branch()

    # -- following ----------------------------------------------------------------------------------------------

    def _branched(self, event: Any) -> None:
        self._losses, self._current, self._others = None, event.current, {}
        for branch in event.branches:
            if branch.number != event.current and len(branch.records) > 1:
                series = _series(branch.records)
                self._others[branch.number] = series.look(branch.fork[0], len(series), _POINTS)
        self._stale = True
        self._show_branch()

    def _record(self, rows: Any) -> None:
        first = int(rows["epoch"][0])
        if self._losses is None or first < len(self._losses):
            self._losses, rows = Thinned(), self._bridge.records
            self._read = _named(rows)
        self._losses.append(np.ascontiguousarray(rows[self._read]))
        self._stale = True

    def _follow(self, snapshot: Any) -> None:
        self.track.show_moment(
            snapshot.epoch,
            snapshot.end[0],
            live=snapshot.live,
            playing=self._bridge.playing,
            first=snapshot.first[0],
        )

    def _tick(self, now: float) -> None:
        if not self._stale or now - self._drawn_at < _SECONDS or not self.isVisible():
            return
        self._stale, self._drawn_at = False, now
        lines: list[tuple[str, Line, bool]] = [
            (self.colour_of(number), line, False) for number, line in self._others.items()
        ]
        if self._losses is not None:
            line = self._losses.look(self.track.minimum(), len(self._losses), _POINTS)
            lines.append((self.colour_of(self._current), line, True))
        self.track.show_lines(lines)

    def colour_of(self, number: int) -> str:
        """Return the colour of a branch."""
        return self.theme.classes[number % len(self.theme.classes)]

    # -- branches -----------------------------------------------------------------------------------------------

    def _show_branch(self) -> None:
        branches = self._bridge.branches
        self.branch.setVisible(len(branches) > 1)
        known = branches.get(self._current)
        self._show_chips()
        if known is not None:
            self._name_branch(known.name)
            self.branch.setIcon(square(self.colour_of(known.number)))

    def _show_chips(self) -> None:
        """Give the other branches a button each, while there are few of them and there is room."""
        while (item := self._chips.takeAt(0)) is not None:
            chip = item.widget()
            if chip is not None:
                chip.deleteLater()
        others = [branch for branch in self._bridge.branches.values() if branch.number != self._current]
        if len(others) > _MOST_CHIPS or not self._wide:
            return
        for branch in others:
            chip = QToolButton()
            chip.setObjectName(f"timeline.branch.{branch.number}")
            chip.setAccessibleName(f"Switch to {branch.name}")
            chip.setToolTip(f"{branch.name}: epoch {branch.end[0]:,}\nSwitch to it")
            chip.setIcon(square(self.colour_of(branch.number)))
            chip.setAutoRaise(True)
            chip.clicked.connect(lambda _on=False, number=branch.number: self._bridge.switch(number))
            self._chips.addWidget(chip)

    @property
    def _wide(self) -> bool:
        return self.width() > _WIDE * base_pixel_size(self.font())

    def _name_branch(self, name: str) -> None:
        """Write a name as far as there is room beside the track; the menu has the whole of it."""
        style = Qt.ToolButtonStyle
        self.branch.setToolButtonStyle(style.ToolButtonTextBesideIcon if self._wide else style.ToolButtonIconOnly)
        metrics = self.branch.fontMetrics()
        self.branch.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, 10 * metrics.averageCharWidth()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._show_branch()

    def _fill_menu(self) -> None:
        self.menu.clear()
        branches = self._bridge.branches
        for branch in branches.values():
            text = f"{branch.name}:  epoch {branch.end[0]:,}"
            if branch.parent in branches:
                text += f", from epoch {branch.fork[0]:,} of {branches[branch.parent].name}"
            action = self.menu.addAction(square(self.colour_of(branch.number)), text)
            action.setCheckable(True)
            action.setChecked(branch.number == self._current)
            action.triggered.connect(lambda _on=False, number=branch.number: self._bridge.switch(number))
        self.menu.addSeparator()
        self.menu.addAction("Rename …").triggered.connect(lambda _on=False: self._rename())

    def _rename(self) -> None:
        known = self._bridge.branches.get(self._current)
        if known is None:
            return
        name, sure = QInputDialog.getText(self, "Rename", "What is this branch called?", text=known.name)
        if sure and name.strip():
            self._bridge.rename(known.number, name)


def _named(records: Any) -> str:
    """Return which loss is drawn: that of the test rows, where there are any."""
    return "train_loss" if np.isnan(records["test_loss"][-1:]).all() else "test_loss"


def _series(records: Any) -> Thinned:
    series = Thinned()
    series.append(np.ascontiguousarray(records[_named(records)]))
    return series


def square(colour: str) -> QIcon:
    """Return a small square in the colour of a branch."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(5, 5, 14, 14, 4, 4)
    painter.end()
    return QIcon(pixmap)

"""Which features are shown: all where they are few, else a page of those that matter most, and a search by name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from ui.theme import Theme, icon

MOST, PAGE = 16, 12
"""So many features stand in one list; of more, so many stand on a page."""


class Pages(QWidget):
    """A search and two arrows; it is hidden where there is only one page.

    Signals
    -------
    turned
        Other features are to be shown, or in another order.

    Attributes
    ----------
    shown
        The features of the page, in their order.
    """

    turned = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._order = np.zeros(0, np.int64)
        self._page = 0
        self.shown: tuple[int, ...] = ()
        self.search = QLineEdit()
        self.search.setObjectName("what_if.search")
        self.search.setAccessibleName("Search a feature")
        self.search.setPlaceholderText("Search a feature")
        self.search.setToolTip(
            "Shows the features whose name contains this. Without it the largest contribution is first."
        )
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._turn(0))
        self.where = QLabel()
        self.where.setObjectName("what_if.page")
        self.where.setProperty("role", "quiet")
        self.back, self.forth = QToolButton(), QToolButton()
        self._arrows = ((self.back, "previous", -1, "Previous features"), (self.forth, "next", 1, "Next features"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.search, 1)
        for button, name, by, said in self._arrows:
            button.setObjectName(f"what_if.{name}")
            button.setAccessibleName(said)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _on=False, by=by: self._turn(self._page + by))
        row.addWidget(self.back)
        row.addWidget(self.where)
        row.addWidget(self.forth)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for button, name, _, _ in self._arrows:
            button.setIcon(icon(name, theme))

    @property
    def paged(self) -> bool:
        """Whether there are too many features for one list."""
        return len(self._names) > MOST

    def take(self, names: Sequence[str]) -> None:
        """Have other features, by all that they are called."""
        self._names = tuple(name.casefold() for name in names)
        self._order = np.arange(len(names))
        before = self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(before)
        self.setVisible(self.paged)
        self._turn(0)

    def arrange(self, sizes: NDArray[np.float64]) -> None:
        """Put the features in order, the largest first, where they do not all stand in one list."""
        if self.paged:
            self._order = np.argsort(-np.nan_to_num(np.abs(sizes)), kind="stable")
            self._turn(self._page)

    def _turn(self, page: int) -> None:
        wanted = self.search.text().strip().casefold()
        found = [int(place) for place in self._order if wanted in self._names[int(place)]]
        length = PAGE if self.paged else MOST
        last = max(0, (len(found) - 1) // length)
        self._page = min(max(page, 0), last)
        start = self._page * length
        self.shown = tuple(found[start : start + length])
        text = f"{start + 1}–{start + len(self.shown)} of {len(found)}" if found else "none"
        self.where.setText(text)
        self.where.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for button, _, by, said in self._arrows:
            possible = self._page > 0 if by < 0 else self._page < last
            button.setEnabled(possible)
            button.setToolTip(said if possible else f"{said}: there are none")
        self.turned.emit()

"""The features of a data set as rows: as many widgets as fit, whatever the number of columns."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.canvas.picture import pretty_name
from ui.panels.what_if_draft import Value
from ui.panels.what_if_feature import Facts, FeatureRow, facts_of
from ui.panels.what_if_pages import Pages
from ui.panels.what_if_shares import Shares
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Seen


class FeatureList(QWidget):
    """Rows for the features of a page; features are counted as in `Seen.features`.

    Signals
    -------
    turned
        Other features are to be shown.
    changed
        (feature, value): dragged, typed or chosen.
    restored
        The feature whose own value is wanted back.
    refused
        Why what is typed cannot be used; empty when it can.
    pointed
        The first input of the feature that the pointer came to, or −1 when it went.
    """

    turned = Signal()
    changed = Signal(int, object)
    restored = Signal(int)
    refused = Signal(str)
    pointed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.rows: list[FeatureRow] = []
        self._dataset: Dataset | None = None
        self._seen: Seen | None = None
        self._facts: dict[int, Facts] = {}
        self._narrow = False
        self.pages = Pages(theme)
        self.pages.turned.connect(self._turn)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        self._column.addWidget(self.pages)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.pages.set_theme(theme)
        for row in self.rows:
            row.set_theme(theme)

    @property
    def shown(self) -> tuple[int, ...]:
        """The features that have a row now, in their order."""
        return self.pages.shown

    def take(self, dataset: "Dataset", seen: "Seen | None") -> None:
        """Show the features of another data set; none before it is known what training has seen."""
        self._dataset, self._seen, self._facts = dataset, seen, {}
        names = [] if seen is None else [feature.column for feature in seen.features]
        self.pages.take([f"{name} {pretty_name(name)[0]}" for name in names])

    def renew(self, dataset: "Dataset", seen: "Seen") -> None:
        """Show the same features of other data: what is looked for, and the page, stay."""
        self._dataset, self._seen, self._facts = dataset, seen, {}
        self._turn()

    def facts(self, place: int) -> Facts:
        """Return what does not change about a feature.

        Raises
        ------
        LookupError
            Before there is a data set.
        """
        if place not in self._facts:
            if self._dataset is None or self._seen is None:
                raise LookupError("there is no data set yet")
            self._facts[place] = facts_of(self._dataset, self._seen.features[place])
        return self._facts[place]

    def make_narrow(self, narrow: bool) -> None:
        """Give the names all the room where there is little: bars without figures."""
        self._narrow = narrow
        for row in self.rows:
            row.make_narrow(narrow)

    def show_value(self, place: int, value: Value, own: Value | None, *, warns: bool, waits: bool) -> None:
        """Show what a feature is now, if it has a row (see `FeatureRow.show_value`)."""
        if place in self.shown:
            self.rows[self.shown.index(place)].show_value(value, own, warns=warns, waits=waits)

    def show_shares(self, shares: Shares | None, kind: str) -> None:
        """Show what the features contribute; nothing where that is not known."""
        for row, place in zip(self.rows, self.shown, strict=False):
            if shares is None or row.facts is None:
                row.show_share("", 0.0, "")
            else:
                part = float(shares.of(kind)[place]) / shares.scale(kind)
                row.show_share(shares.text(place, kind), part, shares.explained(place, row.facts.column))

    def _turn(self) -> None:
        while len(self.rows) < len(self.shown):
            self._add_row()
        units = [self.fontMetrics().horizontalAdvance(self.facts(place).unit) for place in self.shown]
        for row, place in zip(self.rows, self.shown, strict=False):
            row.take(place, self.facts(place))
        for nth, row in enumerate(self.rows):
            row.setVisible(nth < len(self.shown))
            row.leave_room(max(units, default=0))
        self.turned.emit()

    def _add_row(self) -> None:
        row = FeatureRow(self.theme)
        row.make_narrow(self._narrow)
        row.changed.connect(lambda value: self.changed.emit(row.place, value))
        row.restored.connect(lambda: self.restored.emit(row.place))
        row.refused.connect(self.refused)
        row.entered.connect(lambda here: self.pointed.emit(self._inputs(row.place).start if here else -1))
        self._column.addWidget(row)
        # Made later than what stands below, it would come after that.
        before = self.rows[-1].box if self.rows else self.pages.forth
        for widget in (row.line, row.slider, row.box):
            QWidget.setTabOrder(before, widget)
            before = widget
        self.rows.append(row)

    def _inputs(self, place: int) -> slice:
        return slice(-1, -1) if self._seen is None else self._seen.features[place].places

    def light(self, unit: int) -> None:
        """Light the feature that an input belongs to; −1 for none."""
        for row, place in zip(self.rows, self.shown, strict=False):
            part = self._inputs(place)
            row.light(part.start <= unit < part.stop)

"""What if: the chosen row with values that somebody changes, and what each of them contributes to the answer."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from simulator.errors import SimulatorError
from ui.bridge import FRAME_SECONDS
from ui.panels.panel import Context, text_label
from ui.panels.what_if_draft import Draft, Value, draft_of, own_value, usual
from ui.panels.what_if_legend import Legend
from ui.panels.what_if_list import FeatureList
from ui.panels.what_if_note import Note, ResetButton
from ui.panels.what_if_shares import Shares
from ui.panels.what_if_weighing import Weighing, what_is_seen
from ui.selection import ChosenRow, Pointed
from ui.theme import Theme, base_pixel_size

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Seen

_WARNINGS = 8
_NARROW = 19.0
_STYLE = """
QLineEdit[plain="true"] { background: transparent; border: 1px solid transparent; border-bottom-color: @border;
    border-radius: 3px; padding: 0 3px; }
QLineEdit[plain="true"]:hover { border-color: @border; }
QLineEdit[plain="true"]:focus { border-color: @accent; background: @surface; }
QLineEdit[plain="true"][refused="true"] { border-color: @bad; color: @bad; }
"""


class WhatIf(QWidget):
    """Sliders and fields for the features of the chosen row, with bars for what they contribute."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__()
        self.context, self.theme = context, theme
        self._dataset: Dataset | None = None
        self._seen: Seen | None = None
        self._snapshot: Any = None
        self._chosen: ChosenRow | None = None
        self._predicted: int | None = None
        self._draft: Draft | None = None
        self._unusual: set[str] = set()
        self._last = -1
        self._refusal = ""
        self._narrow = False
        self._shares: Shares | None = None
        self._sorted_for: tuple[Any, ...] = ()
        self._flushed_at = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setTimerType(Qt.TimerType.PreciseTimer)
        self._later.timeout.connect(self._flush)
        self._weighing = Weighing(context.bridge, self)
        self._weighing.weighed.connect(self._show_shares)
        self._make()
        self.set_theme(theme)
        context.bridge.playing_changed.connect(lambda playing: playing or self._weigh())

    def _make(self) -> None:
        self.reset = ResetButton()
        self.reset.clicked.connect(self._reset)
        head = QHBoxLayout()
        heading = text_label("What if?", role="heading")
        heading.setWordWrap(False)
        head.addWidget(heading, 1)
        head.addWidget(self.reset)
        self._note = Note(self.theme)
        self.list = FeatureList(self.theme)
        self.list.turned.connect(self._show_all)
        self.list.changed.connect(self._change)
        self.list.restored.connect(self._restore)
        self.list.refused.connect(self._refuse)
        self.list.pointed.connect(self._point)
        self.context.selection.pointed_changed.connect(self._light)
        self._legend = Legend()
        self._legend.changed.connect(self._weigh)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(5)
        whole.addLayout(head)
        for widget in (self._note.label, self.list, self._legend):
            whole.addWidget(widget)

    @property
    def waiting(self) -> bool:
        """Whether contributions are still being worked out."""
        return self._weighing.waiting

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        sheet = _STYLE
        for field in ("border", "accent", "surface", "bad"):
            sheet = sheet.replace(f"@{field}", getattr(theme, field))
        self.setStyleSheet(sheet)
        for part in (self.reset, self._note):
            part.set_theme(theme)
        self.list.set_theme(theme)
        self._show_values()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW * base_pixel_size(self.font())
        if narrow is not self._narrow:
            self._narrow = narrow
            for part in (self._note, self.list, self._legend):
                part.make_narrow(narrow)

    # -- what is looked at --------------------------------------------------------------------------------------

    def show_moment(self, snapshot: Any, dataset: "Dataset", chosen: ChosenRow, predicted: int | None) -> None:
        """Show a row as the network of a snapshot sees it, and the class that it predicts."""
        self._snapshot, self._predicted = snapshot, predicted
        if dataset is not self._dataset:
            self._renew(dataset) if self._is_like(dataset) else self._take(dataset)
        if chosen is not self._chosen:
            self._follow(chosen)
        self._weigh()

    @property
    def draft(self) -> Draft | None:
        """The shown row as it was changed, or None."""
        return self._draft if self._chosen is not None and self._chosen.split == "changed" else None

    def _take(self, dataset: "Dataset") -> None:
        self._dataset, self._seen, self._draft, self._chosen, self._shares = dataset, None, None, None, None
        self._weighing.forget()
        self._later.stop()
        self._legend.take(dataset.class_names)
        self.list.take(dataset, None)
        what_is_seen(self.context.bridge, dataset, lambda seen: self._know(dataset, seen))

    def _is_like(self, dataset: "Dataset") -> bool:
        """Return whether other data has the same features and classes, so that all that was chosen here can stay."""
        before = self._dataset
        return (
            before is not None
            and self._seen is not None
            and before.feature_names == dataset.feature_names
            and before.class_names == dataset.class_names
            and before.recipe.used == dataset.recipe.used
        )

    def _renew(self, dataset: "Dataset") -> None:
        """Follow other data of the session; a row that was changed is read anew from what the network is given."""
        self._dataset, self._draft, self._chosen = dataset, None, None
        self._weighing.forget()
        what_is_seen(self.context.bridge, dataset, lambda seen: self._see_anew(dataset, seen))

    def _see_anew(self, dataset: "Dataset", seen: "Seen") -> None:
        if dataset is not self._dataset:
            return
        self._seen, chosen = seen, self._chosen
        if chosen is not None:
            self._draft = None
            self._follow(chosen)
        self.list.renew(dataset, seen)

    def _know(self, dataset: "Dataset", seen: "Seen") -> None:
        if dataset is not self._dataset:
            return
        self._seen, self._sorted_for = seen, ()
        self.list.take(dataset, seen)
        if self._chosen is not None:
            self._follow(self._chosen)
            self._weigh()

    def _follow(self, chosen: ChosenRow) -> None:
        """Look at another row, or at one that was changed, here or elsewhere."""
        self._chosen = chosen
        dataset, seen = self._dataset, self._seen
        if dataset is None or seen is None:
            return
        if chosen.split != "changed":
            self._later.stop()
            self._draft, self._last, self._refusal = None, -1, ""
        elif self._draft is None or chosen.inputs is None or not np.array_equal(self._draft.inputs, chosen.inputs):
            self._draft = draft_of(dataset, seen, chosen)
        self._unusual = set() if chosen.inputs is None else {each.column for each in seen.unusual(chosen.inputs)}
        self._show_values()

    # -- what is changed ----------------------------------------------------------------------------------------

    def _start(self) -> Draft | None:
        """Return the row as it is now, to be changed, or say why it cannot be."""
        dataset, seen, chosen = self._dataset, self._seen, self._chosen
        if self._draft is None and dataset is not None and seen is not None and chosen is not None:
            try:
                self._draft = draft_of(dataset, seen, chosen)
            except SimulatorError as error:
                self._refuse(error.message)
        return self._draft

    def _change(self, place: int, value: Value) -> None:
        draft = self._start()
        if draft is None:
            return
        try:
            changed = draft.changed(place, value)
        except SimulatorError as error:  # a text that is no date
            self._refuse(error.hint or error.message)
            self._show_value(place)
            return
        if not np.isfinite(changed.inputs).all():
            self._refuse("That is too large for the network.")
            self._show_value(place)
            return
        followed = {*draft.follows, *changed.follows}
        self._draft, self._last, self._refusal = changed, place, ""
        for each in (place, *followed):
            self._show_value(each)
        rest = FRAME_SECONDS - (time.perf_counter() - self._flushed_at)
        if rest <= 0.0:
            self._flush()
        elif not self._later.isActive():
            self._later.start(round(1000 * rest))

    def _restore(self, place: int) -> None:
        own = self._own(place)
        if own is not None and self._draft is not None:
            self._change(place, own)

    def _flush(self) -> None:
        """Send the changed row through the network: of several changes in a frame the last."""
        self._later.stop()
        draft = self._draft
        if draft is None:
            return
        self._flushed_at = time.perf_counter()
        if draft.is_changed:
            self.context.selection.change_inputs(draft.inputs)
        else:
            self.context.selection.choose_row(draft.row)

    def _reset(self) -> None:
        """Go back to the row of the table; or let the network see a row that it cannot see."""
        chosen = self._chosen
        if chosen is None:
            return
        self._later.stop()
        draft = self._start() if chosen.split == "unused" else None
        if draft is not None:
            self.context.selection.change_inputs(draft.inputs)
        else:
            self.context.selection.choose_row(chosen.row)

    def _refuse(self, text: str) -> None:
        self._refusal = text
        self._show_note()

    # -- what is shown ------------------------------------------------------------------------------------------

    def _own(self, place: int) -> Value | None:
        """Return what stands in the table."""
        if self._draft is not None:
            return self._draft.own(place)
        dataset, seen, chosen = self._dataset, self._seen, self._chosen
        if dataset is None or seen is None or chosen is None:
            return None
        return own_value(dataset, seen, chosen.row, place, chosen.inputs)

    def _now(self, place: int) -> Value:
        """Return what a feature is now; for a missing one what would stand for it."""
        own = self._own(place) if self._draft is None else self._draft.value(place)
        if own is None and self._seen is not None:
            return usual(self._seen.features[place])
        return "" if own is None else own

    def _show_all(self) -> None:
        self._show_values()
        self.list.show_shares(self._shares, self._legend.kind)

    def _show_values(self) -> None:
        if self._seen is not None and self._chosen is not None:
            for place in self.list.shown:
                self._show_value(place)
            self._show_note()
            self.reset.show_row(self._chosen)

    def _show_value(self, place: int) -> None:
        if self._seen is not None and place in self.list.shown:
            own, warns = self._own(place), self._seen.features[place].column in self._unusual
            waits = own is None and self._draft is None
            self.list.show_value(place, self._now(place), own, warns=warns, waits=waits)

    def _show_note(self) -> None:
        waits = self._chosen is not None and self._chosen.split == "unused"
        self._note.show_note(self._refusal, self._warnings(), waits=waits)

    def _warnings(self) -> list[str]:
        """Return a sentence for every value that training never saw, that of the last change first."""
        if self._seen is None or not self._unusual:
            return []
        places = [place for place, feature in enumerate(self._seen.features) if feature.column in self._unusual]
        places.sort(key=lambda place: (place != self._last, place not in self.list.shown))
        return [self.list.facts(place).warning(self._now(place)) for place in places[:_WARNINGS]]

    def _point(self, unit: int) -> None:
        self.context.selection.point_at(None if unit < 0 else Pointed(neuron=(0, unit)))

    def _light(self, pointed: Pointed | None) -> None:
        layer, unit = (-1, -1) if pointed is None or pointed.neuron is None else pointed.neuron
        self.list.light(unit if layer == 0 else -1)

    # -- what contributes ---------------------------------------------------------------------------------------

    def _weigh(self) -> None:
        chosen, seen, dataset = self._chosen, self._seen, self._dataset
        if chosen is None or seen is None or dataset is None or not self.isVisible():
            return
        output = self._legend.output if dataset.class_names else 0
        output = self._predicted if output is None else output
        if chosen.inputs is None or output is None:
            self._weighing.forget()
            self._shares = None
            self.list.show_shares(None, self._legend.kind)
            return
        self._weighing.ask(self._snapshot, dataset, seen, chosen.inputs, output)

    def _show_shares(self, snapshot: Any, shares: Shares) -> None:
        self._shares = shares
        # Rows that change places under somebody's hand, or while the network learns, are no help.
        steady = self.draft is not None or (self.context.bridge.playing and self._sorted_for)
        wanted = snapshot, self._chosen, self._legend.kind, self._legend.output
        if self.list.pages.paged and not steady and wanted != self._sorted_for:
            self._sorted_for = wanted
            self.list.pages.arrange(shares.of(self._legend.kind))
        else:
            self.list.show_shares(shares, self._legend.kind)

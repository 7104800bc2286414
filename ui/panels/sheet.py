"""The inspector's page as widgets: the way here, formulas, a curve and bars, which stay while numbers change."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ui.asking import Account
from ui.panels.curve import CurveView
from ui.panels.inspection import ROW, Bars, Line, Page, Segment, Subject, ancestry_of
from ui.panels.linked_text import LinkedText
from ui.panels.links import Linked
from ui.panels.panel import MARGIN
from ui.panels.shares import Shares
from ui.panels.tools import Tools
from ui.theme import Theme, base_pixel_size, icon

_WIDE = 42.0
_WIDEST, _WIDEST_SHARES = 88.0, 34.0


class Sheet(QWidget):
    """Shows a `Page`.

    Signals
    -------
    followed
        The target of a figure or of a row's name.
    returned
        int: a place of the trail.
    pointed
        The target that the pointer, or else the keyboard, is on; None when it leaves.

    Attributes
    ----------
    tools
        The buttons above the formulas.
    """

    followed = Signal(object)
    returned = Signal(int)
    pointed = Signal(object)

    def __init__(self, theme: Theme, tip: Callable[[Any], str]) -> None:
        super().__init__()
        self._tip, self._trail_tips = tip, ()
        self.theme = theme
        self.back = QToolButton()
        self.back.setObjectName("inspector.back")
        self.back.setAccessibleName("Back")
        self.back.setToolTip("Back to the number before (Backspace, Alt+Left)")
        self.back.setAutoRaise(True)
        self.back.clicked.connect(lambda: self.returned.emit(len(self._crumbs) - 2))
        self._crumbs: tuple[Subject, ...] = ()
        self.trail = LinkedText(theme, lambda place: tip(self._crumbs[place]), field="quiet")
        self.trail.setObjectName("inspector.trail")
        self.trail.followed.connect(self.returned.emit)
        self.trail.pointed.connect(lambda nth: self.pointed.emit(None if nth is None else self._crumbs[nth]))
        self.tools = Tools()
        self.meaning = self._text("meaning", field="quiet")
        self.proof = self._text("proof", field="quiet")
        self.advice = self._text("advice")
        self.curve = CurveView(theme)
        self.shares_title = self._text("shares_title", field="quiet")
        self.shares = Shares(theme, tip)
        self.shares.setObjectName("inspector.shares")
        self.shares.followed.connect(self.followed)
        self.shares.pointed.connect(self.pointed)
        self.shares.reached.connect(lambda place: self._reveal(self.shares, place))
        self.formulas: list[_Formula] = []
        self._lay_out()
        self.set_theme(theme)

    def _text(self, name: str, size: float = 1.0, *, field: str = "text") -> LinkedText:
        made = LinkedText(self.theme, self._tip, size, field=field)
        made.setObjectName(f"inspector.{name}")
        return made

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN - 6, 4, MARGIN, 0)
        top.setSpacing(4)
        top.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.trail, 1, Qt.AlignmentFlag.AlignVCenter)
        self._content = content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN - 3, 4, MARGIN, MARGIN)
        column.setSpacing(2)
        for widget in (self.meaning, self.tools, self.proof, self.advice):
            column.addWidget(widget)
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.body.setContentsMargins(0, 6, 0, 0)
        self.body.setSpacing(18)
        self._left, right = QVBoxLayout(), QVBoxLayout()
        self._left.setSpacing(8)
        right.setSpacing(4)
        for widget in (self.curve, self.shares_title, self.shares):
            right.addWidget(widget)
        for part in (self._left, right):
            part.addStretch(1)
        self.body.addLayout(self._left, 5)
        self.body.addLayout(right, 4)
        column.addLayout(self.body)
        column.addStretch(1)
        self.area = _Area()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(top)
        whole.addWidget(self.area, 1)

    # -- showing ------------------------------------------------------------------------------------------------

    def show_page(self, page: Page, trail: Sequence[tuple[Subject, str]], *, fresh: bool, steady: bool) -> None:
        """Show a page and the way to it; for `fresh` and `steady` see `LinkedText.show_segments`."""
        if fresh:
            self.pointed.emit(None)
        self._crumbs = tuple(subject for subject, _ in trail)
        self.back.setEnabled(len(trail) > 1)
        self.trail.show_segments(_crumb_segments([text for _, text in trail[:-1]], page.title), fresh=fresh)
        figure = Segment(f"{page.figure}   " if page.figure else "", strong=True)
        for widget, segments in (
            (self.meaning, (figure, Segment(page.meaning))),
            (self.advice, (Segment(page.advice),)),
        ):
            widget.setVisible(any(segment.text for segment in segments))
            widget.show_segments(segments, fresh=fresh, steady=steady)
        while len(self.formulas) < len(page.lines):
            self._add_formula()
        for nth, formula in enumerate(self.formulas):
            formula.setVisible(nth < len(page.lines))
            if nth < len(page.lines):
                formula.show_line(page.lines[nth], fresh=fresh, steady=steady)
        self.curve.show_curve(page.curve)
        self._show_bars(page.bars, fresh=fresh, steady=steady)
        if fresh:
            self.area.verticalScrollBar().setValue(0)

    def show_proof(self, segments: Sequence[Segment]) -> None:
        """Show what a check found, or nothing."""
        self.proof.setVisible(bool(segments))
        self.proof.show_segments(segments)

    def _show_bars(self, bars: Bars | None, *, fresh: bool, steady: bool) -> None:
        self.shares.setVisible(bars is not None)
        self.shares_title.setVisible(bars is not None)
        if bars is not None:
            title = ", ".join(text for text in (bars.title, bars.total) if text)
            self.shares_title.show_segments((Segment(title),), fresh=fresh, steady=steady)
            self.shares.show_bars(bars, fresh=fresh, steady=steady)

    def _add_formula(self) -> None:
        made = _Formula(self.theme, self._tip)
        made.text.setObjectName(f"inspector.formula{len(self.formulas)}")
        made.text.followed.connect(self.followed)
        made.text.pointed.connect(self.pointed)
        made.text.reached.connect(lambda place: self._reveal(made.text, place))
        self._left.insertWidget(len(self.formulas), made)
        self.formulas.append(made)
        # The keyboard walks in the order in which one reads, not in that in which the widgets were made; Qt puts only
        # those in order that take the keyboard, and these do as soon as they have links.
        chain = [self.back, self.trail, *self.tools.buttons, *(each.text for each in self.formulas), self.shares]
        policies = [widget.focusPolicy() for widget in chain]
        for widget in chain:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)
        for widget, policy in zip(chain, policies, strict=True):
            widget.setFocusPolicy(policy)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.back.setIcon(icon("previous", theme))
        self.tools.set_theme(theme)
        for widget in (self.trail, self.meaning, self.proof, self.advice, self.curve, self.shares_title, self.shares,
                       *self.formulas):  # fmt: skip
            widget.set_theme(theme)

    # -- keyboard -----------------------------------------------------------------------------------------------

    @property
    def _linked(self) -> list[Linked]:
        return [*(formula.text for formula in self.formulas if not formula.isHidden()), self.shares]

    @property
    def has_keyboard(self) -> bool:
        """Whether the keyboard is on something here."""
        return any(widget.hasFocus() for widget in (*self._linked, self.trail, self.back, *self.tools.buttons))

    def take_keyboard(self) -> None:
        """Put the keyboard on the first figure."""
        first = next((widget for widget in self._linked if widget.links and not widget.isHidden()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            first.enter(0)
        else:
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reveal(self, widget: QWidget, place: QRectF) -> None:
        centre = widget.mapTo(self._content, place.center().toPoint())
        self.area.ensureVisible(centre.x(), centre.y(), 40, 30)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        base = base_pixel_size(self.font())
        wide = event.size().width() > _WIDE * base
        self.body.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._content.setMaximumWidth(round(_WIDEST * base))
        self.shares.setMaximumWidth(round(_WIDEST_SHARES * base))


class _Area(QScrollArea):
    """A scroll area that leaves Alt+Left to the panel; Qt's own scrolls with it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Formula(QWidget):
    """A formula: what it is for and how it reads in symbols, and below it the same with figures."""

    def __init__(self, theme: Theme, tip: Callable[[Any], str]) -> None:
        super().__init__()
        self.head = LinkedText(theme, tip, 0.92, field="quiet")
        self.text = LinkedText(theme, tip, 1.08)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.text)

    def show_line(self, line: Line, *, fresh: bool, steady: bool) -> None:
        head = "   ".join(text for text in (line.caption, line.rule) if text)
        self.head.setVisible(bool(head))
        self.head.show_segments((Segment(head),), fresh=fresh)
        self.text.show_segments(line.segments, fresh=fresh, steady=steady)

    def set_theme(self, theme: Theme) -> None:
        self.head.set_theme(theme)
        self.text.set_theme(theme)


def crumbs(account: Account, trail: Sequence[Subject]) -> list[tuple[Subject, str]]:
    """Return the way to a number: what it begins with by its name, the others by their symbols."""
    found = []
    for nth, subject in enumerate(trail):
        if account.row is None and subject.rows == ROW:
            text = "the shown row"
        elif nth:
            text = ancestry_of(account, subject).symbol(subject.number)
        else:
            text = ancestry_of(account, subject).label(subject.number)
        found.append((subject, text))
    return found


def _crumb_segments(texts: Sequence[str], title: str) -> list[Segment]:
    segments: list[Segment] = []
    for nth, text in enumerate(texts):
        segments += [Segment(text, nth), Segment("  ›  ")]
    return [*segments, Segment(title, strong=True)]

"""Ask any number: the arithmetic of what is selected, with live figures that lead back to the file."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from simulator.errors import ConfigError
from ui.panels.panel import Context, Panel
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account
    from ui.panels.inspection import Page, Subject

_MOST_CRUMBS = 24


class InspectorPanel(Panel):
    """Follows the selection, walks from number to number, and leads back.

    Attributes
    ----------
    trail
        From what is selected to the number that is shown.
    page
        What is shown; None before the first moment came.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.trail: list[Subject] = []
        self.page: Page | None = None
        self._account: Account | None = None
        self._fresh, self._wants_keyboard = True, False
        self._view: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(220, 120)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        selection = context.selection
        context.bridge.opened.connect(self._opened)
        context.asking.answered.connect(self._answered)
        context.asking.failed.connect(self._failed)
        selection.neuron_changed.connect(lambda _neuron: self._start())
        selection.edge_changed.connect(lambda _edge: self._start())
        selection.number_changed.connect(lambda _number: self._start())

    # -- following ----------------------------------------------------------------------------------------------

    def _opened(self, _event: Any) -> None:
        self._account, self._fresh = None, True
        self.trail.clear()

    def _answered(self, account: "Account") -> None:
        self._account = account
        self._show()

    def _failed(self, failure: Any) -> None:
        from ui.panels.inspection import Page

        if self.isVisible():
            self._put(Page(failure.message, advice=failure.hint))

    # -- walking ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Begin at what is selected."""
        self.trail.clear()
        self._fresh = True
        self._show()

    def walk(self, subject: "Subject") -> None:
        """Go to a number; one that was passed on the way is gone back to."""
        if subject in self.trail:
            self.go_back_to(self.trail.index(subject))
            return
        self.trail.append(subject)
        del self.trail[1 : max(1, len(self.trail) - _MOST_CRUMBS)]
        self._turn()

    def go_back_to(self, place: int) -> None:
        """Go back to a place of the trail, from 0; the first is what is selected."""
        if 0 <= place < len(self.trail) - 1:
            del self.trail[place + 1 :]
            self._turn()

    def _turn(self) -> None:
        self._fresh = True
        self._wants_keyboard = self._view is not None and self._view.has_keyboard
        self._show()

    def _follow(self, target: Any) -> None:
        if isinstance(target, int):
            self.context.selection.choose_row(target)
        else:
            self.walk(target)

    def _tip(self, target: Any) -> str:
        from ui.panels.pages import name_of

        if isinstance(target, int):
            return f"Show row {target + 1} in the network"
        try:
            return "" if self._account is None else name_of(self._account, target)
        except ConfigError:
            return ""  # the batch of this figure is over

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Write the page of the trail's end; what does not exist any more is walked back from."""
        account, selection = self._account, self.context.selection
        if account is None or not self.isVisible():
            return
        from ui.panels.inspection import subject_of
        from ui.panels.pages import page_of

        begin = subject_of(account.moment, selection.neuron, selection.edge, selection.number)
        if not self.trail or self.trail[0] != begin:
            self.trail, self._fresh = [begin], True
        chosen = any(each is not None for each in (selection.neuron, selection.edge, selection.number))
        while True:
            try:
                page = page_of(account, self.trail[-1], started=chosen or len(self.trail) > 1)
                break
            except ConfigError:
                if len(self.trail) == 1:
                    raise
                self.trail.pop()
                self._fresh = True
        self._put(page)

    def _put(self, page: "Page") -> None:
        from ui.panels.sheet import Sheet, crumbs

        if self._view is None:
            self._view = Sheet(self.theme, self._tip)
            self._whole.addWidget(self._view)
            self._view.followed.connect(self._follow)
            self._view.returned.connect(self.go_back_to)
        self.page = page
        trail = () if self._account is None else crumbs(self._account, self.trail)
        self._view.show_page(page, trail, fresh=self._fresh, steady=self.context.bridge.playing)
        self._fresh = False
        if self._wants_keyboard:
            self._wants_keyboard = False
            self._view.take_keyboard()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self._view is not None:
            self._view.set_theme(theme)

    # -- Qt's events --------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        if event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._wants_keyboard = self._account is None
            if self._view is not None and not self._wants_keyboard:
                self._view.take_keyboard()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Backspace or (alt and event.key() == Qt.Key.Key_Left):
            self.go_back_to(len(self.trail) - 2)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._fresh = True
        self.context.asking.want(self)
        if self.context.asking.account is not None:
            self._answered(self.context.asking.account)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.asking.want(self, wanted=False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(640, 280)

"""Ask any number: the arithmetic of what is selected, with live figures that lead back to the file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from simulator.errors import ConfigError
from ui.panels.panel import Context, ExplainingPanel
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account
    from ui.panels.exports import Export
    from ui.panels.inspection import Page, Segment, Subject

_MOST_CRUMBS = 24


class InspectorPanel(ExplainingPanel):
    """Follows the selection, walks from number to number, and leads back.

    Signals
    -------
    check_all_wanted, comparison_wanted
        Somebody asked for the proof of all gradients, or for the comparison with PyTorch.

    Attributes
    ----------
    trail
        From what is selected to the number that is shown.
    page
        What is shown; None before the first moment came.
    """

    check_all_wanted = Signal()
    comparison_wanted = Signal()

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.trail: list[Subject] = []
        self.page: Page | None = None
        self._account: Account | None = None
        self._fresh, self._wants_keyboard = True, False
        self._tells_of_last, self._known, self._blurred = True, False, False
        self._lit: Subject | int | None = None
        self._proved: tuple[Any, ...] = ()
        self._view: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(220, 120)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        selection = context.selection
        context.bridge.opened.connect(self._opened)
        context.bridge.configured.connect(lambda _event: self._sharpen())
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
        if not self.context.bridge.playing:
            self._sharpen()
        elif account.last is None:
            # What is known of the last update now and then only would come and go: it waits until training rests.
            self._blurred = self._blurred or self._known
        else:
            self._known = True
        self._show()
        self._point(self._lit)

    def _sharpen(self) -> None:
        """Tell of the last update again as soon as it is known."""
        self._known = self._blurred = False

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

    def _point(self, target: "Subject | int | None") -> None:
        """Let the other views light the neuron, the edge or the row that a figure belongs to."""
        self._lit = target
        if self._account is None or not self.isVisible():
            return
        from ui.panels.inspection import pointed_at
        from ui.selection import Pointed

        try:
            pointed = None if target is None else pointed_at(self._account, target)
        except ConfigError:
            pointed = None  # the batch of this figure is over
        self.context.selection.point_at(None if pointed == Pointed() else pointed)

    def _turn_to(self, rows: str) -> None:
        """Tell of the last update or of the next one, from now on."""
        from ui.panels.inspection import LAST

        self._tells_of_last = rows == LAST
        self._fresh = True
        self._show()

    # -- proofs -------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check the gradient of the weight or bias that is shown, beside the window."""
        if self._account is None or self.page is None or self.page.place is None or not self.trail:
            return
        from ui.panels.proofs import checked, explanation_of

        about = self.trail[-1], self.page.turn
        explanation = explanation_of(self._account, *about)
        self.context.bridge.run_job(
            checked,
            explanation,
            self.page.place,
            on_done=lambda said: self._show_proof(about, said),
            on_failed=self._failed,
        )

    def _show_proof(self, about: "tuple[Subject, str]", said: "tuple[Segment, ...]") -> None:
        self._proved = (about, said)
        self._show()

    def _tip(self, target: Any) -> str:
        from ui.panels.pages import tip_of

        return tip_of(self._account, target)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Write the page of the trail's end; what does not exist any more is walked back from."""
        account, selection = self._account, self.context.selection
        if account is None or not self.isVisible():
            return
        from ui.panels.inspection import Page, subject_of
        from ui.panels.pages import page_of
        from ui.panels.sheet import crumbs

        begin = subject_of(account.moment, selection.neuron, selection.edge, selection.number)
        if not self.trail or self.trail[0] != begin:
            self.trail, self._fresh = [begin], True
        chosen = any(each is not None for each in (selection.neuron, selection.edge, selection.number))
        while True:
            started, last, sharp = chosen or len(self.trail) > 1, self._tells_of_last, not self._blurred
            try:
                page = page_of(account, self.trail[-1], started=started, last=last, sharp=sharp)
                way = crumbs(account, self.trail)
                break
            except ConfigError as error:
                if len(self.trail) == 1:
                    page, way = Page(error.message[:1].upper() + error.message[1:], advice=error.hint), []
                    break
                self.trail.pop()
                self._fresh = True
        self._put(page, way)

    def _put(self, page: "Page", way: "Sequence[tuple[Subject, str]]" = ()) -> None:
        """Show a page and the way to it."""
        view, account = self._sheet(), self._account
        self.page = page
        view.show_page(page, way, fresh=self._fresh, steady=self.context.bridge.playing)
        known = account is not None and account.last is not None and not self._blurred
        view.tools.show_page(page, last_known=known, ready=account is not None)
        if self._proved and (not self.trail or self._proved[0] != (self.trail[-1], page.turn)):
            self._proved = ()
        view.show_proof(self._proved[1] if self._proved else ())
        self._fresh = False
        if self._wants_keyboard:
            self._wants_keyboard = False
            self._view.take_keyboard()

    def _sheet(self) -> Any:
        """Return the widgets, made when there is something to show for the first time."""
        if self._view is None:
            from ui.panels.sheet import Sheet

            self._view = view = Sheet(self.theme, self._tip)
            self._whole.addWidget(view)
            view.followed.connect(self._follow)
            view.returned.connect(self.go_back_to)
            view.pointed.connect(self._point)
            view.tools.turned.connect(self._turn_to)
            view.tools.check_wanted.connect(self.check)
            view.tools.check_all_wanted.connect(self.check_all_wanted)
            view.tools.comparison_wanted.connect(self.comparison_wanted)
        return self._view

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self._view is not None:
            self._view.set_theme(theme)

    def exports(self) -> "Export | None":
        """Return the page: its formulas with their figures."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_page
        from ui.writing import lines

        page = self.page
        return super().exports() if page is None else shown("inspector", self, lines(lambda: of_page(page)))

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
        self._fresh = True
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        if self._lit is not None:
            self._lit = None
            self.context.selection.point_at(None)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(640, 280)

"""The lesson: seven steps from the rows of the table to a network that has learnt, each with the live numbers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.motion.phase import STEPS
from ui.panels.lesson_steps import Steps
from ui.panels.panel import Context, ExplainingPanel, ScrolledPanel, text_label
from ui.theme import Theme, base_pixel_size

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account
    from ui.panels.lesson_parts import LessonPage

_CLOSER = {
    "table": "Table",
    "inspector": "Inspector",
    "matrices": "Matrices",
    "curves": "Curves",
}
_LEAST_WIDTH = 20.5
_LOW = 38.0


class LessonPanel(ScrolledPanel, ExplainingPanel):
    """The seven steps, and the page of the one that is looked at.

    Attributes
    ----------
    step
        Which one that is, 1 … 7.
    page
        What is shown; None before the first moment came.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.step, self.page = 1, None
        self._account: Account | None = None
        self._shown: tuple[Any, ...] = ()
        self._views: list[QWidget] = []
        # A narrower dock would cut the tables of the pages.
        self.setMinimumSize(round(_LEAST_WIDTH * base_pixel_size(self.font())), 160)
        titles = [context.actions[f"lesson_{step}"].iconText() for step in range(1, STEPS + 1)]
        self.steps = Steps(titles)
        self.steps.currentRowChanged.connect(lambda row: self.look_at(row + 1))
        self.steps.entered.connect(context.motion.jump)
        whole = self.layout()
        assert isinstance(whole, QVBoxLayout)
        whole.insertWidget(0, self.steps)
        self.heading = text_label(role="heading")
        self.heading.setObjectName("lesson.heading")
        self.column.addWidget(self.heading)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(8)
        self.column.addLayout(self._parts)
        self._lay_out_buttons()
        self.column.addStretch(1)
        context.bridge.opened.connect(lambda _event: self._forget())
        context.asking.failed.connect(self._failed)
        context.motion.turned.connect(self._turned)
        context.motion.changed.connect(self._dress_buttons)

    def _lay_out_buttons(self) -> None:
        self.bird = self._button("bird", "The lesson's bird", "", self.context.actions["lesson_bird"].trigger)
        self.follow = self._button(
            "follow", "Follow the batch", "Show a row of the batch again, and go on with each batch",
            self.context.motion.follow_batch,
        )  # fmt: skip
        for button in (self.bird, self.follow):
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.closer = QWidget()
        row = QHBoxLayout(self.closer)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(6)
        label = QLabel("Look closer")
        label.setProperty("role", "quiet")
        row.addWidget(label)
        self._closer: dict[str, QPushButton] = {}
        for name, title in _CLOSER.items():
            made = self._button(
                name, title, f"Look closer in the panel {title}", lambda name=name: self._look_closer(name)
            )
            self._closer[name] = made
            row.addWidget(made)
        row.addStretch(1)
        self.column.addWidget(self.closer)

    def _button(self, name: str, text: str, tip: str, clicked: Callable[[], Any]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"lesson.{name}")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: clicked())
        return button

    # -- following ----------------------------------------------------------------------------------------------

    def look_at(self, step: int) -> None:
        """Show the page of a step, 1 … 7."""
        if step != self.step:
            self.step = step
            self.area.verticalScrollBar().setValue(0)
            self._show()

    def _turned(self, phase: Any) -> None:
        if phase is not None:
            self.steps.setCurrentRow(phase.step - 1)

    def _forget(self) -> None:
        self._account = None

    def _answered(self, account: "Account") -> None:
        self._account = account
        self._show()

    def _failed(self, failure: Any) -> None:
        if self._account is None:
            self.heading.setText(self.context.actions[f"lesson_{self.step}"].iconText())
            self._put(None, "Here the numbers of the present moment appear." if failure is None else failure.message)

    def _look_closer(self, name: str) -> None:
        if name == "inspector" and self.page is not None and self.page.number is not None:
            self.context.selection.choose_number(self.page.number)
        self.context.show(name)

    def _follow(self, target: Any) -> None:
        if isinstance(target, int):
            self.context.selection.choose_row(target)
        else:
            self.context.selection.choose_number(target.number)
            self.context.show("inspector")

    def _tip(self, target: Any) -> str:
        from ui.panels.pages import tip_of

        return tip_of(self._account, target)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._account is None or not self.isVisible():
            return
        from ui.panels.lesson_pages import page_of

        bird = self.context.actions["lesson_bird"].isEnabled()
        self.heading.setText(self.context.actions[f"lesson_{self.step}"].iconText())
        self._put(page_of(self._account, self.step, self.context.bridge.records, bird=bird))

    def _put(self, page: "LessonPage | None", instead: str = "") -> None:
        """Show a page; the widgets stay while only its figures change."""
        from ui.panels.inspection import Segment
        from ui.panels.lesson_parts import Text

        self.page = page
        parts = (Text((Segment(instead),)),) if page is None else page.parts
        kinds = (self.step, *(type(part) for part in parts))
        fresh = kinds != self._shown
        if fresh:
            self._shown = kinds
            for view in self._views:
                self._parts.removeWidget(view)
                view.hide()
                view.deleteLater()
            self._views = [self._made(nth, part) for nth, part in enumerate(parts)]
        for view, part in zip(self._views, parts, strict=True):
            self._fill(view, part, fresh=fresh)
        self._dress_buttons()

    def _made(self, nth: int, part: Any) -> QWidget:
        from ui.panels.lesson_parts import Curve, Grid
        from ui.panels.lesson_sheet import CurveLine, GridView
        from ui.panels.linked_text import LinkedText

        if isinstance(part, Curve):
            view: Any = CurveLine(self.theme)
        else:
            if isinstance(part, Grid):
                view = GridView(self.theme, self._tip)
            else:
                view = LinkedText(self.theme, self._tip, 1.04 if part.formula else 1.0)
            view.setObjectName(f"lesson.part{nth}")
            view.followed.connect(self._follow)
        self._parts.addWidget(view)
        return view

    def _fill(self, view: Any, part: Any, *, fresh: bool) -> None:
        from ui.panels.lesson_parts import Curve, Grid

        if isinstance(part, Curve):
            view.show_curve(part)
        elif isinstance(part, Grid):
            view.show_grid(part, fresh=fresh)
        else:
            view.show_segments(part.segments, fresh=fresh, steady=self.context.bridge.playing)

    def _dress_buttons(self) -> None:
        page, bird = self.page, self.context.actions["lesson_bird"]
        self.bird.setVisible(page is not None and self.step == 3 and bird.isEnabled())
        self.bird.setToolTip(bird.toolTip())
        self.follow.setVisible(page is not None and self.step == 1 and not self.context.motion.following)
        self.closer.setVisible(page is not None and bool(page.closer))
        for name, button in self._closer.items():
            button.setVisible(page is not None and name in page.closer)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.steps.size_items()
        for view in self._views:
            view.set_theme(theme)  # type: ignore[attr-defined]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.steps.set_low(event.size().height() < _LOW * base_pixel_size(self.font()))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(300, 520)

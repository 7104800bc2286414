"""What every panel is given, and what it is."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.asking import Account, Asking
from ui.bridge import Bridge
from ui.computing import Computing
from ui.editing import Editor
from ui.motion.player import Motion
from ui.narrating import Narrating
from ui.panels.exporting import Exporting
from ui.predicting import Predicting
from ui.selection import Selection, fits
from ui.theme import Theme, base_pixel_size, font

MARGIN = 12
_SHARE = 6.0
"""While training runs, a view waits so many times as long as it took to show the last moment."""


@dataclasses.dataclass(frozen=True, eq=False)
class Context:
    """What the panels share.

    Attributes
    ----------
    bridge, selection, editor
        The simulator, what is chosen, and what is wanted.
    asking
        The account of the present moment.
    predicting
        What the network says about every row.
    narrating
        The story of the branch.
    motion
        The next update in slow motion.
    computing
        Where the numbers are computed.
    actions
        Every action by its id, for buttons.
    load
        ``load(name or path, **choices)`` opens a data set beside the window.
    show
        ``show("matrices")`` shows a panel, by its id.
    show_rows
        ``show_rows(rows, title)`` shows these rows of the raw table in the panel Table, which is brought to the front.
    """

    bridge: Bridge
    selection: Selection
    editor: Editor
    asking: Asking
    predicting: Predicting
    narrating: Narrating
    motion: Motion
    computing: Computing
    actions: Mapping[str, QAction]
    load: Callable[..., Any]
    show: Callable[[str], None]
    show_rows: Callable[[Any, str], None]


class Panel(Exporting):
    """The content of a dock; a subclass follows the signals of its context.

    Signals
    -------
    inspected
        bool, by keyboard: the inspector is to show what was chosen.
    """

    inspected = Signal(bool)

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__()
        self.context = context
        self.theme = theme

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; widgets that Qt draws need nothing."""
        self.theme = theme
        self.update()

    @property
    def settled(self) -> bool:
        """Whether nothing is still to be shown of the present moment; a panel that lets moments wait says so."""
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        menu = QMenu(self)
        menu.setObjectName(f"{self.objectName()}.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        if menu.isEmpty():
            menu.deleteLater()
            event.ignore()
        else:
            menu.popup(event.globalPos())


class MomentPanel(Panel):
    """A panel that shows the present moment while it is seen.

    Nothing is made before it is seen first, so that the window starts fast however many panels there are; nothing is
    worked out while it is not seen; and while training runs, it takes a small part of the window's time. A subclass
    says what it is made of and what it shows, and asks for more with `renew`.

    Attributes
    ----------
    pause
        How many seconds lie between two moments at least, while training runs.
    """

    pause = 0.1

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.built = False
        self._stale = True
        self._shown_at, self._took = 0.0, 0.0
        bridge = context.bridge
        for signal in (bridge.snapshot_changed, bridge.opened, bridge.dataset_changed, context.selection.row_changed):
            signal.connect(lambda _news: self.renew())
        bridge.ticked.connect(self._tick)

    def _build(self) -> None:
        """Make the content; called once, before it is seen first."""
        raise NotImplementedError

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        """Show a moment of the timeline and its data; they go together."""
        raise NotImplementedError

    def renew(self) -> None:
        """Show the present moment again at the next frame for which there is time."""
        self._stale = True

    def _tick(self, now: float) -> None:
        if not self._stale or not self.isVisible():
            return
        if self.context.bridge.playing and now - self._shown_at < max(self.pause, _SHARE * self._took):
            return
        self._show_now()

    def _show_now(self) -> None:
        bridge = self.context.bridge
        snapshot, dataset = bridge.snapshot, bridge.dataset
        if not self.built:
            self.built = True
            self._build()
        if snapshot is None or dataset is None:
            return
        if not fits(snapshot, dataset):
            return  # a moment between two data sets: the next one comes at once
        self._stale = False
        began = time.perf_counter()
        self._show_moment(snapshot, dataset)
        self._shown_at = time.perf_counter()
        self._took = self._shown_at - began

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.renew()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._stale = True
        self._show_now()


class ExplainingPanel(Panel):
    """A panel that wants the account of the present moment while it is seen; a subclass says what it does with it."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        context.asking.answered.connect(self._answered)

    def _answered(self, account: Account) -> None:
        """Show an account; also called when the panel comes into sight."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.context.asking.want(self)
        if self.context.asking.account is not None:
            self._answered(self.context.asking.account)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.asking.want(self, wanted=False)


class ScrolledPanel(Panel):
    """A panel whose content scrolls when there is little room; `column` takes the content."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.column.setSpacing(8)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(content)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)


def text_label(text: str = "", *, role: str = "") -> QLabel:
    """Return a label that wraps, whose text can be copied; role "quiet" or "heading" gives it its look."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if role:
        label.setProperty("role", role)
        style_label(label, role)
    return label


def style_label(label: QLabel, role: str) -> None:
    """Give a label the font and the palette role of a heading or of a quiet line."""
    if role == "heading":
        label.setFont(font(base_pixel_size(label.font()), bold=True))
    elif role == "quiet":
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)

"""What follows from the answers: a line for the network with what was done and the inputs, or why there is none."""

import html

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from simulator.errors import DatasetError, Offer
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.tints import blend, theme_of
from ui.dialogs.wording import sentence
from ui.theme import icon

_MOST_SENTENCES = 60
_MOST_NAMES = 2_000


class Findings(QFrame):
    """A headline with an icon, sentences below it, and buttons for the ways out that a refusal offers.

    Attributes
    ----------
    taken
        Emitted with the `Offer` that was clicked.
    """

    taken = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.findings")
        self._state = "quiet"
        self._headline = ""
        self._body: list[str] = []
        self._excerpt: tuple[tuple[int, str], ...] = ()
        self._line: int | None = None
        self._mistakes: tuple[str, ...] = ()
        self._names: list[str] = []
        self.offers: list[QPushButton] = []
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.headline = QLabel(wordWrap=True)
        self.headline.setObjectName("dataset.headline")
        self.headline.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.text = QTextBrowser()
        self.text.setObjectName("dataset.report")
        self.text.setAccessibleName("What was recognised, and what follows")
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        self.text.viewport().setAutoFillBackground(False)
        self.text.setStyleSheet("QTextBrowser { background: transparent; border: 0; }")
        self.text.document().setDocumentMargin(0)
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(8)
        above.addWidget(self._icon)
        above.addWidget(self.headline, 1)
        self.inputs = QToolButton()
        self.inputs.setObjectName("dataset.inputs")
        self.inputs.setText("&Inputs")
        self.inputs.setCheckable(True)
        self.inputs.setToolTip("Names the inputs of the network and its outputs, instead of what was done (Alt+I).")
        self.inputs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.inputs.toggled.connect(lambda _: self._paint())
        above.addWidget(self.inputs)
        self._offers = QHBoxLayout()
        self._offers.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(above)
        layout.addLayout(self._offers)
        layout.addWidget(self.text, 1)
        self.say("Choose a file or a bundled set.", "Nothing changes in the window before you press Load.")

    @property
    def state(self) -> str:
        """``"good"``, ``"bad"``, ``"busy"`` or ``"quiet"``."""
        return self._state

    @property
    def words(self) -> str:
        """All that is said, as plain text."""
        return f"{self.headline.text()}\n{self.text.toPlainText()}"

    def say(self, headline: str, *body: str) -> None:
        """Show a plain sentence."""
        self._set("quiet", headline, list(body))

    def busy(self, headline: str) -> None:
        """Show that the answer is on its way; what was said before stays, fainter."""
        self._state, self._headline = "busy", headline
        self._paint()

    def refuse(self, message: str, hint: str) -> None:
        """Show an error."""
        self._set("bad", sentence(message), [hint])

    def show_reading(self, reading: Reading) -> None:
        """Show what a reading came to."""
        error, dataset = reading.error, reading.dataset
        if error is not None:
            line = error.line if isinstance(error, DatasetError) else None
            where = f"Line {line:,}: " if line is not None else ""
            message = error.message if where else sentence(error.message)
            self._set("bad", sentence(where + message), [error.hint], reading.excerpt, line)
            self._offer(error.offers if isinstance(error, DatasetError) else ())
        elif dataset is not None:
            mistakes = dataset.choices.mistakes
            body = [each for each in dataset.report.sentences if each not in mistakes]
            classes = dataset.class_names
            if classes:
                more = f" and {len(classes) - 12:,} more" if len(classes) > 12 else ""
                body.insert(0, f"Classes: {', '.join(classes[:12])}{more}.")
            if len(body) > _MOST_SENTENCES:
                left = len(body) - _MOST_SENTENCES
                body = [*body[: _MOST_SENTENCES - 1], f"There are {left:,} more sentences like these.", body[-1]]
            self._set("good", reading.headline, body)
            self._mistakes = mistakes
            self._names = _names(reading)
            self._paint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "text"):
            self._paint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = theme_of(self)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("hairline"))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(card, 8, 8)
        if self._state == "bad":  # a bar at the side says it as loudly as is needed
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bad"))
            painter.drawRoundedRect(card.adjusted(0, 8, 0, -8).toRect().adjusted(0, 0, 4 - self.width(), 0), 2, 2)
        painter.end()

    def _set(
        self,
        state: str,
        headline: str,
        body: list[str],
        excerpt: tuple[tuple[int, str], ...] = (),
        line: int | None = None,
    ) -> None:
        self._state, self._headline, self._body = state, headline, body
        self._excerpt, self._line, self._mistakes, self._names = excerpt, line, (), []
        self._offer(())
        self._paint()
        self.text.verticalScrollBar().setValue(0)

    def _paint(self) -> None:
        theme = theme_of(self)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.12 * self.fontInfo().pixelSize()))
        self.headline.setFont(bold)
        self.headline.setText(self._headline)
        self.inputs.setVisible(bool(self._names))
        name, field = {"good": ("check", "good"), "bad": ("warning", "bad")}.get(self._state, ("info", "quiet"))
        side = round(1.45 * self.fontInfo().pixelSize())
        self._icon.setPixmap(icon(name, theme, field).pixmap(side, side))
        self.text.setHtml(self._html())
        self.update()

    def _offer(self, offers: tuple[Offer, ...]) -> None:
        """Show a button for every way out."""
        for button in self.offers:
            self._offers.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.offers = []
        while self._offers.count():
            self._offers.takeAt(0)
        for place, offer in enumerate(offers):
            button = QPushButton(offer.label)
            button.setObjectName(f"dataset.offer_{place}")
            button.setAutoDefault(False)
            button.setToolTip("A way out: answers for you, and reads on.")
            button.clicked.connect(lambda _=False, offer=offer: self.taken.emit(offer))
            self._offers.addWidget(button)
            self.offers.append(button)
        if offers:
            self._offers.addStretch(1)

    def _html(self) -> str:
        theme = theme_of(self)
        if self._names and self.inputs.isChecked():
            return "".join(f'<p style="margin:0 0 4px 0; color:{theme.quiet}">{text}</p>' for text in self._names)
        first = theme.text if self._state == "bad" else theme.quiet
        lines = [
            f'<p style="margin:0 0 4px 0; color:{theme.warning}">⚠ {html.escape(text)}</p>' for text in self._mistakes
        ]
        lines += [
            f'<p style="margin:0 0 4px 0; color:{first if not place else theme.quiet}">{html.escape(text)}</p>'
            for place, text in enumerate(self._body)
            if text
        ]
        if self._excerpt:
            rows = "".join(self._row(number, text) for number, text in self._excerpt)
            lines.append(f'<table cellspacing="0" cellpadding="3" style="margin-top:6px">{rows}</table>')
        return "".join(lines)

    def _row(self, number: int, text: str) -> str:
        theme = theme_of(self)
        wrong = number == self._line
        colour, mark = (theme.text, "▸") if wrong else (theme.quiet, "")
        ground = f' bgcolor="{blend(theme.surface, theme.bad, 0.22).name()}"' if wrong else ""
        words = html.escape(text) or "&nbsp;"
        return (
            f'<tr><td align="right"{ground} style="color:{colour}">{mark}&nbsp;{number:,}&nbsp;</td>'
            f'<td{ground} style="color:{colour}">{words}</td></tr>'
        )


def _names(reading: Reading) -> list[str]:
    """Return the names of inputs and outputs as lines of markup."""
    dataset = reading.dataset
    if dataset is None:
        return []
    said: list[str] = []
    for title, names in (
        ("Inputs", dataset.feature_names),
        ("Outputs", dataset.class_names or (dataset.recipe.target,)),
    ):
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        said.append(f"<b>{title}</b>&nbsp; {html.escape(', '.join(names[:_MOST_NAMES]))}{more}")
    return said

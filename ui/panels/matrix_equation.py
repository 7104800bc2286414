"""Matrices side by side with operators between them, as an equation is printed; what belongs together scrolls so."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QScrollBar, QWidget

from ui.panels.matrix_block import BAR, Block
from ui.panels.matrix_table import MatrixTable
from ui.panels.matrix_values import ONE, ROWS, Axis, Equation, Mark, Matrix, Part
from ui.theme import Theme, base_pixel_size, font

_FEWEST_COLUMNS, _FEWEST_ROWS = 2, 2


class EquationView(QScrollArea):
    """Shows an `Equation`.

    Signals
    -------
    pointed, chosen
        (`Matrix`, row, column): what the pointer or the keyboard is on, and what was clicked.
    left
        The pointer is on no cell any more.
    inspected
        (`Matrix`, row, column, by keyboard).
    """

    pointed = Signal(object, int, int)
    left = Signal()
    chosen = Signal(object, int, int)
    inspected = Signal(object, int, int, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.blocks: list[Block] = []
        self._parts: tuple[tuple[str, Block, str, Block | None], ...] = ()
        self._signs: list[tuple[QLabel, QLabel | None]] = []
        self._form: Any = None
        self._under: Block | None = None
        self.setObjectName("matrices.equation")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sheet = QWidget()
        self._sheet.setStyleSheet("QTableView, QAbstractScrollArea::corner { border: 0; background: transparent; }")
        self.setWidget(self._sheet)

    # -- showing ------------------------------------------------------------------------------------------------

    def show_equation(self, equation: Equation) -> None:
        """Show other numbers, or another equation."""
        form = tuple(_form(part) for part in equation.parts)
        if form != self._form:
            self._form = form
            self._rebuild(equation.parts)
        else:
            before = self._outline
            for block, matrix in zip(self.blocks, equation.matrices, strict=True):
                block.show_matrix(matrix)
            for (label, _), part in zip(self._signs, equation.parts, strict=True):
                label.setText(part.sign)
            if before == self._outline:
                return
        self.arrange()

    @property
    def _outline(self) -> list[Any]:
        """What the layout follows from."""
        shapes = [block.matrix.values.shape for block in self.blocks]
        return [*shapes, *(label.text() for label, _ in self._signs)]

    def _rebuild(self, parts: Sequence[Part]) -> None:
        had = next((nth for nth, block in enumerate(self.blocks) if block.table.hasFocus()), None)
        for block in self.blocks:
            for widget in (block.head, block.table):
                widget.hide()
                widget.deleteLater()
        for label in (each for pair in self._signs for each in pair if each is not None):
            label.hide()
            label.deleteLater()
        self.blocks, self._under = [], None
        first_rows, made = True, []
        for part in parts:
            of_rows = part.matrix.down.kind == ROWS
            block = self._block(part.matrix, roomy=not of_rows or first_rows)
            if of_rows and made and made[-1][1].matrix.down.kind == ROWS:
                block.table.set_label_width(0)  # they stand at the matrix beside it
            first_rows = first_rows and not of_rows
            below = None if part.below is None else self._block(part.below, roomy=True)
            if below is not None:
                below.table.horizontalHeader().hide()
                below.table.set_label_width(block.table.label_width)
            made.append((part.sign, block, part.below_sign, below))
        self._parts = tuple(made)
        heads = max(block.table.head for block in self.blocks)
        for block in self.blocks:
            block.table.set_head(heads)  # the rows of all matrices lie on the same lines
        self._signs = [(self._label(sign), self._label(low) if low else None) for sign, _, low, _ in made]
        self._tie()
        if had is not None:
            self.blocks[min(had, len(self.blocks) - 1)].table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _block(self, matrix: Matrix, *, roomy: bool) -> Block:
        made = Block(matrix, self.theme, self._sheet, roomy=roomy)
        made.table.pointed.connect(lambda row, column: self._point(made, row, column))
        made.table.left.connect(self._leave)
        made.table.chosen.connect(lambda row, column: self.chosen.emit(made.matrix, row, column))
        made.table.inspected.connect(
            lambda row, column, keyboard: self.inspected.emit(made.matrix, row, column, keyboard)
        )
        self.blocks.append(made)
        return made

    def _label(self, sign: str) -> QLabel:
        made = QLabel(sign, self._sheet)
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        base = base_pixel_size(self.font())
        made.setFont(font((0.9 if "\n" in sign else 1.4) * base))
        made.setForegroundRole(made.palette().ColorRole.PlaceholderText)
        made.show()
        return made

    def _tie(self) -> None:
        """Let matrices with the same rows, or with the same columns, scroll together."""
        for side, bar_of in (("down", MatrixTable.verticalScrollBar), ("across", MatrixTable.horizontalScrollBar)):
            groups: dict[Any, list[QScrollBar]] = {}
            for block in self.blocks:
                axis = getattr(block.matrix, side)
                if axis.kind != ONE:
                    groups.setdefault(axis, []).append(bar_of(block.table))
            for bars in groups.values():
                for bar in bars:
                    bar.valueChanged.connect(_follow(bar, bars))

    # -- lighting -----------------------------------------------------------------------------------------------

    def _point(self, block: Block, row: int, column: int) -> None:
        self._under = block
        self.pointed.emit(block.matrix, row, column)

    def _leave(self) -> None:
        self._under = None
        self.left.emit()

    def light(self, mark: Mark, *, reveal: bool = True) -> None:
        """Light what a mark names in every matrix, and scroll to it where the pointer's own cell stays in its place."""
        still = (
            () if self._under is None else (("down", self._under.matrix.down), ("across", self._under.matrix.across))
        )
        for block in self.blocks:
            row, column = mark.cell(block.matrix)
            block.table.light(row, column)
            if reveal:
                block.table.reveal(
                    None if ("down", block.matrix.down) in still else row,
                    None if ("across", block.matrix.across) in still else column,
                )

    # -- layout -------------------------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Give every matrix its place: all of it where there is room, else some whole rows and columns that scroll."""
        if not self._parts:
            return
        base = base_pixel_size(self.font())
        margin, room = round(0.9 * base), max(self.viewport().height(), self._least)
        signs = [self._sign_width(nth, round(0.4 * base)) for nth in range(len(self._parts))]
        tall = self._tall(room)
        widths, columns = self._widths(tall, self.viewport().width() - sum(signs) - 2 * margin)
        wide = max(sum(widths) + sum(signs) + 2 * margin, self.viewport().width())
        self._sheet.resize(wide, room)
        cut = [count < part[1].matrix.values.shape[1] for count, part in zip(columns, self._parts, strict=True)]
        room -= BAR * any(cut)  # below all of them, so that all show the same rows
        high = max(self._high(nth, room) for nth in range(len(self._parts)))
        left = margin
        for nth, (width, sign) in enumerate(zip(widths, signs, strict=True)):
            self._place(nth, QRect(left + sign, 0, width, high), sign, columns[nth], (cut[nth], tall[nth]))
            left += sign + width

    @property
    def _least(self) -> int:
        """How high the sheet is at least: with a few rows of every matrix; in less room it scrolls."""
        heights = (
            block.head.height() + block.table.height_of(min(_FEWEST_ROWS, len(block.matrix.values)))
            + (0 if below is None else below.height)
            for _, block, _, below in self._parts
        )  # fmt: skip
        return max(heights) + BAR

    def _tall(self, room: int) -> list[bool]:
        """Return which matrices have a vertical scroll bar: of those with the rows of the batch only the last."""
        rows = [nth for nth, part in enumerate(self._parts) if part[1].matrix.down.kind == ROWS]
        too_high = [
            block.height + BAR + (0 if below is None else below.height) > room for _, block, _, below in self._parts
        ]
        return [need and (nth not in rows or nth == rows[-1]) for nth, need in enumerate(too_high)]

    def _widths(self, tall: Sequence[bool], room: int) -> tuple[list[int], list[int]]:
        """Return how wide every part is, and how many columns it shows: as many as others with the same columns."""
        blocks = [block for _, block, _, _ in self._parts]
        counts = {block.matrix.across: block.matrix.values.shape[1] for block in blocks}
        shown = {axis: min(count, _FEWEST_COLUMNS) for axis, count in counts.items()}

        def widths(columns: Mapping[Axis, int]) -> list[int]:
            pairs = zip(blocks, tall, strict=True)
            return [block.width(columns[block.matrix.across], bar=bar) for block, bar in pairs]

        growing = True
        while growing:
            growing = False
            for axis in sorted(counts, key=lambda axis: shown[axis]):
                more = {**shown, axis: shown[axis] + 1}
                if shown[axis] < counts[axis] and sum(widths(more)) <= room:
                    shown, growing = more, True
                    break
        return widths(shown), [shown[block.matrix.across] for block in blocks]

    def _sign_width(self, nth: int, gap: int) -> int:
        first, second = self._signs[nth]
        wide = max(first.sizeHint().width() if first.text() else 0, second.sizeHint().width() if second else 0)
        return wide + 2 * gap if wide else 0

    def _high(self, nth: int, room: int) -> int:
        """Return how high a part is, and what is below it, where there is so much room."""
        _, block, _, below = self._parts[nth]
        spare = 0 if below is None else below.height
        return spare + block.height_in(room - spare)

    def _place(self, nth: int, room: QRect, sign: int, columns: int, bars: tuple[bool, bool]) -> None:
        """Put a part into its room, half way down: as high as it is, or as the highest one."""
        _, block, _, below = self._parts[nth]
        high = block.height_in(room.height() - (0 if below is None else below.height))
        top = max(0, room.height() - high - (0 if below is None else below.height)) // 2
        block.place(QRect(room.left(), top, room.width(), high), columns, bars=bars)
        first, second = self._signs[nth]
        _centre(first, QRect(room.left() - sign, 0, sign, 0), (room.height() + block.head.height()) // 2)
        if below is not None:
            low = top + high + BAR * bars[0]
            below.place(QRect(room.left(), low, room.width(), below.height), columns, bars=(False, False))
            if second is not None:
                _centre(second, QRect(room.left() - sign, 0, sign, 0), low + (below.height + below.head.height()) // 2)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for block in self.blocks:
            block.head.theme = theme
            block.table.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.arrange()


def _form(part: Part) -> Any:
    """Return what of a part the widgets are made for; other numbers, and other rows of the batch, do not count."""
    matrices = [each for each in (part.matrix, part.below) if each is not None]
    axes = [
        (axis, axis.widest, axis.short if axis.kind != ROWS else ())
        for each in matrices
        for axis in (each.down, each.across)
    ]
    return bool(part.sign), part.below_sign, tuple((each.name, each.of, each.ramp) for each in matrices), axes


def _follow(bar: QScrollBar, bars: Sequence[QScrollBar]) -> Callable[[int], None]:
    others = [each for each in bars if each is not bar]

    def follow(value: int) -> None:
        for other in others:
            other.setValue(value)

    return follow


def _centre(label: QLabel, room: QRect, middle: int) -> None:
    height = label.sizeHint().height()
    label.setGeometry(room.left(), middle - height // 2, room.width(), height)

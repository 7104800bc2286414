"""The batch as matrices: the products of the next update as linked tables, and why rows are batched at all."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.panels.matrix_bar import FORWARD, TIMES, MatrixBar
from ui.panels.matrix_equation import EquationView
from ui.panels.matrix_times import TimesPage
from ui.panels.matrix_values import ONE, Equation, Mark, Matrix, mark_of, pointed_of
from ui.panels.panel import MARGIN, Context, ExplainingPanel, text_label
from ui.theme import Theme, base_pixel_size

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account
    from ui.panels.exports import Export

_MOST_TERMS = 8


class MatricesPanel(ExplainingPanel):
    """Shows a product of a layer, follows the pointer of every view, and lets others follow its own.

    Attributes
    ----------
    product, layer, whole
        What is shown: a key of the pages, the linear layer from 0, and whether of the whole batch.
    equation
        What is on the screen, or None.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.product, self.layer, self.whole = FORWARD, 0, True
        self.equation: Equation | None = None
        self._account: Account | None = None
        self._cell: tuple[int, int, int] | None = None
        self._choosing = False
        self.setMinimumSize(220, 120)
        self.bar = MatrixBar()
        self.view = EquationView(theme)
        self.note = text_label(role="quiet")
        self.note.setObjectName("matrices.note")
        self.times = TimesPage(context.bridge, theme)
        scrolled = QScrollArea()
        scrolled.setFrameShape(QScrollArea.Shape.NoFrame)
        scrolled.setWidgetResizable(True)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scrolled.setWidget(self.times)
        self.pages = QStackedWidget()
        for page in (self.view, self._padded(self.note), scrolled):
            self.pages.addWidget(page)
        self.foot = _Foot()
        self.foot.setObjectName("matrices.sum")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.foot)
        self._connect()
        self._say("The matrices are shown as soon as a data set is open.")

    # -- building -----------------------------------------------------------------------------------------------

    def _padded(self, widget: QWidget) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.addWidget(widget)
        column.addStretch(1)
        return made

    def _connect(self) -> None:
        selection, asking = self.context.selection, self.context.asking
        self.context.bridge.opened.connect(self._opened)
        asking.failed.connect(lambda failure: self._say(f"{failure.message}. {failure.hint}"))
        selection.pointed_changed.connect(self._light)
        selection.neuron_changed.connect(self._follow_neuron)
        selection.edge_changed.connect(lambda edge: self._follow_layer(None if edge is None else edge[0]))
        self.bar.layer_chosen.connect(self.show_layer)
        self.bar.product_chosen.connect(self.show_product)
        self.bar.extent_chosen.connect(self.show_extent)
        self.view.pointed.connect(self._point)
        self.view.left.connect(self._leave)
        self.view.chosen.connect(self._choose)
        self.view.inspected.connect(self._inspect)

    # -- choosing what is shown ---------------------------------------------------------------------------------

    def show_product(self, product: str) -> None:
        """Show another product, or the times."""
        self._turn(product=product)

    def show_layer(self, layer: int) -> None:
        """Show another linear layer, from 0."""
        self._turn(layer=layer)

    def show_extent(self, whole: bool) -> None:
        """Show the whole batch, or the shown row alone."""
        self._turn(whole=whole)

    def _turn(self, product: str | None = None, layer: int | None = None, whole: bool | None = None) -> None:
        self.product = self.product if product is None else product
        self.layer = self.layer if layer is None else layer
        self.whole = self.whole if whole is None else whole
        self._cell = None
        self._show()

    def _follow_neuron(self, neuron: tuple[int, int] | None) -> None:
        self._follow_layer(None if neuron is None or neuron[0] == 0 else neuron[0] - 1)

    def _follow_layer(self, layer: int | None) -> None:
        """Turn to the layer of what was chosen elsewhere."""
        if layer is not None and layer != self.layer and not self._choosing:
            self._turn(layer=layer)

    # -- showing ------------------------------------------------------------------------------------------------

    def _opened(self, _event: Any) -> None:
        self._account, self._cell, self.equation = None, None, None
        self.times.forget()
        self._say("")

    def _answered(self, account: "Account") -> None:
        self._account = account
        self.times.follow(account.moment)
        self._show()

    def _say(self, text: str) -> None:
        """Show a sentence in the place of matrices."""
        self.note.setText(text)
        self.equation = None
        self.bar.show_shapes("", "")
        self.foot.show_line("")
        if self.product != TIMES:
            self.pages.setCurrentIndex(1)

    def _show(self) -> None:
        account = self._account
        self.bar.show_choice(self.product, self.layer, self.whole)
        self.foot.setVisible(self.product != TIMES)
        if self.product == TIMES:
            self.pages.setCurrentIndex(2)
            self.bar.show_shapes("", "")
            self.foot.show_line("")
            return
        if account is None or not self.isVisible():
            return
        from ui.panels.matrix_products import equation_of

        self.layer = min(self.layer, len(account.moment.network.hidden))
        self.bar.name_layers(len(account.moment.network.hidden))
        self.bar.name_row(account.shown.row, len(account.dataset.table))
        self.bar.show_choice(self.product, self.layer, self.whole)
        equation = equation_of(account, self.product, self.layer, whole=self.whole)
        if equation is None:
            self._say(f"Row {account.shown.row + 1} is not used: a value is missing in it. Choose another row.")
            return
        self.equation = equation
        self.pages.setCurrentIndex(0)
        self.view.show_equation(equation)
        self.bar.show_shapes(equation.letters, equation.shapes)
        self._light(self.context.selection.pointed)
        self._write()

    def _write(self) -> None:
        """Write the sum behind the cell that is pointed at, or else which update this is."""
        equation, account = self.equation, self._account
        if equation is None or account is None:
            return
        if self._cell is not None:
            nth, row, column = self._cell
            matrices = equation.matrices
            if nth < len(matrices) and row < len(matrices[nth].values) and column < matrices[nth].values.shape[1]:
                self.foot.show_sum(lambda most: matrices[nth].sentence(row, column, most))
                return
        moment = account.moment
        rows = f"{len(moment.X):,} rows" if self.whole else f"row {account.shown.row + 1} alone"
        self.foot.show_line(
            f"{equation.letters}      the next update: batch {moment.batch + 1:,} of {moment.batches:,} "
            f"in epoch {moment.epoch + 1:,}, {rows}"
        )

    # -- linking ------------------------------------------------------------------------------------------------

    def _point(self, matrix: Matrix, row: int, column: int) -> None:
        """Tell all views what the pointer is on."""
        matrices = () if self.equation is None else self.equation.matrices
        nth = next((nth for nth, each in enumerate(matrices) if each is matrix), None)
        if nth is None or self.equation is None:
            return  # of a table that is about to go
        self._cell = nth, row, column
        self._write()
        self.context.selection.point_at(pointed_of(matrix, row, column, self.equation.raw_rows))

    def _leave(self) -> None:
        self._cell = None
        self._write()
        self.context.selection.point_at(None)

    def _light(self, pointed: Any) -> None:
        if self.equation is not None and self.isVisible():
            mark = mark_of(pointed, self.equation.raw_rows)
            self.view.light(mark if self.pages.currentIndex() == 0 else Mark(), reveal=self._account is not None)

    def _choose(self, matrix: Matrix, row: int, column: int) -> None:
        """Choose the row and the neuron, the edge, or the bias of a cell."""
        if self.equation is None:
            return
        from simulator.explain import Number

        selection, pointed = self.context.selection, pointed_of(matrix, row, column, self.equation.raw_rows)
        self._choosing = True
        try:
            if pointed.edge is not None:
                selection.choose_edge(pointed.edge)
            elif matrix.down.kind == ONE:
                selection.choose_number(Number("parameter", self.layer, column))
            else:
                if self.whole and pointed.row is not None:
                    selection.choose_row(pointed.row)
                selection.choose_neuron(pointed.neuron)
        finally:
            self._choosing = False

    def _inspect(self, matrix: Matrix, row: int, column: int, by_keyboard: bool) -> None:
        self._choose(matrix, row, column)
        self.inspected.emit(by_keyboard)

    def exports(self) -> "Export | None":
        """Return the matrices in sight, and every cell of them."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_equation
        from ui.writing import lines

        equation = self.equation
        return super().exports() if equation is None else shown("matrices", self, lines(lambda: of_equation(equation)))

    # -- Qt's events --------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.view.set_theme(theme)
        self.times.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._write()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        if self._cell is not None:
            self._leave()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(640, 300)


class _Foot(QLabel):
    """One line of text that never makes the panel wider: a sum is written with as many terms as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The sum behind the cell")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setContentsMargins(MARGIN, 2, MARGIN, 6)
        self.setMinimumHeight(round(2.0 * base_pixel_size(self.font())))

    def show_line(self, text: str) -> None:
        """Show a quiet line."""
        self._put(self._fitting(text), "quiet", text)

    def show_sum(self, written: Callable[[int], str]) -> None:
        """Show a sum, given how it is written with at most so many terms."""
        metrics, room, text = QFontMetricsF(self.font()), self.width() - 2 * MARGIN, ""
        for most in range(_MOST_TERMS, 0, -1):
            text = written(most)
            if metrics.horizontalAdvance(text) <= room:
                break
        self._put(self._fitting(text), "", text)

    def _fitting(self, text: str) -> str:
        room = self.width() - 2 * MARGIN
        return QFontMetricsF(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)

    def _put(self, text: str, role: str, whole: str) -> None:
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().polish(self)
        if self.text() != text:
            self.setText(text)
            self.setToolTip(whole)

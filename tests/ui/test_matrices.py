"""The batch as matrices: the products hold, every cell knows its sum, and what is pointed at is lit in all views."""

import dataclasses
import re
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTableView, QWidget

from simulator.data import open_dataset
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.session import Session
from tests.ui.conftest import Guest
from ui.app import create_window
from ui.asking import account_of
from ui.canvas.act import GRADIENT, VALUE
from ui.canvas.colour import READABLE, contrast, rgb
from ui.panels import matrix_model
from ui.panels.matrix_model import MatrixModel, Span, ramp_of, span_of
from ui.panels.matrix_products import equation_of
from ui.panels.matrix_values import UNITS, Axis, Matrix
from ui.panels.matrix_words import difference_text, duration_text
from ui.preferences import Preferences
from ui.selection import Pointed, describe, places
from ui.theme import THEMES

CASES = {
    "penguins": (None, None),
    "auto_mpg": (None, None),
    "one output, two classes": (
        NetworkSpec(30, (LayerSpec(4, "relu", dropout=0.5),), 1, "sigmoid"),
        TrainingConfig(loss=Rule("binary_cross_entropy")),
    ),
    "no hidden layer": (NetworkSpec(4, (), 3), None),
}
FILES = {"one output, two classes": "breast_cancer", "no hidden layer": "penguins"}


@pytest.fixture(scope="module")
def accounts():
    """An account of a run after a few epochs, of every case."""
    made = {}

    def account(case):
        if case not in made:
            network, config = CASES[case]
            dataset = open_dataset(FILES.get(case, case))
            session = Session(dataset, network, config, engine="reference")
            session.advance(2)
            row = int(dataset.train_rows[7])
            made[case] = account_of(session.moment(), None, dataset, describe(dataset, places(dataset), row))
        return made[case]

    return account


def each_layer(account):
    return range(len(account.moment.network.hidden) + 1)


def number(text):
    return float(text.replace("−", "-"))


def worked_out(text):
    """What the right side of a sum with figures comes to, and the result that it states."""
    sides = re.sub(r" \([a-zA-Z][^()]*\)$", "", text).split("] = ")[1].split(" = ")
    sum_ = re.sub(r"… \([\d,]+ smaller: ([^)]+)\)", r"(\1)", sides[0].replace("·", "*").replace("−", "-"))
    return eval(sum_, {"__builtins__": {}}), number(sides[-1])


# -- the products -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_forward_is_x_times_w_plus_b_and_then_the_function(accounts, case, whole):
    account = accounts(case)
    network = account.moment.network
    for layer in each_layer(account):
        X, W, b, Z, A = (each.values for each in equation_of(account, "forward", layer, whole=whole).matrices)
        assert X @ W + b == pytest.approx(Z, rel=1e-12, abs=1e-14)
        last = layer == len(network.hidden)
        f = LINKS[network.link].apply if last else ACTIVATIONS[network.hidden[layer].activation].value
        assert np.array_equal(f(Z), A)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_the_gradient_is_x_turned_times_delta_over_the_rows(accounts, case, whole):
    account = accounts(case)
    explained = (account.batch if whole else account.row).explanation
    for layer in each_layer(account):
        X, delta, dW, db = (each.values for each in equation_of(account, "gradient", layer, whole=whole).matrices)
        assert X @ delta / len(delta) == pytest.approx(dW, rel=1e-9, abs=1e-14)
        assert delta.mean(axis=0) == pytest.approx(db[0], rel=1e-9, abs=1e-14)
        assert np.array_equal(dW, explained.backward.layers[layer].weight)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_delta_flows_back_through_the_weights_and_the_slope(accounts, case, whole):
    account = accounts(case)
    for layer in each_layer(account):
        delta, W, *slope, before = (
            each.values for each in equation_of(account, "backward", layer, whole=whole).matrices
        )
        assert len(slope) == (layer > 0)
        assert delta @ W * (slope[0] if slope else 1.0) == pytest.approx(before, rel=1e-9, abs=1e-14)
        if layer:
            assert np.array_equal(before, equation_of(account, "gradient", layer - 1, whole=whole).matrices[1].values)


@pytest.mark.parametrize("product", ["forward", "gradient", "backward"])
@pytest.mark.parametrize("case", ["penguins", "auto_mpg", "no hidden layer"])
def test_the_sum_behind_a_cell_comes_to_the_cell(accounts, case, product):
    account = accounts(case)
    for layer in each_layer(account):
        for matrix in equation_of(account, product, layer, whole=True).matrices:
            row, column = (size - 1 for size in matrix.values.shape)
            value = matrix.values[row, column]
            stated = number(re.sub(r" \([a-zA-Z][^()]*\)$", "", matrix.sentence(row, column)).split(" = ")[-1])
            assert stated == pytest.approx(value, rel=1e-3, abs=1e-12), matrix.name
            if matrix.name in {"Z", "dW", "db"}:
                said, stated = worked_out(matrix.sentence(row, column))
                assert said == pytest.approx(stated, rel=2e-2, abs=2e-3 * np.abs(matrix.values).max())


def test_a_long_sum_is_shortened_and_still_adds_up(accounts):
    Z = equation_of(accounts("one output, two classes"), "forward", 0, whole=True).matrices[3]
    text = Z.sentence(3, 2, most=4)
    assert "smaller:" in text
    said, stated = worked_out(text)
    assert said == pytest.approx(stated, rel=2e-2, abs=5e-3)


def test_the_matrices_are_views_of_what_was_calculated(accounts):
    account = accounts("penguins")
    forward = account.batch.explanation.forward
    X, W, b, Z, _ = equation_of(account, "forward", 1, whole=True).matrices
    for matrix, array in ((X, forward.inputs[1]), (W, forward.layers[1].weight), (Z, forward.logits[1])):
        assert matrix.values is array
    assert b.values.base is not None


def test_shapes_and_names_are_said(accounts):
    equation = equation_of(accounts("penguins"), "forward", 0, whole=True)
    assert equation.shapes == "(16 × 4) · (4 × 8) + (8) = (16 × 8)"
    assert [matrix.shape for matrix in equation.matrices] == ["16 × 4", "4 × 8", "8", "16 × 8", "16 × 8"]
    X = equation.matrices[0]
    raw = accounts("penguins").dataset.train_rows[accounts("penguins").moment.rows]
    assert equation.raw_rows == tuple(raw)
    assert X.across.labels == ("bill length", "bill depth", "flipper length", "body mass")
    species = accounts("penguins").dataset.table["species"]
    assert [label.split() for label in X.down.labels] == [[str(row + 1), species[row]] for row in raw]


def test_a_binary_output_is_called_by_its_class(accounts):
    account = accounts("one output, two classes")
    answer = equation_of(account, "forward", 1, whole=True).matrices[-1]
    assert answer.across.labels == (account.dataset.class_names[1],)


def test_of_a_row_that_is_not_used_there_is_nothing(accounts):
    account = dataclasses.replace(accounts("penguins"), row=None)
    assert equation_of(account, "forward", 0, whole=False) is None
    assert equation_of(account, "forward", 99, whole=True).matrices[-1].name == "Ŷ"


# -- cells ------------------------------------------------------------------------------------------------------------


def plain(values, ramp=VALUE):
    rows, columns = np.shape(values)
    down, across = (
        Axis(UNITS, nth, labels, labels, labels)
        for nth, labels in enumerate((tuple(map(str, range(rows))), tuple(map(str, range(columns)))))
    )
    return Matrix("M", "", "", np.asarray(values, float), down, across, lambda row, column, most: "", ramp)


@pytest.mark.parametrize("name", [VALUE, GRADIENT])
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_number_can_be_read_on_its_colour(theme, name):
    ramp = ramp_of(theme, name)
    inks = np.where(ramp.dark_text[:, None], rgb(theme.node_dark), rgb(theme.node_light))
    assert contrast(ramp.rgb, inks).min() >= READABLE
    assert not np.array_equal(ramp_of(theme, VALUE).rgb, ramp_of(theme, GRADIENT).rgb)


@pytest.mark.parametrize(
    ("clamp", "ramp", "power", "text"),
    [(2.0, VALUE, 0, "±2"), (0.05, VALUE, -3, "±50"), (0.5, GRADIENT, -3, "±500"), (2e-6, GRADIENT, -6, "±2"),
     (5e4, VALUE, 3, "±50")],
)  # fmt: skip
def test_small_numbers_are_shown_in_a_power_of_ten(clamp, ramp, power, text):
    span = span_of(plain([[clamp, -clamp]], ramp), None)
    assert (span.clamp, span.power, span.text) == (pytest.approx(clamp), power, text)
    model = MatrixModel(plain([[clamp, -clamp]], ramp))
    assert number(model.text(0, 0)) * 10.0**power == pytest.approx(clamp)


def test_the_scale_stays_while_numbers_change_a_little():
    before = span_of(plain([[1.9]]), None)
    assert span_of(plain([[1.2]]), before) == before
    assert span_of(plain([[90.0]]), before) != before
    assert Span(2e-6, -6).factor == "in 10⁻⁶"


def test_what_is_not_a_number_is_said():
    model = MatrixModel(plain([[np.nan, np.inf, -np.inf, 1.0]]))
    assert [model.text(0, column) for column in range(4)] == ["NaN", "∞", "−∞", "1.00"]
    assert model.scale.clamp == 1.0


@pytest.mark.parametrize(
    ("seconds", "text"), [(1.5, "1.50 s"), (0.0123, "12.3 ms"), (1.2e-4, "120 µs"), (4.5e-7, "0.45 µs")]
)
def test_times_have_three_digits_that_count(seconds, text):
    assert duration_text(seconds) == text


def test_differences_have_two_digits_that_count():
    assert [difference_text(size) for size in (1.63e-7, 0.0, np.nan)] == ["1.6e−7", "0", "unknown"]


# -- the panel, in a window that is only looked at --------------------------------------------------------------------


@pytest.fixture(scope="module")
def window(qapp, tmp_path_factory, kernels):
    made = create_window(Preferences(tmp_path_factory.mktemp("matrices") / "settings.ini"), None)
    made.resize(1400, 900)
    made.show()
    made.filing.load("penguins")
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


@pytest.fixture
def look(qtbot, window):
    """The panel of a penguin network after five epochs, as it is when it is opened."""
    guest = Guest(qtbot, window)
    guest.wait(lambda: window.bridge.snapshot is not None)
    if guest.epoch < 5:
        guest.advance_to(5)
    panel = opened(guest)
    window.selection.choose_row(int(panel.equation.raw_rows[0]))
    window.selection.choose_neuron(None)
    window.selection.point_at(None)
    panel.show_layer(0)
    panel.show_extent(whole=True)
    panel.show_product("forward")
    guest.wait(lambda: window.asking.fresh)
    return guest


def opened(guest):
    dock = guest.window.docks["matrices"]
    dock.show()
    dock.raise_()
    guest.window.resizeDocks([dock], [280], Qt.Orientation.Vertical)
    panel = guest.window.panels["matrices"]
    guest.wait(lambda: panel.equation is not None)
    return panel


def panel_of(guest):
    return guest.window.panels["matrices"]


def table(guest, name):
    return next(block.table for block in panel_of(guest).view.blocks if block.matrix.name == name)


def lit(guest):
    return {block.matrix.name: block.table.matrix_model.lit for block in panel_of(guest).view.blocks}


def centre(view, row, column):
    index = view.model().index(row, column)
    view.scrollTo(index)
    return view.visualRect(index).center()


def hover(guest, name, row, column):
    view = table(guest, name)
    place = centre(view, row, column)
    guest.bot.mouseMove(view.viewport(), QPoint(1, 1))
    guest.bot.mouseMove(view.viewport(), place)
    view.pointed.emit(row, column)  # offscreen, a move may be swallowed


def test_it_is_closed_at_the_start_and_nothing_is_asked_for(guest):
    asked = []
    guest.bridge.explained.connect(asked.append)
    assert not guest.window.docks["matrices"].isVisible()
    guest.advance_to(3)
    guest.pass_time(0.3)
    assert asked == []
    assert panel_of(guest).equation is None


def test_a_cell_of_z_lights_its_row_its_column_and_its_bias_and_says_the_sum(look):
    pointed = []
    look.window.selection.pointed_changed.connect(pointed.append)
    hover(look, "Z", 2, 1)
    raw = panel_of(look).equation.raw_rows[2]
    assert pointed[-1] == Pointed(row=raw, neuron=(1, 1))
    assert lit(look) == {"X": (2, None), "W": (None, 1), "b": (0, 1), "Z": (2, 1), "A": (2, 1)}
    text = panel_of(look).foot.text()
    assert text.startswith(f"Z[row {raw + 1}, neuron 2] = ")
    said, stated = worked_out(text)
    assert said == pytest.approx(stated, rel=5e-3)
    assert stated == pytest.approx(table(look, "Z").matrix_model.value(2, 1), rel=1e-3)


def test_a_cell_of_w_is_an_edge_and_one_of_x_is_a_bird_and_an_input(look):
    hover(look, "W", 3, 0)
    assert look.window.selection.pointed == Pointed(edge=(0, 3, 0))
    assert lit(look) == {"X": (None, 3), "W": (3, 0), "b": (0, 0), "Z": (None, 0), "A": (None, 0)}
    hover(look, "X", 1, 2)
    raw = panel_of(look).equation.raw_rows[1]
    assert look.window.selection.pointed == Pointed(row=raw, neuron=(0, 2))
    assert lit(look) == {"X": (1, 2), "W": (2, None), "b": (None, None), "Z": (1, None), "A": (1, None)}
    assert panel_of(look).foot.text().startswith(f"X[row {raw + 1}, flipper length] = ")


def test_a_cell_of_the_gradient_is_an_edge_with_its_column_of_x_and_of_delta(look):
    panel_of(look).show_product("gradient")
    hover(look, "dW", 1, 2)
    assert look.window.selection.pointed == Pointed(edge=(0, 1, 2))
    assert lit(look) == {"Xᵀ": (1, None), "δ": (None, 2), "dW": (1, 2), "db": (0, 2)}
    text = panel_of(look).foot.text()
    assert text.startswith("dW[bill depth, neuron 3] = (")
    assert ")/16 = " in text


def test_a_cell_of_the_delta_before_is_lit_with_its_row_and_its_weights(look):
    panel_of(look).show_layer(1)
    panel_of(look).show_product("backward")
    hover(look, "δ₁", 3, 1)
    assert look.window.selection.pointed == Pointed(row=panel_of(look).equation.raw_rows[3], neuron=(1, 1))
    assert lit(look) == {"δ₂": (3, None), "Wᵀ": (None, 1), "f′(Z₁)": (3, 1), "δ₁": (3, 1)}


def test_what_another_view_points_at_is_lit_here_and_scrolled_to(look):
    selection = look.window.selection
    selection.point_at(Pointed(neuron=(1, 7)))
    assert lit(look) == {"X": (None, None), "W": (None, 7), "b": (0, 7), "Z": (None, 7), "A": (None, 7)}
    view = table(look, "Z")
    assert view.viewport().rect().contains(view.visualRect(view.model().index(0, 7)).center())
    selection.point_at(Pointed(edge=(0, 2, 5)))
    assert lit(look)["W"] == (2, 5)
    raw = panel_of(look).equation.raw_rows[9]
    selection.point_at(Pointed(row=raw))
    assert lit(look) == {"X": (9, None), "W": (None, None), "b": (None, None), "Z": (9, None), "A": (9, None)}
    selection.point_at(Pointed(row=raw, neuron=(2, 99), edge=None))
    assert lit(look)["X"] == (9, None)
    selection.point_at(None)
    assert set(lit(look).values()) == {(None, None)}


def test_the_table_of_rows_lights_the_bird_and_a_row_of_it_is_lit_here(look):
    hover(look, "Z", 4, 0)
    rows = look.window.panels["table"]
    raw = panel_of(look).equation.raw_rows[4]
    index = rows.model.index(raw, 3)
    assert rows.model.data(index, Qt.ItemDataRole.BackgroundRole) is not None
    rows.rows.entered.emit(rows.model.index(panel_of(look).equation.raw_rows[5], 0))
    assert rows.model.data(index, Qt.ItemDataRole.BackgroundRole) is None
    assert lit(look)["X"] == (5, None)


def test_a_click_chooses_the_row_and_the_neuron_or_the_edge_or_the_bias(look):
    selection = look.window.selection
    view = table(look, "Z")
    look.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre(view, 3, 1))
    raw = panel_of(look).equation.raw_rows[3]
    assert (selection.chosen.row, selection.neuron) == (raw, (1, 1))
    view = table(look, "W")
    look.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre(view, 2, 1))
    assert selection.edge == (0, 2, 1)
    view = table(look, "b")
    look.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre(view, 0, 1))
    assert (selection.number.kind, selection.number.layer, selection.number.unit) == ("parameter", 0, 1)


def test_two_clicks_or_enter_open_the_inspector(look):
    dock = look.window.docks["inspector"]
    for press in ("mouse", "keyboard"):
        dock.hide()
        panel = opened(look)
        view = table(look, "A")
        place = centre(view, 1, 0)
        if press == "mouse":
            look.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
            look.bot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        else:
            view.setCurrentIndex(view.model().index(1, 0))
            look.bot.keyClick(view, Qt.Key.Key_Return)
        look.wait(dock.isVisible)
        assert look.window.selection.neuron == (1, 0)
        assert panel.layer == 0
    dock.hide()


def test_the_arrow_keys_walk_and_say_where_they_are(look):
    opened(look)
    view = table(look, "Z")
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.setCurrentIndex(view.model().index(0, 0))
    look.wait(view.hasFocus)
    look.bot.keyClick(view, Qt.Key.Key_Down)
    look.bot.keyClick(view, Qt.Key.Key_Right)
    assert lit(look)["Z"] == (1, 1)
    raw = panel_of(look).equation.raw_rows[1]
    spoken = view.model().data(view.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith(f"Z[row {raw + 1}, neuron 2] ")
    assert panel_of(look).foot.text().startswith(spoken.split("]")[0])


def test_matrices_with_the_same_rows_or_columns_scroll_together(look):
    opened(look)
    X, W, b, Z, A = (table(look, name) for name in "XWbZA")
    Z.verticalScrollBar().setValue(40)
    assert X.verticalScrollBar().value() == A.verticalScrollBar().value() == 40
    W.horizontalScrollBar().setValue(30)
    assert b.horizontalScrollBar().value() == Z.horizontalScrollBar().value() == 30
    assert X.horizontalScrollBar().value() != 30
    assert X.mapToGlobal(X.viewport().pos()).y() == Z.mapToGlobal(Z.viewport().pos()).y()


def test_one_row_is_a_batch_of_one(look):
    panel_of(look).show_extent(whole=False)
    row = look.window.selection.chosen.row
    assert look.find("matrices.shapes").text() == "(1 × 4) · (4 × 8) + (8) = (1 × 8)"
    assert table(look, "Z").model().rowCount() == 1
    shown = look.window.canvas.picture.activations[1]
    assert table(look, "A").matrix_model.matrix.values[0] == pytest.approx(np.asarray(shown), rel=1e-6)
    hover(look, "Z", 0, 1)
    assert look.window.selection.pointed == Pointed(row=row, neuron=(1, 1))


def test_a_row_that_is_not_used_is_said_and_the_next_one_is_shown_again(look):
    panel = panel_of(look)
    panel.show_extent(whole=False)
    look.window.selection.choose_row(3)
    look.wait(lambda: panel.equation is None)
    assert "Row 4 is not used" in look.find("matrices.note").text()
    look.window.selection.choose_row(4)
    look.wait(lambda: panel.equation is not None)


def test_a_changed_row_is_shown_and_a_click_does_not_change_it_back(look):
    panel = panel_of(look)
    panel.show_extent(whole=False)
    look.window.selection.change_inputs(np.array([1.0, 2.0, 3.0, 4.0]))
    look.wait(lambda: look.window.asking.fresh)
    assert table(look, "X").matrix_model.matrix.values.tolist() == [[1.0, 2.0, 3.0, 4.0]]
    look.window.selection.point_at(None)
    panel._choose(table(look, "Z").matrix_model.matrix, 0, 1)
    assert look.window.selection.chosen.split == "changed"
    panel.show_product("gradient")
    hover(look, "dW", 0, 0)
    assert panel.foot.text()


def test_choosing_a_neuron_elsewhere_turns_to_its_layer(look):
    panel = panel_of(look)
    look.window.selection.choose_neuron((2, 3))
    assert (panel.layer, look.find("matrices.layer").currentText()) == (1, "Hidden 2")
    look.window.selection.choose_edge((2, 1, 1))
    assert panel.layer == 2
    assert table(look, "Ŷ").model().columnCount() == 3


def test_the_buttons_choose(look):
    for name, expected in (("gradient", "dW"), ("backward", "∂L/∂X"), ("forward", "Z")):
        look.find(f"matrices.product.{name}").click()
        assert table(look, expected)
    look.find("matrices.extent.false").click()
    assert not panel_of(look).whole
    look.find("matrices.extent.true").click()
    assert panel_of(look).whole


def test_every_control_has_a_name_and_a_tip(look):
    for name in ("matrices.layer", "matrices.time", *(f"matrices.product.{name}" for name in ("forward", "times"))):
        control = look.find(name, QWidget)
        assert control.accessibleName()
        assert control.toolTip()
    for view in panel_of(look).view.findChildren(QTableView):
        assert view.accessibleName()
        assert view.accessibleDescription()


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_painted_in_both_themes_also_when_something_is_lit(look, theme):
    look.window.dress(THEMES[theme])
    opened(look)
    hover(look, "Z", 1, 1)
    view = table(look, "W")
    view.reveal(0, 1)
    picture = view.grab().toImage()
    rect = view.visualRect(view.model().index(0, 1)).translated(view.viewport().pos())
    ratio = picture.devicePixelRatio()
    edge = picture.pixelColor(round((rect.left() + 0.5) * ratio), round(rect.center().y() * ratio))
    assert edge.name() == THEMES[theme].text


# -- the panel, in windows of its own ---------------------------------------------------------------------------------


def test_nothing_moves_while_training_plays(guest):
    panel = opened(guest)
    guest.pass_time(0.2)

    def places():
        return [(block.head.geometry(), block.table.geometry(), block.table.label_width) for block in panel.view.blocks]

    before, numbers = places(), panel.equation.matrices[1].values
    guest.bridge.speed = 30
    guest.bridge.play()
    guest.wait(lambda: guest.epoch > 8 and panel.equation.matrices[1].values is not numbers)
    assert places() == before
    guest.bridge.pause()
    guest.wait_for_rest()
    # The numbers are soon those of the moment that it stopped at.
    guest.wait(lambda: np.array_equal(panel.equation.matrices[1].values, guest.bridge.snapshot.layers[0].weight))


def test_another_network_while_a_cell_is_pointed_at(guest):
    panel = opened(guest)
    panel.show_layer(2)
    hover(guest, "W", 7, 2)
    guest.trigger("remove_layer")
    guest.wait(lambda: panel.equation is not None and panel.layer == 1)
    assert guest.find("matrices.layer").count() == 2
    assert panel.equation.matrices[1].values.shape == (8, 3)
    guest.window.filing.load("auto_mpg")
    guest.wait(lambda: guest.bridge.dataset.name == "auto_mpg" and panel.equation is not None)
    panel.show_layer(2)
    guest.wait(lambda: panel.equation is not None and panel.equation.matrices[-1].values.shape[1] == 1)
    hover(guest, "Ŷ", 1, 0)
    assert panel.foot.text().startswith("Ŷ[row ")


def test_of_a_large_matrix_only_what_is_in_sight_is_made(make_window, monkeypatch):
    guest = make_window("digits")
    network = NetworkSpec(64, (LayerSpec(512, "relu"),), 10)
    guest.bridge.open(guest.bridge.dataset, network, TrainingConfig(batch_size=128))
    guest.wait(lambda: guest.bridge.network == network)
    written = []
    text = matrix_model.MatrixModel.text
    monkeypatch.setattr(MatrixModel, "text", lambda *place: written.append(place) or text(*place))
    panel = opened(guest)
    panel.grab()
    assert table(guest, "W").model().rowCount() * table(guest, "W").model().columnCount() == 64 * 512
    assert 0 < len(written) < 3000


def test_the_update_is_timed_and_the_run_does_not_notice(guest, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr("simulator.insight.step_times.SECONDS", 0.01)
    panel = opened(guest)
    before = guest.parameters.copy()
    guest.find("matrices.product.times").click()
    guest.find("matrices.time").click()
    assert panel.times.running
    assert guest.find("matrices.time").text() == "Cancel"
    guest.wait(lambda: not panel.times.running)
    bars = panel.times.table.bars
    assert [bar.rows for bar in bars] == ["16", *["16", "128", "1,024"] * 2]
    assert bars[0].way == "One row at a time"
    assert max(bar.share for bar in bars) == 1.0
    assert "as many rows a second" in guest.find("matrices.time_result").text()
    assert "CuPy" in guest.find("matrices.time_gpu").text()
    assert "--device" not in guest.find("matrices.time_gpu").text()
    assert guest.find("matrices.gpu_command").text() == 'pip install "nodeglow[cuda13]"'
    assert "1,024 rows" in panel.times.table.accessibleDescription()
    assert np.array_equal(guest.parameters, before)
    assert guest.epoch == 0


def test_timing_can_be_cancelled_and_another_data_set_ends_it(guest, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr("simulator.insight.step_times.SECONDS", 60.0)
    panel = opened(guest)
    panel.show_product("times")
    button = guest.find("matrices.time")
    button.click()
    button.click()
    assert not panel.times.running
    assert panel.times.table.bars == ()
    button.click()
    assert panel.times.running
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    assert not panel.times.running
    panel.show_product("forward")
    guest.wait(lambda: panel.equation is not None and panel.equation.matrices[0].values.shape[1] == 4)


@pytest.mark.parametrize("width", [330, 420, 640, 1500])
def test_the_bar_wraps_and_nothing_is_cut(guest, width):
    panel = opened(guest)
    guest.window.docks["matrices"].setFloating(True)
    guest.window.docks["matrices"].resize(width, 400)
    bar = panel.bar

    def laid_out():
        return [child.geometry() for child in bar.children() if isinstance(child, QWidget)]

    guest.wait(lambda: all(each.right() <= bar.width() and each.bottom() <= bar.height() for each in laid_out()))
    places = laid_out()
    assert not any(one.intersects(other) for one in places for other in places if one is not other)
    for button in (*bar.products.buttons.values(), *bar.extents.buttons.values()):
        assert button.width() >= button.sizeHint().width()

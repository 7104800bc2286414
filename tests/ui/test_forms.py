"""A dataclass in, a form out."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from simulator import fields
from simulator.fields import setting
from simulator.nn.choices import CHOICES
from simulator.spec import LayerSpec
from ui.forms import ChoiceField, CountField, Form, NumberLine, SwitchField, TextField, number_text


@dataclasses.dataclass(frozen=True)
class Kettle:
    litres: float = setting(1.5, "Litres", "How much it holds: V = A·h.", minimum=0, open_minimum=True)
    cups: int = setting(4, "Cups", "How many cups.", minimum=1, maximum=20)
    whistle: bool = setting(True, "Whistle", "Whether it whistles.")
    colour: str = setting("red", "Colour", "Its colour.", choices=("red", "blue"))
    timer: float | None = setting(None, "Timer", "Minutes, or off.", minimum=0)

    def __post_init__(self):
        fields.check(self)


@pytest.fixture
def form(qtbot):
    made = Form(Kettle())
    qtbot.addWidget(made)
    made.show()
    made.seen = []
    made.changed.connect(made.seen.append)
    return made


def test_every_setting_becomes_the_input_that_fits_it(form):
    kinds = {name: type(field) for name, field in form.fields.items()}
    assert kinds == {
        "litres": TextField, "cups": CountField, "whistle": SwitchField, "colour": ChoiceField, "timer": TextField,
    }  # fmt: skip
    labels = [label.text() for label in form.findChildren(QLabel) if label.text()]
    assert [name for name in labels if name in ("Litres", "Cups", "Whistle", "Colour", "Timer")] == labels
    assert "V = A·h" in form.fields["litres"].line.toolTip()
    assert "above 0" in form.fields["litres"].line.toolTip()


def typed(qtbot, line, text):
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_typing_gives_a_new_instance(form, qtbot):
    typed(qtbot, form.fields["litres"].line, "1e-8")
    assert form.seen == [Kettle(litres=1e-8)]
    typed(qtbot, form.fields["cups"].line, "7")
    assert form.seen[-1] == Kettle(litres=1e-8, cups=7)
    form.fields["whistle"].box.click()
    assert form.seen[-1].whistle is False
    typed(qtbot, form.fields["timer"].line, "3")
    assert form.seen[-1].timer == 3.0
    typed(qtbot, form.fields["timer"].line, "off")
    assert form.seen[-1].timer is None


@pytest.mark.parametrize("text", ["0", "-1", "abc", "nan", "inf", "1,5", "1e999"])
def test_what_cannot_be_is_refused_while_it_is_typed(form, qtbot, text):
    field = form.fields["litres"]
    field.line.selectAll()
    qtbot.keyClicks(field.line, text)
    assert field.refusal
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert form.seen == []
    assert field.line.text() == "1.5"
    assert not field.refusal


def test_a_count_beyond_its_bounds_becomes_the_nearest(form, qtbot):
    typed(qtbot, form.fields["cups"].line, "500")
    assert form.seen == [Kettle(cups=20)]
    qtbot.keyClick(form.fields["cups"].line, Qt.Key.Key_Down)
    assert form.seen[-1].cups == 19


def test_showing_a_value_reports_no_change(form):
    form.show_value(Kettle(2.5, 6, False, "blue", 9.0))
    assert form.seen == []
    assert form.fields["litres"].line.text() == "2.5"
    assert form.fields["colour"].box.currentData() == "blue"


def test_choices_come_from_the_table_with_their_formulas(qtbot):
    form = Form(LayerSpec(), tables=CHOICES)
    qtbot.addWidget(form)
    box = form.fields["activation"].box
    assert [box.itemData(place) for place in range(box.count())] == list(CHOICES["activation"])
    assert box.itemData(0, Qt.ItemDataRole.ToolTipRole) == next(iter(CHOICES["activation"].values())).formula


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_with_every_digit_that_it_has(value):
    assert float(number_text(value)) == value


def test_a_number_line_takes_nothing_but_numbers(qtbot):
    line = NumberLine(1, 100)
    qtbot.addWidget(line)
    seen = []
    line.value_changed.connect(seen.append)
    for text in ("12", "twelve", "", "1,0", "-5"):
        typed(qtbot, line, text)
    assert seen == [12, 10, 1]

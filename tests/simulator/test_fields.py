import contextlib
import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import fields
from simulator.errors import ConfigError
from simulator.fields import setting, settings_of


@dataclasses.dataclass(frozen=True)
class Example:
    rate: float = setting(0.1, "Rate", "How fast.", minimum=0, open_minimum=True, maximum=1)
    rows: int = setting(16, "Rows", "How many.", minimum=1)
    nesterov: bool = setting(False, "Nesterov", "Whether.")
    kind: str = setting("a", "Kind", "Which.", choices=("a", "b"))
    clip: float | None = setting(None, "Clip", "Where.", minimum=0)
    plain: int = 3

    def __post_init__(self) -> None:
        fields.check(self)


DECLARED = {each.name: each for each in settings_of(Example)}


def test_name_type_and_optionality_follow_from_the_field():
    assert {name: (each.kind, each.optional, each.default) for name, each in DECLARED.items()} == {
        "rate": (float, False, 0.1),
        "rows": (int, False, 16),
        "nesterov": (bool, False, False),
        "kind": (str, False, "a"),
        "clip": (float, True, None),
    }
    assert settings_of(Example()) == settings_of(Example)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"rate": 1.01},
        {"rate": math.nan},
        {"rate": math.inf},
        {"rate": "0.1"},
        {"rate": True},
        {"rate": None},
        {"rows": 0},
        {"rows": 2.0},
        {"nesterov": 1},
        {"kind": "c"},
        {"kind": 1},
        {"clip": -1},
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_with_what_is_permitted(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ConfigError) as caught:
        Example(**wrong)
    assert caught.value.message == f"{DECLARED[name].label.lower()} cannot be {value!r}"
    assert DECLARED[name].permitted() in caught.value.hint


@pytest.mark.parametrize("right", [{"rate": 1}, {"rate": 1e-300}, {"rows": 10**9}, {"clip": None}, {"clip": 0}])
def test_a_value_that_fits_is_taken(right):
    assert dataclasses.replace(Example(), **right)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rate", " 1e-3 ", 1e-3),
        ("rows", "32", 32),
        ("nesterov", "Yes", True),
        ("nesterov", "off", False),
        ("kind", "b", "b"),
        ("clip", "", None),
        ("clip", "none", None),
        ("clip", "0.5", 0.5),
    ],
)
def test_typed_text_becomes_a_value(name, text, value):
    assert DECLARED[name].parse(text) == value


@given(st.sampled_from(sorted(DECLARED)), st.text(max_size=12))
def test_any_text_becomes_a_value_that_fits_or_is_refused(name, text):
    value = None
    with contextlib.suppress(ConfigError):
        value = DECLARED[name].parse(text)
    if value is not None:
        assert getattr(dataclasses.replace(Example(), **{name: value}), name) == value


@given(st.floats(0, 1, exclude_min=True))
def test_a_number_written_out_and_read_again_is_the_same(value):
    assert DECLARED["rate"].parse(repr(value)) == value


def test_what_is_permitted_is_said_in_words():
    assert DECLARED["rate"].permitted() == "a number above 0 and at most 1"
    assert DECLARED["rows"].permitted() == "a whole number at least 1"
    assert DECLARED["kind"].permitted() == "one of a, b"
    assert DECLARED["clip"].permitted() == "a number at least 0 (or none)"

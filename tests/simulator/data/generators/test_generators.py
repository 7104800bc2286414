"""Every row of the table of generators: what it makes follows from its settings alone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.data.generators import GENERATORS, generated, make, names, parse, read, recall, shape_of, spell
from simulator.data.generators.shape import class_names, counts
from simulator.errors import ConfigError, DatasetError
from simulator.fields import settings_of
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session

CLASSES = [name for name, row in GENERATORS.items() if row.shape.target == "class"]
VALUES = [name for name, row in GENERATORS.items() if row.shape.target == "value"]
FORMULAS = {
    "above": ["2 * sin(x)", "x^2 + y^2 < 9", "x - 1", "abs(x) > 2 or y > 4", "sqrt(x)"],
    "surface": ["sin(x) * cos(y)", "x * y", "ln(x)", "1 / x", "max(x, y, 0)"],
}


def permitted(name: str) -> st.SearchStrategy:
    """Settings of a generator, all of which it must take."""
    drawn = {}
    for each in settings_of(GENERATORS[name].shape):
        low, high = each.minimum, each.maximum
        if each.kind is str:
            drawn[each.name] = st.sampled_from(FORMULAS[name])
        elif each.name == "samples":
            drawn[each.name] = st.integers(int(low), 700)
        elif each.kind is int:
            drawn[each.name] = st.integers(int(low), int(high))
        else:
            drawn[each.name] = st.floats(low, high)
    return st.fixed_dictionaries(drawn)


def cells(name: str, **given_settings) -> dict[str, np.ndarray]:
    frame = generated(name, **given_settings).frame
    return {str(column): frame[column].to_numpy() for column in frame.columns}


@pytest.mark.parametrize("name", GENERATORS)
def test_the_same_seed_gives_the_same_points_and_another_seed_others(name):
    first, again, other = (generated(name, seed=seed).frame for seed in (3, 3, 4))
    assert first.equals(again)
    assert not np.isin(first["x"], other["x"]).any() or name == "gaussians"
    assert not first.equals(other)


@pytest.mark.parametrize("name", GENERATORS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_number_is_finite_and_every_class_has_its_share(name, data):
    chosen = data.draw(permitted(name))
    frame = generated(name, **chosen).frame
    assert len(frame) == chosen["samples"]
    assert np.isfinite(frame.select_dtypes("number").to_numpy()).all()
    if name in CLASSES:
        classes = shape_of(name, chosen).class_count()
        found = frame["class"].value_counts().reindex(class_names(classes)).to_numpy()
        assert found.tolist() == counts(chosen["samples"], classes, chosen["imbalance"]).tolist()
        assert frame["class"].drop_duplicates().tolist() == list(class_names(classes))


@given(st.integers(20, 5000), st.integers(2, 8), st.floats(1, 50))
def test_the_counts_follow_from_samples_and_imbalance(samples, classes, imbalance):
    sizes = counts(samples, classes, imbalance)
    assert sizes.sum() == samples
    assert sizes.min() >= 2
    exact = imbalance ** (-np.arange(classes) / (classes - 1))
    exact *= samples / exact.sum()
    if exact.min() >= 2:
        assert np.abs(sizes - exact).max() < 1
    assert (np.diff(sizes) <= 0).all()


@pytest.mark.parametrize(("imbalance", "sizes"), [(1, [50, 50]), (3, [75, 25]), (9, [90, 10])])
def test_the_imbalance_is_how_many_times_as_many_points_the_first_class_has(imbalance, sizes):
    assert generated("xor", samples=100, imbalance=imbalance).frame["class"].value_counts().tolist() == sizes


def _circles(x, y, label):
    return np.hypot(x, y) - np.array([5 / 3, 10 / 3, 5])[label]


def _moons(x, y, label):
    side = 1 - 2 * label
    off = np.hypot(x + side * 1.5, y + side * 0.75) - 3
    return np.where(side * y >= -0.75 - 1e-12, off, np.inf)


def _spirals(x, y, label):
    turn = np.arctan2(y, x) / (2 * np.pi) - (2 * np.hypot(x, y) / 5 + label / 3)
    return turn - np.round(turn)


def _swiss_roll(x, y, label):
    angle = 4.5 * np.pi * np.hypot(x, y) / 5
    along = ((angle / (1.5 * np.pi)) ** 2 - 1) / 8
    turn = (np.arctan2(y, x) - angle) / (2 * np.pi)
    return np.where(np.floor(4 * along) == label, turn - np.round(turn), np.inf)


def _gaussians(x, y, label):
    angle = np.pi * (0.25 + 2 * label / 5)
    return np.hypot(x - 2 * np.cos(angle), y - 2 * np.sin(angle))


def _xor(x, y, label):
    apart = np.minimum(np.abs(x), np.abs(y)) - 0.5
    return np.where((x * y > 0) == (label == 0), np.minimum(apart, 0), np.inf)


def _checkerboard(x, y, label):
    return (np.floor((x + 5) / 2) + np.floor((y + 5) / 2)) % 2 - label


IDEAL = {
    "xor": ({"gap": 0.5}, _xor),
    "circles": ({"rings": 3}, _circles),
    "moons": ({}, _moons),
    "spirals": ({"arms": 3, "turns": 2.0}, _spirals),
    "gaussians": ({"classes": 5, "distance": 2.0}, _gaussians),
    "checkerboard": ({"cells": 5}, _checkerboard),
    "swiss_roll": ({"pieces": 4}, _swiss_roll),
    "above": ({"formula": "x^2 / 3 - 2"}, lambda x, y, label: np.where((y > x**2 / 3 - 2) == (label == 0), 0, np.inf)),
    "plane": ({"slope_x": 0.25, "slope_y": -0.5, "offset": 2.0}, lambda x, y, value: 0.25 * x - 0.5 * y + 2 - value),
    "hills": (
        {"hills": 2, "width": 2.0, "distance": 1.0},
        lambda x, y, value: (
            np.exp(-((x - 0.5**0.5) ** 2 + (y - 0.5**0.5) ** 2) / 8)
            - np.exp(-((x + 0.5**0.5) ** 2 + (y + 0.5**0.5) ** 2) / 8)
            - value
        ),
    ),
    "surface": ({"formula": "x * y + 1"}, lambda x, y, value: x * y + 1 - value),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_without_noise_every_point_lies_on_the_ideal_shape(name):
    chosen, off = IDEAL[name]
    table = cells(name, noise=0.0, samples=500, **chosen)
    target = table.get("value")
    if target is None:
        target = np.array([ord(each) - ord("A") for each in table["class"]])
    assert np.abs(off(table["x"], table["y"], target)).max() < 1e-9
    assert max(np.abs(table["x"]).max(), np.abs(table["y"]).max()) <= 5 + 1e-12


@pytest.mark.parametrize("name", GENERATORS)
def test_noise_moves_the_points_that_are_there_by_its_deviation(name):
    still, moved = cells(name, noise=0.0, samples=2000), cells(name, noise=0.5, samples=2000)
    shifts = [moved[axis] - still[axis] for axis in (("x", "y") if name in CLASSES else ("value",))]
    for shift in shifts:
        assert shift.std() == pytest.approx(0.5, rel=0.06)
        assert abs(shift.mean()) < 0.05


@pytest.mark.parametrize("name", VALUES)
def test_more_samples_are_added_to_the_points_that_are_there(name):
    few, many = generated(name, samples=50).frame, generated(name, samples=51).frame
    assert many.iloc[:50].equals(few)


def test_of_a_class_the_points_stay_where_they_are_when_there_are_more():
    few, many = (set(generated("spirals", samples=count).frame["x"]) for count in (100, 120))
    assert few < many


@pytest.mark.parametrize("name", GENERATORS)
def test_a_network_learns_it(name):
    row = GENERATORS[name]
    dataset = open_dataset(generated(name).frame, **row.choices)
    session = Session(dataset, default_network(dataset), default_config(dataset))
    session.advance(100, "epoch")
    if name in CLASSES:
        assert session.records[-1]["test_accuracy"] >= 0.93
    else:
        outputs = session.records[-1]["test_loss"] / np.var(dataset.Y_test)
        assert outputs < (0.9 if name == "surface" else 0.3)


def test_coordinates_go_into_the_network_as_they_stand():
    dataset = open_dataset(generated("moons").frame, **GENERATORS["moons"].choices)
    assert np.array_equal(dataset.X_train, dataset.table[["x", "y"]].to_numpy()[dataset.train_rows])


@pytest.mark.parametrize("name", GENERATORS)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_what_is_spelt_is_read_again_and_the_notes_say_how_it_was_made(name, data):
    shape = shape_of(name, data.draw(permitted(name)))
    assert read(spell(name, shape)) == (name, shape)
    assert recall(make(name, shape).notes) == (name, shape)
    assert names(spell(name, shape))


def test_a_text_names_a_generator_with_settings():
    assert parse("spirals:arms=3,noise=0.1").frame.equals(generated("spirals", arms=3, noise=0.1).frame)
    assert parse(" Swiss-Roll : samples = 30 ").frame.equals(generated("swiss_roll", samples=30).frame)
    assert read("above:formula=max(x, 1),noise=0.5")[1].formula == "max(x, 1)"
    assert read("above:formula=x^2 <= 4")[1].formula == "x^2 <= 4"
    assert parse("moons").notes == ("Generated by moons.",)


@pytest.mark.parametrize("text", ["penguins", "moons.csv", "./moons", "C:\\moons=1", "a folder/xor", "", "data=3"])
def test_a_file_is_no_generator(text):
    assert not names(text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("spirls:arms=3", "no generator called 'spirls'", "Did you mean 'spirals'?"),
        ("spirals:arm=3", "no setting of spirals called 'arm'", "Did you mean 'arms'?"),
        ("spirals:arms=1", "arms cannot be 1", "at least 2"),
        ("spirals:arms=three", "arms cannot be 'three'", "a whole number"),
        ("spirals:noise=nan", "noise cannot be nan", "at least 0"),
        ("spirals:3", "'3' is no setting of spirals", "spirals:turns=1.25"),
        ("spirals:arms=3,arms=4", "told arms twice", "once"),
        ("moons/", "names no generator", "spirals:arms=3"),
        ("above:formula=x +", "missing at the end", "Write it like"),
        ("above:formula=x + z", "'z', which is no column", "There are: x, y"),
        ("above:formula=100", "'100' is met (almost) nowhere", "class B"),
        ("above:formula=ln(0 - abs(x) - 1)", "(almost) nowhere", "another formula"),
        ("surface:formula=sqrt(0 - x^2 - 1)", "a value (almost) nowhere", "another"),
        ("surface:formula=exp(x^2)", "reaches", "Divide it"),
        ("surface:samples=7", "points cannot be 7", "at least 20"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_hint(text, message, hint):
    with pytest.raises((ConfigError, DatasetError)) as caught:
        parse(text)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_settings_are_frozen_and_checked():
    with pytest.raises(ConfigError, match="circles cannot be 99"):
        generated("circles", rings=99)
    with pytest.raises(ConfigError, match="no setting of circles called 'ring'"):
        generated("circles", ring=3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        shape_of("circles", {}).rings = 4

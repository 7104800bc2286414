"""A window whose run goes on from a model: every view begins where it begins."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from PySide6.QtWidgets import QInputDialog

from simulator.data import open_dataset
from simulator.interchange import FORMATS, load_model, save_model
from simulator.training.session import Session
from ui.motion.update import losses
from ui.panels.track import Track


@pytest.fixture(scope="module")
def uninterrupted() -> Session:
    session = Session(open_dataset("penguins"))
    session.advance(60)
    return session


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    session = Session(open_dataset("penguins"))
    session.advance(40)
    return save_model(session.model(), tmp_path_factory.mktemp("models") / "forty.safetensors")


@pytest.fixture
def late(guest, path):
    """A window that opened the model of epoch 40, and trained to epoch 60."""
    said = []
    guest.window.models.noted.connect(said.append)
    guest.window.open_path(path)
    guest.wait(lambda: guest.epoch == 40)
    assert said[-1] == "Imported after 40 epochs; training goes on from there"
    assert not guest.action("first").isEnabled()
    track = guest.find("timeline.track", Track)
    assert (track.minimum(), track.value()) == (40, 40)
    guest.wait(lambda: track.x_of(40) < track.x_of(41))
    guest.advance_to(60)
    return guest


def settled(guest, epoch) -> None:
    guest.wait(lambda: guest.epoch == epoch and not guest.bridge.playing)


def test_it_goes_on_with_the_numbers_of_a_run_that_was_never_interrupted(late, uninterrupted):
    assert np.array_equal(late.parameters, uninterrupted.model().parameters)
    late.wait(lambda: len(late.bridge.records) == 61)
    assert late.bridge.records[40:].tobytes() == uninterrupted.records[40:].tobytes()
    assert np.isnan(late.bridge.records["train_loss"][:40]).all()
    assert late.bridge.snapshot.way == uninterrupted.snapshot().way


def test_the_timeline_the_curves_and_the_buttons_begin_where_it_begins(late):
    track = late.find("timeline.track", Track)
    late.wait(lambda: track.minimum() == 40 and track.maximum() == 60)
    late.wait(lambda: round(track.epoch_at(-100.0)) == 40)
    assert track.ticks()[0] >= 40
    assert track.epoch_at(track.x_of(52)) == 52
    curves = late.window.panels["curves"]
    late.wait(lambda: curves.view is not None and curves.begin == 40)
    late.wait(lambda: "train_loss" in curves.view.plots["loss"].lines)
    late.wait(lambda: len(curves.view.line("train_loss").getData()[0]) == 21)
    assert curves.view.line("train_loss").getData()[0][0] == 40.0
    assert [entry.name for entry in curves._entries()] == ["Train", "Test"]
    assert curves.branches()[0][1]["epoch"].tolist() == [*range(40, 61)]
    late.trigger("first")
    settled(late, 40)
    late.wait(lambda: not late.action("first").isEnabled() and not late.action("back").isEnabled())


def test_reset_goes_back_to_what_was_imported_and_new_weights_to_epoch_0(late):
    track = late.find("timeline.track", Track)
    late.trigger("reset")
    settled(late, 40)
    assert not late.action("back").isEnabled()
    late.trigger("new_weights")
    settled(late, 0)
    late.advance_to(5)
    late.wait(lambda: (track.minimum(), track.maximum()) == (0, 5))
    assert track.ticks()[0] == 0
    late.bridge.switch(0)
    settled(late, 60)
    late.wait(lambda: track.minimum() == 40)
    assert track.x_of(0) < track.x_of(40), "the axis has room for all runs"


def test_other_views_ask_for_nothing_before_it(late, monkeypatch):
    asked = []
    monkeypatch.setattr(QInputDialog, "getInt", lambda *given: asked.append(given) or (45, True))
    compare = late.window.panels["compare"]
    compare._ask_epoch()
    assert asked[0][2].endswith("40 to 60?")
    assert asked[0][4:6] == (40, 60)
    late.wait(lambda: compare.then is not None and compare.then.snapshot is not None)
    assert compare.then.snapshot.epoch == 45
    late.bridge.peek(0, 0)
    with late.bot.waitSignal(late.bridge.peeked) as found:
        pass
    assert found.args[0].snapshot.epoch == 40


def test_what_is_told_about_it_counts_from_there(late):
    narrating = late.window.narrating
    view = object()
    narrating.want(view)
    late.wait(lambda: narrating.story is not None and narrating.story.shown == 60)
    sentences = narrating.story.sentences
    assert all(sentence.epoch >= 40 for sentence in sentences)
    assert not any("nan" in f"{sentence.text} {sentence.evidence}" for sentence in sentences)
    assert losses(late.bridge.records).startswith("In 20 epochs the training loss went from ")


def test_an_exported_model_holds_the_memory_of_the_moment(late, uninterrupted):
    found = []
    late.window.models.take_model(lambda model, _snapshot: found.append(model))
    late.wait(lambda: len(found) == 1)
    expected = uninterrupted.model()
    assert found[0].training.memory.tobytes() == expected.training.memory.tobytes()
    assert found[0].training.progression == expected.training.progression


def test_a_model_without_memory_counts_from_0_again(guest, path, tmp_path):
    said = []
    guest.window.models.noted.connect(said.append)
    model = dataclasses.replace(load_model(path), training=None)
    guest.window.open_path(save_model(model, tmp_path / "old.json"))
    guest.wait(lambda: np.array_equal(guest.parameters, model.parameters))
    assert guest.epoch == 0
    assert said[-1] == "Imported after 40 epochs; counted from 0 again"


def test_a_model_goes_on_with_other_rows_of_the_running_data(make_window, path):
    whole = open_dataset("penguins").raw
    guest = make_window(open_dataset(whole.iloc[::2].reset_index(drop=True)))
    said = []
    guest.window.models.noted.connect(said.append)
    guest.window.open_path(path)
    guest.wait(lambda: guest.epoch == 40)
    assert said[-1].endswith("training goes on from there, on other rows")
    assert len(guest.bridge.dataset.table) == 172
    guest.advance_to(42)


@pytest.fixture
def same_model_through_the_window(guest):
    """A function that opens a file, and returns the model of the network that is there then."""

    def through(file):
        opened, found = [], []
        guest.bridge.opened.connect(opened.append)
        guest.window.open_path(file)
        guest.wait(lambda: len(opened) == 1)
        guest.window.models.take_model(lambda model, _snapshot: found.append(model))
        guest.wait(lambda: len(found) == 1)
        guest.bridge.opened.disconnect(opened.append)
        return found[0]

    return through


def test_import_then_export_gives_the_same_predictions_in_every_format(same_model_through_the_window, tmp_path, path):
    model, table = load_model(path), open_dataset("penguins").table
    expected = model.predict(table)
    for name, row in FORMATS.items():
        if row.load is None:
            continue
        written = save_model(model, tmp_path / f"{name}{row.suffix}", name)
        found = same_model_through_the_window(written)
        again = load_model(save_model(found, tmp_path / f"{name}-again{row.suffix}", name))
        assert again.parameters.tobytes() == model.parameters.tobytes(), name
        pd.testing.assert_frame_equal(again.predict(table), expected, check_exact=True)
        assert found.epoch == (40 if row.group == "ours" else 0)

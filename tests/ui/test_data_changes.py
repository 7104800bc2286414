"""The data of a session changes while it plays: every view follows, and nothing begins anew."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QTableView

from simulator.data import Dataset, open_dataset
from simulator.progress import Progress
from simulator.training.commands import ChangeData
from simulator.training.session import Session
from simulator.training.session_file import read_session
from simulator.training.verification import SAME, verify
from ui.panels.inspection import LAST, Subject
from ui.recovery import keep as keep_for_recovery


@pytest.fixture(scope="module")
def splits() -> list[Dataset]:
    return [open_dataset("penguins", seed=seed, test_fraction=0.1 * seed) for seed in range(1, 5)]


def of_table(dataset: Dataset, table: pd.DataFrame) -> Dataset:
    """Return what is drawn: rows put in or taken out of a table, prepared by the recipe that was there."""
    recipe, rows = dataset.recipe, np.arange(len(table), dtype=np.int64)
    X, Y = recipe.transform(table), recipe.targets(table)
    used = np.isfinite(X).all(axis=1) & np.isfinite(Y).all(axis=1)
    train, test = used & (rows % 5 != 0), used & (rows % 5 == 0)
    return dataclasses.replace(
        dataset, name="drawn", path=None, table=table, X_train=X[train], Y_train=Y[train], X_test=X[test],
        Y_test=Y[test], train_rows=rows[train], test_rows=rows[test],
    )  # fmt: skip


def change(guest, dataset: Dataset) -> None:
    guest.bridge.change_data(dataset)
    guest.wait(lambda: guest.bridge.dataset is dataset)


def told_of(guest) -> list[str]:
    """Return a list that is told of every session that is opened, so that a test can see that none was."""
    told: list[str] = []
    guest.bridge.opened.connect(lambda _event: told.append("opened"))
    guest.bridge.failed.connect(lambda failure: told.append(failure.message))
    return told


def show(guest, *names: str) -> None:
    for name in names:
        guest.window.show_panel(name)


def test_while_it_plays_the_data_changes_and_training_goes_on(guest, splits):
    show(guest, "table", "curves", "output", "data")
    told = told_of(guest)
    guest.bridge.play()
    guest.wait(lambda: guest.epoch > 3)
    for each in splits:
        change(guest, each)
        epoch = guest.epoch
        guest.wait(lambda epoch=epoch: guest.epoch > epoch + 1)
        assert guest.bridge.playing
    guest.bridge.pause()
    guest.wait_for_rest()
    assert told == []
    assert len(guest.bridge.branches) == 1
    assert guest.bridge.records["epoch"].tolist() == list(range(guest.epoch + 1)), "the curves go on"
    assert guest.window.panels["table"].model.cells.dataset is splits[-1]


def test_going_back_and_forth_shows_the_data_that_held(guest, splits):
    first, told = guest.bridge.dataset, told_of(guest)
    guest.advance_to(4)
    change(guest, splits[3])
    guest.advance_to(8)
    for epoch, dataset in ((2, first), (6, splits[3]), (0, first), (8, splits[3])):
        guest.bridge.go_to(epoch)
        guest.wait(lambda epoch=epoch: guest.epoch == epoch)
        assert guest.bridge.dataset is dataset
        rows = guest.window.panels["data"]._facts["Rows"].text()
        assert f"{len(dataset.train_rows):,} for training" in rows
    guest.bridge.go_to(2)
    guest.wait(lambda: guest.epoch == 2)
    change(guest, splits[1])
    guest.wait(lambda: len(guest.bridge.branches) == 2)
    guest.advance_to(5)
    guest.bridge.switch(0)
    guest.wait(lambda: guest.bridge.dataset is splits[3])
    assert told == []


def test_data_that_waits_is_known_and_what_is_opened_then_has_it(guest, splits):
    first = guest.bridge.dataset
    guest.bridge.advance(1, "batch")
    guest.wait(lambda: guest.bridge.snapshot.batch == 1)
    waiting = []
    guest.bridge.dataset_waiting.connect(waiting.append)
    guest.bridge.change_data(splits[0])
    guest.wait(lambda: guest.bridge.waiting_dataset is splits[0])
    assert guest.bridge.dataset is first
    assert guest.bridge.wanted_dataset is splits[0]
    note = guest.find("data.waiting", QLabel)
    assert f"other data: {len(splits[0].train_rows):,} rows for training" in note.text()
    assert not note.isHidden()
    guest.bridge.change_data(splits[1])
    guest.advance_to(1)
    guest.wait(lambda: guest.bridge.dataset is splits[1])
    assert waiting == [splits[0], splits[1], None]
    assert note.isHidden()
    guest.bridge.advance(1, "batch")
    guest.wait(lambda: guest.bridge.snapshot.batch == 1)
    guest.bridge.change_data(splits[2])
    guest.wait(lambda: guest.bridge.waiting_dataset is splits[2])
    guest.window.editor.add_layer()
    guest.wait(lambda: len(guest.bridge.network.hidden) == 3)
    assert guest.bridge.dataset is splits[2]
    assert guest.window.editor.stack.canUndo()
    assert guest.bridge.waiting_dataset is None
    assert note.isHidden()


@pytest.mark.parametrize("place", ["there", "moved", "gone", "beyond"])
def test_the_chosen_row_stays_if_it_is_still_there(guest, place):
    dataset, selection = guest.bridge.dataset, guest.window.selection
    table = dataset.table
    row = len(table) - 2
    selection.choose_row(row)
    selection.choose_neuron((1, 2))
    made = {
        "there": (pd.concat([table, table.iloc[[0, 1]]], ignore_index=True), row),
        "moved": (table.drop(index=[4, 7, 9]).reset_index(drop=True), row - 3),
        "gone": (table.drop(index=[row]).reset_index(drop=True), row),
        "beyond": (table.iloc[:50].reset_index(drop=True), 49),
    }
    drawn, wanted = made[place]
    change(guest, of_table(dataset, drawn))
    assert selection.chosen.row == wanted
    assert selection.chosen.split in ("train", "test")
    assert selection.neuron == (1, 2)
    assert guest.window.stage.row.value == wanted + 1
    if place != "beyond":
        assert selection.rows == len(drawn)


def test_a_row_that_is_in_the_table_but_used_no_more_is_left_only_when_it_is_gone(guest, splits):
    selection, table = guest.window.selection, guest.bridge.dataset.table
    selection.choose_row(3)  # its measures are missing
    assert selection.chosen.split == "unused"
    change(guest, splits[0])
    assert (selection.chosen.row, selection.chosen.split) == (3, "unused")
    change(guest, of_table(splits[0], table.drop(index=[3]).reset_index(drop=True)))
    assert selection.chosen.split != "unused"


def test_the_table_stays_where_it_is_looked_at(guest):
    show(guest, "table")
    dataset, rows = guest.bridge.dataset, guest.find("table.rows", QTableView)
    guest.window.selection.choose_row(5)
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum() // 2)
    place, widths = rows.verticalScrollBar().value(), [rows.columnWidth(each) for each in range(5)]
    assert place > 5
    rows.setColumnWidth(2, widths[2] + 31)
    change(guest, of_table(dataset, pd.concat([dataset.table, dataset.table.iloc[:3]], ignore_index=True)))
    assert rows.model().rowCount() == len(dataset.table) + 3
    assert rows.verticalScrollBar().value() == place
    assert rows.columnWidth(2) == widths[2] + 31
    assert rows.currentIndex().row() == 5
    guest.wait(lambda: rows.model().index(6, 1).data() in dataset.class_names)


def test_a_row_that_was_changed_by_hand_stays_changed(guest):
    show(guest, "output")
    dataset, selection = guest.bridge.dataset, guest.window.selection
    selection.choose_row(10)
    changed = selection.chosen.inputs + 0.25
    selection.change_inputs(changed)
    what_if = guest.window.panels["output"].what_if
    assert what_if.draft is not None
    change(guest, of_table(dataset, dataset.table.drop(index=[2]).reset_index(drop=True)))
    assert (selection.chosen.split, selection.chosen.row) == ("changed", 9)
    assert np.array_equal(selection.chosen.inputs, changed)
    guest.wait(lambda: what_if.draft is not None and what_if.draft.row == 9)
    assert what_if.draft.dataset is guest.bridge.dataset
    change(guest, open_dataset("penguins", seed=8))  # another mean: the numbers would mean something else
    assert selection.chosen.split != "changed"


def test_what_somebody_looks_for_among_the_features_stays(guest, splits):
    show(guest, "output")
    what_if = guest.window.panels["output"].what_if
    legend = what_if._legend
    legend._output.setCurrentIndex(2)
    before = what_if.list.shown
    change(guest, splits[2])
    guest.wait(lambda: what_if._dataset is splits[2])
    assert legend._output.currentIndex() == 2
    assert what_if.list.shown == before
    assert what_if._seen.features[0].mean == pytest.approx(_mean_of(splits[2]))


def _mean_of(dataset: Dataset) -> float:
    column = dataset.table[dataset.recipe.used[0]]
    return float(column.iloc[dataset.train_rows].mean())


def test_the_inspector_and_the_matrices_name_the_rows_of_each_update(guest, splits):
    show(guest, "inspector", "matrices")
    guest.advance_to(2)
    first, asking = guest.bridge.dataset, guest.window.asking
    change(guest, splits[3])
    guest.wait(lambda: asking.fresh and asking.account.dataset is splits[3])
    account = asking.account
    assert account.last_dataset is first
    assert account.shown_dataset is splits[3]
    rows = splits[3].train_rows[account.moment.rows]
    assert np.array_equal(account.moment.X, splits[3].X_train[account.moment.rows].astype(np.float32))
    assert np.array_equal(account.last_moment.X, first.X_train[account.last_moment.rows].astype(np.float32))
    matrices = guest.window.panels["matrices"]
    guest.wait(lambda: matrices.equation is not None and matrices.equation.raw_rows == tuple(rows.tolist()))
    from simulator.explain import Number
    from ui.panels.inspection import row_of

    last = row_of(account, Subject(Number("input", unit=0, row=1), LAST))
    assert last == first.train_rows[account.last_moment.rows[1]]
    assert account.last.value(Number("input", unit=0, row=1)) == pytest.approx(account.last_moment.X[1, 0])


def test_where_only_test_rows_are_left_the_shown_row_is_still_explained(guest, splits):
    """The next update is made of data that waits, which another row of that number stands in."""
    show(guest, "inspector")
    dataset, session = guest.bridge.dataset, guest.bridge._runner._session
    short = of_table(dataset, dataset.table.iloc[:40].reset_index(drop=True))
    guest.window.selection.choose_row(200)
    while session.place < (0, session._engine.batches):
        session._course.work((0, session._engine.batches), 1.0)  # as where somebody pauses there
    guest.bridge.change_data(short)
    guest.wait(lambda: guest.window.asking.fresh and guest.window.asking.account.dataset is short)
    account = guest.window.asking.account
    assert account.shown_dataset is dataset
    assert account.row is not None
    assert account.place is None
    guest.window.motion.start()
    guest.wait(lambda: guest.window.motion.phase is not None)
    guest.advance_to(1)
    guest.wait(lambda: guest.bridge.dataset is short)
    assert guest.window.selection.chosen.row < 40


def test_slow_motion_goes_on_with_the_rows_of_the_new_data(guest, splits):
    motion = guest.window.motion
    motion.start()
    guest.wait(lambda: motion.phase is not None)
    motion.turn(3)
    key = motion.phase.key
    change(guest, splits[1])
    guest.wait(lambda: motion.account is not None and motion.account.dataset is splits[1] and motion.phase is not None)
    assert motion.on
    assert motion.phase.key == key
    assert motion.following
    guest.wait(lambda: motion.account.place is not None)
    guest.window.selection.choose_row(int(splits[1].test_rows[0]))
    assert not motion.following
    change(guest, splits[2])
    assert not motion.following, "somebody has chosen that row"


def test_what_was_kept_for_comparison_stays_and_is_asked_as_it_was_prepared(guest, splits):
    show(guest, "compare")
    panel = guest.window.panels["compare"]
    guest.advance_to(3)
    guest.trigger("keep_moment")
    first = guest.bridge.dataset
    row = int(splits[2].train_rows[0])
    guest.window.selection.choose_row(row)
    change(guest, splits[2])
    guest.advance_to(5)
    guest.wait(lambda: not panel._stale and panel.pictures is not None and panel._given is not None)
    assert panel.then.dataset is first
    then, now = panel.pictures[:2]
    recipe = first.recipe
    assert then.activations[0] == pytest.approx(recipe.transform(splits[2].table.iloc[[row]])[0], abs=1e-9)
    assert now.activations[0] == pytest.approx(splits[2].X_train[0], abs=1e-9)
    guest.wait(lambda: panel._given.rows == len(splits[2].X_test))
    from ui.panels.compare_moments import Moment

    panel.compare_with(Moment("epoch 4", None, 0, 4))
    guest.wait(lambda: panel.then is not None and panel.then.name == "epoch 4")
    assert panel.then.dataset is splits[2]
    panel.compare_with(Moment("epoch 2", None, 0, 2))
    guest.wait(lambda: panel.then.name == "epoch 2")
    assert panel.then.dataset is first


def test_the_panel_and_the_title_say_which_data_it_is(guest, splits):
    dataset = guest.bridge.dataset
    change(guest, of_table(dataset, dataset.table.iloc[:100].reset_index(drop=True)))
    assert guest.find("data.set", QComboBox).currentText() == "drawn"
    assert guest.window.windowTitle().startswith("drawn")
    assert not guest.action("lesson_bird").isEnabled()
    guest.advance_to(2)
    change(guest, splits[0])
    assert guest.find("data.set", QComboBox).currentText() == "Palmer penguins"
    assert guest.action("lesson_bird").isEnabled()


def test_other_data_is_something_to_save_and_a_file_brings_all_of_it_back(guest, splits, tmp_path):
    guest.advance_to(2)
    path = tmp_path / "s.nodeglow"
    guest.window.sessions.save(path)
    guest.wait(lambda: path.exists() and not guest.window.sessions.busy)
    assert not guest.window.sessions.modified
    guest.bridge.change_data(splits[0])
    guest.wait(lambda: guest.window.sessions.modified)
    guest.advance_to(4)
    for each in splits[1:]:
        guest.bridge.change_data(each)  # the last one counts
    guest.advance_to(5)
    guest.window.sessions.save()
    guest.wait(lambda: not guest.window.sessions.busy and not guest.window.sessions.modified)
    guest.bridge.go_to(1)
    guest.wait(lambda: guest.epoch == 1)
    assert not guest.window.sessions.modified, "another moment is no change"
    record = read_session(path)
    assert [len(each.X_train) for each in record.datasets] == [
        len(each.X_train) for each in (open_dataset("penguins"), splits[0], splits[3])
    ]
    assert verify(record).verdict == SAME
    guest.window.open_path(path)
    guest.wait(lambda: guest.bridge.dataset is not None and guest.epoch == 5)
    assert len(guest.bridge.dataset.X_train) == len(splits[3].X_train)
    guest.bridge.go_to(0)
    guest.wait(lambda: guest.epoch == 0)
    assert len(guest.bridge.dataset.X_train) == len(open_dataset("penguins").X_train)


def test_what_is_kept_for_a_crash_holds_the_drawn_rows_and_names_no_file_that_may_change(guest, tmp_path):
    dataset, found = guest.bridge.dataset, []
    guest.advance_to(1)
    change(guest, of_table(dataset, dataset.table.iloc[:80].reset_index(drop=True)))
    guest.advance_to(2)
    guest.bridge.saving.connect(found.append)
    guest.bridge.save()
    guest.wait(lambda: bool(found))
    path = keep_for_recovery(found[0].record, tmp_path / "own", Progress())
    read = read_session(path)
    assert [len(each.table) for each in read.datasets] == [len(dataset.table), 80]
    assert verify(read).verdict == SAME


def test_data_that_does_not_fit_says_so_and_the_session_goes_on(guest, qtbot):
    told = told_of(guest)
    guest.window.bridge.failed.disconnect(guest.window.show_failure)
    guest.advance_to(1)
    guest.bridge.change_data(open_dataset("digits"))
    guest.wait(lambda: bool(told))
    assert "does not fit digits" in told[0]
    assert guest.bridge.dataset.name == "penguins"
    guest.advance_to(2)


def test_before_the_first_update_the_figures_are_those_of_the_new_data(guest, splits):
    before = guest.find("readout.train_loss", QLabel).text()
    change(guest, splits[3])
    guest.wait(lambda: guest.find("readout.train_loss", QLabel).text() != before)
    assert len(guest.bridge.records) == 1
    assert f"{guest.bridge.records['train_loss'][0]:.4f}" == guest.find("readout.train_loss", QLabel).text()


def test_a_moment_is_never_shown_before_its_data_is_known(guest, splits, monkeypatch):
    """What the worker tells between two looks of the window may come together with the moment that it is about."""
    bridge, runner = guest.bridge, guest.bridge._runner
    bridge._clock.stop()
    runner.send(ChangeData(splits[0]))
    guest.wait(lambda: runner._session.dataset is splits[0] and bool(runner._mailbox))
    events, calls = runner.events, []
    monkeypatch.setattr(runner, "events", lambda: events() if calls else calls.append(1) or [])
    seen = []
    bridge.snapshot_changed.connect(lambda _snapshot: seen.append(bridge.dataset))
    bridge._tick()
    assert seen == [splits[0]]
    bridge._clock.start()


def test_what_is_kept_for_a_crash_trusts_no_file_but_the_programs_own(tmp_path, splits):
    source = tmp_path / "mine.csv"
    splits[0].table.to_csv(source, index=False)
    mine = open_dataset(source, target="species", features=splits[0].recipe.used)
    session = Session(mine)
    session.advance(1)
    session.change_data(splits[0])
    session.advance(1)
    path = keep_for_recovery(session.record(), tmp_path / "own", Progress())
    source.write_text("gone")
    assert [each.path for each in read_session(path).datasets] == [source, splits[0].path]

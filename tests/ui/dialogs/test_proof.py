"""The proofs in windows of their own: all gradients by small changes, and the next epochs in PyTorch."""

import dataclasses
import importlib.util
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton
from shiboken6 import isValid

from simulator.explain import Ancestry, explain
from simulator.training.session import Session
from ui.asking import Asking
from ui.dialogs.proof_gradients import GradientsDialog, check_gradients
from ui.dialogs.proof_script import Script, own_python, own_torch, verdict_of
from ui.dialogs.proof_torch import TorchDialog, compare_with_torch, free_name
from ui.selection import Selection

PATIENCE = 30_000
AGREES = "PyTorch agrees: the largest difference is 7.9e-09"


@pytest.fixture(scope="module")
def session(penguins):
    made = Session(penguins, engine="reference")
    made.advance(1)
    return made


@pytest.fixture
def ancestry(session, penguins):
    return Ancestry(explain(session.moment()), penguins)


@pytest.fixture
def gradients(qtbot, bridge):
    def make(ancestry) -> GradientsDialog:
        dialog = GradientsDialog(bridge, ancestry)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


# -- all gradients ------------------------------------------------------------------------------------------------


def test_all_gradients_are_checked_and_agree(qtbot, gradients, ancestry):
    dialog = gradients(ancestry)
    assert dialog.running
    assert dialog.stop.text() == "&Stop"
    qtbot.waitUntil(lambda: not dialog.running, timeout=PATIENCE)
    assert sorted(dialog.checks.places.tolist()) == list(range(139))
    assert dialog.verdict.text() == "Explained and measured agree: every gradient is right."
    assert dialog.facts["Checked"].text() == "139 of 139 gradients"
    assert "of their size, at the " in dialog.facts["Furthest apart"].text()
    assert dialog.progress.value() == dialog.progress.maximum() == 139
    assert not dialog.stop.isEnabled()
    assert "139 gradients, explained against measured: 0 off" in dialog.picture.accessibleName()
    assert "batch 1 of epoch 2" in dialog.how.text()


def test_a_wrong_gradient_is_found_out_and_named(qtbot, gradients, ancestry):
    wrong = ancestry.explanation.backward.gradient.copy()
    place = int(np.abs(wrong).argmax())
    wrong[place] *= 1.01
    vars(ancestry.explanation)["backward"] = dataclasses.replace(ancestry.explanation.backward, gradient=wrong)
    dialog = gradients(ancestry)
    qtbot.waitUntil(lambda: not dialog.running, timeout=PATIENCE)
    assert dialog.verdict.text() == "1 gradient differs by more than rounding."
    assert dialog.checks.places[dialog.checks.worst] == place
    assert "1 off the diagonal" in dialog.picture.accessibleName()
    assert not dialog.picture.grab().isNull()


def test_it_can_be_stopped_says_what_it_knows_and_goes_on(qtbot, gradients, ancestry):
    dialog = gradients(ancestry)
    qtbot.waitUntil(lambda: dialog.checks is not None, timeout=PATIENCE)
    dialog.stop.click()
    found = len(dialog.checks.places)
    assert found < 139
    assert not dialog.running
    assert dialog.stop.text() == "&Go on"
    assert dialog.verdict.text() == "So far, explained and measured agree."
    qtbot.wait(200)
    assert len(dialog.checks.places) == found
    dialog.stop.click()
    qtbot.waitUntil(lambda: not dialog.running, timeout=PATIENCE)
    assert sorted(dialog.checks.places.tolist()) == list(range(139)), "each is checked once"


def test_closing_it_ends_the_check_and_it_forgets_itself(qtbot, bridge, ancestry):
    dialog = check_gradients(bridge, ancestry)
    dialog.reject()
    assert not dialog.running
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE)


# -- a script beside the window -----------------------------------------------------------------------------------


@pytest.fixture
def run_script(qtbot, tmp_path):
    """Run a text as a script, and return how it ended."""

    def run(text: str, python: Path | None = None):
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        script = Script()
        with qtbot.waitSignal(script.ended, timeout=PATIENCE) as caught:
            script.run(python or own_python(), path)
        assert not script.running
        return caught.args[0]

    return run


@pytest.mark.parametrize(
    ("text", "agrees", "words"),
    [
        (f"print({AGREES!r})", True, "PyTorch agrees: the largest difference is 7.9e−9."),
        ("assert False, 'the losses differ by 1.0e-01, more than 1e-04'", False, "does not agree: the losses differ"),
        ("raise ModuleNotFoundError(\"No module named 'torch'\")", None, "no PyTorch: pip install torch"),
        ("raise ValueError('other')", None, "The script failed"),
        ("print('hello')", None, "The script failed"),
    ],
)
def test_what_a_script_says_at_its_end_is_the_verdict(run_script, text, agrees, words):
    verdict = run_script(text)
    assert verdict.agrees is agrees
    assert words in verdict.text


def test_a_python_that_is_none_is_told(run_script, tmp_path):
    verdict = run_script("print(1)", tmp_path / "nowhere")
    assert verdict.agrees is None
    assert "could not be started: choose another Python" in verdict.text


def test_what_it_says_is_heard_while_it_runs_and_it_can_be_stopped(qtbot, tmp_path):
    path = tmp_path / "long.py"
    path.write_text("import time\nprint('epoch 1: ŷ')\ntime.sleep(600)\n", encoding="utf-8")
    script, ended = Script(), []
    script.ended.connect(ended.append)
    script.run(own_python(), path)
    qtbot.waitUntil(lambda: "epoch 1: ŷ" in script.output.replace("\\u0177", "ŷ"), timeout=PATIENCE)
    assert script.running
    process = script._run
    script.stop()
    assert not script.running
    assert not isValid(process) or process.state() == process.ProcessState.NotRunning
    assert ended == []


def test_a_python_is_asked_whether_it_has_pytorch(qtbot):
    script = Script()
    with qtbot.waitSignal(script.probed, timeout=PATIENCE) as caught:
        script.ask(Path(sys.executable))
    assert caught.args == [importlib.util.find_spec("torch") is not None]
    assert own_torch() == caught.args[0]


def test_an_empty_output_is_no_agreement():
    assert verdict_of(0, "").agrees is None


# -- the comparison -----------------------------------------------------------------------------------------------


@pytest.fixture
def torch_dialog(qtbot, bridge, penguins, tmp_path):
    """A function that opens the comparison for a running session."""

    def make(**options) -> TorchDialog:
        selection = Selection(bridge)
        asking = Asking(bridge, selection, bridge)
        bridge.opened.connect(lambda event: selection.follow(event.dataset))
        bridge.open(penguins, engine="reference")
        qtbot.waitUntil(lambda: bridge.snapshot is not None, timeout=PATIENCE)
        dialog = TorchDialog(bridge, asking, tmp_path, **options)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.account is not None, timeout=PATIENCE)
        return dialog

    return make


def write(qtbot, dialog: TorchDialog) -> None:
    dialog.sheet.write.click()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)


def test_the_script_holds_the_losses_that_the_run_comes_to(qtbot, bridge, torch_dialog, tmp_path):
    dialog = torch_dialog()
    assert dialog.sheet.epochs.value == 3
    assert dialog.path == tmp_path / "nodeglow_after_epoch_0.py"
    assert dialog.sheet.since.text() == "after the start, of 18 batches each"
    write(qtbot, dialog)
    text = dialog.path.read_text(encoding="utf-8")
    compile(text, "script", "exec")
    assert bridge.snapshot.epoch == 0, "the run stays where it is"
    bridge.advance(3)
    qtbot.waitUntil(lambda: bridge.snapshot.epoch == 3, timeout=PATIENCE)
    assert all(repr(float(loss)) in text for loss in bridge.records["train_loss"][1:4])
    assert "was written" in dialog.sheet.output.toPlainText()


def test_nothing_is_overwritten_unasked(qtbot, torch_dialog, tmp_path):
    old = tmp_path / "nodeglow_after_epoch_0.py"
    old.write_text("mine", encoding="utf-8")
    dialog = torch_dialog()
    assert dialog.path == tmp_path / "nodeglow_after_epoch_0_2.py"
    dialog.path.write_text("also mine", encoding="utf-8")  # it came since the name was thought of
    dialog._named = True
    write(qtbot, dialog)
    assert "exists already" in dialog.sheet.verdict.text()
    assert old.read_text(encoding="utf-8") == "mine"
    assert dialog.path.read_text(encoding="utf-8") == "also mine"
    assert free_name(tmp_path, 0).name == "nodeglow_after_epoch_0_3.py"


def test_a_name_that_was_asked_about_is_written(qtbot, torch_dialog, tmp_path):
    chosen = tmp_path / "chosen.py"
    chosen.write_text("old", encoding="utf-8")
    dialog = torch_dialog(choose_file=lambda _parent, _title, _suggested, _filters: (chosen, ""))
    dialog.sheet.choose_path.click()
    dialog.sheet.epochs.show_value(2)
    write(qtbot, dialog)
    assert "for 2 epochs in PyTorch" in chosen.read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told(qtbot, torch_dialog, tmp_path):
    nowhere = tmp_path / "nowhere" / "script.py"
    dialog = torch_dialog(choose_file=lambda *_: (nowhere, ""))
    dialog.sheet.choose_path.click()
    write(qtbot, dialog)
    assert "cannot be written" in dialog.sheet.verdict.text()


def test_in_the_middle_of_an_epoch_it_says_what_to_do_and_does_it(qtbot, bridge, torch_dialog):
    dialog = torch_dialog()
    bridge.advance(4, "batch")
    qtbot.waitUntil(lambda: dialog.sheet.to_end.isVisible(), timeout=PATIENCE)
    assert "in the middle of epoch 1" in dialog.sheet.inside.text()
    for button in (dialog.sheet.write, dialog.sheet.run):
        assert not button.isEnabled()
        assert "middle of epoch 1" in button.toolTip()
    dialog.sheet.to_end.click()
    qtbot.waitUntil(lambda: dialog.sheet.write.isEnabled(), timeout=PATIENCE)
    assert bridge.snapshot.epoch == 1
    assert not dialog.sheet.to_end.isVisible()
    assert dialog.path.name == "nodeglow_after_epoch_1.py"


@pytest.mark.skipif(own_torch(), reason="this Python has PyTorch")
def test_where_there_is_no_pytorch_it_says_how_to_get_it_and_does_not_offer_to_run(torch_dialog):
    dialog = torch_dialog()
    assert not dialog.sheet.run.isEnabled()
    assert dialog.sheet.run.toolTip() == "This Python has no PyTorch."
    assert f"{sys.executable} -m pip install torch" in dialog.sheet.has_torch.text()
    assert "run it on a machine that has it" in dialog.sheet.has_torch.text()
    assert dialog.sheet.write.isEnabled()


def test_another_python_can_be_chosen(qtbot, torch_dialog):
    dialog = torch_dialog(choose_python=lambda *_: Path(sys.executable))
    dialog.sheet.choose_python.click()
    assert "Looking" in dialog.sheet.has_torch.text()
    qtbot.waitUntil(lambda: "Looking" not in dialog.sheet.has_torch.text(), timeout=PATIENCE)
    assert dialog.sheet.run.isEnabled() == own_torch()


def test_it_runs_the_script_and_pytorch_agrees(qtbot, torch_dialog):
    pytest.importorskip("torch")
    dialog = torch_dialog()
    dialog.sheet.run.click()
    qtbot.waitUntil(lambda: dialog.verdict is not None, timeout=4 * PATIENCE)
    assert dialog.verdict.agrees
    assert dialog.sheet.output.toPlainText().count("Nodeglow") == 3


def test_every_control_has_a_name_and_a_tooltip(torch_dialog, gradients, ancestry):
    for dialog in (torch_dialog(), gradients(ancestry)):
        for button in dialog.findChildren(QAbstractButton):
            assert button.objectName(), button.text()
            assert button.toolTip(), button.text()


def test_closing_it_ends_everything_and_it_forgets_itself(qtbot, bridge, torch_dialog, preferences):
    first = torch_dialog()
    dialog = compare_with_torch(bridge, first._asking, preferences)
    dialog.sheet.write.click()
    dialog.reject()
    assert not dialog.busy
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE)

"""`nodeglow verify`: a session that was saved is trained again from its seed; what is not the same is found."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.engines import ENGINES, EngineState
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.defaults import default_config
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session
from simulator.training.session_record import SessionRecord
from simulator.training.verification import DIFFERENT, ROUNDING, SAME, verify

DROPPING = NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.3), LayerSpec(5, "relu")), 3)


def last_json(text: str) -> dict:
    return json.loads(text.splitlines()[-1])


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def session_of(penguins, engine="auto", **changes) -> Session:
    return Session(penguins, DROPPING, dataclasses.replace(default_config(penguins), **changes), engine)


@pytest.fixture(scope="module")
def branched(penguins) -> SessionRecord:
    """A tree with all that changes what training goes on from."""
    session = session_of(penguins)
    session.advance(6)
    session.advance(5, "batch")
    adam = session.config
    sgd = dataclasses.replace(adam, optimizer=Rule("sgd", momentum=0.9))
    session.configure(sgd)
    session.configure(dataclasses.replace(adam, batch_size=40))  # back again: the memory is empty, and a size waits
    session.advance(9)
    session.go_to(3, 2)
    session.configure(dataclasses.replace(adam, l2=0.1))
    session.advance(4)
    session.go_to(3, 2)
    session.configure(sgd)  # a sister
    session.advance(3)
    session.go_to(4)
    session.fork("a child of the sister")
    session.configure(dataclasses.replace(sgd, clip_norm=0.5))
    session.advance(2)
    session.switch(0, 6, 5)
    session.configure(sgd)  # at the very moment at which its parent changed
    session.advance(1)
    session.new_weights(7)
    session.advance(3)
    session.reset()
    session.advance(1)
    session.switch(0, 8, 1)
    return session.record()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_gives_the_same_bits_again(penguins, optimizer):
    session = session_of(penguins, optimizer=Rule(optimizer))
    session.advance(4)
    assert verify(session.record()).verdict == SAME


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
def test_every_engine_gives_the_same_bits_again(penguins, engine):
    session = session_of(penguins, engine)
    session.advance(3)
    assert verify(session.record()).verdict == SAME


def test_a_tree_of_branches_gives_the_same_bits_again(branched, tmp_path):
    found = verify(read_session(write_session(branched, tmp_path / "s.nodeglow")))
    assert [branch for branch in found.branches if not branch.same] == []
    assert found.verdict == SAME
    assert found.changes == ()
    assert len(found.branches) == len(branched.branches) == 7
    assert all(branch.moments >= 2 for branch in found.branches)


def test_it_does_so_without_the_keyframes_in_the_middle(branched):
    assert verify(branched.thinned(0)).verdict == SAME


def test_an_opened_session_that_went_on_is_verified_too(branched, tmp_path):
    opened = Session.of_record(read_session(write_session(branched, tmp_path / "s.nodeglow")))
    opened.switch(0)
    opened.advance(3)
    assert verify(opened.record()).verdict == SAME


def test_a_run_from_given_weights_begins_with_those(penguins):
    session = Session(penguins, start=np.linspace(-1, 1, 139))
    session.advance(2)
    assert verify(session.record()).verdict == SAME


def test_a_session_that_diverged_is_verified_up_to_its_last_finite_state(penguins, nodeglow, tmp_path):
    path = tmp_path / "s.nodeglow"
    status, _, err = nodeglow(
        "train", "auto_mpg", "--optimizer", "sgd", "--learning-rate", 30, "--epochs", 50, "--save", path
    )
    assert status == 2
    assert "diverged" in err
    assert nodeglow("verify", path)[0] == 0


def tampered(record: SessionRecord, branch: int, change) -> SessionRecord:
    """Change the newest state of a branch, and all others of the same moment."""
    branches = list(record.branches)
    kept = branches[branch]
    tip = change(kept.tip)
    keyframes = tuple(tip if state.epoch == tip.epoch else state for state in kept.keyframes)
    branches[branch] = dataclasses.replace(kept, tip=tip, keyframes=keyframes)
    return dataclasses.replace(record, branches=tuple(branches))


def nudged(name: str):
    def change(state: EngineState) -> EngineState:
        array = getattr(state, name).copy()
        array.flat[-1] = np.nextafter(array.flat[-1], array.dtype.type(np.inf))
        return dataclasses.replace(state, **{name: array})

    return change


@pytest.mark.parametrize("branch", [0, 2, 4])
@pytest.mark.parametrize("name", ["parameters", "memory"])
def test_one_number_changed_in_its_last_bit_is_found(branched, branch, name, tmp_path, nodeglow):
    if not getattr(branched.branches[branch].tip, name).size:
        pytest.skip("this optimizer has no memory")
    path = write_session(tampered(branched, branch, nudged(name)), tmp_path / "s.nodeglow")
    status, out, _ = nodeglow("verify", path, "--json")
    result = last_json(out)
    assert (status, result["verdict"], result["same_bits"], result["conditions_match"]) == (1, DIFFERENT, False, True)
    assert [each["number"] for each in result["branches"] if not each["same_bits"]] == [branch]
    assert (result["largest_parameter_difference"] > 0) == (name == "parameters")
    status, out, _ = nodeglow("verify", path)
    assert status == 1
    assert "differ" in out
    assert "the file was changed, or this is a defect" in out


def test_a_changed_record_a_changed_row_of_data_and_a_changed_start_are_found(branched, penguins):
    records = branched.branches[0].records.copy()
    records["train_loss"][5] += 1e-9
    branches = (dataclasses.replace(branched.branches[0], records=records), *branched.branches[1:])
    found = verify(dataclasses.replace(branched, branches=branches))
    assert found.verdict == DIFFERENT
    assert found.branches[0].differs_at == (5, 0)
    assert 0 < found.branches[0].loss < 1e-8

    X_train = penguins.X_train.copy()
    X_train[7, 2] += 1e-3
    nearly, kept = dataclasses.replace(penguins, X_train=X_train), branched.branches[0]
    changes = tuple(dataclasses.replace(change, dataset=nearly) for change in kept.changes)
    branches = dataclasses.replace(kept, changes=changes), *branched.branches[1:]
    assert verify(dataclasses.replace(branched, branches=branches)).verdict == DIFFERENT

    start = nudged("parameters")(kept.keyframes[0])
    branches = (dataclasses.replace(kept, keyframes=(start, *kept.keyframes[1:])), *branched.branches[1:])
    found = verify(dataclasses.replace(branched, branches=branches))
    assert found.branches[0].differs_at == (0, 0)


def elsewhere(record: SessionRecord) -> SessionRecord:
    """Return a record that says of itself that another processor made it."""
    (made,) = record.made_under
    return dataclasses.replace(record, made_under=({**made, "processor": "another"},))


def test_where_conditions_are_others_rounding_is_told_from_more(branched, tmp_path, nodeglow):
    assert verify(elsewhere(branched)).verdict == SAME
    found = verify(elsewhere(tampered(branched, 0, nudged("parameters"))))
    assert found.verdict == ROUNDING
    assert not found.branches[0].same
    assert [(change.name, change.then) for change in found.changes] == [("processor", "another")]

    def moved(state):
        return dataclasses.replace(state, parameters=state.parameters + np.float32(0.5))

    for change, status, said in ((nudged("parameters"), 0, "rounding can make"), (moved, 1, "does not explain")):
        path = write_session(elsewhere(tampered(branched, 0, change)), tmp_path / "s.nodeglow")
        found, out, _ = nodeglow("verify", path)
        assert found == status
        assert "processor: another then," in out
        assert said in out


def test_a_run_that_another_engine_made_is_the_same_up_to_rounding(penguins):
    session = session_of(penguins, "reference")
    session.advance(40)
    record = session.record()
    found = verify(dataclasses.replace(record, engine="compiled"))
    assert found.verdict == ROUNDING
    assert [change.name for change in found.changes] == ["engine"]
    assert 0 < found.branches[0].parameter < 1e-2


def test_conditions_under_which_a_part_was_made_are_remembered(branched, tmp_path):
    opened = Session.of_record(elsewhere(branched))
    opened.advance(1)
    record = read_session(write_session(opened.record(), tmp_path / "s.nodeglow"))
    before, now = record.made_under
    assert (before["processor"], before["engine"]) == ("another", now["engine"])
    assert before != now
    assert [change.name for change in verify(record).changes] == ["processor"]


def test_a_device_that_this_machine_does_not_have_is_replaced_and_said(branched):
    found = verify(dataclasses.replace(branched, device="cuda:7"))
    assert all(branch.parameter < np.inf for branch in found.branches)


def test_the_main_job_saves_a_session_that_is_verified(nodeglow, tmp_path):
    path, model = tmp_path / "p.nodeglow", tmp_path / "p.safetensors"
    status, out, err = nodeglow("train", "penguins", "--epochs", 30, "--save", path, "--save", model, "--json")
    assert (status, err) == (0, "")
    assert last_json(out)["saved"] == [str(path), str(model)]
    status, out, err = nodeglow("verify", path, "--json")
    assert (status, err) == (0, "")
    result = last_json(out)
    assert (result["verdict"], result["epochs"], result["conditions_match"]) == ("same", 30, True)
    assert (result["largest_parameter_difference"], result["largest_loss_difference"]) == (0.0, 0.0)
    status, out, _ = nodeglow("verify", path)
    assert status == 0
    assert "The same bits" in out
    assert Session.of_record(read_session(path)).epoch == 30


@pytest.mark.parametrize("content", [None, b"", b"penguins"])
def test_what_is_no_session_is_refused_in_two_lines(nodeglow, tmp_path, content):
    path: Path = tmp_path / "s.nodeglow"
    if content is not None:
        path.write_bytes(content)
    status, out, err = nodeglow("verify", path)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 2


def test_a_place_where_no_session_can_be_saved_is_refused_before_the_training(nodeglow, tmp_path):
    status, out, err = nodeglow("train", "penguins", "--epochs", 10**9, "--save", tmp_path / "none" / "p.nodeglow")
    assert (status, out) == (2, "")
    assert "cannot be written" in err


def test_it_can_be_cancelled(branched):
    progress = Progress(lambda fraction, text: progress.cancel())
    with pytest.raises(Cancelled):
        verify(branched, progress)

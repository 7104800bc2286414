"""The network at moments along a branch: the bits that training had there, and a run that goes on unharmed."""

import dataclasses

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.engines import EngineState
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training import commands as c
from simulator.training import events as e
from simulator.training import survey
from simulator.training.defaults import default_config
from simulator.training.session import Session
from simulator.training.survey import SurveyMoment, most_moments

REPEATED, KEYFRAMES = 30.0, 0.0
NETWORK = NetworkSpec(4, (LayerSpec(6, "tanh", dropout=0.2),), 3)


@pytest.fixture(scope="module")
def penguins():
    found = open_dataset("penguins")
    Session(found).prepare()
    return found


@pytest.fixture
def session(penguins):
    """A run whose data and batch size change, and a branch of it with another optimizer."""
    made = Session(penguins, NETWORK)
    made.timeline._spacing = 0.0
    made.advance(3)
    made.advance(4, "batch")
    made.configure(dataclasses.replace(made.config, batch_size=40))
    made.advance(2)
    made.change_data(open_dataset("penguins", seed=5, test_fraction=0.5))
    made.advance(3)
    made.go_to(2)
    made.fork("other")
    made.configure(dataclasses.replace(made.config, optimizer=Rule("sgd", learning_rate=0.05)))
    made.advance(4)
    made.advance(2, "batch")
    return made


def places(moments: tuple[SurveyMoment, ...]) -> list[tuple[int, int]]:
    return [(moment.epoch, moment.item) for moment in moments]


def assert_peeked(session: Session, moments: tuple[SurveyMoment, ...]) -> None:
    """Every moment is what `peek` finds there, to the bit."""
    for moment in moments:
        seen = session.peek(None, moment.epoch, moment.item)
        assert seen.parameters.tobytes() == moment.parameters.tobytes()
        assert moment.network == seen.network
        assert moment.time == moment.epoch + moment.item / seen.batches
        assert moment.dataset is session.dataset_at(moment.epoch, moment.item)
        assert not moment.parameters.flags.writeable
        for layer, wanted in zip(moment.layers, parameters.layers(moment.network, moment.parameters), strict=True):
            assert np.array_equal(layer.weight, wanted.weight)
            assert np.array_equal(layer.bias, wanted.bias)


@pytest.mark.parametrize("patience", [REPEATED, KEYFRAMES], ids=["repeated", "keyframes"])
@pytest.mark.parametrize("most", [2, 9, 60, 500])
@pytest.mark.parametrize("branch", [0, 1])
def test_the_moments_are_those_of_the_branch_from_its_start_to_its_end(session, branch, most, patience):
    session.switch(branch)
    found = session.survey(most, patience)
    assert places(found)[0] == (0, 0)
    assert places(found)[-1] == session.end
    assert all(one < other for one, other in zip(places(found), places(found)[1:], strict=False))
    assert 2 <= len(found) <= most
    assert_peeked(session, found)


@pytest.mark.parametrize("patience", [REPEATED, KEYFRAMES], ids=["repeated", "keyframes"])
def test_from_a_moment_of_the_past_the_whole_branch_is_seen(session, patience):
    whole = session.survey(20, REPEATED)
    session.go_to(1, 2)
    before = session.snapshot()
    found = session.survey(20, patience)
    assert places(found)[-1] == places(whole)[-1]
    assert found[-1].parameters.tobytes() == whole[-1].parameters.tobytes()
    after = session.snapshot()
    assert (after.epoch, after.batch, after.live) == (1, 2, False)
    assert after.parameters.tobytes() == before.parameters.tobytes()


def test_what_held_at_each_moment_is_told(session):
    session.switch(0)
    found = session.survey(500, REPEATED)
    first, second = (next(each for each in found if each.epoch == epoch) for epoch in (4, 6))
    assert [len(each.dataset.X_test) > 100 for each in (found[0], first, second)] == [False, False, True]
    assert [each.config.batch_size for each in (found[0], first, second)] == [16, 40, 40]
    assert (np.diff([each.time for each in found]) > 0).all()


def test_of_few_batches_every_one_is_there_and_of_many_more_at_the_start(penguins):
    session = Session(penguins)
    session.advance(1)
    assert places(session.survey(60, REPEATED)) == [*((0, item) for item in range(18)), (1, 0)]
    session.advance(199)
    found = places(session.survey(20, REPEATED))
    assert len(found) <= 20
    assert found[:4] == [(0, 0), (1, 0), (2, 0), (4, 0)]


def test_before_any_training_there_is_the_start_alone(penguins):
    for patience in (REPEATED, KEYFRAMES):
        assert places(Session(penguins).survey(60, patience)) == [(0, 0)]


def run(penguins, looks: bool, patience: float = REPEATED) -> tuple[bytes, bytes, EngineState]:
    session = Session(penguins, NETWORK)
    for _ in range(3):
        session.advance(2)
        session.advance(3, "batch")
        if looks:
            session.survey(15, patience)
        session.configure(dataclasses.replace(session.config, batch_size=session.config.batch_size + 7))
        if looks:
            session.survey(15, patience)
    session.advance(2)
    return session.snapshot().parameters.tobytes(), session.records.tobytes(), session.record().present


@pytest.mark.parametrize("patience", [REPEATED, KEYFRAMES], ids=["repeated", "keyframes"])
def test_the_run_goes_on_as_if_nobody_had_looked(penguins, patience):
    looked, alone = run(penguins, looks=True, patience=patience), run(penguins, looks=False)
    assert looked[:2] == alone[:2]
    for field in ("memory", "scalars", "sums"):
        assert np.array_equal(getattr(looked[2], field), getattr(alone[2], field))


def test_a_run_that_takes_longer_than_it_seemed_is_known_by_its_keyframes(session):
    session._course._item_seconds = 0.0  # as in a session that was just opened
    session._course._chunk = 1
    found = session.survey(60, 1e-9)
    assert places(found)[-1] == session.end
    assert_peeked(session, found)


def test_a_run_that_is_diverging_is_no_error(penguins):
    config = dataclasses.replace(default_config(penguins), optimizer=Rule("sgd", learning_rate=0.1))
    session = Session(penguins, NetworkSpec(4, (LayerSpec(8, "relu"),), 3), config)
    session.advance(3)
    state = session._course.engine.state()
    broken = np.full_like(state.parameters, np.nan)
    session._course.engine.restore(dataclasses.replace(state, parameters=broken))  # as a chunk may leave it behind
    assert all(np.isfinite(moment.parameters).all() for moment in session.survey(20, REPEATED))
    assert np.isnan(session._course.engine.parameters()).all(), "it is the work that finds out"


def test_of_a_large_network_there_are_fewer_moments(monkeypatch, penguins):
    assert most_moments(60, 556) == 60
    assert most_moments(60, survey.BUDGET_BYTES // 20) == 20
    assert most_moments(60, 10 * survey.BUDGET_BYTES) == survey.LEAST
    assert most_moments(3, 10 * survey.BUDGET_BYTES) == 3
    monkeypatch.setattr(survey, "BUDGET_BYTES", 10 * 139 * 4)
    session = Session(penguins)
    session.advance(30)
    for patience in (REPEATED, KEYFRAMES):
        assert len(session.survey(60, patience)) <= 10


def test_while_training_runs_the_worker_answers_and_the_bits_are_those_of_an_unwatched_run(penguins):
    from simulator.training.runner import Runner

    runner = Runner()
    runner.send(c.Open(penguins, NETWORK))
    runner.send(c.Advance(400))
    for _ in range(5):
        runner.send(c.Survey(12))
    seen = []
    while e.Playing(on=False) not in seen:
        seen += runner.events(timeout=0.1)
    answers = [event for event in seen if isinstance(event, e.Surveyed)]
    assert len(answers) == 5
    assert not any(isinstance(event, e.Failed) for event in seen)
    for answer in answers:
        assert answer.branch == 0
        assert places(answer.moments)[0] == (0, 0)
    runner.send(c.Show())
    while (snapshot := runner.snapshot()) is None or snapshot.epoch < 400:
        runner.events(timeout=0.05)
    assert runner.close(30.0)
    alone = Session(penguins, NETWORK)
    alone.advance(400)
    assert snapshot.parameters.tobytes() == alone.snapshot().parameters.tobytes()
    for moment in answers[-1].moments:
        assert alone.peek(None, moment.epoch, moment.item).parameters.tobytes() == moment.parameters.tobytes()

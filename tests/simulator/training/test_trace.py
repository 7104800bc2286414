"""The way of single weights over the epochs, from the keyframes of the timeline."""

import dataclasses

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.explain import explain
from simulator.training import sampling, trace
from simulator.training.session import Session


@pytest.fixture
def session():
    session = Session(open_dataset("penguins"))
    session.timeline._spacing = 0.0
    return session


def test_a_trace_has_the_weights_and_gradients_of_its_moments(session):
    for _ in range(6):
        session.advance(1)
    found = session.trace([0, 17])
    assert found.epochs[0] == 0
    assert found.epochs[-1] == 6
    assert (np.diff(found.epochs) > 0).all()
    assert np.array_equal(found.values[-1], session.snapshot().parameters[[0, 17]])
    assert np.array_equal(found.gradients[-1], explain(session.moment()).backward.gradient[[0, 17]])
    session.go_to(0)
    assert np.array_equal(found.values[0], session.snapshot().parameters[[0, 17]])
    assert np.array_equal(session.trace([0, 17]).epochs, found.epochs), "the whole branch, wherever one stands"


def test_a_branch_has_its_parents_way_before_its_own(session):
    session.advance(4)
    session.go_to(2)
    before = session.snapshot().parameters[5]
    session.configure(dataclasses.replace(session.config, l2=0.1))
    session.advance(3)
    found = session.trace([5])
    assert found.epochs[0] == 0
    assert found.epochs[-1] == 5
    (at_fork,) = found.values[found.epochs == 2, 0]
    assert at_fork == before


def test_few_batches_are_all_there(session):
    session.advance(2)
    session.advance(5, "batch")
    assert len(session.trace([3]).epochs) == 2 * 18 + 5 + 1


@pytest.mark.parametrize("patience", [10.0, 0.0])
def test_a_long_run_gives_no_more_than_a_plot_can_show(session, patience):
    for _ in range(60):
        session.advance(5)
    before = session.snapshot().parameters.tobytes(), session.place, session.live
    states = sampling.sample(session._course, 40, patience)
    assert (states[0].epoch, states[-1].epoch) == (0, 300)
    assert (20 if patience else 3) <= len(states) <= 42
    assert (session.snapshot().parameters.tobytes(), session.place, session.live) == before


def test_a_large_network_gives_no_gradients(session, monkeypatch):
    monkeypatch.setattr(trace, "_WORK", 0.0)
    session.advance(2)
    assert np.isnan(session.trace([3]).gradients).all()
    assert np.isfinite(session.trace([3]).values).all()


def test_a_parameter_that_does_not_exist_is_refused(session):
    with pytest.raises(ConfigError, match="no parameter 139"):
        session.trace([139])

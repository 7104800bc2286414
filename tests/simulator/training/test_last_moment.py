"""What the last update followed from is found again by repeating the run from a kept state."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.engines import ENGINES
from simulator.explain import explain
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.defaults import default_config
from simulator.training.session import Session


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def leads_here(session: Session) -> bool:
    """Return whether the explained last update leads to the present parameters."""
    moment = session.last_moment()
    return moment is not None and explain(moment).update.distance(session.snapshot().parameters) < 1e-12


def doubles(penguins, **changes):
    config = dataclasses.replace(default_config(penguins), dtype="float64", **changes)
    return Session(penguins, NetworkSpec(4, (LayerSpec(5, "tanh", dropout=0.2),), 3), config)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["row", "batch", "epoch"]), st.integers(1, 30)), min_size=1, max_size=6))
def test_the_last_update_leads_to_the_present_parameters(penguins, moves):
    session, straight = doubles(penguins), doubles(penguins)
    for unit, n in moves:
        session.advance(n, unit)
        straight.advance(n, unit)
        assert session.last_moment() is None if session.snapshot().updates == 0 else leads_here(session)
    session.advance(2)
    straight.advance(2)
    assert session.snapshot().parameters.tobytes() == straight.snapshot().parameters.tobytes()
    assert session.records[:-1].tobytes() == straight.records[:-1].tobytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_does_for_every_optimizer(penguins, optimizer):
    session = doubles(penguins, optimizer=Rule(optimizer))
    session.advance(40, "batch")
    assert leads_here(session)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
def test_it_does_in_every_engine(penguins, engine):
    config = dataclasses.replace(default_config(penguins), dtype="float64")
    session = Session(penguins, config=config, engine=engine)
    session.advance(25, "batch")
    assert leads_here(session)


def test_it_is_the_batch_before_the_next_one(penguins):
    session = Session(penguins)
    session.advance(7, "batch")
    last, following = session.last_moment(), session.moment()
    assert (last.epoch, last.batch, following.batch) == (0, 6, 7)
    session.advance(1)
    last = session.last_moment()
    assert (last.epoch, last.batch, last.updates) == (0, 17, 17)


def test_there_is_none_at_the_start(penguins):
    session = Session(penguins)
    assert session.last_moment() is None
    session.advance(2)
    session.reset()
    assert session.last_moment() is None


def test_after_a_change_it_is_still_the_one_before_it_under_its_own_settings(penguins):
    session = doubles(penguins)
    session.advance(2)
    session.configure(dataclasses.replace(session.config, l2=0.01, batch_size=40))
    assert session.last_moment().config.l2 == 0.0
    assert session.last_moment().config.batch_size == 16
    assert leads_here(session)
    session.advance(1, "batch")
    assert session.last_moment().config.l2 == 0.01
    assert leads_here(session)


def test_a_batch_size_that_waits_is_not_that_of_the_last_batch(penguins):
    session = Session(penguins)
    session.advance(3, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=40))
    session.advance(1, "batch")
    assert session.last_moment().config.batch_size == 16
    assert len(session.last_moment().rows) == 16


def test_who_has_no_patience_is_not_kept_waiting(penguins):
    session = Session(penguins)
    session.advance(50, "batch")
    assert session.last_moment(patience=0.0) is None
    assert session.last_moment() is not None
    before = session.snapshot().parameters
    session.last_moment()
    assert np.array_equal(session.snapshot().parameters, before)

"""The next epochs are told beforehand by an engine of their own, and PyTorch is asked about them."""

import dataclasses
import subprocess
import sys

import pytest

from simulator.data import open_dataset
from simulator.engines import ENGINES
from simulator.errors import ConfigError, DivergenceError
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.comparison import comparison, next_losses
from simulator.training.defaults import default_config
from simulator.training.session import Session


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def session_of(penguins, engine="compiled", activation="tanh", **changes) -> Session:
    config = dataclasses.replace(default_config(penguins), **changes)
    return Session(penguins, NetworkSpec(4, (LayerSpec(6, activation, dropout=0.1),), 3), config, engine=engine)


def told(session: Session, epochs: int, **options) -> list[float]:
    return next_losses(
        session.moment(), session.dataset, epochs, engine=session.engine_name, threads=session.threads, **options
    )


def goes_as_told(session: Session, epochs: int = 3) -> bool:
    losses = told(session, epochs)
    session.advance(epochs)
    return session.records["train_loss"][-epochs:].tolist() == losses


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "cuda"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_losses_are_those_that_the_session_records_bit_for_bit(penguins, engine, dtype):
    session = session_of(penguins, engine, dtype=dtype)
    session.advance(2)
    assert goes_as_told(session)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_they_are_for_every_optimizer(penguins, optimizer):
    session = session_of(penguins, optimizer=Rule(optimizer), schedule=Rule("cosine"), clip_norm=0.5, l2=0.01)
    session.advance(2)
    assert goes_as_told(session)


def test_they_are_from_the_start(penguins):
    assert goes_as_told(session_of(penguins))


def test_they_are_after_a_change_of_the_batch_size(penguins):
    session = session_of(penguins)
    session.advance(3, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=40))
    session.advance(1)
    assert goes_as_told(session)


def test_they_are_for_one_output_and_a_value():
    for name in ("breast_cancer", "diabetes"):
        dataset = open_dataset(name)
        loss = "binary_cross_entropy" if dataset.class_names else "mse"
        session = Session(dataset, config=dataclasses.replace(default_config(dataset), loss=Rule(loss)))
        session.advance(1)
        assert goes_as_told(session, 2)


def test_the_run_is_not_touched(penguins):
    session, other = session_of(penguins), session_of(penguins)
    for each in (session, other):
        each.advance(2)
    told(session, 3)
    session.advance(4)
    other.advance(4)
    assert session.snapshot().parameters.tobytes() == other.snapshot().parameters.tobytes()


def test_it_tells_how_far_it_is_and_can_be_cancelled(penguins):
    session, heard = session_of(penguins), []
    told(session, 2, progress=Progress(lambda fraction, text: heard.append((fraction, text))))
    fractions = [fraction for fraction, _ in heard if fraction is not None]
    assert fractions == sorted(fractions)
    assert len(fractions) > 10
    assert heard[-1][1] == "training 2 of 2 epochs"
    progress = Progress(lambda fraction, _text: progress.cancel() if fraction else None)
    with pytest.raises(Cancelled):
        told(session, 2, progress=progress)


def test_the_middle_of_an_epoch_and_no_epochs_are_refused(penguins):
    session = session_of(penguins)
    with pytest.raises(ConfigError, match="cannot compare 0 epochs"):
        told(session, 0)
    session.advance(3, "batch")
    with pytest.raises(ConfigError, match="batch 4 of the epoch is next") as caught:
        told(session, 1)
    assert "advance to its end" in caught.value.hint


def test_a_run_that_diverges_says_so(penguins):
    session = session_of(penguins, activation="relu", optimizer=Rule("sgd", learning_rate=1e30))
    with pytest.raises(DivergenceError, match="there is no loss to compare"):
        told(session, 3)


def test_the_script_holds_the_losses_of_the_next_epochs(penguins):
    session = session_of(penguins)
    session.advance(1)
    script = comparison(session.moment(), penguins, 2, engine="compiled")
    compile(script, "script", "exec")
    assert "after epoch 1, for 2 epochs" in script
    session.advance(2)
    assert all(repr(loss) in script for loss in session.records["train_loss"][-2:].tolist())


def test_pytorch_agrees_about_the_next_epochs(penguins, tmp_path):
    pytest.importorskip("torch")
    session = session_of(penguins)
    session.advance(3)
    path = tmp_path / "compare.py"
    path.write_text(comparison(session.moment(), penguins, 3), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "PyTorch agrees" in done.stdout

"""What the script says is checked everywhere; it is run where PyTorch is installed."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.explain.torch_script import torch_script
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.nn.torch_words import ACTIVATION_CODE, LINK_CODE, LOSS_CODE, OPTIMIZER_CODE, torch_word
from simulator.spec import LayerSpec, NetworkSpec, Rule

HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]
VARIANTS = [
    *(Rule(name) for name in OPTIMIZERS),
    *(Rule(name, weight_decay=0.03) for name in OPTIMIZERS),
    Rule("sgd", momentum=0.9, nesterov=True),
    Rule("rmsprop", momentum=0.8),
]
CASES = list(
    zip(
        VARIANTS,
        itertools.cycle(HEADS),
        itertools.cycle(ACTIVATIONS),
        itertools.cycle([{}, {"l1": 0.01}, {"l2": 0.1, "clip_norm": 0.1}, {"clip_norm": 1e6}]),
        itertools.cycle(SCHEDULES),
        itertools.cycle([0.0, 0.3]),
        strict=False,
    )
)


def after(run, epochs: int) -> list[float]:
    return run.engine.advance(run.engine.epoch + epochs, 0, 10**9)["train_loss"].tolist()


def script_of(run, epochs: int = 2, **changes) -> tuple[str, list[float]]:
    moment = run.moment()
    losses = after(run, epochs)
    return torch_script(moment, run.data, losses), losses


def of_case(started, case, **changes):
    rule, (loss, link), activation, others, schedule, dropout = case
    network = NetworkSpec(3, (LayerSpec(5, activation, dropout), LayerSpec(4, "tanh", dropout / 2)), 2, link)
    settings = {"optimizer": rule, "loss": Rule(loss), "schedule": Rule(schedule)} | others | changes
    return started(network, batches=6, **settings)


@pytest.fixture
def run_script(capsys):
    torch = pytest.importorskip("torch")
    usual = torch.get_default_dtype()

    def run(script: str) -> str:
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
        return capsys.readouterr().out

    yield run
    torch.set_default_dtype(usual)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name}-{'-'.join(case[1])}-{case[2]}-{case[4]}")
def test_pytorch_goes_where_the_run_goes(started, run_script, case):
    script, _ = script_of(of_case(started, case))
    assert "PyTorch agrees" in run_script(script)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pytorch_agrees_about_every_activation(started, run_script, activation):
    network = NetworkSpec(3, (LayerSpec(4, activation), LayerSpec(4, activation)), 2)
    script, _ = script_of(started(network, batches=0))
    assert "PyTorch agrees" in run_script(script)


@pytest.mark.parametrize(("loss", "link"), HEADS)
def test_pytorch_agrees_about_every_loss_and_link(started, run_script, loss, link):
    script, _ = script_of(started(NetworkSpec(3, (LayerSpec(4),), 2, link), batches=3, loss=Rule(loss)))
    assert "PyTorch agrees" in run_script(script)


def test_pytorch_agrees_with_frozen_parameters_and_held_units(started, run_script):
    frozen, held = np.arange(53) % 4 == 0, np.full(12, np.nan)
    held[[1, 5, 10]] = 0.5, 0.0, -0.4
    run = started(batches=3, frozen=frozen, held=held, optimizer=Rule("adamw", weight_decay=0.2), clip_norm=0.05)
    script, _ = script_of(run, epochs=4)
    assert "PyTorch agrees" in run_script(script)


def test_pytorch_agrees_with_a_float32_run_within_its_rounding(started, run_script):
    script, _ = script_of(started(batches=3, dtype="float32"), epochs=3)
    assert "float32" in script
    assert "PyTorch agrees" in run_script(script)


def test_a_loss_that_is_not_ours_is_found_out(started, run_script):
    run = started(batches=3)
    moment, losses = run.moment(), after(run, 2)
    script = torch_script(moment, run.data, [losses[0], losses[1] + 1e-6])
    with pytest.raises(AssertionError, match="the losses differ"):
        run_script(script)


def test_the_script_runs_by_itself_from_a_file(started, tmp_path):
    pytest.importorskip("torch")
    script, losses = script_of(started(rows=200, batches=25))
    assert "unpacked((200, 3)" in script, "many rows are packed"
    path = tmp_path / "compare.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert f"epoch 2: Nodeglow {losses[0]:.12g}, PyTorch " in done.stdout
    assert "PyTorch agrees" in done.stdout


@pytest.mark.parametrize("case", CASES[::3], ids=str)
def test_the_script_is_python_and_holds_the_losses(started, case):
    script, losses = script_of(of_case(started, case))
    compile(script, "script", "exec")
    assert all(repr(loss) in script for loss in losses)
    assert "!r}" not in script, "every setting is filled in"


def test_a_plain_run_has_a_plain_script(started):
    script, _ = script_of(started(batches=0))
    for word in ("KEPT", "HELD", "FROZEN", "clip_grad", "penalty", "state["):
        assert word not in script
    assert "torch.nn.Linear(3, 4)" in script
    assert "after epoch 0, for 2 epochs" in script


def test_every_row_of_the_tables_has_pytorchs_word():
    assert list(ACTIVATION_CODE) == list(ACTIVATIONS)
    assert list(LINK_CODE) == list(LINKS)
    assert list(LOSS_CODE) == list(LOSSES)
    assert list(OPTIMIZER_CODE) == list(OPTIMIZERS)
    for name, row in OPTIMIZERS.items():
        assert set(OPTIMIZER_CODE[name].memory) == {*row.memory, *row.scalars}


def test_what_pytorch_has_not_is_refused_with_what_it_has():
    with pytest.raises(ConfigError, match="PyTorch has no activation like our 'snake'") as caught:
        torch_word(ACTIVATION_CODE, "snake", "activation")
    assert "relu" in caught.value.hint


def test_the_middle_of_an_epoch_is_refused(started):
    run = started(batches=4)
    with pytest.raises(ConfigError, match="batch 2 of the epoch is next"):
        torch_script(run.moment(), run.data, [0.5])


@pytest.mark.parametrize("losses", [[], [float("nan")]])
def test_a_comparison_without_losses_is_refused(started, losses):
    run = started(batches=3)
    with pytest.raises(ConfigError, match="no losses"):
        torch_script(run.moment(), run.data, losses)

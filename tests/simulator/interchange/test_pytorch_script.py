"""The script is run by PyTorch where that is installed; `source/test_training.py` tests what needs none."""

import ast
import dataclasses
import io
import itertools
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import ExportOptions
from simulator.interchange.pytorch_script import limits, save
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.session import Session

RULES = [
    *(Rule(name) for name in OPTIMIZERS),
    *(Rule(name, weight_decay=0.03) for name in OPTIMIZERS),
    Rule("sgd", momentum=0.9, nesterov=True),
    Rule("rmsprop", momentum=0.8),
]
HEADS = [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid"), ("mse", "softmax"), ("huber", "linear")]
PENALTIES = [{}, {"l1": 0.01}, {"l2": 0.1, "clip_norm": 0.1}, {"clip_norm": 1e6}]
CASES = list(
    zip(
        RULES,
        itertools.cycle(HEADS),
        itertools.cycle(ACTIVATIONS),
        itertools.cycle(PENALTIES),
        itertools.cycle([Rule(name) for name in SCHEDULES] + [Rule("step", every=1.5)]),
        strict=False,
    )
)


def program(model) -> dict:
    pytest.importorskip("torch")
    names = {"__name__": "generated"}
    exec(compile(ast.parse(save(model, ExportOptions()), feature_version=(3, 9)), "model.py", "exec"), names)
    return names


def asked(data, **settings) -> SimpleNamespace:
    usual = {"delimiter": None, "weights": None, "epochs": 3, "fresh": True, "save": None}
    return SimpleNamespace(data=BUNDLED[data].path, **{**usual, **settings})


def session_of(data: str, hidden=((6, "tanh"),), loss="cross_entropy", link="softmax", **settings) -> Session:
    dataset = open_dataset(data)
    layers = tuple(LayerSpec(*layer) for layer in hidden)
    network = NetworkSpec(dataset.recipe.inputs, layers, dataset.recipe.outputs, link)
    config = TrainingConfig(**{"loss": Rule(loss), "dtype": "float64", "batch_size": 32, **settings})
    return Session(dataset, network, config, "reference", "cpu")


def losses_in(text: str) -> np.ndarray:
    return np.array([float(line.split("loss ")[1].split(",")[0]) for line in text.splitlines()])


@pytest.mark.frameworks
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_pytorch_predicts_as_the_model_does(make_model, make_table, activation):
    for classes, link, outputs in (
        (("a", "b", "Größe"), "softmax", None),
        (("no", "yes"), "sigmoid", 1),
        ((), "linear", None),
    ):
        for dtype in ("float32", "float64"):
            model = make_model(((7, activation), (4, activation)), classes, link, outputs, dtype)
            names, table = program(model), make_table(30)
            table.iloc[3, 2] = np.nan
            network = names["build"](names["TRAINED"], names["torch"].float64)
            found = pd.DataFrame(names["predict"](table, network))
            expected = model.predict(table)
            assert list(found.columns) == list(expected.columns)
            numbers = found.columns[-max(len(classes), 1) :]
            found, expected = found[numbers].to_numpy(float), expected[numbers].to_numpy(float)
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(expected)))


@pytest.mark.frameworks
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name}-{case[1][0]}-{case[2]}-{case[4].name}")
def test_a_fresh_training_has_the_losses_of_the_run(case, capsys):
    rule, (loss, link), activation, others, schedule = case
    session = session_of("iris", ((5, activation),), loss, link, optimizer=rule, schedule=schedule, seed=7, **others)
    session.advance(3, "epoch")
    program(session.model())["train"](asked("iris"))
    found = losses_in(capsys.readouterr().out)
    np.testing.assert_allclose(found, session.records["train_loss"][1:], rtol=1e-6)


@pytest.mark.frameworks
def test_a_training_goes_on_from_the_weights_with_the_next_rows(capsys):
    session = session_of("penguins", optimizer=Rule("sgd", learning_rate=0.1), schedule=Rule("cosine", epochs=8.0))
    session.advance(4, "epoch")
    model = session.model()
    session.advance(3, "epoch")
    program(model)["train"](asked("penguins", fresh=False))
    text = capsys.readouterr().out
    assert text.startswith("epoch 5: ")
    np.testing.assert_allclose(losses_in(text), session.records["train_loss"][5:], rtol=1e-6)


@pytest.mark.frameworks
@pytest.mark.slow
def test_the_command_predicts_with_a_state_dict_that_it_has_trained(tmp_path):
    pytest.importorskip("torch")
    script, weights = tmp_path / "model.py", tmp_path / "weights.pt"
    script.write_bytes(save(session_of("penguins", ((6, "tanh", 0.2),)).model(), ExportOptions()))
    data = BUNDLED["penguins"].path

    def run(*words) -> str:
        done = subprocess.run([sys.executable, script, *words], capture_output=True, check=True, timeout=100, text=True)
        return done.stdout

    losses = losses_in(run("train", data, "--epochs", "15", "--save", weights))
    assert losses[-1] < 0.5 * losses[0]
    found = pd.read_csv(io.StringIO(run("predict", data, "--weights", weights)))
    truth = pd.read_csv(data)["species"]
    assert (found["prediction"] == truth).mean() > 0.9


@pytest.mark.frameworks
@pytest.mark.slow
def test_two_processes_of_torchrun_end_with_the_same_weights_as_one(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    session = session_of("penguins", l2=0.01, clip_norm=0.5, batch_size=17)
    session.advance(3, "epoch")
    names = program(session.model())
    alone = names["train"](asked("penguins")).state_dict()
    single = losses_in(capsys.readouterr().out)
    (tmp_path / "model.py").write_bytes(save(session.model(), ExportOptions()))
    settings = vars(asked("penguins")) | {"data": str(BUNDLED["penguins"].path)}
    (tmp_path / "both.py").write_text(
        "import sys, types, model\n"
        f"options = types.SimpleNamespace(**{settings!r})\n"
        f"model.torch.save(model.train(options).state_dict(), {str(tmp_path)!r} + f'/{{model.RANK}}.pt')\n"
    )
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc_per_node=2",
        "--standalone",
        tmp_path / "both.py",
    ]
    done = subprocess.run(command, capture_output=True, check=True, timeout=110, text=True)
    np.testing.assert_allclose(losses_in(done.stdout), single, rtol=1e-6)
    ranks = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    for name, values in alone.items():
        assert torch.equal(ranks[0][name], ranks[1][name])
        assert torch.allclose(ranks[0][name], values, rtol=1e-9, atol=1e-12)


def test_the_script_says_what_it_leaves_out(make_model):
    said = " ".join(limits(make_model(), ExportOptions()))
    assert "memory" in said
    assert "cannot be opened again" in said
    assert set(LOSSES) >= {loss for loss, _ in HEADS}


def test_products_that_a_gpu_rounds_are_rounded_there_too(make_model):
    model = make_model()
    rounded = dataclasses.replace(model, config=dataclasses.replace(model.config, tf32=True))
    plain, told = (save(each, ExportOptions()).decode() for each in (model, rounded))
    assert 'torch.set_float32_matmul_precision("high")' in told
    assert "tf32=True" in told
    assert "float32_matmul" not in plain
    assert "tf32" not in plain

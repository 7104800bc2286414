"""Every engine ends where PyTorch ends, from the same weights and rows in the same order.

`torch_runs.npz` holds 30 runs of PyTorch 2.13 (float64, CPU). Its array `cases` is a JSON object: the sizes,
activations, loss, batch size, epochs and optimizer of each run. A run NAME has the arrays NAME/x and NAME/y, the start
parameters NAME/w0, b0 … with weights (out, in), the row order of every epoch NAME/order, and the results:
NAME/epoch_loss, the parameters NAME/W0, B0 … and the outputs NAME/predictions. The environment variable
NODEGLOW_REFERENCE_RUNS names another such file.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from simulator.engines import ENGINES, TrainingData
from simulator.engines.passes import forward
from simulator.nn import choices, parameters
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

RUNS = np.load(
    os.environ.get("NODEGLOW_REFERENCE_RUNS", Path(__file__).with_name("torch_runs.npz")), allow_pickle=False
)
CASES = json.loads(str(RUNS["cases"]))
TOLERANCE = {"float64": 1e-9, "float32": 2e-5}
LINK = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
OF_THE_RUN = ("l1", "l2", "clip_norm")


def specs(case: dict, dtype: str) -> tuple[NetworkSpec, TrainingConfig]:
    inputs, *hidden, outputs = case["sizes"]
    layers = tuple(LayerSpec(units, name) for units, name in zip(hidden, case["activations"], strict=True))
    network = NetworkSpec(inputs, layers, outputs, LINK.get(case["loss"], "linear"))
    settings = dict(case["optimizer"])
    of_the_run = {name: settings.pop(name) for name in OF_THE_RUN if name in settings}
    config = TrainingConfig(
        Rule(case["loss"]), Rule.from_json(settings), batch_size=case["batch_size"], dtype=dtype, **of_the_run
    )
    choices.check(network, config)
    return network, config


def flat_parameters(name: str, network: NetworkSpec, letters: str) -> np.ndarray:
    weight, bias = letters
    flat = np.empty(network.parameter_count)
    for index, layer in enumerate(parameters.layers(network, flat)):
        layer.weight[...] = RUNS[f"{name}/{weight}{index}"].T
        layer.bias[...] = RUNS[f"{name}/{bias}{index}"]
    return flat


def training_data(name: str, network: NetworkSpec) -> TrainingData:
    X, y = RUNS[f"{name}/x"], RUNS[f"{name}/y"]
    Y = np.eye(network.outputs)[y] if np.issubdtype(y.dtype, np.integer) else y.reshape(len(X), network.outputs)
    return TrainingData(X, Y, X[:0], Y[:0], network.link != "linear", RUNS[f"{name}/order"])


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    found, wanted = np.asarray(found, dtype=np.float64), np.asarray(wanted)
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def largest_distance(name: str, engine_name: str, dtype: str, device: str = "cpu") -> float:
    """Run a case and return the largest relative distance over losses, parameters and predictions."""
    network, config = specs(CASES[name], dtype)
    data = training_data(name, network)
    engine = ENGINES[engine_name](network, config, data, device)
    engine.start(flat_parameters(name, network, "wb"))
    records = engine.advance(CASES[name]["epochs"], 0, 10**9)
    trained = parameters.layers(network, engine.parameters())
    wanted = parameters.layers(network, flat_parameters(name, network, "WB"))
    outputs = forward(network, trained, data.X_train.astype(dtype)).outputs
    pairs = [(records["train_loss"], RUNS[f"{name}/epoch_loss"])]
    pairs += [(outputs, RUNS[f"{name}/predictions"].reshape(outputs.shape))]
    pairs += [(a.weight, b.weight) for a, b in zip(trained, wanted, strict=True)]
    pairs += [(a.bias, b.bias) for a, b in zip(trained, wanted, strict=True)]
    return max(distance(found, want) for found, want in pairs)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("engine_name", [name for name in ENGINES if name != "cuda"])
@pytest.mark.parametrize("name", CASES)
def test_a_run_ends_where_pytorch_ends(name, engine_name, dtype):
    assert largest_distance(name, engine_name, dtype) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", CASES)
def test_a_run_of_the_cuda_program_on_this_processor_ends_where_pytorch_ends(host_gpu, name, dtype):
    assert largest_distance(name, "cuda", dtype, "cuda:0") <= TOLERANCE[dtype]


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("engine_name", ["cuda", "reference"])
@pytest.mark.parametrize("name", CASES)
def test_a_run_on_cuda_ends_where_pytorch_ends(name, engine_name, dtype):
    assert largest_distance(name, engine_name, dtype, "cuda:0") <= TOLERANCE[dtype]

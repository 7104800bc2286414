"""scikit-learn's multilayer perceptron with the same network, batches and optimizer, and no early stop."""

import importlib
import warnings
from typing import Any

import numpy as np

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.engines.threads import blas_threads
from simulator.nn import choices, parameters
from simulator.tables import look_up

_ACTIVATIONS = {"tanh": "tanh", "relu": "relu"}
_LOSSES = {"cross_entropy": "softmax", "binary_cross_entropy": "logistic"}
_OPTIMIZERS = {"adam": "adam", "sgd": "sgd"}
_NEVER = 10**9


def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
    """Make ready an `MLPClassifier` with our start parameters.

    Raises
    ------
    ConfigError
        When the workload has a part that is not in this table.
    """
    library: Any = importlib.import_module("sklearn.neural_network")
    look_up(_LOSSES, workload.loss, "loss of MLPClassifier")
    one = data.Y_train.shape[1] == 1
    labels = (data.Y_train[:, 0] > 0.5).astype(np.int64) if one else data.Y_train.argmax(axis=1)
    model = library.MLPClassifier(
        hidden_layer_sizes=workload.hidden,
        activation=look_up(_ACTIVATIONS, workload.activation, "activation of MLPClassifier"),
        solver=look_up(_OPTIMIZERS, workload.optimizer.name, "optimizer of MLPClassifier"),
        learning_rate_init=choices.optimizer(workload.config).learning_rate,
        alpha=0.0,
        momentum=0.0,
        nesterovs_momentum=False,
        batch_size=workload.batch_size,
        tol=0.0,
        n_iter_no_change=_NEVER,
        random_state=workload.config.seed,
        warm_start=True,
    )
    flat = parameters.start_values(workload.network, workload.config.seed).astype(np.float32)
    begin = parameters.layers(workload.network, flat)

    def fit(epochs: int, rows: Any) -> None:
        model.max_iter = epochs
        with blas_threads(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it would like to go on after the last epoch
            model.fit(data.X_train[rows], labels[rows])

    def start() -> None:
        model.coefs_ = [layer.weight.copy() for layer in begin]
        model.intercepts_ = [layer.bias.copy() for layer in begin]

    def run(epochs: int) -> float:
        fit(epochs, slice(None))
        return float(model.loss_curve_[-1])

    fit(1, np.unique(labels, return_index=True)[1])  # it makes its arrays in a fit, and a row of each class will do
    start()
    return Contestant(start, run)

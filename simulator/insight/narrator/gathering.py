"""How evidence is found: facts of a data set, and a moment of the branch looked through."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines.passes import forward
from simulator.insight.health import examine, gradient_flow
from simulator.insight.narrator.evidence import Examined, Facts
from simulator.insight.rows import evenly, targets
from simulator.insight.taken import classes_of
from simulator.nn import choices
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig

_WORK = 40_000_000
"""Rows times parameters that one moment may take."""

_SHOWN = 40


def facts_of(dataset: Dataset, network: NetworkSpec, config: TrainingConfig) -> Facts:
    """Return what is to be known about a data set, for a loss and an output link."""
    classes = dataset.class_names
    Y_train, Y_test = (np.asarray(targets(Y, network), np.float64) for Y in (dataset.Y_train, dataset.Y_test))
    seen = Y_test if len(Y_test) else Y_train
    train, test = (_labels(Y, len(classes)) for Y in (Y_train, seen))
    counts = np.bincount(train, minlength=len(classes)) if classes and len(train) else np.zeros(len(classes), int)
    majority = float((test == int(np.argmax(counts))).mean()) if classes and len(test) else 0.0
    X = np.asarray(dataset.X_train[:: max(1, len(dataset.X_train) // 5000)], np.float64)
    sizes = np.sqrt((X * X).mean(axis=0)) if len(X) else np.zeros(X.shape[1])
    largest = np.abs(X).max(axis=0) if len(X) else sizes
    return Facts(
        dataset.name,
        classes,
        len(dataset.X_train),
        len(dataset.X_test),
        tuple(int(each) for each in counts),
        majority,
        _guess_loss(network, config, Y_train, seen),
        _guess_loss(network, config, Y_train, Y_train),
        tuple(zip(dataset.feature_names, sizes.tolist(), largest.tolist(), strict=True)),
        0.0 if classes or not len(Y_train) else float(np.sqrt((Y_train * Y_train).mean())),
        tuple(tuple(dataset.train_rows[train == each][:_SHOWN].tolist()) for each in range(len(classes))),
    )


def _labels(Y: NDArray[np.float64], classes: int) -> NDArray[np.int64]:
    """Return the class of every row, (rows,); empty for a value."""
    if not classes:
        return np.zeros(0, np.int64)
    return classes_of(Y)


def _guess_loss(network: NetworkSpec, config: TrainingConfig, Y: NDArray[np.float64], seen: Any) -> float:
    """Return the loss of the best answer that is the same for every row, fitted on Y and measured on `seen`."""
    if not len(Y) or not len(seen):
        return float("nan")
    answer = np.median(Y, axis=0) if config.loss.name == "mae" and network.link == "linear" else Y.mean(axis=0)
    A = np.repeat(answer[None], len(seen), axis=0)
    inside = np.clip(A, 1e-12, 1 - 1e-12)
    Z = {"softmax": np.log(inside), "sigmoid": np.log(inside / (1 - inside))}.get(network.link, A)
    with np.errstate(all="ignore"):
        return float(choices.loss(config).rows(Z, A, seen).mean())


def examined(
    epoch: int,
    time: float,
    network: NetworkSpec,
    config: TrainingConfig,
    dataset: Dataset,
    layers: tuple[LayerParameters, ...],
    *,
    thorough: bool = False,
) -> Examined:
    """Look a moment through.

    Parameters
    ----------
    epoch, time, network, config, dataset, layers
        As of a `simulator.training.survey.SurveyMoment`.
    thorough
        Whether as many rows are looked at as `simulator.insight.health` takes; else fewer for large networks.
    """
    X, Y = dataset.X_train, targets(dataset.Y_train, network)
    most = len(X) if thorough else max(256, _WORK // max(1, network.parameter_count))
    if len(X) > most:
        places = evenly(len(X), most)
        X, Y = X[places], Y[places]
    health = dataclasses.replace(examine(network, layers, X), of=len(dataset.X_train))
    flow = gradient_flow(network, config, layers, X, Y)
    predicted, hits, loss = _answers(network, config, layers, X, Y, len(dataset.class_names))
    penalty = sum(
        config.l1 * float(np.abs(layer.weight).sum(dtype=np.float64))
        + 0.5 * config.l2 * float(np.square(layer.weight, dtype=np.float64).sum())
        for layer in layers
    )
    return Examined(
        epoch, time, network, config, id(dataset), health, flow, predicted, hits, loss, penalty, _twins(layers)
    )


def _answers(
    network: NetworkSpec, config: TrainingConfig, layers: tuple[LayerParameters, ...], X: Any, Y: Any, classes: int
) -> tuple[tuple[int, ...], tuple[int, ...], float]:
    if not len(X):
        return (0,) * classes, (0,) * classes, float("nan")
    with np.errstate(all="ignore"):
        passed = forward(network, layers, np.asarray(X, layers[0].weight.dtype))
        loss = float(choices.loss(config).rows(passed.logits[-1], passed.outputs, Y).mean())
        if not classes or not np.isfinite(passed.outputs).all():
            return (), (), loss
        said, true = _labels(passed.outputs, classes), _labels(np.asarray(Y), classes)
    predicted = np.bincount(said, minlength=classes)
    hits = np.bincount(said[said == true], minlength=classes)
    return tuple(predicted.tolist()), tuple(hits.tolist()), loss


def _twins(layers: tuple[LayerParameters, ...]) -> tuple[int, ...]:
    """Return the hidden layers whose neurons nothing tells apart, neither what they hear nor who hears them."""
    return tuple(
        index + 1
        for index in range(len(layers) - 1)
        if layers[index].weight.shape[1] > 1
        and (layers[index].weight == layers[index].weight[:, :1]).all()
        and (layers[index].bias == layers[index].bias[:1]).all()
        and (layers[index + 1].weight == layers[index + 1].weight[:1]).all()
    )

"""`nodeglow train`: the main job without a window."""

import dataclasses
import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from simulator.cli.choices import PREPARING, READING, taking_choices
from simulator.cli.curves import write_curves
from simulator.cli.models import is_session
from simulator.cli.terminal import INTERRUPTED, Data, Force, Json, job, note, refuse
from simulator.data import Dataset, open_dataset
from simulator.errors import ConfigError, DivergenceError
from simulator.fields import settings_of
from simulator.insight import metrics
from simulator.interchange import ExportOptions, check_target, format_of, save_model
from simulator.interchange.whole_files import check_writable
from simulator.nn import choices as nn_choices
from simulator.progress import Cancelled
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_loss, default_network, with_default_rate
from simulator.training.session import Session
from simulator.training.session_file import write_session

_HELP = {row.name: row.help for row in settings_of(LayerSpec) + settings_of(TrainingConfig)}
_NAMES = {what: ", ".join(table) for what, table in nn_choices.CHOICES.items()}


@taking_choices(PREPARING, READING)
def train(
    data: Data,
    choices: Mapping[str, Any],
    hidden: Annotated[str, Option(help='Neurons of every hidden layer, as "8,8"; "none" for no hidden layer.')] = "8,8",
    activation: Annotated[str, Option(help=f"One of {_NAMES['activation']}.")] = "tanh",
    dropout: Annotated[float, Option(help=_HELP["dropout"])] = 0.0,
    initializer: Annotated[str, Option(help=f"One of {_NAMES['initializer']}.")] = "glorot_uniform",
    loss: Annotated[
        str, Option(help=f"auto, or one of {_NAMES['loss']}; with a setting: huber:threshold=0.5.")
    ] = "auto",
    optimizer: Annotated[
        str, Option(help=f"One of {_NAMES['optimizer']}; with settings: sgd:momentum=0.9,nesterov=yes.")
    ] = "adam",
    learning_rate: Annotated[float | None, Option(help="By default what suits the optimizer and the target.")] = None,
    schedule: Annotated[
        str, Option(help=f"One of {_NAMES['schedule']}; with settings: cosine:epochs=50.")
    ] = "constant",
    batch_size: Annotated[int | None, Option(help=f"{_HELP['batch_size']} Follows the rows if not given.")] = None,
    l1: Annotated[float, Option(help=_HELP["l1"])] = 0.0,
    l2: Annotated[float, Option(help=_HELP["l2"])] = 0.0,
    clip_norm: Annotated[float | None, Option(help=_HELP["clip_norm"])] = None,
    epochs: Annotated[int, Option(help="How often the training rows are gone through.")] = 100,
    seed: Annotated[int | None, Option(help="The number from which split, start weights and row order follow.")] = None,
    device: Annotated[str, Option(help="cpu, cuda, cuda:N or auto.")] = "cpu",
    engine: Annotated[str, Option(help="auto, or the name of an engine.")] = "auto",
    dtype: Annotated[str, Option(help="float32 or float64.")] = "float32",
    save: Annotated[
        list[Path] | None,
        Option(help="Write the model here; its suffix is the format, .nodeglow the whole session. Repeatable."),
    ] = None,
    curves: Annotated[Path | None, Option(help="Write losses and accuracies of every epoch here, as CSV.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Train a network on a table."""
    if epochs < 1:
        raise ConfigError(f"epochs cannot be {epochs}", "Give a whole number from 1 on.")
    for path in save or []:
        (check_writable if is_session(path) else check_target)(path, overwrite=force)
    if curves is not None:
        check_writable(curves, overwrite=force)
    with job() as progress:
        split = {} if seed is None else {"seed": seed}
        dataset = open_dataset(data, progress, **{**choices, **split})
        seed = dataset.choices.seed
        rule = nn_choices.parse("optimizer", optimizer)
        if learning_rate is not None:
            rule = rule.having(learning_rate=learning_rate)
        config = dataclasses.replace(
            default_config(dataset, seed=seed),
            loss=nn_choices.parse("loss", default_loss(dataset) if loss == "auto" else loss),
            optimizer=with_default_rate(dataset, rule),
            schedule=nn_choices.parse("schedule", schedule),
            l1=l1,
            l2=l2,
            clip_norm=clip_norm,
            dtype=dtype,
        )
        if batch_size is not None:
            config = dataclasses.replace(config, batch_size=batch_size)
        network = _network(dataset, config, _units(hidden), activation, dropout, initializer)
        session = Session(dataset, network, config, engine, device, progress=progress)
    models = [path for path in save or [] if not is_session(path)]
    note(*(limit for path in models for limit in format_of(path).limits(session.model(), ExportOptions())))
    if not as_json:
        sys.stdout.write(_about(session))
        sys.stdout.flush()  # who reads a pipe shall not wait for the end of the training
    status, seconds = _advance(session, epochs)
    result = _result(session, seconds)
    saved = [_save(session, path, force) for path in save or []]
    if curves is not None:
        saved.append(write_curves(session.records, curves, overwrite=force))
    result["saved"] = [str(path) for path in saved]
    sys.stdout.write(json.dumps(result) + "\n" if as_json else _report(result))
    return status


def _save(session: Session, path: Path, force: bool) -> Path:
    if not is_session(path):
        return save_model(session.model(), path, overwrite=force)
    with job() as progress:
        return write_session(session.record(), path, progress, overwrite=force)


def _advance(session: Session, epochs: int) -> tuple[int, float]:
    """Train, and return the exit status and the seconds; the session stands where it last was whole."""
    began, status = time.perf_counter(), 0
    try:
        with job() as progress:
            session.prepare(progress)
            began = time.perf_counter()
            session.advance(epochs, "epoch", progress)
    except Cancelled:
        sys.stderr.write(f"nodeglow: interrupted after {session.epoch} of {epochs} epochs\n")
        status = INTERRUPTED
    except DivergenceError as error:
        status = refuse(str(error), error.hint)
    return status, time.perf_counter() - began


def _units(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("", "none", "0"):
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(f"hidden layers cannot be {text!r}", "Give whole numbers, as 8,8; or none.") from error


def _network(
    dataset: Dataset, config: TrainingConfig, units: tuple[int, ...], activation: str, dropout: float, initializer: str
) -> NetworkSpec:
    network = default_network(dataset, units, activation, config.loss.name)
    hidden = tuple(dataclasses.replace(layer, dropout=dropout) for layer in network.hidden)
    return dataclasses.replace(network, hidden=hidden, initializer=initializer)


def _result(session: Session, seconds: float) -> dict[str, Any]:
    """Return the figures of the `--json` line; what does not exist (a loss of no test rows) is None."""
    last = session.snapshot().record
    figures: dict[str, Any] = {"epochs": last.epoch, "train_loss": last.train_loss, "test_loss": last.test_loss}
    if session.dataset.task == "classification":
        figures |= {"train_accuracy": last.train_accuracy, "test_accuracy": last.test_accuracy}
    else:
        figures |= _values(session)
    trained = last.epoch * len(session.dataset.X_train)
    figures |= {
        "parameters": session.network.parameter_count,
        "seconds": seconds,
        "samples_per_second": trained / seconds,
        "engine": session.engine_name,
        "device": session.device,
    }
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in figures.items()
    }


def _values(session: Session) -> dict[str, float]:
    """Return R² and, in real units, the root of the mean squared error, both on the test rows."""
    dataset = session.dataset
    if not len(dataset.X_test):
        return {"r2": math.nan, "rmse": math.nan}
    outputs = session.model().outputs(dataset.X_test)
    actual, predicted = (dataset.recipe.value(Y).ravel() for Y in (dataset.Y_test, outputs))
    return {"r2": metrics.r2(actual, predicted), "rmse": metrics.rmse(actual, predicted)}


def _about(session: Session) -> str:
    config, network = session.config, session.network
    layers = [f"{layer.units} {layer.activation}" for layer in network.hidden] or ["no hidden layer"]
    rate = nn_choices.optimizer(config).learning_rate
    optimizer = config.optimizer.having(learning_rate=rate)
    rules = ", ".join(_rule(rule) for rule in (config.loss, optimizer, config.schedule))
    return (
        f"{session.dataset.report}\n"
        f"Network: {network.inputs} {'input' if network.inputs == 1 else 'inputs'}, {', '.join(layers)},"
        f" {network.outputs} {network.link};"
        f" {network.parameter_count:,} parameters.\n"
        f"Training: {rules}; batches of {config.batch_size}, {config.dtype}, seed {config.seed}.\n"
    )


def _rule(rule: Rule) -> str:
    return " ".join([rule.name, *(f"{name}={value}" for name, value in rule.settings)])


def _report(result: dict[str, Any]) -> str:
    speed = f"{result['seconds']:.2f} s, {result['samples_per_second']:,.0f} rows a second"
    lines = [f"After {result['epochs']:,} epochs ({speed}, {result['engine']} engine on {result['device']}):"]
    for split, name in (("train", "training"), ("test", "test")):
        loss, accuracy = result[f"{split}_loss"], result.get(f"{split}_accuracy")
        if loss is not None:
            lines.append(f"  {name:<8}  loss {loss:.4g}" + ("" if accuracy is None else f", accuracy {accuracy:.1%}"))
    if result.get("r2") is not None:
        lines.append(f"  R² {result['r2']:.4f} and root mean squared error {result['rmse']:.4g} on the test rows")
    lines += [f"Saved {path}" for path in result["saved"]]
    return "\n".join(lines) + "\n"

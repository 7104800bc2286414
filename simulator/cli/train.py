"""`nodeglow train`: the main job without a window."""

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from simulator.cli.choices import PREPARING, READING, taking_choices
from simulator.cli.computing import ALL, DEVICES, MEMORY, limit_memory
from simulator.cli.curves import write_curves
from simulator.cli.models import is_session
from simulator.cli.starting import DEFAULTS, Wishes, fresh, from_model
from simulator.cli.terminal import INTERRUPTED, Data, Force, Json, job, note, refuse
from simulator.cli.train_text import about, report, without_effect
from simulator.engines import ENGINES
from simulator.errors import ConfigError, DeviceError, DivergenceError
from simulator.fields import settings_of
from simulator.insight import metrics
from simulator.interchange import ExportOptions, check_target, format_of, save_model
from simulator.interchange.whole_files import check_writable, printable
from simulator.nn import choices as nn_choices
from simulator.progress import Cancelled
from simulator.spec import LayerSpec, TrainingConfig
from simulator.training.session import Session
from simulator.training.session_file import write_session

_HELP = {row.name: row.help for row in settings_of(LayerSpec) + settings_of(TrainingConfig)}
_NETWORK, _TRAINING, _FILES = "The network", "The training", "What is written"
_NAMES = {what: ", ".join(table) for what, table in nn_choices.CHOICES.items()}


@taking_choices(PREPARING, READING)
def train(
    data: Data,
    choices: Mapping[str, Any],
    start: Annotated[
        Path | None,
        Option(
            help="Go on from this model or session: its network, its settings, its preparation of the data.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        Option(
            help='Neurons of every hidden layer, as "8,8"; "none" for none.',
            show_default="8,8",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    activation: Annotated[
        str | None,
        Option(
            help=f'One of {_NAMES["activation"]}; or one a hidden layer, as "tanh,relu".',
            show_default=DEFAULTS.activation or "",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    dropout: Annotated[
        str | None,
        Option(
            help=f'{_HELP["dropout"]} One for all hidden layers, or one a layer, as "0.1,0".',
            show_default=DEFAULTS.dropout or "",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    initializer: Annotated[
        str | None,
        Option(
            help=f"One of {_NAMES['initializer']}.", show_default=DEFAULTS.initializer or "", rich_help_panel=_NETWORK
        ),
    ] = None,
    loss: Annotated[
        str | None,
        Option(
            help=f"auto, or one of {_NAMES['loss']}; with a setting: huber:threshold=0.5.",
            show_default="auto",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        Option(
            help=f"One of {_NAMES['optimizer']}; with settings: sgd:momentum=0.9,nesterov=yes.",
            show_default=DEFAULTS.optimizer or "",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, Option(help="By default what suits the optimizer and the target.", rich_help_panel=_TRAINING)
    ] = None,
    schedule: Annotated[
        str | None,
        Option(
            help=f"One of {_NAMES['schedule']}; with settings: cosine:epochs=50.",
            show_default=DEFAULTS.schedule or "",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    batch_size: Annotated[
        int | None, Option(help=f"{_HELP['batch_size']} Follows the rows if not given.", rich_help_panel=_TRAINING)
    ] = None,
    l1: Annotated[float | None, Option(help=_HELP["l1"], show_default="0", rich_help_panel=_TRAINING)] = None,
    l2: Annotated[float | None, Option(help=_HELP["l2"], show_default="0", rich_help_panel=_TRAINING)] = None,
    clip_norm: Annotated[float | None, Option(help=_HELP["clip_norm"], rich_help_panel=_TRAINING)] = None,
    epochs: Annotated[
        int,
        Option(
            help="How often the training rows are gone through; with --start, how often more.",
            rich_help_panel=_TRAINING,
        ),
    ] = 100,
    seed: Annotated[
        int | None,
        Option(
            help="The number from which split, start weights and row order follow; with --start, the row order.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    device: Annotated[str, Option(help=DEVICES, rich_help_panel=_TRAINING)] = "cpu",
    device_memory: Annotated[str | None, Option(help=MEMORY, show_default=ALL, rich_help_panel=_TRAINING)] = None,
    engine: Annotated[str, Option(help=f"auto, or one of {', '.join(ENGINES)}.", rich_help_panel=_TRAINING)] = "auto",
    dtype: Annotated[
        str | None, Option(help="float32 or float64.", show_default=DEFAULTS.dtype or "", rich_help_panel=_TRAINING)
    ] = None,
    tf32: Annotated[
        bool | None, Option("--tf32/--no-tf32", help=_HELP["tf32"], show_default="no", rich_help_panel=_TRAINING)
    ] = None,
    save: Annotated[
        list[Path] | None,
        Option(
            help="Write the model here; its suffix is the format, .nodeglow the whole session. Repeatable.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    curves: Annotated[
        Path | None, Option(help="Write losses and accuracies of every epoch here, as CSV.", rich_help_panel=_FILES)
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Train a network on a table, from fresh weights or on from a model.

    Examples
    --------
    nodeglow train penguins --epochs 60 --save model.safetensors
    nodeglow train cars.csv --target mpg --hidden 16,8 --activation relu --curves curves.csv
    nodeglow train penguins --start model.safetensors --epochs 40 --save model.onnx --save model.py
    """
    if epochs < 1:
        raise ConfigError(f"epochs cannot be {epochs}", "Give a whole number from 1 on.")
    _check_targets(save or [], curves, force)
    limit_memory(device_memory)
    wishes = Wishes(
        hidden, activation, dropout, initializer, loss, optimizer, learning_rate, schedule, batch_size,
        l1, l2, clip_norm, seed, dtype, tf32,
    )  # fmt: skip
    with job() as progress:
        begins = (
            fresh(data, choices, wishes, progress)
            if start is None
            else from_model(start, data, choices, wishes, progress)
        )
        session = Session(
            begins.dataset, begins.network, begins.config, engine, device, progress=progress, start=begins.model
        )
    models = [path for path in save or [] if not is_session(path)]
    note(*_limits(models, session), *without_effect(session))
    if not as_json:
        sys.stdout.write(about(session, begins.notes, device))
        sys.stdout.flush()  # who reads a pipe shall not wait for the end of the training
    begun = session.epoch
    status, seconds = _advance(session, epochs)
    result = _result(session, session.epoch - begun, seconds)
    if start is not None:
        result |= {"start": {"model": str(start), "epoch": begun, "notes": list(begins.notes)}}
    saved = [_save(session, path, force) for path in save or []]
    if curves is not None:
        known = session.records[session.branch.first[0] :]
        saved.append(write_curves(known, curves, overwrite=force))
    result["saved"] = [str(path) for path in saved]
    sys.stdout.write(json.dumps(result) + "\n" if as_json else report(result))
    return status


def _check_targets(save: Sequence[Path], curves: Path | None, force: bool) -> None:
    """Refuse files that could not be written, before hours of training.

    Raises
    ------
    ConfigError
        When two of them are the same file.
    ExportError
        When one of them cannot be written.
    """
    targets: set[Path] = set()
    for path in (*save, *([] if curves is None else [curves])):
        check = check_writable if path is curves or is_session(path) else check_target
        check(path, overwrite=force)
        target = Path(os.path.realpath(path))
        if target in targets:
            raise ConfigError(f"{printable(path)} would be written twice", "Give every file a name of its own.")
        targets.add(target)


def _limits(paths: Sequence[Path], session: Session) -> Iterator[str]:
    """Say what the files of a model will not hold, and of several files, which one."""
    model = session.model()
    for path in paths:
        named = f"{printable(path)}: " if len(paths) > 1 else ""
        yield from (f"{named}{limit}" for limit in format_of(path).limits(model, ExportOptions()))


def _save(session: Session, path: Path, force: bool) -> Path:
    if not is_session(path):
        return save_model(session.model(), path, overwrite=force)
    with job() as progress:
        return write_session(session.record(), path, progress, overwrite=force)


def _advance(session: Session, epochs: int) -> tuple[int, float]:
    """Train, and return the exit status and the seconds; the session stands where it last was whole."""
    began, status, begun = time.perf_counter(), 0, session.epoch
    try:
        with job() as progress:
            session.prepare(progress)
            began = time.perf_counter()
            session.advance(epochs, "epoch", progress)
    except Cancelled:
        sys.stderr.write(f"nodeglow: interrupted after {session.epoch} of {begun + epochs} epochs\n")
        status = INTERRUPTED
    except DivergenceError as error:
        status = refuse(str(error), error.hint)
    except DeviceError as error:
        session.rescue(error)
        stands = f"Training stopped in epoch {session.epoch + 1}; what --save names is written; --start goes on."
        status = refuse(str(error), stands)
    return status, time.perf_counter() - began


def _result(session: Session, epochs: int, seconds: float) -> dict[str, Any]:
    """Return the figures of the `--json` line after so many epochs; what does not exist is None."""
    last = session.snapshot().record
    figures: dict[str, Any] = {"epochs": last.epoch, "train_loss": last.train_loss, "test_loss": last.test_loss}
    if session.dataset.task == "classification":
        figures |= {"train_accuracy": last.train_accuracy, "test_accuracy": last.test_accuracy}
    else:
        figures |= _values(session)
    trained = epochs * len(session.dataset.X_train)
    figures |= {
        "parameters": session.network.parameter_count,
        "seconds": seconds,
        "samples_per_second": trained / seconds,
        "engine": session.engine_name,
        "device": session.device,
        "device_reason": session.device_reason or None,
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

"""The command line that repeats a run: ``nodeglow train`` with every choice that differs from the defaults."""

import csv
import dataclasses
import io
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from simulator.data import BUNDLED, Dataset, RecipeChoices, generators, open_dataset
from simulator.data.choices import ColumnChoice
from simulator.engines.devices import CPU
from simulator.spec import NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_loss, default_network, with_default_rate

_FLAGS = ("unique", "flag_missing", "target_log", "leakage", "unscaled")
_PLAIN = ("target", "task", "where", "most_rows", "test_fraction", "label_noise", "duplicates", "delimiter", "decimal",
          "thousands", "sheet", "ragged", "scale", "unknown")  # fmt: skip
_LISTS = ("features", "ignore", "categories", "class_order")
_OF_COLUMN = {"kind": "kind", "scale": "scale", "encoding": "encode", "unknown": "unknown"}


@dataclasses.dataclass(frozen=True)
class Repeat:
    """How a run is repeated.

    Attributes
    ----------
    words
        The command line, word by word.
    caveats
        What it does not say, one sentence each; empty where the same numbers come out.
    """

    words: tuple[str, ...]
    caveats: tuple[str, ...] = ()

    def __str__(self) -> str:
        return shlex.join(self.words)


def repeat(dataset: Dataset, network: NetworkSpec, config: TrainingConfig, epochs: int, device: str = CPU) -> Repeat:
    """Return the command that trains such a network on such data from its start.

    Parameters
    ----------
    dataset, network, config
        What holds from the start.
    epochs
        How long it is trained; at least 1.
    device
        What it is trained on.
    """
    caveats: list[str] = []
    source = _source(dataset, caveats)
    words = ["nodeglow", "train", source, *_of_data(dataset, source, caveats)]
    words += _of_network(dataset, network)
    words += _of_training(dataset, config)
    words += [] if device == CPU else ["--device", device]
    return Repeat((*words, "--epochs", str(max(1, epochs))), tuple(caveats))


def _source(dataset: Dataset, caveats: list[str]) -> str:
    if dataset.name in BUNDLED and (dataset.path is None or dataset.path == BUNDLED[dataset.name].path):
        return dataset.name
    if dataset.path is not None:
        return str(dataset.path)
    made = generators.recall(dataset.report.notes)
    if made is not None and generators.make(*made).frame.equals(dataset.table):  # else points were drawn into it
        return generators.spell(*made)
    caveats.append("The points were generated or drawn: save them as a file, and name it in the place of the data.")
    return f"{dataset.name}.csv"


def _of_data(dataset: Dataset, source: str, caveats: list[str]) -> Iterator[str]:
    chosen = dataset.choices
    usual = open_dataset(source).choices if source in BUNDLED or generators.names(source) else RecipeChoices()
    differ = {each.name for each in dataclasses.fields(chosen)
              if getattr(chosen, each.name) != getattr(usual, each.name)}  # fmt: skip
    yield from _of_all(chosen, differ)
    for name in (each for each in _LISTS if each in differ and getattr(chosen, each)):
        yield from (_option(name), _listed(getattr(chosen, name)))
    for derived in chosen.derived if "derived" in differ else ():
        yield from ("--derive", f"{derived.name}={derived.formula}")
    for column in chosen.columns if "columns" in differ else ():
        yield from _of_column(column)
        if column.flag_missing is not None or column.parts is not None or column.order:
            caveats.append(f"What was chosen for the parts or the order of the column {column.name!r} has no option.")


def _of_all(chosen: RecipeChoices, differ: set[str]) -> Iterator[str]:
    """Yield the options that are for the whole table."""
    for name in (each for each in _PLAIN if each in differ and getattr(chosen, each) is not None):
        yield from (_option(name), str(getattr(chosen, name)))
    if differ & {"missing", "constant"}:
        yield from ("--missing", _filled(chosen.missing, chosen.constant))
    if "encoding" in differ:
        yield from ("--encode", chosen.encoding)
    if differ & {"split", "split_column"} and chosen.split is not None:
        yield from ("--split", f"{chosen.split}:{chosen.split_column}" if chosen.split_column else chosen.split)
    for name in (each for each in ("stratify", "header") if each in differ and getattr(chosen, each) is not None):
        yield f"--{name}" if getattr(chosen, name) else f"--no-{name}"
    yield from (_option(name) for name in _FLAGS if name in differ and getattr(chosen, name))


def _of_column(column: ColumnChoice) -> Iterator[str]:
    """Yield the options that are for one column."""
    for field, option in _OF_COLUMN.items():
        if getattr(column, field) is not None:
            yield from (f"--{option}", f"{column.name}={getattr(column, field)}")
    if column.missing is not None:
        yield from ("--missing", f"{column.name}={_filled(column.missing, column.constant)}")


def _of_network(dataset: Dataset, network: NetworkSpec) -> Iterator[str]:
    usual = default_network(dataset)
    units = [layer.units for layer in network.hidden]
    if units != [layer.units for layer in usual.hidden]:
        yield from ("--hidden", ",".join(map(str, units)) or "none")
    for name in ("activation", "dropout"):
        values = [getattr(layer, name) for layer in network.hidden]
        if {*values} - {getattr(usual.hidden[0], name)}:
            yield from (_option(name), ",".join(map(str, values if len({*values}) > 1 else values[:1])))
    if network.initializer != usual.initializer:
        yield from ("--initializer", network.initializer)


def _of_training(dataset: Dataset, config: TrainingConfig) -> Iterator[str]:
    usual = default_config(dataset, seed=dataset.choices.seed)
    if config.loss != Rule(default_loss(dataset)):
        yield from ("--loss", _rule(config.loss))
    if config.optimizer != usual.optimizer:
        settings = dict(config.optimizer.settings)
        rate = settings.pop("learning_rate", None)
        named = Rule(config.optimizer.name, **settings)
        if named != Rule("adam"):
            yield from ("--optimizer", _rule(named))
        if rate is not None and with_default_rate(dataset, named) != config.optimizer:
            yield from ("--learning-rate", repr(rate))
    if config.schedule != usual.schedule:
        yield from ("--schedule", _rule(config.schedule))
    for name in ("batch_size", "l1", "l2", "clip_norm", "dtype"):
        if getattr(config, name) != getattr(usual, name):
            yield from (_option(name), str(getattr(config, name)))
    if config.tf32:
        yield "--tf32"
    if config.seed or dataset.choices.seed:
        yield from ("--seed", str(config.seed))


def seed_caveat(dataset: Dataset, config: TrainingConfig) -> str:
    """Return what is to be said where the split and the weights follow from two seeds; the command has one for both."""
    if dataset.choices.seed == config.seed:
        return ""
    return f"The rows were split with the seed {dataset.choices.seed}, the weights drawn with {config.seed}."


def _rule(rule: Rule) -> str:
    settings = ",".join(f"{name}={_value(value)}" for name, value in rule.settings)
    return f"{rule.name}:{settings}" if settings else rule.name


def _value(value: Any) -> str:
    return (
        ("yes" if value else "no")
        if isinstance(value, bool)
        else repr(value)
        if isinstance(value, float)
        else str(value)
    )


def _filled(way: str, constant: str | None) -> str:
    return f"{way}:{constant}" if way == "constant" and constant is not None else way


def _listed(names: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(list(names))
    return text.getvalue()


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"

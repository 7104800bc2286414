"""What a run is, as tables of words and figures: its columns, its layers, its settings."""

from collections.abc import Iterator, Sequence
from typing import Any

from simulator.data.dataset import Dataset
from simulator.data.outcomes import Value
from simulator.fields import settings_of
from simulator.nn import choices
from simulator.spec import NetworkSpec, Rule, TrainingConfig

Row = Sequence[Any]

COLUMNS = ("column", "role", "input", "preparation")
LAYERS = ("layer", "neurons", "activation", "dropout", "weights", "biases", "parameters")
SETTINGS = ("setting", "value")


def column_rows(dataset: Dataset) -> Iterator[Row]:
    """Yield every column of the table: its role, the inputs that come of it and the formula of each."""
    recipe = dataset.recipe
    steps = {step.column: step for step in recipe.columns}
    reasons = dict(dataset.report.ignored)
    names = dict.fromkeys([*map(str, dataset.table.columns), *steps])
    for name in names:
        if name == recipe.target:
            yield name, "target", "", target_formula(dataset)
        elif name in steps:
            for place, made in enumerate(steps[name].names):
                yield name, "feature", made, steps[name].formula(place)
        else:
            yield name, "not used", "", reasons.get(name, "")


def target_formula(dataset: Dataset) -> str:
    """Return what the network is told of the target."""
    outcome = dataset.recipe.outcome
    if not isinstance(outcome, Value):
        if dataset.Y_train.shape[1] == 1:
            return f"1 for {dataset.class_names[-1]}, else 0"
        return f"1 for its class, else 0: {', '.join(dataset.class_names)}"
    return outcome.formula


def layer_rows(network: NetworkSpec) -> Iterator[Row]:
    """Yield every layer with its parameters."""
    yield "input", network.inputs, "", "", 0, 0, 0
    for place, (fan_in, fan_out) in enumerate(network.shapes):
        if place < len(network.hidden):
            hidden = network.hidden[place]
            what: Row = (f"hidden {place + 1}", fan_out, hidden.activation, hidden.dropout)
        else:
            what = ("output", fan_out, network.link, "")
        yield *what, fan_in * fan_out, fan_out, fan_in * fan_out + fan_out


def setting_rows(config: TrainingConfig, network: NetworkSpec | None = None) -> Iterator[Row]:
    """Yield every setting of the training by its label, and its value."""
    for what in ("loss", "optimizer", "schedule"):
        rule: Rule = getattr(config, what)
        yield what.capitalize(), rule.name.replace("_", " ")
        row: Any = getattr(choices, what)(config)
        for each in settings_of(row) if hasattr(row, "__dataclass_fields__") else ():
            if each.name != "learning_rate" or what == "optimizer":
                yield each.label, getattr(row, each.name)
    for each in settings_of(config):
        value = getattr(config, each.name)
        yield each.label, "none" if value is None else value
    if network is not None:
        yield "Initializer", network.initializer.replace("_", " ")

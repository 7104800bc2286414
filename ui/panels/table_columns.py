"""Which columns the table has: what the network says, the raw ones, and the inputs that they become. No Qt."""

import dataclasses
from typing import TYPE_CHECKING

from ui.canvas.picture import grouped, pretty_name

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.spec import NetworkSpec, TrainingConfig

SPLIT, PREDICTION, SCORE, LOSS, CORRECT, ERROR = "split", "prediction", "probability", "loss", "correct", "error"
RAW, PREPARED = "raw", "prepared"
FEATURE, TARGET, IGNORED = "feature", "target", "not used"

BOTH = "both"
VIEWS = {
    RAW: ("Raw", "The cells as they stand in the file"),
    PREPARED: ("Prepared", "What the recipe makes of them: the inputs of the network"),
    BOTH: ("Both", "Every raw column, and beside it the inputs that it becomes"),
}
"""What can be shown of the data, with a name and a sentence."""

OF_NETWORK = (PREDICTION, SCORE, LOSS, CORRECT, ERROR)
"""The columns that change while the network learns."""


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the table.

    Attributes
    ----------
    kind
        What is in it: `SPLIT`, one of `OF_NETWORK`, `RAW` or `PREPARED`.
    place
        Which raw column or input it is; −1 for the others.
    name, note
        What stands in its head, and below that in small letters.
    tip
        All that can be said of it.
    numeric
        Whether its cells are numbers, which stand on the right.
    feature
        The place in the recipe of the step that takes this raw column, or makes this input; −1 where there is none.
    is_target
        Whether the network is to learn it.
    """

    kind: str
    place: int
    name: str
    note: str
    tip: str
    numeric: bool = True
    feature: int = -1
    is_target: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """What it is told by when the columns are made again."""
        return self.kind, self.place


def columns_of(
    dataset: "Dataset", network: "NetworkSpec | None", config: "TrainingConfig | None", view: str
) -> tuple[Column, ...]:
    """Return the columns of a data set in their order.

    Parameters
    ----------
    network, config
        Whose outputs and loss are told of; None where nothing is known of them yet.
    view
        A key of `VIEWS`.
    """
    raw = _raw_columns(dataset)
    inputs = _input_columns(dataset)
    if view == RAW:
        data = raw
    elif view == PREPARED:
        data = (*(column for column in raw if column.is_target), *inputs)
    else:
        known = {column.feature for column in raw if column.feature >= 0}
        beside = {
            column: tuple(each for each in inputs if each.feature == column.feature)
            for column in raw
            if column.feature >= 0
        }
        data = tuple(each for column in raw for each in (column, *beside.get(column, ())))
        data += tuple(each for each in inputs if each.feature not in known)
    return (*_own_columns(dataset, network, config), *data)


def _own_columns(
    dataset: "Dataset", network: "NetworkSpec | None", config: "TrainingConfig | None"
) -> tuple[Column, ...]:
    target = dataset.recipe.target
    name, unit = pretty_name(target)
    split = Column(
        SPLIT, -1, "split", "", "Whether the row is trained on, kept for testing, or not used", numeric=False
    )
    loss = Column(LOSS, -1, "loss", _loss_name(config), _loss_tip(config))
    if not dataset.class_names:
        said = Column(
            PREDICTION, -1, "prediction", f"ŷ{f' in {unit}' if unit else ''}", f"The {name} that is predicted"
        )
        return split, said, loss, Column(ERROR, -1, "error", "y − ŷ", f"y − ŷ{f' in {unit}' if unit else ''}")
    linear = network is not None and network.link == "linear"
    score = Column(
        SCORE, -1, "output" if linear else "probability", "of the prediction",
        "ŷ of the predicted class: " + ("the largest output" if linear else "how sure the network is"),
    )  # fmt: skip
    return (
        split,
        Column(PREDICTION, -1, "prediction", name, f"The {name} that the network takes the row for", numeric=False),
        score,
        loss,
        Column(CORRECT, -1, "right", "", "✓ the predicted class is the true one, ✗ it is another", numeric=False),
    )


def _loss_name(config: "TrainingConfig | None") -> str:
    return "" if config is None else config.loss.name.replace("_", " ")


def _loss_tip(config: "TrainingConfig | None") -> str:
    if config is None:
        return "How wrong the network is about the row"
    from simulator.nn import choices

    return f"How wrong the network is about the row\n{choices.loss(config).formula}"


def _raw_columns(dataset: "Dataset") -> tuple[Column, ...]:
    recipe, table = dataset.recipe, dataset.table
    places = {name: place for place, name in enumerate(recipe.used)}
    ignored, derived = dict(dataset.report.ignored), {each.name: each.formula for each in dataset.choices.derived}
    found: list[Column] = []
    for place, (label, dtype) in enumerate(zip(table.columns, table.dtypes, strict=True)):
        name, feature = str(label), places.get(str(label), -1)
        is_target = name == recipe.target
        note = TARGET if is_target else FEATURE if feature >= 0 else IGNORED
        tip = f"{name} = {derived[name]}" if name in derived else name
        if is_target:
            tip += "\nThe target: what the network is to predict"
        if feature >= 0:
            step = recipe.columns[feature]
            many = f"{len(step.names)} inputs, as {step.names[0]}: {step.formula()}"
            tip += f"\nThe network is given {step.formula() if len(step.names) == 1 else many}"
        elif not is_target:
            tip += f"\nThe network does not see it{f': {ignored[name]}' if name in ignored else ''}"
        found.append(Column(RAW, place, name, note, tip, dtype.kind in "iuf", feature, is_target))
    # What is true stands beside what is predicted, however many columns there are.
    return tuple(sorted(found, key=lambda column: not column.is_target))


def _input_columns(dataset: "Dataset") -> tuple[Column, ...]:
    fitted = "Fitted on all rows: leakage, on purpose" if dataset.choices.leakage else "Fitted on the training rows"
    found: list[Column] = []
    for feature, step in enumerate(dataset.recipe.columns):
        for place, name in enumerate(step.names):
            scaling = step.scaling_at(place)
            note = "1 or 0" if scaling is None else scaling.formula("x")
            tip = f"Input {grouped(len(found) + 1)} of the network: {name}\n{step.formula(place)}\n{fitted}"
            found.append(Column(PREPARED, len(found), name, note, tip, True, feature))
    return tuple(found)

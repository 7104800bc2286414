"""The ways in which a foreign network's inputs can be made of rows, and what each of them comes to. No Qt."""

import dataclasses

from simulator.data import Dataset, Recipe
from simulator.data.steps import Number
from simulator.insight.candidates import MOST_ROWS, Candidate, candidates, suggested
from simulator.interchange import Assumptions, Foreign, Model, adopt
from simulator.progress import Progress
from simulator.training.own_data import fits, in_its_order, link_for, prepared_by, rescaled
from simulator.training.teacher import ROWS, taught

SHOWN_ROWS = 6
"""So many predictions are shown to judge by."""

_SCALED = {
    "none": ("As the numbers stand there", "The numbers of {name} go in without any scaling."),
    "min_max": ("Scaled to 0 … 1", "The numbers of {name}, of which the least becomes 0 and the largest 1."),
    "standardise": ("Standardised", "The numbers of {name}, less their mean and divided by their deviation."),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Way:
    """How rows become inputs.

    Attributes
    ----------
    id, label, about
        Its name, what a button says, and one plain sentence.
    recipe
        What prepares the rows; None where the columns are the inputs themselves.
    dataset
        Whose rows; None where the network makes rows for itself.
    """

    id: str
    label: str
    about: str
    recipe: Recipe | None = None
    dataset: Dataset | None = None


@dataclasses.dataclass(frozen=True)
class Prediction:
    """A row: what the data says, what the network says, and how sure it is (NaN for a value)."""

    actual: str
    predicted: str
    share: float


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What the rows say about the activations.

    Attributes
    ----------
    candidates
        Every activation with its figures; none without data.
    predictions
        The first rows by the name of the activation.
    suggested
        The activation to begin with.
    rows
        How many rows were tried.
    value
        Whether the figures are R² of a value instead of accuracies.
    """

    candidates: tuple[Candidate, ...] = ()
    predictions: tuple[tuple[str, tuple[Prediction, ...]], ...] = ()
    suggested: str = ""
    rows: int = 0
    value: bool = False


def ways(foreign: Foreign, dataset: Dataset | None) -> tuple[Way, ...]:
    """Return the ways that fit a network: those by a data set first, and always the one that needs none."""
    found: list[Way] = []
    if dataset is not None and fits(foreign, dataset.recipe):
        name = dataset.name
        here = in_its_order(foreign, dataset.recipe)
        about = f"The columns of {name} go in as they are prepared in this window."
        found.append(Way("here", f"Prepared as {name} is here", about, here, dataset))
        for scaling, (label, said) in _SCALED.items():
            recipe = in_its_order(foreign, rescaled(dataset, scaling))
            if _has_numbers(dataset.recipe) and recipe.columns != here.columns:
                found.append(Way(scaling, label, said.format(name=name), recipe, dataset))
    own = f"No data: {ROWS} rows are drawn at random, and the network itself says what they are."
    found.append(Way("own", "Columns of its own", own))
    return tuple(found)


def assumptions(foreign: Foreign, way: Way, activation: str = "relu", link: str | None = None) -> Assumptions:
    """Return what is taken for granted; the link by default as it suits the way's target."""
    if link is None and way.recipe is not None:
        link = link_for(foreign, way.recipe)
    return Assumptions(activation, foreign.linked(link), way.recipe)


def judge(foreign: Foreign, way: Way, link: str | None, progress: Progress) -> Evidence:
    """Try the network on rows of a way's data set; the job behind the table.

    Raises
    ------
    SimulatorError
        When the rows cannot be prepared so, or the network does not fit them.
    """
    assumed = assumptions(foreign, way, link=link)
    adopt(foreign, assumed)  # what does not fit is refused first
    if way.dataset is None or way.recipe is None:
        return Evidence()
    part = _some_rows(way.dataset)
    X, Y = part.X_train, part.Y_train
    if way.recipe is not way.dataset.recipe:
        part = prepared_by(part, way.recipe)
        X, Y = part.X_train, part.Y_train
    found = candidates(foreign, assumed, X, Y, progress)
    # Spread over the table: rows of a class often stand together.
    shown = slice(0, None, max(1, -(-len(X) // SHOWN_ROWS)))
    predictions = tuple(
        (each.activation, _predictions(_adopted(foreign, assumed, each.activation), X[shown], Y[shown]))
        for each in found
    )
    first = suggested(found)
    value = not way.recipe.class_names
    return Evidence(found, predictions, "" if first is None else first.activation, len(X), value)


def build(foreign: Foreign, way: Way, assumed: Assumptions, name: str, progress: Progress) -> tuple[Model, Dataset]:
    """Make the model, and the data that it is trained on; the job behind the button.

    Raises
    ------
    SimulatorError
        When they do not go together.
    """
    progress.report(None, "making the network")
    model = adopt(foreign, assumed)
    if way.dataset is None:
        return model, taught(model, progress=progress, name=name)
    return model, prepared_by(way.dataset, model.recipe)


def pairs(foreign: Foreign, way: Way, most: int = 300) -> tuple[tuple[str, str], ...]:
    """Return every input and output as the file calls it and as the way does, the first ones of a great many."""
    model = adopt(foreign, assumptions(foreign, way))
    names = model.feature_names[:most]
    given = foreign.feature_names if len(foreign.feature_names) == foreign.sizes[0] else ()
    found = [(given[place] if given else f"input {place + 1}", name) for place, name in enumerate(names)]
    outputs = model.class_names if foreign.sizes[-1] > 1 else (model.recipe.target,)
    called = foreign.class_names if len(foreign.class_names) == foreign.sizes[-1] else ()
    return (
        *found,
        *((called[place] if called else f"output {place + 1}", name) for place, name in enumerate(outputs[:most])),
    )


def _adopted(foreign: Foreign, assumed: Assumptions, activation: str) -> Model:
    return adopt(foreign, dataclasses.replace(assumed, activation=activation or assumed.activation))


def _has_numbers(recipe: Recipe) -> bool:
    return any(isinstance(step, Number) for step in recipe.columns)


def _some_rows(dataset: Dataset) -> Dataset:
    """Return a data set with some rows only, all of them as training rows; test rows where there are any."""
    rows, X, Y = dataset.test_rows, dataset.X_test, dataset.Y_test
    if not len(rows):
        rows, X, Y = dataset.train_rows, dataset.X_train, dataset.Y_train
    step = max(1, -(-len(rows) // MOST_ROWS))
    none = slice(0, 0)
    return dataclasses.replace(
        dataset, train_rows=rows[::step], X_train=X[::step], Y_train=Y[::step],
        test_rows=rows[none], X_test=X[none], Y_test=Y[none],
    )  # fmt: skip


def _predictions(model: Model, X: object, Y: object) -> tuple[Prediction, ...]:
    import numpy as np

    answers = model.answers(model.outputs(np.asarray(X)))
    said = answers["prediction"].tolist()
    if not model.class_names:
        actual = model.recipe.value(np.asarray(Y)).reshape(-1).tolist()
        return tuple(
            Prediction(f"{one:.5g}", f"{other:.5g}", float("nan")) for one, other in zip(actual, said, strict=True)
        )
    classes = [model.class_names[place] for place in np.asarray(Y).argmax(axis=1)]
    shares = answers.drop(columns="prediction").max(axis=1).tolist()
    sure = shares if model.network.link != "linear" else [float("nan")] * len(shares)
    return tuple(Prediction(one, str(other), share) for one, other, share in zip(classes, said, sure, strict=True))

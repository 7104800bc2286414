"""The scores of the classes, and the figures of predicted values, as lines of a table with their formulas. No Qt."""

import dataclasses
import math

from simulator.insight import averages
from ui.canvas.picture import grouped, pretty_name, value_text
from ui.panels.evaluation_values import Classes, Values, overall

HEADS = {"classification": ("Class", "Precision", "Recall", "F1", "Rows"), "regression": ("Figure", "Value")}

_FORMULAS = {
    "Accuracy": "The share of the rows whose predicted class is the true one",
    "Balanced accuracy": "The mean of the recalls: each class counts the same, however few rows it has",
    "Matthews correlation": "MCC = (c·s − Σ pₖ·tₖ)/√((s² − Σ pₖ²)·(s² − Σ tₖ²)): the correlation of what is and what\n"
    "is said, with c right of s rows, pₖ called k and tₖ that are k. 1 is perfect, 0 guessing",
    "Log loss": "−1/n Σ log ŷ of the true class, in nats: 0 is perfect, and a sure mistake is dear",
    "Brier score": "1/n Σ Σₖ (ŷₖ − yₖ)²: 0 is perfect, 2 the worst",
    "R²": "R² = 1 − Σ (y − ŷ)²/Σ (y − ȳ)²: 1 is perfect, 0 is no better than always to say the mean",
    "RMSE": "√(1/n Σ (y − ŷ)²): the root of the mean squared error; large errors count most",
    "MAE": "1/n Σ |y − ŷ|: how far off a prediction is on average",
    "MAPE": "1/n Σ |y − ŷ|/|y|: how far off it is in relation to the true value; undefined where one is 0",
    "Explained variance": "1 − Var(y − ŷ)/Var(y): R² for predictions whose mean error was taken away",
    "Mean residual": "1/n Σ (y − ŷ): positive where predictions are too small on the whole",
    "Deviation of residuals": "√(1/n Σ (e − ē)²) with e = y − ŷ: how far the errors are spread about their mean",
    "Largest residual": "The y − ŷ that is farthest from zero. Click chooses its row",
}
_SCORES = {
    "precision": "Of the rows that are called so, the share that are. A click shows the rows called so",
    "recall": "Of the rows that are so, the share that is found. A click shows the rows that are so",
    "f1": "F1 = 2·TP/(2·TP + FP + FN), the harmonic mean of both. A click shows the mistakes",
}


@dataclasses.dataclass(frozen=True)
class Figure:
    """What stands in a cell.

    Attributes
    ----------
    text, tip
        The figure, and what it means.
    share
        How long a bar below it is, 0 to 1; NaN for none.
    opens
        The cells of the confusion matrix whose rows it leads to (−1 for all), or none.
    row
        A row of the raw table that it leads to, or −1.
    """

    text: str
    tip: str = ""
    share: float = math.nan
    opens: tuple[tuple[int, int], ...] = ()
    row: int = -1


Line = tuple[Figure, ...]


def lines_of(found: Classes | Values) -> list[Line]:
    """Return the lines of a table below the `HEADS` of the task."""
    return _class_lines(found) if isinstance(found, Classes) else _value_lines(found)


def _class_lines(found: Classes) -> list[Line]:
    scores, counts = found.scores, found.confusion
    lines: list[Line] = []
    for k, name in enumerate(found.names):
        right, are, called = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        wrong = tuple((k, other) for other in range(len(found.names)) if other != k)
        wrong += tuple((other, k) for _, other in wrong)
        lines.append(
            (
                Figure(name, f"{name}: {grouped(are)} rows", opens=((k, -1),)),
                _score(scores.precision[k], f"TP/(TP + FP) = {right}/{called}\n{_SCORES['precision']}", ((-1, k),)),
                _score(scores.recall[k], f"TP/(TP + FN) = {right}/{are}\n{_SCORES['recall']}", ((k, -1),)),
                _score(scores.f1[k], f"{2 * right}/{are + called}\n{_SCORES['f1']}", wrong),
                Figure(grouped(are), f"{grouped(are)} rows are {name}", opens=((k, -1),)),
            )
        )
    for name, mean, tip in (
        ("Macro average", averages.macro(scores), "The plain mean over the classes: each counts the same"),
        ("Weighted average", averages.weighted(scores), "The mean over the classes, each by how many rows it has"),
    ):
        cells = (_score(each, tip) for each in (mean.precision, mean.recall, mean.f1))
        lines.append((Figure(name, tip), *cells, Figure(grouped(len(found.rows)), "All rows")))
    for name, value in overall(found):
        tip = _FORMULAS[name]
        if name in ("Log loss", "Brier score"):
            if not found.probable:
                tip += ".\nThe outputs of this network are no probabilities that add up to 1"
            cell = Figure(_plain(value), tip)
        else:
            cell = _score(value, tip)
        lines.append((Figure(name, tip), cell, Figure(""), Figure(""), Figure("")))
    return lines


def _value_lines(found: Values) -> list[Line]:
    unit = pretty_name(found.predictions.dataset.recipe.target)[1]
    left, figures = found.residuals, found.figures
    lines: list[Line] = [(Figure("Rows"), Figure(grouped(len(found.rows)), "How many rows are judged"))]
    for name, value in figures.items():
        tip = _FORMULAS[name]
        if name in ("R²", "Explained variance"):
            lines.append((Figure(name, tip), Figure(_plain(value), tip, value)))
        elif name == "MAPE":
            lines.append((Figure(name, tip), Figure("–" if value != value else f"{100 * value:.1f} %", tip)))
        else:
            lines.append((Figure(name, tip), Figure(real(value, unit), tip)))
    for name, value in (("Mean residual", left.mean), ("Deviation of residuals", left.deviation)):
        lines.append((Figure(name, _FORMULAS[name]), Figure(real(value, unit), _FORMULAS[name])))
    row = -1 if left.where < 0 else int(found.rows[left.where])
    tip = _FORMULAS["Largest residual"]
    name = "Largest residual" if row < 0 else f"Largest residual, row {grouped(row + 1)}"
    lines.append((Figure(name, tip, row=row), Figure(real(left.largest, unit), tip, row=row)))
    return lines


def real(value: float, unit: str) -> str:
    """Return a figure in real units; a dash where there is none."""
    return "–" if value != value else value_text(value, unit)


def _score(value: float, tip: str, opens: tuple[tuple[int, int], ...] = ()) -> Figure:
    return Figure(_plain(value), tip, float(value), opens)


def _plain(value: float) -> str:
    return "–" if value != value else f"{value:.3f}".replace("-", "−")

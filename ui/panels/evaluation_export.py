"""What an evaluation says, as lines of numbers. No Qt."""

from typing import Any

from ui.panels.evaluation_figures import HEADS, lines_of
from ui.panels.evaluation_values import Classes, Judged, Values

Table = list[list[Any]]


def table_of(found: Judged, page: str, of: int = -1) -> Table:
    """Return the numbers of a page as lines, the first of which names the columns.

    Parameters
    ----------
    found
        What is judged.
    page
        A key of `ui.panels.evaluation_bar.PAGES`.
    of
        The class whose calibration is shown; −1 for the predicted one.
    """
    if isinstance(found, Values):
        if page == "figures":
            return _sheet(found, "regression")
        head = ["row", "split", "true", "predicted", "residual"]
        splits = ["test" if each else "train" for each in found.tested.tolist()]
        columns = (found.rows + 1, splits, found.truth, found.said, found.residuals.each)
        return [head, *(list(line) for line in zip(*(_plain(each) for each in columns), strict=True))]
    if page == "matrix":
        names = list(found.names)
        return [
            ["true \\ predicted", *names],
            *([name, *line] for name, line in zip(names, found.confusion.tolist(), strict=True)),
        ]
    if page == "scores":
        return _sheet(found, "classification")
    if page == "calibration":
        bins = found.reliability(of)
        lines = zip(
            bins.edges[:-1].tolist(),
            bins.edges[1:].tolist(),
            bins.counts.tolist(),
            bins.said.tolist(),
            bins.came.tolist(),
            strict=True,
        )
        return [["from", "to", "rows", "said", "true"], *(list(line) for line in lines)]
    return _curves(found)


def _curves(found: Classes) -> Table:
    lines: Table = [
        ["class", "threshold", "true_positives", "false_positives", "recall", "false_positive_rate", "precision"]
    ]
    for curve in found.curves:
        ranked = curve.ranked
        columns = (
            ranked.thresholds, ranked.hits, ranked.alarms, ranked.recall, ranked.false_positive_rate, ranked.precision,
        )  # fmt: skip
        lines += [[curve.name, *line] for line in zip(*(each.tolist() for each in columns), strict=True)]
    return lines


def _sheet(found: Judged, task: str) -> Table:
    return [list(HEADS[task]), *([figure.text for figure in line] for line in lines_of(found))]


def _plain(column: Any) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()

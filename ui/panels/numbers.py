"""What the panels show as rows of a table, the names of the columns first; figures keep all their digits. No Qt."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

Row = Sequence[Any]


def of_answer(shown: Any, target: str) -> Iterator[Row]:
    """Yield the probability of every class, or the predicted value and the true one (a `ui.panels.output.Answer`)."""
    if shown.names:
        yield "class", "probability", "predicted", "true"
        for place, name in enumerate(shown.names):
            share = shown.shares[place] if place < len(shown.shares) else ""
            yield name, share, _mark(place == shown.predicted), _mark(place == shown.actual)
    else:
        yield "target", "predicted", "true"
        yield target, shown.value, "" if shown.truth is None else shown.truth


def of_trace(trace: Any, names: Sequence[str]) -> Iterator[Row]:
    """Yield values and gradients of parameters by epoch (a `simulator.training.trace.Trace`)."""
    yield "epoch", *(f"value of {name}" for name in names), *(f"gradient of {name}" for name in names)
    for epoch, values, gradients in zip(trace.epochs, trace.values, trace.gradients, strict=True):
        yield float(epoch), *map(float, values), *map(_known, gradients)


def of_table(dataset: Any, where: Any, snapshot: Any, rows: Any, columns: Any) -> Iterator[Row]:
    """Yield rows of the table with all that the network says, a block at a time."""
    from ui.panels.table_files import frame_of

    block = 4096
    for start in range(0, max(len(rows), 1), block):
        part = frame_of(dataset, where, snapshot, rows[start : start + block], columns, every=True)
        if start == 0:
            yield [str(name) for name in part.columns]
        yield from part.astype(object).where(part.notna(), "").itertuples(index=False, name=None)


def of_page(page: Any) -> Iterator[Row]:
    """Yield what a page of the inspector says: its figure, its formulas, and who takes part in the sum."""
    yield "what", "formula", "in figures"
    yield page.title, "", page.figure
    for line in page.lines:
        yield line.caption, line.rule, line.text
    if page.bars is not None:
        yield from ((page.bars.title, bar.name.text, bar.figure.text) for bar in page.bars.rows)


def of_equation(equation: Any) -> Iterator[Row]:
    """Yield every cell of every matrix of a product, one a row."""
    yield "matrix", "of", "row", "column", "value"
    for matrix in equation.matrices:
        down, across = matrix.values.shape
        downs, acrosses = _names(matrix.down, down), _names(matrix.across, across)
        for row, values in zip(downs, np.asarray(matrix.values, np.float64).tolist(), strict=True):
            for column, value in zip(acrosses, values, strict=True):
                yield matrix.name, matrix.of, row, column, value


def _names(axis: Any, count: int) -> Sequence[str]:
    return axis.names if len(axis.names) == count else [str(number) for number in range(1, count + 1)]


def of_comparison(then: Any, now: Any) -> Iterator[Row]:
    """Yield every weight and bias of two snapshots of one shape, and their difference."""
    yield "layer", "from", "to", "then", "now", "difference"
    for layer, (before, after) in enumerate(zip(then.layers, now.layers, strict=True), 1):
        for source, (one, other) in enumerate(zip(_stacked(before), _stacked(after), strict=True), 1):
            origin = source if source <= len(before.weight) else "bias"
            for unit, (was, is_now) in enumerate(zip(one.tolist(), other.tolist(), strict=True), 1):
                yield layer, origin, unit, was, is_now, is_now - was


def _stacked(layer: Any) -> Any:
    return np.concatenate([np.asarray(layer.weight), np.asarray(layer.bias)[None, :]]).astype(np.float64)


def of_points(sheet: Any) -> Iterator[Row]:
    """Yield the points of the plane (a `simulator.data.drawn.Sheet`)."""
    points, classes = sheet.points, sheet.classes
    yield *sheet.axes, sheet.base.recipe.target, "split"
    for x, y, target, test in zip(
        points.x.tolist(), points.y.tolist(), points.target.tolist(), points.test.tolist(), strict=True
    ):
        yield x, y, classes[int(target)] if classes else target, "test" if test else "train"


def of_places(rows: Any, places: Any, axes: Sequence[str], wrong: Any) -> Iterator[Row]:
    """Yield the rows of the decision map where they stand in its plane (a `ui.panels.map_points.Rows`)."""
    dataset = rows.dataset
    names = dataset.class_names
    yield "row", "split", *axes[: places.shape[1]], dataset.recipe.target, "mistaken"
    for place, (row, test) in enumerate(zip(rows.raw.tolist(), rows.is_test.tolist(), strict=True)):
        target = names[int(rows.target[place])] if names else float(rows.target[place])
        yield row + 1, "test" if test else "train", *map(float, places[place]), target, _mark(bool(wrong[place]))


def of_range_test(result: Any) -> Iterator[Row]:
    """Yield the curve of a range test (a `simulator.insight.rate_finder.RangeTest`)."""
    yield "update", "learning_rate", "loss", "smoothed_loss"
    for nth, each in enumerate(zip(result.rates, result.losses, result.smoothed, strict=True), 1):
        yield nth, *map(float, each)


def of_story(sentences: Iterable[Any]) -> Iterator[Row]:
    """Yield what the narrator says, with its evidence."""
    yield "epoch", "what happened", "evidence", "advice"
    for each in sentences:
        yield each.epoch, each.text, "; ".join(f"{what}: {value}" for what, value in each.evidence), each.advice


def of_network(picture: Any) -> Iterator[Row]:
    """Yield what the canvas shows: every neuron, then every edge (a `ui.canvas.picture.Picture`)."""
    yield "what", "layer", "from", "to", "value"
    for layer, values in enumerate(picture.activations):
        for unit, value in enumerate(np.asarray(values, np.float64).tolist(), 1):
            yield "neuron", layer, "", unit, value
    for layer in range(len(picture.weights)):
        numbers = np.asarray(picture.edge_numbers(layer)[0], np.float64)
        for source, line in enumerate(numbers.tolist(), 1):
            for unit, value in enumerate(line, 1):
                yield "edge", layer + 1, source, unit, value


def _mark(there: bool) -> str:
    return "yes" if there else ""


def _known(value: Any) -> Any:
    number = float(value)
    return "" if np.isnan(number) else number

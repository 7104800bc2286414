"""What the cells of a confusion matrix say. No Qt."""

from ui.canvas.picture import grouped
from ui.panels.evaluation_values import Classes

Cell = tuple[int, int]
"""The true and the predicted class; −1 for all of them together."""


def sentence(found: Classes, cell: Cell) -> str:
    """Return what is counted in a cell, in a sentence with both shares."""
    true, taken = cell
    counts, names = found.confusion, found.names
    rows, count = len(found.rows), len(found.cell(true, taken))
    if true < 0 and taken < 0:
        return f"{grouped(found.mistakes)} of {grouped(rows)} rows are taken for another class"
    if true < 0:
        return f"{grouped(count)} rows are taken for {names[taken]}, {grouped(int(counts[taken, taken]))} of them are"
    if taken < 0:
        return f"{grouped(count)} rows are {names[true]}, {grouped(int(counts[true, true]))} of them are found"
    of_true, of_taken = int(counts[true].sum()), int(counts[:, taken].sum())
    what = f"{names[true]} found" if true == taken else f"{names[true]} taken for {names[taken]}"
    shares = [
        f"{100 * count / whole:.1f} % of {grouped(whole)} {text}"
        for whole, text in ((of_true, "that are"), (of_taken, "called so"))
        if whole
    ]
    return f"{what}: {grouped(count)}" + (f" ({', '.join(shares)})" if shares else "")


def title(found: Classes, cell: Cell) -> str:
    """Return what the rows of a cell are called."""
    names, (true, taken) = found.names, cell
    if true < 0:
        return "all" if taken < 0 else f"Taken for {names[taken]}"
    if taken < 0:
        return names[true]
    return f"{names[true]} found" if true == taken else f"{names[true]} taken for {names[taken]}"

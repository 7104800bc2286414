"""What the inspector says about a number: which formulas with live figures, and what else it comes from. No Qt."""

import dataclasses
from collections.abc import Callable, Iterator

from simulator.explain import Number, Piece
from ui.asking import Account
from ui.panels.drawings import BARS, curve_of
from ui.panels.inspection import BATCH, ROW, Line, Page, Segment, Subject, ancestry_of, within

_MOST_PARENTS = 8
_BEGIN = "Click a neuron or an edge of the network. Every blue figure leads to where it comes from."


def page_of(account: Account, subject: Subject, *, started: bool = True) -> Page:
    """Return what is said about a subject; `started` is False where nobody has chosen it.

    Raises
    ------
    ConfigError
        When there is no such number.
    """
    if subject.rows == ROW and account.row is None:
        advice = "A value is missing in it, so that the network cannot see it. Choose another row, or an edge."
        return Page(f"Row {account.shown.row + 1} is not used", advice=advice)
    ancestry, number = ancestry_of(account, subject), subject.number
    title = ancestry.label(number)
    lines = [_line(account, *about) for about in _lines_of(account, subject)]
    seen: set[object] = {subject, *(segment.target for line in lines for segment in line.segments)}
    lines += _parents(account, subject, seen)
    return Page(
        title if number.kind == "cell" or not title[1:2].isalpha() else title[0].upper() + title[1:],
        f"{ancestry.symbol(number)} = {ancestry.figure(number)}",
        _meaning(account, subject),
        tuple(lines),
        curve_of(account, subject),
        BARS[number.kind](account, subject) if number.kind in BARS else None,
        "" if started else _BEGIN,
    )


def _meaning(account: Account, subject: Subject) -> str:
    if subject.number.kind != "parameter":
        return ancestry_of(account, subject).meaning(subject.number)
    moment = account.moment
    return f"As it is before batch {moment.batch + 1:,} of {moment.batches:,} in epoch {moment.epoch + 1:,}."


def name_of(account: Account, subject: Subject) -> str:
    """Return what a number is called, and what numbers of its kind are, for a tooltip."""
    ancestry = ancestry_of(account, subject)
    return f"{ancestry.label(subject.number)}\n{ancestry.meaning(subject.number)}"


About = tuple[str, Subject]


def _lines_of(account: Account, subject: Subject) -> Iterator[About]:
    kind = subject.number.kind
    yield from LINES[kind](account, subject) if kind in LINES else (("", subject),)


def _to(kind: str, subject: Subject, layer: int | None = None) -> Subject:
    number = subject.number
    return Subject(Number(kind, number.layer if layer is None else layer, number.unit, number.row), subject.rows)


def _activation_lines(_account: Account, subject: Subject) -> Iterator[About]:
    yield "The sum", _to("z", subject)
    yield "The activation", subject
    yield "How the loss depends on the sum", _to("delta", subject)


def _output_lines(account: Account, subject: Subject) -> Iterator[About]:
    last = len(account.moment.network.hidden)
    yield "The sum", _to("z", subject, last)
    yield "The output", subject
    if not account.dataset.class_names:
        yield "In the unit of the file", _to("answer", subject)
    yield "What it adds to the loss of the row", _to("loss_term", subject)
    yield "How the loss depends on the sum", _to("delta", subject, last)


def _input_lines(_account: Account, subject: Subject) -> Iterator[About]:
    yield "From the file", subject
    yield "How the loss depends on it", _to("input_pull", subject)


def _loss_lines(_account: Account, subject: Subject) -> Iterator[About]:
    if subject.number.kind == "row_loss":
        yield "The loss of the row", subject
    yield "The loss of the next batch", Subject(Number("batch_loss"), BATCH)


def _parameter_lines(account: Account, subject: Subject) -> Iterator[About]:
    number = subject.number

    def at(kind: str, rows: str = BATCH, row: int = -1) -> Subject:
        return Subject(dataclasses.replace(number, kind=kind, row=row, name=""), rows)

    if number.kind == "parameter":
        if account.row is not None:
            yield "Its gradient by the shown row alone", at("share", ROW, 0)
        yield "Its gradient, the mean over the batch", at("data_gradient")
        config = account.moment.config
        if config.clip_norm is not None or ((config.l1 or config.l2) and number.source is not None):
            yield "The gradient that the optimizer gets", at("gradient")
    yield "Its next step", at("step")
    if number.kind != "step":
        yield "After it", at("new")


def _cell_lines(account: Account, subject: Subject) -> Iterator[About]:
    column = subject.number.name
    place = ancestry_of(account, subject).label(subject.number).removeprefix(f"{column} in ")
    yield f"{place[0].upper()}{place[1:]}, column {column}", subject


LINES: dict[str, Callable[[Account, Subject], Iterator[About]]] = {
    "a": _activation_lines,
    "output": _output_lines,
    "input": _input_lines,
    "cell": _cell_lines,
    "row_loss": _loss_lines,
    "batch_loss": _loss_lines,
    "parameter": _parameter_lines,
    "step": _parameter_lines,
    "new": _parameter_lines,
}
"""The formulas of a page by the kind of its number, where these are others than its own alone."""


def _line(account: Account, caption: str, subject: Subject) -> Line:
    ancestry, number = ancestry_of(account, subject), subject.number
    segments = tuple(_segment(piece, subject) for piece in ancestry.pieces(number))
    return Line(caption, ancestry.rule(number), segments)


def _segment(piece: Piece, subject: Subject) -> Segment:
    return Segment(piece.text, None if piece.number is None else within(piece.number, subject))


def _parents(account: Account, subject: Subject, seen: set[object]) -> Iterator[Line]:
    """Return what a number comes from and stands in no formula of the page, as lines."""
    if subject.number.kind in LINES or subject.number.kind in BARS:
        return
    ancestry = ancestry_of(account, subject)
    found = [(label, within(parent, subject)) for label, parent in ancestry.parents(subject.number)]
    left = [(label, parent) for label, parent in found if parent not in seen]
    for nth, (label, parent) in enumerate(left[:_MOST_PARENTS]):
        shown = Segment(ancestry.figure(parent.number), parent)
        yield Line("" if nth else "It also comes from", "", (Segment(f"{label}: "), shown))
    if len(left) > _MOST_PARENTS:
        yield Line("", "", (Segment(f"… and {len(left) - _MOST_PARENTS:,} more"),))

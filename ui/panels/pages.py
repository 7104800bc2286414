"""What the inspector says about a number: which formulas with live figures, and what else it comes from. No Qt."""

import dataclasses
from collections.abc import Callable, Iterator

from simulator.errors import ConfigError
from simulator.explain import KINDS, Moment, Number, Piece, place_of
from ui.asking import Account
from ui.panels.drawings import BARS, batch_name, curve_of, largest_steps
from ui.panels.inspection import BATCH, LAST, ROW, Line, Page, Segment, Subject, ancestry_of, within

_MOST_PARENTS = 8
_BEGIN = "Click a neuron or an edge of the network. Every blue figure leads to where it comes from."
_NO_TRUTH = "No truth is known for a changed row, so that it has no loss and no gradient."
_NEEDS_TRUTH = frozenset(
    ("target", "error", "loss_term", "row_loss", "output_pull", "delta", "pull", "input_pull", "share")
)


def page_of(account: Account, subject: Subject, *, started: bool = True, last: bool = True, sharp: bool = True) -> Page:
    """Return what is said about a subject.

    Parameters
    ----------
    started
        False where nobody has chosen it.
    last
        Whether a weight's page tells of its last update, where that is known, or else of its next one.
    sharp
        False where the last update is known now and then only, which counts as not at all.

    Raises
    ------
    ConfigError
        When there is no such number.
    """
    if subject.rows == ROW and account.row is None:
        return Page(f"Row {account.shown.row + 1} is not used", advice=_why_unused(account))
    ancestry, number = ancestry_of(account, subject), subject.number
    title = ancestry.label(number)
    known = sharp and account.last is not None
    turn = (LAST if last and known else BATCH) if _turns(subject) else ""
    told = Subject(number, turn) if turn else subject
    about = list(_lines_of(account, told))
    unknown = any(_is_unknown(account, each) for _, each in about)
    lines = [_line(account, *each) for each in about if not _is_unknown(account, each[1])]
    if turn and last and not known:
        lines.insert(0, Line("Its last update", "", (Segment(_why_unknown(account.moment)),)))
    if not unknown:
        seen: set[object] = {told, *(segment.target for line in lines for segment in line.segments)}
        lines += _parents(account, told, seen)
    return Page(
        title if number.kind == "cell" or not title[1:2].isalpha() else title[0].upper() + title[1:],
        "" if _is_unknown(account, subject) else f"{ancestry.symbol(number)} = {ancestry.figure(number)}",
        _meaning(account, subject),
        tuple(lines),
        curve_of(account, subject),
        BARS[number.kind](account, told) if number.kind in BARS else None,
        " ".join(text for text in (_NO_TRUTH if unknown else "", "" if started else _BEGIN) if text),
        turn,
        _place(account.moment, number),
    )


def _turns(subject: Subject) -> bool:
    """Whether a page can tell of the last update as well as of the next one."""
    return subject.number.kind == "parameter" and subject.rows == BATCH


def _place(moment: Moment, number: Number) -> int | None:
    """Return where the weight or bias of an address stands; None where it is no weight's and no bias's."""
    if "source" not in KINDS[number.kind].needs:
        return None
    return place_of(moment.network, number.layer, number.source, number.unit)


def _is_unknown(account: Account, subject: Subject) -> bool:
    """Whether a number would need the truth of a row that has none."""
    return subject.rows == ROW and account.shown.split == "changed" and subject.number.kind in _NEEDS_TRUTH


def _why_unused(account: Account) -> str:
    table, recipe, row = account.shown_dataset.table, account.shown_dataset.recipe, account.shown.row
    empty = [name for name in (*recipe.used, recipe.target) if name in table and bool(table[name].isna().iloc[row])]
    first, more = ", ".join(empty[:2]), len(empty) - 2
    named = first if more < 1 else f"{first} and {more} more"
    missing = f"{named} {'is' if len(empty) == 1 else 'are'} missing in it" if empty else "A value is missing in it"
    return f"{missing}, so that the network cannot see it. Choose another row, a neuron's bias, or an edge."


def _why_unknown(moment: Moment) -> str:
    if moment.epoch == 0 and moment.batch == 0:
        return "There was none yet: it is as it was at the start."
    return "It is not known now: training goes on too fast. Pause to see it."


def _meaning(account: Account, subject: Subject) -> str:
    meaning, moment = ancestry_of(account, subject).meaning(subject.number), account.moment
    if subject.rows == LAST:
        assert account.last_moment is not None
        name, said = batch_name(account.last_moment), "" if subject.number.kind == "parameter" else f"{meaning} "
        return f"As it was before the last update, {name}." if not said else f"{said}In the last update, {name}."
    if subject.number.kind != "parameter":
        return meaning
    return f"As it is before batch {moment.batch + 1:,} of {moment.batches:,} in epoch {moment.epoch + 1:,}."


def name_of(account: Account, subject: Subject) -> str:
    """Return what a number is called, and what numbers of its kind are, for a tooltip."""
    ancestry = ancestry_of(account, subject)
    return f"{ancestry.label(subject.number)}\n{ancestry.meaning(subject.number)}"


def tip_of(account: Account | None, target: int | Subject) -> str:
    """Return what a link leads to, a row or a number, for a tooltip; empty where that does not exist any more."""
    if isinstance(target, int):
        return f"Show row {target + 1} in the network"
    try:
        return "" if account is None else name_of(account, target)
    except ConfigError:
        return ""  # the batch of this figure is over


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
    if subject.rows == LAST:
        yield "The loss of the last batch", Subject(Number("batch_loss"), LAST)
    else:
        yield "The loss of the next batch", Subject(Number("batch_loss"), BATCH)


def _parameter_lines(account: Account, subject: Subject) -> Iterator[About]:
    number, last = subject.number, subject.rows == LAST

    def at(kind: str, rows: str = subject.rows, row: int = -1) -> Subject:
        return Subject(dataclasses.replace(number, kind=kind, row=row, name=""), rows)

    if last and number.kind != "step":
        yield "Its last update", at("new")
    if number.kind == "parameter":
        if account.row is not None and not last:
            yield "Its gradient by the shown row alone", at("share", ROW, 0)
        yield f"Its gradient, the mean over {'that' if last else 'the'} batch", at("data_gradient")
        config = ancestry_of(account, subject).explanation.moment.config
        if config.clip_norm is not None or ((config.l1 or config.l2) and number.source is not None):
            yield f"The gradient that the optimizer {'got' if last else 'gets'}", at("gradient")
    yield "Its last step" if last else "Its next step", at("step")
    if not last and number.kind != "step":
        yield "After it", at("new")
    if last and number.kind == "parameter" and account.row is not None:
        yield "Its gradient by the shown row alone, now", at("share", ROW, 0)


def _rate_lines(account: Account, subject: Subject) -> Iterator[About]:
    yield "The learning rate", subject
    for caption, kind in (("What the schedule makes of it", "factor"), ("The number of the update", "count")):
        yield caption, Subject(Number(kind), subject.rows)
    for place in largest_steps(ancestry_of(account, subject), 1):
        largest = Subject(place, subject.rows)
        name = ancestry_of(account, largest).label(dataclasses.replace(place, kind="parameter"))
        yield f"The largest step that it leads to, of {name}", largest


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
    "rate": _rate_lines,
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

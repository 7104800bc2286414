"""Step 4: ŷ is compared with y, for the shown row and for the batch. No Qt."""

import re

import numpy as np

from simulator.explain import Number
from simulator.nn import choices
from simulator.nn.losses import CrossEntropy
from ui.canvas.act import Act, LossTable
from ui.canvas.picture import pretty_name, value_text
from ui.motion.phase import Phase
from ui.motion.story import Story, number, said, sentence_case, short, vector

HEADS = ("ŷ", "y", "|ŷ − y|", "loss term")
_MOST_ROWS = 6


def loss_phases(story: Story) -> tuple[Phase, ...]:
    """Return step 4: the loss of the shown row, and that of the batch."""
    return _of_row(story), _of_batch(story)


def name_of_loss(story: Story) -> str:
    """Return what the loss is called: "mean squared error"."""
    return " ".join(re.findall("[A-Z][a-z]*", type(choices.loss(story.moment.config)).__name__)).lower()


def table_of(story: Story, share: float = 1.0) -> LossTable | None:
    """Return ŷ, y, how far they are apart and what that adds to the loss, for every output of the shown row."""
    if story.row is None or not story.judged:
        return None
    outputs, loss = story.row.forward.outputs[0], story.row.loss
    wanted = story.row.moment.Y[0]
    rows = tuple(
        (name, tuple(float(value) for value in figures))
        for name, *figures in zip(story.outputs, outputs, wanted, loss.errors[0], loss.terms[0], strict=True)
    )
    return LossTable(HEADS, rows, total_of(story), share)


def total_of(story: Story) -> str:
    """Return the loss of the shown row as a sum: "L = −log 0.62 = 0.478"."""
    assert story.row is not None
    loss = float(story.row.loss.rows[0])
    wanted = story.row.moment.Y[0]
    if isinstance(choices.loss(story.moment.config), CrossEntropy) and np.count_nonzero(wanted) == 1:
        share = float(story.row.forward.outputs[0][int(wanted.argmax())])
        return f"L = −log {number(share)} = {number(loss)}"
    terms = story.row.loss.terms[0]
    if len(terms) == 1:
        return f"L = {number(loss)}"
    shown = " + ".join(short(float(term), 3) for term in terms[:4]) + (" + …" if len(terms) > 4 else "")
    return f"L = {shown} = {number(loss)}"


def truth_of(story: Story) -> str:
    """Return how right the answer is, in words."""
    shown, row = story.account.shown, story.row
    if row is None or not story.judged:
        return ""
    if shown.truth is not None:
        name, unit = pretty_name(story.dataset.recipe.target)
        said_value = float(story.dataset.recipe.value(row.forward.outputs[0])[0])
        off = value_text(abs(said_value - shown.truth), unit)
        return f"In truth {name} is {value_text(shown.truth, unit)}, so the answer is {off} off."
    if row.loss.predicted is None or row.loss.actual is None or shown.actual is None:
        return ""
    right = row.loss.predicted[0] == row.loss.actual[0]
    classes = story.dataset.class_names
    if right:
        return f"It is {classes[shown.actual]}: the answer is right."
    return f"It is {classes[shown.actual]}, not {classes[int(row.loss.predicted[0])]}: the answer is wrong."


def _of_row(story: Story) -> Phase:
    columns, title = len(story.network.sizes), "The loss of the row"
    if story.row is None:
        text = f"{sentence_case(story.row_name)} has no answer and so no loss; those of the batch's {story.rows} count."
        return Phase("loss row", 4, title, text, 1.0, lambda _share: story.act(0))
    if not story.judged:
        text = (
            "What if: nobody knows the truth about changed values, so there is no loss to learn from;"
            f" those of the batch's {story.rows} count."
        )
        return Phase("loss row", 4, title, text, 1.0, lambda _share: story.act(columns, outcome=True))
    wanted = story.row.moment.Y[0]
    compared = f"ŷ = {vector(story.row.forward.outputs[0], most=4)} against y = {vector(wanted, most=4)}"
    apart = f"|ŷ − y| = {vector(story.row.loss.errors[0], most=4)}"
    text = said(truth_of(story), f"{compared}: {apart}. {sentence_case(name_of_loss(story))}: {total_of(story)}.")

    def act(share: float) -> Act:
        return story.act(columns, outcome=True, loss=table_of(story, min(1.0, share / 0.85)))

    return Phase("loss row", 4, title, text, 2.6, act, Number("row_loss", row=0))


def _of_batch(story: Story) -> Phase:
    loss, count = story.batch.loss, len(story.moment.X)
    columns = 0 if story.row is None else len(story.network.sizes)
    text = said(
        f"The losses of the batch's {story.rows} sum up to {number(loss.total)}; divided by {count:,}, the mean is"
        f" {number(loss.mean)}.",
        f"The penalty on large weights adds {number(loss.penalty)}: {number(loss.objective)}." if loss.penalty else "",
        story.apart,
        _dropped(story),
    )

    def act(share: float) -> Act:
        return story.act(columns, outcome=True, loss=batch_table(story, min(1.0, share / 0.85)))

    where = Number("objective" if loss.penalty else "batch_loss")
    return Phase("loss batch", 4, "The loss of the batch", text, 2.2, act, where)


def batch_table(story: Story, share: float = 1.0) -> LossTable:
    """Return the losses of the batch's rows, the largest first, and their mean."""
    loss, rows = story.batch.loss.rows, story.dataset.train_rows[story.moment.rows]
    order = np.argsort(-np.nan_to_num(loss, nan=np.inf), kind="stable").tolist()
    shown = order if len(order) <= _MOST_ROWS + 1 else order[:_MOST_ROWS]
    lines = [(f"row {int(rows[place]) + 1:,}", (float(loss[place]),)) for place in shown]
    if len(shown) < len(order):
        rest = float(loss[order[len(shown) :]].sum())
        lines.append((f"{len(order) - len(shown):,} smaller", (rest,)))
    mean = f"L = {number(story.batch.loss.total)}/{len(order):,} = {number(story.batch.loss.mean)}"
    return LossTable(("loss",), tuple(lines), mean, share)


def _dropped(story: Story) -> str:
    return "They are with dropout, as in training." if story.dropout else ""

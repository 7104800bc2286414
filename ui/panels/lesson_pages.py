"""What the lesson says at each of its seven steps, with the live numbers of an account: plain values. No Qt."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.data.steps import Number as NumberStep
from simulator.explain import Ancestry, Moment, Number, explain
from simulator.nn.links import LINKS
from simulator.spec import NetworkSpec, TrainingConfig
from ui.asking import Account
from ui.motion.forward import SCALED, answer
from ui.motion.loss import name_of_loss, truth_of
from ui.motion.story import Story, counted, number, sentence_case
from ui.motion.update import known, losses, making, progress
from ui.panels.inspection import Segment
from ui.panels.lesson_parts import Curve, Grid, LessonPage, Text, decimals, figure, filled, formula, listed, shape, text
from ui.panels.matrix_words import why_gpus, why_matrices

_HEADS = ("", "ŷ", "y", "|ŷ − y|", "loss")
_MOST_ROWS, _MOST_LINES, _MOST_WEIGHTS = 32, 10, 6


def page_of(account: Account, step: int, records: Any, *, bird: bool) -> LessonPage:
    """Return the page of a step, 1 … 7.

    Parameters
    ----------
    account
        Of the present moment.
    step
        Which one.
    records
        The run so far, rows of `simulator.snapshot.RECORD`.
    bird
        Whether the data set has the penguin of the lesson.
    """
    story = Story(account, {})
    return _PAGES[step - 1](story, records, bird)


# -- the steps ----------------------------------------------------------------------------------------------------


def _rows(story: Story, _records: Any, _bird: bool) -> LessonPage:
    data = story.dataset
    train, test, total = len(data.train_rows), len(data.test_rows), len(data.table)
    counts = {"for training": train, "for testing": test, "not used": total - train - test}
    grid = Grid("", ("", "rows", "share"), tuple(
        (Segment(name), Segment(f"{count:,}"), Segment(f"{100 * count / total:.0f} %"))
        for name, count in counts.items() if count or name != "not used"
    ))  # fmt: skip
    rows = data.train_rows[story.moment.rows]
    links = listed([Segment(f"{int(row) + 1:,}", int(row)) for row in rows[:_MOST_ROWS]])
    more = f" and {len(rows) - _MOST_ROWS:,} more" if len(rows) > _MOST_ROWS else ""
    size = counted(story.moment.config.batch_size, "row")
    parts = (
        text(
            f"The file has {counted(total, 'row')}. The network learns from the training rows alone. The test rows are"
            " kept apart: they show how well it does with rows that it has never seen."
        ),
        grid,
        text(f"For every epoch the training rows are shuffled and cut into batches of {size}. Next is {story.place}:"),
        Text((Segment("Row " if len(rows) == 1 else "Rows "), *links, Segment(f"{more}."))),
        text(story.apart),
    )
    return LessonPage(filled(parts), ("table", "matrices"))


def _forward(story: Story, _records: Any, _bird: bool) -> LessonPage:
    if story.row is None or story.account.row is None:
        return LessonPage(filled((text(f"{sentence_case(story.row_name)} lacks a value: choose another row."),)))
    ancestry = story.account.row
    ways = {step.scaling.way for step in story.dataset.recipe.columns if isinstance(step, NumberStep)}
    said = "what stands in the file" if story.judged else "what was put in"
    inputs = [
        (Segment(name), Segment(story.real(unit)), decimals(ancestry, Number("input", unit=unit, row=0)))
        for unit, (name, _) in enumerate(story.features[:_MOST_LINES])
    ]
    left = story.network.inputs - len(inputs)
    if left:
        inputs.append((Segment(f"and {left:,} more"), Segment(""), Segment("")))
    scaled = (
        f" Numbers are {SCALED[next(iter(ways))]}, so that all columns have the same size."
        if len(ways) == 1 and ways <= set(SCALED)
        else ""
    )
    first = story.network.hidden[0].activation if story.network.hidden else ""
    then = f" and passes the sum through {first}" if first else ""
    whole = "Every neuron of the first layer" if story.network.hidden else "Every output"
    z = Number("z", 0, 0, 0)
    parts = (
        text(f"{sentence_case(story.row_name)}: {said}, and the inputs x that the network gets.{scaled}"),
        Grid("", ("", "value", "x"), tuple(inputs)),
        text(f"{whole} sums its inputs times their weights, adds its bias{then}; its result goes on. {story.origin}"),
        formula(ancestry, z),
        *((formula(ancestry, Number("a", 0, 0, 0)),) if first else ()),
        text(story.dropout),
        text(story.apart),
        text(story.lost),
    )
    return LessonPage(filled(parts), ("inspector", "matrices"), z)


def _output(story: Story, _records: Any, bird: bool) -> LessonPage:
    if story.row is None or story.account.row is None:
        return LessonPage(filled((text(f"{sentence_case(story.row_name)} lacks a value: choose another row."),)))
    ancestry, count = story.account.row, story.network.outputs
    last = len(story.network.shapes) - 1
    rows = tuple(
        (Segment(name), *(decimals(ancestry, each) for each in (Number("z", last, unit, 0),
                                                                 Number("output", unit=unit, row=0))))
        for unit, name in enumerate(story.outputs[:_MOST_LINES])
    )  # fmt: skip
    best = int(np.argmax(np.nan_to_num(story.row.forward.outputs[0])))
    number_of = Number("output", unit=best, row=0)
    parts = [
        text(answer(story)),
        Grid("", ("", "z", "ŷ"), rows),
        Text((Segment(LINKS[story.network.link].formula),), formula=True),
        formula(ancestry, number_of),
        *_in_its_unit(story, ancestry),
        text(f"and {count - _MOST_LINES:,} more outputs." if count > _MOST_LINES else ""),
        text(story.lost),
    ]
    if bird:
        parts.append(
            text(
                "The bird of the lesson has a bill of 37.3 mm by 16.8 mm, a flipper of 192 mm and a mass of 3,000 g."
                " The lesson writes it x = [37.3, 16.8, 19.2, 30.0], with the flipper in cm and the mass in hg."
            )
        )
    return LessonPage(filled(parts), ("inspector",), number_of)


def _loss(story: Story, _records: Any, _bird: bool) -> LessonPage:
    loss, count = story.batch.loss, len(story.moment.X)
    parts: list[Text | Grid] = []
    if story.row is not None and story.account.row is not None and story.judged:
        ancestry = story.account.row
        kinds = ("output", "target", "error", "loss_term")
        rows = tuple(
            (Segment(name), *(decimals(ancestry, Number(kind, unit=unit, row=0)) for kind in kinds))
            for unit, name in enumerate(story.outputs[:_MOST_LINES])
        )
        parts += [
            text(f"The loss says how far ŷ is from the truth y. {truth_of(story)}"),
            Grid(sentence_case(story.row_name), _HEADS, rows),
            formula(ancestry, Number("row_loss", row=0), f"{sentence_case(name_of_loss(story))}: "),
        ]
    elif story.row is None:
        parts.append(text(f"{sentence_case(story.row_name)} lacks a value and so has no loss; the batch's rows do."))
    else:
        parts.append(text("What if: nobody knows the truth about changed values, so there is no loss to learn from."))
    batch = story.account.batch
    parts += [
        text(f"The losses of the batch's {story.rows} sum up to {number(loss.total)}; their mean is what counts:"),
        formula(batch, Number("batch_loss")) if count <= 6 else text(
            f"L = {number(loss.total)}/{count:,} = {number(loss.mean)}"
        ),
        *((formula(batch, Number("objective")),) if loss.penalty else ()),
    ]  # fmt: skip
    if story.dataset.class_names:
        parts += _example()
    return LessonPage(filled(parts), ("inspector",), Number("batch_loss"))


def _influence(story: Story, _records: Any, _bird: bool) -> LessonPage:
    batch, weights = story.account.batch, _heaviest(story)
    rows = tuple(
        (Segment(story.parameter(*address)), figure(batch, _number("data_gradient", address))) for address in weights
    )
    parts = (
        text(
            "How would the loss change if a weight were a little larger? The chain rule answers it for all weights at"
            " once, from the outputs back: δ tells how the loss changes with a neuron's sum, and a weight's influence"
            f" is its input times δ, averaged over the batch's {story.rows}."
        ),
        Text((Segment("∂L/∂w = 1/n Σ x·δ"),), formula=True),
        Grid("The largest influences", ("", "∂L/∂w"), rows),
        text("Positive: a larger weight makes the loss larger, so it has to become smaller. Negative: the reverse."),
        text(story.apart),
        text(story.lost),
    )
    return LessonPage(filled(parts), ("inspector", "matrices"), _number("data_gradient", weights[0]))


def _update(story: Story, _records: Any, _bird: bool) -> LessonPage:
    batch, weights = story.account.batch, _heaviest(story)
    kinds = ("parameter", "step", "new")
    rows = tuple(
        (Segment(story.parameter(*address)), *(figure(batch, _number(kind, address)) for kind in kinds))
        for address in weights
    )
    parts = (
        text(
            f"Every weight moves a little against its influence, and the new weight takes its place. {making(story)}."
        ),
        Text((Segment(type(story.optimizer).formula),), formula=True),
        Grid("The weights of step 5", ("", "old", "Δ", "new"), rows),
        text(
            f"The same happens to all {story.network.parameter_count:,} weights and biases at once. Behind this step"
            " the network is another one."
        ),
        text(story.lost),
    )
    return LessonPage(filled(parts), ("inspector",), _number("step", weights[0]))


def _again(story: Story, records: Any, _bird: bool) -> LessonPage:
    rows, (fan_in, fan_out) = len(story.moment.X), story.network.shapes[0]
    parts: list[Text | Grid | Curve] = [text(f"{progress(story)} {losses(records)}")]
    rows_known = None if records is None else known(records)
    if rows_known is not None and len(rows_known) > 1:
        values = np.asarray(rows_known["train_loss"], dtype=np.float64)
        parts.append(Curve("Training loss", values, int(rows_known["epoch"][0])))
    parts += [
        text(
            f"A batch is a matrix: its {story.rows} are the rows of X, and one product sends all of them through a"
            " layer at once. The way back is two more products."
        ),
        Text(
            (Segment(f"X {shape(rows, fan_in)} · W {shape(fan_in, fan_out)} + b = Z {shape(rows, fan_out)}"),),
            formula=True,
        ),
        text(why_matrices(story.moment)),
        text(why_gpus(story.moment)),
        text("“Timing” among the matrices measures both on this computer: row by row, as matrices, and on a GPU."),
        text(story.lost),
    ]
    return LessonPage(filled(parts), ("matrices", "curves"))


_PAGES: tuple[Callable[[Story, Any, bool], LessonPage], ...] = (
    _rows, _forward, _output, _loss, _influence, _update, _again
)  # fmt: skip


def _in_its_unit(story: Story, ancestry: Ancestry) -> list[Text]:
    """Return how a value is turned into the unit of the file; nothing where a class is told."""
    if story.dataset.class_names:
        return []
    said = "The network learns standardised values. Times the standard deviation, plus the mean, that is the answer:"
    return [text(said), formula(ancestry, Number("answer", unit=0, row=0)), text(truth_of(story))]


# -- the lesson's own example -------------------------------------------------------------------------------------


@functools.cache
def example() -> Ancestry:
    """Return the lesson's own numbers, ŷ = [0.3, 0.1, 0.6] against y = [0, 0, 1], as a network's that answers so."""
    said, truth = np.array([0.3, 0.1, 0.6]), np.array([[0.0, 0.0, 1.0]])
    network = NetworkSpec(1, (), len(said))
    values = np.concatenate([np.zeros(len(said)), np.log(said)])
    none = np.zeros((0, len(values)))
    rows = np.array([-1])
    moment = Moment(network, TrainingConfig(), values, none, none[:, 0], 0, 0, 0, 1, 0, rows, np.zeros((1, 1)), truth,
                    classification=True)  # fmt: skip
    return Ancestry(explain(moment))


def _example() -> list[Text | Grid]:
    explanation = example().explanation
    outputs, wanted, loss = explanation.forward.outputs[0], explanation.moment.Y[0], explanation.loss
    rows = tuple(
        (Segment(f"class {nth}"), *(Segment(number(round(float(value), 4))) for value in values))
        for nth, values in enumerate(zip(outputs, wanted, loss.errors[0], loss.terms[0], strict=True), 1)
    )
    return [Grid("The lesson's example", _HEADS, rows), formula(example(), Number("row_loss", row=0), plain=True)]


def _heaviest(story: Story) -> list[tuple[int, int | None, int]]:
    """Return the addresses of the weights with the largest gradients of the batch, the largest first."""
    gradient = story.batch.backward.gradient
    found = [address for address in story.most(gradient, 2 * _MOST_WEIGHTS) if address[1] is not None]
    return found[:_MOST_WEIGHTS] or story.most(gradient, 1)


def _number(kind: str, address: tuple[int, int | None, int]) -> Number:
    layer, source, unit = address
    return Number(kind, layer, unit, source=source)

"""The numbers of the loss: every output's term, the rows, the batch, and the penalty."""

import dataclasses

import numpy as np

from simulator.explain.addresses import row_name
from simulator.explain.formula import substitute
from simulator.explain.kinds.forward import curve
from simulator.explain.number import Account, Figure, Kind, Number, Scene, Terms, Token
from simulator.nn import choices, parameters


@dataclasses.dataclass(frozen=True)
class LossTexts:
    """How a loss is written for one output.

    Attributes
    ----------
    term
        What the output adds to the loss of its row.
    of_output
        Its derivative by the output, ∂L/∂ŷ; "" where the derivative by the logit is taken at once.
    delta
        That derivative, δ = ∂L/∂z; "" where it follows from ∂L/∂ŷ through the link.
    """

    term: str
    of_output: str = ""
    delta: str = ""


LOSS_TEXTS: dict[str, LossTexts] = {
    "cross_entropy": LossTexts("−y·log(ŷ)", delta="ŷ·Σy − y"),
    "binary_cross_entropy": LossTexts("−(y·log(ŷ) + (1 − y)·log(1 − ŷ))/K", delta="(ŷ − y)/K"),
    "mse": LossTexts("(ŷ − y)²/K", of_output="2·(ŷ − y)/K"),
    "mae": LossTexts("|ŷ − y|/K", of_output="sign(ŷ − y)/K"),
    "huber": LossTexts("(e²/2 if |e| ≤ d, else d·(|e| − d/2))/K, e = ŷ − y", of_output="min(max(ŷ − y, −d), d)/K"),
}
"""The texts of every loss by its name; K is the number of outputs, d is Huber's threshold."""


def known_of_output(scene: Scene, unit: int, row: int) -> dict[str, Token]:
    """Return what the texts of a loss are about, by its symbol."""
    moment = scene.explanation.moment
    known: dict[str, Token] = {
        "ŷ": Number("output", unit=unit, row=row),
        "y": Number("target", unit=unit, row=row),
        "K": Figure(moment.network.outputs),
        "Σy": Figure(float(moment.Y[row].sum())),
    }
    if moment.config.loss.name == "huber":
        known["d"] = Number("setting", name="loss.threshold")
    return known


def _error_account(scene: Scene, number: Number) -> Account:
    return Account("|ŷ − y|", substitute("|ŷ − y|", known_of_output(scene, number.unit, number.row)))


def _term_account(scene: Scene, number: Number) -> Account:
    text = LOSS_TEXTS[scene.explanation.moment.config.loss.name].term
    account = curve(text, "l", known_of_output(scene, number.unit, number.row))
    output = float(scene.explanation.forward.outputs[number.row, number.unit])
    if "log" in text and output in (0.0, 1.0) and scene.explanation.loss.terms[number.row, number.unit] > 1.0:
        remark = f"calculated from the logits: ŷ is too near {output:g} to be told from it"
        return dataclasses.replace(account, remark=remark)
    return account


def _row_account(scene: Scene, number: Number) -> Account:
    values = scene.explanation.loss.terms[number.row]

    def term(unit: int) -> tuple[Number]:
        return (Number("loss_term", unit=unit, row=number.row),)

    return Account(choices.loss(scene.explanation.moment.config).formula, (Terms(values, term),))


def _batch_account(scene: Scene, _number: Number) -> Account:
    rows = scene.explanation.loss.rows

    def term(row: int) -> tuple[Number]:
        return (Number("row_loss", row=row),)

    if len(rows) == 1:
        return Account("L = L₁", term(0), remark=f"the batch is {row_name(scene, 0)} alone")
    return Account("L = (L₁ + L₂ + …)/n", ("(", Terms(rows, term), ")/", Figure(len(rows))))


def _penalty_account(scene: Scene, _number: Number) -> Account:
    moment = scene.explanation.moment
    config, weights = moment.config, moment.parameters[parameters.weight_places(moment.network)]
    texts = ["l1·Σ|w|"] * bool(config.l1) + ["l2/2·Σw²"] * bool(config.l2)
    if not texts:
        return Account(remark="there is none")
    known: dict[str, Token] = {
        "l1": Number("setting", name="run.l1"),
        "l2": Number("setting", name="run.l2"),
        "Σ|w|": Figure(float(np.abs(weights).sum())),
        "Σw²": Figure(float(np.square(weights).sum())),
    }
    text = " + ".join(texts)
    return Account(f"P = {text}", substitute(text, known))


def _objective_account(_scene: Scene, _number: Number) -> Account:
    return Account("L + P", (Number("batch_loss"), " + ", Number("penalty")))


LOSS: dict[str, Kind] = {
    "error": Kind(
        ("row", "output"),
        "|ŷ − y|",
        "error of {class}, {row}",
        "How far the output is from what it ought to be.",
        lambda scene, n: float(scene.explanation.loss.errors[n.row, n.unit]),
        _error_account,
    ),
    "loss_term": Kind(
        ("row", "output"),
        "l",
        "what {class} adds to the loss of {row}",
        "The output's term in the loss of its row.",
        lambda scene, n: float(scene.explanation.loss.terms[n.row, n.unit]),
        _term_account,
    ),
    "row_loss": Kind(
        ("row",),
        "L",
        "loss of {row}",
        "How wrong the network is about this row: the terms of all outputs, summed up.",
        lambda scene, n: float(scene.explanation.loss.rows[n.row]),
        _row_account,
    ),
    "batch_loss": Kind(
        (),
        "L",
        "loss of the batch",
        "The mean of the rows' losses.",
        lambda scene, _: scene.explanation.loss.mean,
        _batch_account,
    ),
    "penalty": Kind(
        (),
        "P",
        "penalty",
        "What large weights cost, whatever the rows are.",
        lambda scene, _: scene.explanation.loss.penalty,
        _penalty_account,
    ),
    "objective": Kind(
        (),
        "L + P",
        "loss and penalty",
        "What the update makes smaller.",
        lambda scene, _: scene.explanation.loss.objective,
        _objective_account,
    ),
}
"""Numbers of the loss."""

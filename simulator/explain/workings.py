"""How every optimizer gets from a gradient to a step: one account each, with the shares of the step.

Each formula stands twice in a line, as text and as code; the tests hold both together and to the optimizer's rule.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from simulator.explain.lines import STEP, Known, Line, Workings, gradient, memory_line, response_line, workings
from simulator.nn.optimizers import SGD, NAdam, Optimizer, RMSprop


def _sgd(optimizer: Optimizer) -> Workings:
    rule = cast("SGD", optimizer)
    g, lines = gradient(rule)
    if not rule.momentum:
        lines.append(Line(STEP, f"−η·{g}", lambda k: -k["η"] * k[g], "the step, against the gradient"))
        return workings(rule, lines, response_line("−η", lambda k: -k["η"]))
    lines.append(
        Line("v", f"μ·vₜ₋₁ + {g}", lambda k: k["μ"] * k["vₜ₋₁"] + k[g], "the velocity: the gradients, fading with time")
    )
    if not rule.nesterov:
        lines.append(Line(STEP, "−η·v", lambda k: -k["η"] * k["v"], "the step, against the velocity"))
        kept = memory_line("−η·μ·vₜ₋₁", lambda k: -k["η"] * k["μ"] * k["vₜ₋₁"])
        return workings(rule, lines, response_line("−η", lambda k: -k["η"]), kept)
    lines.append(
        Line(STEP, f"−η·({g} + μ·v)", lambda k: -k["η"] * (k[g] + k["μ"] * k["v"]), "the step, looking one ahead")
    )
    kept = memory_line("−η·μ·μ·vₜ₋₁", lambda k: -k["η"] * k["μ"] * k["μ"] * k["vₜ₋₁"])
    return workings(rule, lines, response_line("−η·(1 + μ)", lambda k: -k["η"] * (1.0 + k["μ"])), kept)


def _first_moment(g: str) -> Line:
    return Line(
        "m",
        f"β₁·mₜ₋₁ + (1 − β₁)·{g}",
        lambda k: k["β₁"] * k["mₜ₋₁"] + (1.0 - k["β₁"]) * k[g],
        "the mean of the gradients, fading with time",
    )


def _second_moment(g: str) -> list[Line]:
    return [
        Line(
            "v",
            f"β₂·vₜ₋₁ + (1 − β₂)·{g}²",
            lambda k: k["β₂"] * k["vₜ₋₁"] + (1.0 - k["β₂"]) * k[g] * k[g],
            "the mean of the squared gradients, fading with time",
        ),
        Line(
            "v̂",
            "v/(1 − β₂^t)",
            lambda k: k["v"] / (1.0 - k["β₂"] ** k["t"]),
            "the same, corrected for having started at zero",
        ),
    ]


_CORRECTED = Line(
    "m̂",
    "m/(1 − β₁^t)",
    lambda k: k["m"] / (1.0 - k["β₁"] ** k["t"]),
    "the same, corrected for having started at zero",
)


def _scale(k: Known) -> Any:
    return np.sqrt(k["v̂"]) + k["ε"]


def _of_adam(optimizer: Optimizer, g: str, lines: list[Line], step: Line, decayed: Line | None) -> Workings:
    second, corrected = _second_moment(g)
    return workings(
        optimizer,
        [*lines, _first_moment(g), _CORRECTED, second, corrected, step],
        response_line(
            "−η·(1 − β₁)/((1 − β₁^t)·(√v̂ + ε))",
            lambda k: -k["η"] * (1.0 - k["β₁"]) / ((1.0 - k["β₁"] ** k["t"]) * _scale(k)),
        ),
        memory_line(
            "−η·β₁·mₜ₋₁/((1 − β₁^t)·(√v̂ + ε))",
            lambda k: -k["η"] * k["β₁"] * k["mₜ₋₁"] / ((1.0 - k["β₁"] ** k["t"]) * _scale(k)),
        ),
        decayed,
    )


_ADAM_STEP = Line(
    STEP, "−η·m̂/(√v̂ + ε)", lambda k: -k["η"] * k["m̂"] / _scale(k), "the step: the mean over the root of the mean square"
)


def _adam(optimizer: Optimizer) -> Workings:
    g, lines = gradient(optimizer)
    return _of_adam(optimizer, g, lines, _ADAM_STEP, None)


def _adamw(optimizer: Optimizer) -> Workings:
    if not optimizer.weight_decay:
        return _of_adam(optimizer, "g", [], _ADAM_STEP, None)
    decayed = Line(
        "−η·λ·w", "−η·λ·w", lambda k: -k["η"] * k["λ"] * k["w"], "what weight decay adds, beside the gradient's step"
    )
    step = Line(
        STEP,
        "−η·λ·w − η·m̂/(√v̂ + ε)",
        lambda k: decayed.value(k) - k["η"] * k["m̂"] / _scale(k),
        "the step: the decay, then the mean over the root of the mean square",
    )
    return _of_adam(optimizer, "g", [], step, decayed)


def _nadam(optimizer: Optimizer) -> Workings:
    rule = cast("NAdam", optimizer)
    g, lines = gradient(rule)

    def momentum(k: Known, t: Any) -> Any:
        return k["β₁"] * (1.0 - 0.96 ** (t * k["ψ"]) / 2)

    def own(k: Known) -> Any:
        return (1.0 - k["μₜ"]) / (1.0 - k["Π"])

    def ahead(k: Known) -> Any:
        return k["μₜ₊₁"] / (1.0 - k["Π"] * k["μₜ₊₁"])

    lines += [
        Line("μₜ", "β₁·(1 − 0.96^(t·ψ)/2)", lambda k: momentum(k, k["t"]), "the momentum of this update"),
        Line(
            "μₜ₊₁", "β₁·(1 − 0.96^((t + 1)·ψ)/2)", lambda k: momentum(k, k["t"] + 1), "the momentum of the next update"
        ),
        Line("Π", "Πₜ₋₁·μₜ", lambda k: k["Πₜ₋₁"] * k["μₜ"], "the product of all momenta so far"),
        _first_moment(g),
        Line(
            "m̂",
            f"(1 − μₜ)·{g}/(1 − Π) + μₜ₊₁·m/(1 − Π·μₜ₊₁)",
            lambda k: own(k) * k[g] + ahead(k) * k["m"],
            "the gradient and its mean, each corrected for having started at zero",
        ),
        *_second_moment(g),
        _ADAM_STEP,
    ]
    return workings(
        rule,
        lines,
        response_line(
            "−η·((1 − μₜ)/(1 − Π) + μₜ₊₁·(1 − β₁)/(1 − Π·μₜ₊₁))/(√v̂ + ε)",
            lambda k: -k["η"] * (own(k) + ahead(k) * (1.0 - k["β₁"])) / _scale(k),
        ),
        memory_line(
            "−η·μₜ₊₁·β₁·mₜ₋₁/((1 − Π·μₜ₊₁)·(√v̂ + ε))",
            lambda k: -k["η"] * ahead(k) * k["β₁"] * k["mₜ₋₁"] / _scale(k),
        ),
    )


def _root(k: Known) -> Any:
    return np.sqrt(k["s"]) + k["ε"]


def _mean_square(g: str) -> Line:
    return Line(
        "s",
        f"ρ·sₜ₋₁ + (1 − ρ)·{g}²",
        lambda k: k["ρ"] * k["sₜ₋₁"] + (1.0 - k["ρ"]) * k[g] * k[g],
        "the mean of the squared gradients, fading with time",
    )


def _rmsprop(optimizer: Optimizer) -> Workings:
    rule = cast("RMSprop", optimizer)
    g, lines = gradient(rule)
    lines.append(_mean_square(g))
    response = response_line("−η/(√s + ε)", lambda k: -k["η"] / _root(k))
    if not rule.momentum:
        lines.append(
            Line(STEP, f"−η·{g}/(√s + ε)", lambda k: -k["η"] * k[g] / _root(k), "the step, in units of the root")
        )
        return workings(rule, lines, response, velocity="b")
    lines += [
        Line(
            "b",
            f"μ·bₜ₋₁ + {g}/(√s + ε)",
            lambda k: k["μ"] * k["bₜ₋₁"] + k[g] / _root(k),
            "the velocity: gradients in units of the root, fading with time",
        ),
        Line(STEP, "−η·b", lambda k: -k["η"] * k["b"], "the step, against the velocity"),
    ]
    kept = memory_line("−η·μ·bₜ₋₁", lambda k: -k["η"] * k["μ"] * k["bₜ₋₁"])
    return workings(rule, lines, response, kept, velocity="b")


def _adagrad(optimizer: Optimizer) -> Workings:
    g, lines = gradient(optimizer)
    lines += [
        Line("s", f"sₜ₋₁ + {g}²", lambda k: k["sₜ₋₁"] + k[g] * k[g], "the sum of all squared gradients"),
        Line(STEP, f"−η·{g}/(√s + ε)", lambda k: -k["η"] * k[g] / _root(k), "the step, in units of the root"),
    ]
    return workings(optimizer, lines, response_line("−η/(√s + ε)", lambda k: -k["η"] / _root(k)))


def _adadelta(optimizer: Optimizer) -> Workings:
    g, lines = gradient(optimizer)

    def ratio(k: Known) -> Any:
        return np.sqrt(k["uₜ₋₁"] + k["ε"]) / np.sqrt(k["s"] + k["ε"])

    lines += [
        _mean_square(g),
        Line(
            "Δ", f"√(uₜ₋₁ + ε)/√(s + ε)·{g}", lambda k: ratio(k) * k[g], "the gradient, in the size of the last steps"
        ),
        Line(
            "u",
            "ρ·uₜ₋₁ + (1 − ρ)·Δ²",
            lambda k: k["ρ"] * k["uₜ₋₁"] + (1.0 - k["ρ"]) * k["Δ"] * k["Δ"],
            "the mean of the squared steps, fading with time",
        ),
        Line(STEP, "−η·Δ", lambda k: -k["η"] * k["Δ"], "the step"),
    ]
    return workings(optimizer, lines, response_line("−η·√(uₜ₋₁ + ε)/√(s + ε)", lambda k: -k["η"] * ratio(k)))


WORKINGS: dict[str, Callable[[Optimizer], Workings]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
    "nadam": _nadam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
}
"""The account of every optimizer by its name."""

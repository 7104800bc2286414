"""The numbers of the update: settings, the gradient that the optimizer gets, its results, the step and who made it."""

from simulator.errors import ConfigError
from simulator.explain.formula import substitute
from simulator.explain.lines import BEFORE, STEP, Line, symbols
from simulator.explain.number import Account, Figure, Kind, Number, Scene, Token
from simulator.explain.places import place_of
from simulator.explain.settings import setting_value
from simulator.nn import choices

_PLACE = ("layer", "unit", "source")


def _place(scene: Scene, number: Number) -> int:
    return place_of(scene.explanation.moment.network, number.layer, number.source, number.unit)


def at(kind: str, number: Number, name: str = "") -> Number:
    """Return the address of another number of the same weight or bias."""
    return Number(kind, number.layer, number.unit, source=number.source, name=name)


def _parameter(scene: Scene, number: Number) -> float:
    return float(scene.explanation.moment.parameters[_place(scene, number)])


def _parameter_account(scene: Scene, _number: Number) -> Account:
    moment = scene.explanation.moment
    return Account(remark=f"before batch {moment.batch + 1} of {moment.batches} in epoch {moment.epoch + 1}")


def _penalty_gradient_account(scene: Scene, number: Number) -> Account:
    config = scene.explanation.moment.config
    if number.source is None:
        return Account(remark="biases have no penalty")
    texts = ["l1·sign(w)"] * bool(config.l1) + ["l2·w"] * bool(config.l2)
    if not texts:
        return Account(remark="there is no penalty")
    known: dict[str, Token] = {
        "l1": Number("setting", name="run.l1"),
        "l2": Number("setting", name="run.l2"),
        "w": at("parameter", number),
    }
    return Account(f"∂P/∂w = {' + '.join(texts)}", substitute(" + ".join(texts), known))


def _gradient_account(scene: Scene, number: Number) -> Account:
    config = scene.explanation.moment.config
    data = at("data_gradient", number)
    if scene.explanation.update.frozen(_place(scene, number)):
        return Account(remark="the parameter is frozen", also=(data,))
    penalised = number.source is not None and (config.l1 or config.l2)
    text = "∂L/∂w + ∂P/∂w" if penalised else "∂L/∂w"
    if config.clip_norm is not None:
        text = f"({text})·c" if penalised else f"{text}·c"
    known: dict[str, Token] = {"∂L/∂w": data, "∂P/∂w": at("penalty_gradient", number), "c": Number("clip")}
    return Account(f"g = {text}", substitute(text, known))


def _norm_account(scene: Scene, _number: Number) -> Account:
    total = Figure(scene.explanation.update.norm**2)
    return Account("‖g‖ = √(g₁² + g₂² + …), over all parameters", ("√", total))


def _clip_account(scene: Scene, _number: Number) -> Account:
    if scene.explanation.moment.config.clip_norm is None:
        return Account(remark="the gradient is not clipped")
    known: dict[str, Token] = {"limit": Number("setting", name="run.clip_norm"), "‖g‖": Number("norm")}
    text = "min(1, limit/(‖g‖ + 1e−6))"
    return Account(f"c = {text}", substitute(text, known))


def _factor_account(scene: Scene, _number: Number) -> Account:
    name, now = scene.explanation.moment.config.schedule.name, scene.explanation.update.now
    return Account(remark=f"schedule {name}, {now:.4g} epochs gone")


def _rate_account(_scene: Scene, _number: Number) -> Account:
    known: dict[str, Token] = {"η₀": Number("setting", name="optimizer.learning_rate"), "f": Number("factor")}
    return Account("η = η₀·f", substitute("η₀·f", known))


def _memory(scene: Scene, number: Number) -> float:
    moment = scene.explanation.moment
    names = choices.optimizer(moment.config).memory
    if number.name not in names:
        raise ConfigError(
            f"the optimizer remembers no {number.name!r}", f"It remembers {', '.join(names) or 'nothing'}."
        )
    return float(moment.memory[names.index(number.name), _place(scene, number)])


def _shared_memory(scene: Scene, number: Number) -> float:
    moment = scene.explanation.moment
    names = list(choices.optimizer(moment.config).scalars)
    if number.name not in names:
        raise ConfigError(
            f"the optimizer remembers no {number.name!r}", f"It remembers {', '.join(names) or 'nothing'}."
        )
    return float(moment.scalars[names.index(number.name)])


def _memory_account(scene: Scene, _number: Number) -> Account:
    updates = scene.explanation.moment.updates
    return Account(remark=f"left by update {updates}" if updates else "the memory is empty at the start")


def known_of_update(scene: Scene, number: Number) -> dict[str, Token]:
    """Return what the optimizer's lines are about, by its symbol, for the weight or bias of an address."""
    workings, optimizer = scene.explanation.update.workings, choices.optimizer(scene.explanation.moment.config)
    known: dict[str, Token] = {
        symbol: Number("setting", name=f"optimizer.{name}") for name, symbol in symbols(optimizer).items()
    }
    known |= {"η": Number("rate"), "t": Number("count"), "w": at("parameter", number), "g": at("gradient", number)}
    known |= {workings.remembers[name] + BEFORE: at("memory", number, name) for name in optimizer.memory}
    known |= {workings.remembers[name] + BEFORE: Number("shared_memory", name=name) for name in optimizer.scalars}
    known |= {line.symbol: at("result", number, line.symbol) for line in workings.lines if line.symbol != STEP}
    return known | {"k": at("response", number)}


def _line_account(scene: Scene, number: Number, line: Line | None, symbol: str = "") -> Account:
    if scene.explanation.update.frozen(_place(scene, number)):
        return Account(remark="the parameter is frozen")
    if line is None:
        return Account(remark="there is none")
    rule = f"{symbol or line.symbol} = {line.text}" if (symbol or line.symbol) != line.text else line.text
    return Account(rule, substitute(line.text, known_of_update(scene, number)))


def _result_line(scene: Scene, number: Number) -> Line:
    lines = scene.explanation.update.workings.lines
    found = next((line for line in lines if line.symbol == number.name), None)
    if found is None:
        hint = f"It has {', '.join(line.symbol for line in lines)}."
        raise ConfigError(f"the optimizer has no result {number.name!r}", hint)
    return found


def _result(scene: Scene, number: Number) -> float:
    line = _result_line(scene, number)
    results = scene.explanation.update.results(_place(scene, number))
    return next((each.value for each in results if each.line is line), 0.0)


def _step(scene: Scene, number: Number) -> float:
    # Not from the step of all parameters: one is asked for at a time, and a large network has millions.
    results = scene.explanation.update.results(_place(scene, number))
    return results[-1].value if results else 0.0


def _step_account(scene: Scene, number: Number) -> Account:
    return _line_account(scene, number, scene.explanation.update.workings.lines[-1])


def _response(scene: Scene, number: Number) -> float:
    return scene.explanation.update.shares(_place(scene, number))[0]


def _part(number: Number, share: Number, clipped: bool) -> Account:
    text = "k·c·s" if clipped else "k·s"
    known: dict[str, Token] = {"k": at("response", number), "c": Number("clip"), "s": share}
    return Account(text, substitute(text, known))


def _is_clipped(scene: Scene) -> bool:
    return scene.explanation.moment.config.clip_norm is not None


def _row_part_account(scene: Scene, number: Number) -> Account:
    share = Number("share", number.layer, number.unit, number.row, number.source)
    return _part(number, share, _is_clipped(scene))


def _penalty_part_account(scene: Scene, number: Number) -> Account:
    return _part(number, at("penalty_gradient", number), _is_clipped(scene))


def _new_account(_scene: Scene, number: Number) -> Account:
    return Account("w + Δw", (at("parameter", number), " + ", at("step", number)))


UPDATE: dict[str, Kind] = {
    "setting": Kind(
        ("name",), "{setting_symbol}", "{setting}", "A setting of the run.",
        lambda scene, n: setting_value(scene.explanation.moment.config, n.name),
        lambda scene, n: Account(remark="as it is set"),
    ),
    "count": Kind(
        (), "t", "number of the update", "The updates since the optimizer's memory was empty, with this one.",
        lambda scene, _: float(scene.explanation.update.number),
        lambda scene, _: Account(remark="with this update"),
    ),
    "factor": Kind(
        (), "f", "factor of the schedule", "What the schedule multiplies the learning rate by.",
        lambda scene, _: scene.explanation.update.factor, _factor_account,
    ),
    "rate": Kind(
        (), "η", "learning rate", "How far a parameter moves against its gradient, at this moment of the run.",
        lambda scene, _: scene.explanation.update.rate, _rate_account,
    ),
    "parameter": Kind(
        _PLACE, "w", "{parameter}", "The parameter before the update.", _parameter, _parameter_account
    ),
    "memory": Kind(
        (*_PLACE, "name"), "{memory_symbol}", "{memory_symbol} of {parameter}",
        "What the optimizer remembers of earlier gradients.", _memory, _memory_account,
    ),
    "shared_memory": Kind(
        ("name",), "{memory_symbol}", "{memory_symbol}, shared by all parameters",
        "What the optimizer remembers once for all parameters.", _shared_memory, _memory_account,
    ),
    "penalty_gradient": Kind(
        _PLACE, "∂P/∂w", "slope of the penalty by {parameter}", "How the penalty changes with this weight.",
        lambda scene, n: float(scene.explanation.update.penalty[_place(scene, n)]), _penalty_gradient_account,
    ),
    "norm": Kind(
        (), "‖g‖", "length of the gradient", "The root of the sum of all squared slopes.",
        lambda scene, _: scene.explanation.update.norm, _norm_account,
    ),
    "clip": Kind(
        (), "c", "clipping factor", "What a gradient that is too long is multiplied by.",
        lambda scene, _: scene.explanation.update.clip, _clip_account,
    ),
    "gradient": Kind(
        _PLACE, "g", "gradient of {parameter} that the optimizer gets", "The data's slope and the penalty's, clipped.",
        lambda scene, n: float(scene.explanation.update.gradient[_place(scene, n)]), _gradient_account,
    ),
    "result": Kind(
        (*_PLACE, "name"), "{name}", "{name} of {parameter}", "An intermediate result of the optimizer.", _result,
        lambda scene, n: _line_account(scene, n, _result_line(scene, n)),
    ),
    "step": Kind(
        _PLACE, "Δw", "step of {parameter}", "What the update adds to the parameter.", _step, _step_account
    ),
    "new": Kind(
        _PLACE, "new w", "{parameter}, after the update", "The old value plus the step.",
        lambda scene, n: float(scene.explanation.update.parameters[_place(scene, n)]), _new_account,
    ),
    "response": Kind(
        _PLACE, "k", "step of {parameter} for each unit of gradient",
        "How far the parameter moves for each unit of gradient, the step's denominator held fixed.", _response,
        lambda scene, n: _line_account(scene, n, scene.explanation.update.workings.response),
    ),
    "row_part": Kind(
        ("row", *_PLACE), "part", "what {row} adds to the step of {parameter}", "The row's share of Δw.",
        lambda scene, n: float(scene.explanation.update.parts(_place(scene, n)).rows[n.row]), _row_part_account,
    ),
    "memory_part": Kind(
        _PLACE, "part", "what the optimizer's memory adds to the step of {parameter}",
        "The share of Δw that comes from earlier batches.",
        lambda scene, n: scene.explanation.update.shares(_place(scene, n))[1],
        lambda scene, n: _line_account(scene, n, scene.explanation.update.workings.remembered, "part"),
    ),
    "penalty_part": Kind(
        _PLACE, "part", "what the penalty adds to the step of {parameter}", "The penalty's share of Δw.",
        lambda scene, n: scene.explanation.update.parts(_place(scene, n)).penalty, _penalty_part_account,
    ),
    "decay_part": Kind(
        _PLACE, "part", "what weight decay adds to the step of {parameter}", "The weight decay's share of Δw.",
        lambda scene, n: scene.explanation.update.shares(_place(scene, n))[2],
        lambda scene, n: _line_account(scene, n, scene.explanation.update.workings.decayed, "part"),
    ),
}  # fmt: skip
"""Numbers of the update."""

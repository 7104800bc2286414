"""A script that goes on with a run in PyTorch and compares the losses; weights, rows and settings are in its text."""

import base64
import pprint
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.engine import TrainingData
from simulator.errors import ConfigError
from simulator.explain.moment import Moment, epoch_order
from simulator.nn import choices, parameters, random
from simulator.nn.torch_words import (
    ACTIVATION_CODE,
    LINK_CODE,
    LOSS_CODE,
    OPTIMIZER_CODE,
    filled,
    torch_word,
)

TOLERANCE = {"float32": 1e-4, "float64": 1e-9}
"""By how much the losses may differ, of the loss or of 1 where it is smaller, by the number format of our run."""

_WRITTEN_OUT = 400
"""Arrays up to this many numbers are written so that people can read them."""

_HEAD = '''"""{title}

The network, its weights, the optimizer's memory, the rows and their order are those of a run of Nodeglow; the losses
that Nodeglow recorded stand in LOSSES. Run it with a Python that has PyTorch (pip install torch).
"""

import base64
import zlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def unpacked(shape, dtype, text):
    raw = bytearray(zlib.decompress(base64.b64decode(text)))
    return torch.frombuffer(raw, dtype=dtype).reshape(shape)

'''

_TAIL = """
update = 0
worst = 0.0
for epoch, recorded in enumerate(LOSSES):
    total = 0.0
    for first in range(0, len(X), BATCH_SIZE):
        rows = ORDER[epoch, first : first + BATCH_SIZE]
        loss = loss_of_rows(logits(X[rows], epoch, first), Y[rows])
        total += loss.sum().item()
        optimizer.zero_grad()
        {objective}.backward()
{before}        optimizer.param_groups[0]["lr"] = RATES[update]
        optimizer.step()
{after}        update += 1
    found = total / len(X)
    difference = abs(found - recorded) / max(1.0, abs(recorded))
    worst = max(worst, difference)
    print(f"epoch {{FIRST_EPOCH + epoch}}: Nodeglow {{recorded:.12g}}, PyTorch {{found:.12g}}")
    assert difference <= TOLERANCE, f"the losses differ by {{difference:.1e}}, more than {{TOLERANCE:.0e}}"
print(f"PyTorch agrees: the largest difference is {{worst:.1e}}")
"""

_FREEZE = """        for parameter, mask in zip(model.parameters(), FROZEN):
            parameter.grad[mask] = 0.0
        before = [parameter.detach().clone() for parameter in model.parameters()]
"""
_CLIP = """        torch.nn.utils.clip_grad_norm_(model.parameters(), {limit!r})
"""
_THAW = """        with torch.no_grad():
            for parameter, mask, old in zip(model.parameters(), FROZEN, before):
                parameter[mask] = old[mask]
"""


def torch_script(moment: Moment, data: TrainingData, losses: Sequence[float]) -> str:
    """Return a Python script that trains the next epochs with PyTorch in float64 and compares their losses with ours.

    Parameters
    ----------
    moment
        The moment before the first batch of an epoch.
    data
        The rows of the run.
    losses
        The `train_loss` that we recorded for each of the next epochs.

    Raises
    ------
    ConfigError
        In the middle of an epoch, without losses, or where PyTorch has nothing like a part of our network.
    """
    if moment.batch or moment.first:
        raise ConfigError(
            f"batch {moment.batch + 1} of the epoch is next", "Compare from the start of an epoch: advance to its end."
        )
    if not losses or not np.isfinite(losses).all():
        raise ConfigError("there are no losses to compare with", "Train one epoch at least after this moment.")
    count = len(losses)
    title = f"Goes on with a run after epoch {moment.epoch}, for {count} epoch{'' if count == 1 else 's'} in PyTorch."
    blocks = [
        _HEAD.format(title=title),
        _data(moment, data, losses),
        _model(moment),
        _optimizer(moment),
        _masks(moment, data, count),
        _functions(moment),
        _loop(moment),
    ]
    return "\n".join(blocks)


def _data(moment: Moment, data: TrainingData, losses: Sequence[float]) -> str:
    config, count = moment.config, len(losses)
    order = np.stack([epoch_order(config, data, moment.epoch + epoch) for epoch in range(count)])
    now = moment.epoch + np.arange(count * moment.batches) / moment.batches
    schedule, rate = choices.schedule(config), choices.optimizer(config).learning_rate
    rates = [rate * float(schedule.factor(each, 1 / moment.batches)) for each in now]
    return "\n".join(
        [
            f"FIRST_EPOCH = {moment.epoch + 1}",
            f"BATCH_SIZE = {config.batch_size}",
            f"TOLERANCE = {TOLERANCE[config.dtype]!r}  # the run's number format is {config.dtype}",
            _assigned("LOSSES", [float(each) for each in losses]),
            f"RATES = {_array(np.array(rates))}.tolist()  # the learning rate of every update",
            f"X = {_array(data.X_train.astype(np.float64))}",
            f"Y = {_array(data.Y_train.astype(np.float64))}",
            f"ORDER = {_array(order)}  # the rows of every epoch",
            "",
        ]
    )


def _model(moment: Moment) -> str:
    sizes = "".join(f"    torch.nn.Linear({fan_in}, {fan_out}),\n" for fan_in, fan_out in moment.network.shapes)
    return f"""model = torch.nn.ModuleList([
{sizes}])
START = [
{_tensors(moment, moment.parameters)}]
with torch.no_grad():
    for parameter, value in zip(model.parameters(), START):
        parameter.copy_(value)
"""


def _tensors(moment: Moment, flat: NDArray[Any]) -> str:
    """Return the lines of a list with a flat vector's values as PyTorch keeps them: weight (out, in), bias (out,)."""
    layers = parameters.layers(moment.network, flat)
    return "".join(
        f"    {_array(np.ascontiguousarray(layer.weight.T))},\n    {_array(layer.bias)},\n" for layer in layers
    )


def _optimizer(moment: Moment) -> str:
    rule = choices.optimizer(moment.config)
    words = torch_word(OPTIMIZER_CODE, moment.config.optimizer.name, "optimizer")
    lines = [f"optimizer = {filled(words.code, rule)}"]
    if moment.updates:
        for name, kept in zip(rule.memory, moment.memory, strict=True):
            lines.append(f"{words.memory[name].upper()} = [\n{_tensors(moment, kept)}]")
        names = [words.memory[name] for name in rule.memory]
        lines += ["for number, parameter in enumerate(model.parameters()):"]
        lines += ["    state = optimizer.state[parameter]"]
        lines += [f'    state["step"] = torch.tensor({float(moment.updates)!r})'] * words.counts
        lines += [f'    state["{name}"] = {name.upper()}[number].clone()' for name in names]
        scalars = zip(rule.scalars, moment.scalars.tolist(), strict=True)
        lines += [f'    state["{words.memory[name]}"] = torch.tensor({value!r})' for name, value in scalars]
    return "\n".join([*lines, ""])


def _masks(moment: Moment, data: TrainingData, count: int) -> str:
    """Return what dropout keeps, which units are held and which parameters frozen, as far as there is any of it."""
    lines: list[str] = []
    seed, rows = moment.config.seed, data.rows("train")
    for index, layer in enumerate(moment.network.hidden):
        if layer.dropout:
            epochs = range(moment.epoch + 1, moment.epoch + 1 + count)
            kept = [random.kept(seed, epoch, 0, rows, index, layer.units, layer.dropout) for epoch in epochs]
            lines.append(f"KEPT_{index} = {_array(np.stack(kept))}  # what dropout keeps: epoch, place in it, neuron")
    if moment.held is not None:
        start = 0
        for index, width in enumerate(moment.network.sizes[:-1]):
            lines.append(f"HELD_{index} = {_array(moment.held[start : start + width])}  # nan: not held")
            start += width
    if moment.frozen is not None:
        lines.append(f"FROZEN = [\n{_tensors(moment, moment.frozen)}]")
    return "\n".join([*lines, ""])


def _functions(moment: Moment) -> str:
    held = moment.held is not None
    lines = ["", "def logits(z, epoch, first):"]
    if held:
        lines.append("    z = torch.where(torch.isnan(HELD_0), z, HELD_0)")
    for index, layer in enumerate(moment.network.hidden):
        lines.append(f"    z = model[{index}](z)")
        lines.append(f"    z = {torch_word(ACTIVATION_CODE, layer.activation, 'activation')}")
        if layer.dropout:
            lines.append(f"    z = z * KEPT_{index}[epoch, first : first + len(z)] / (1 - {layer.dropout!r})")
        if held:
            lines.append(f"    z = torch.where(torch.isnan(HELD_{index + 1}), z, HELD_{index + 1})")
    lines.append(f"    return model[{len(moment.network.hidden)}](z)")
    loss = filled(torch_word(LOSS_CODE, moment.config.loss.name, "loss"), choices.loss(moment.config))
    lines += ["", "", "def outputs(z):", f"    return {torch_word(LINK_CODE, moment.network.link, 'output link')}"]
    lines += ["", "", "def loss_of_rows(z, y):", f"    return {loss}", ""]
    return "\n".join(lines)


def _loop(moment: Moment) -> str:
    config = moment.config
    penalties = [f"{config.l1!r} * layer.weight.abs().sum()"] * bool(config.l1)
    penalties += [f"{config.l2 / 2!r} * layer.weight.square().sum()"] * bool(config.l2)
    objective = "loss.mean()"
    if penalties:
        objective = f"(loss.mean() + sum({' + '.join(penalties)} for layer in model))"
    frozen, clipped = moment.frozen is not None, config.clip_norm is not None
    before = _FREEZE * frozen + _CLIP.format(limit=config.clip_norm) * clipped
    return _TAIL.format(objective=objective, before=before, after=_THAW * frozen)


def _assigned(name: str, value: Any) -> str:
    return f"{name} = {pprint.pformat(value, width=110, compact=True)}"


def _array(values: NDArray[Any]) -> str:
    """Return an expression for an array: written out if it is small, else packed."""
    kinds = {"f": ("<f8", "float64"), "i": ("<i8", "int64"), "b": ("|b1", "bool")}
    stored, name = kinds[values.dtype.kind]
    if values.size <= _WRITTEN_OUT and np.isfinite(values).all():
        return f"torch.tensor({pprint.pformat(values.tolist(), width=110, compact=True)}, dtype=torch.{name})"
    text = base64.b64encode(zlib.compress(values.astype(stored).tobytes(), 9)).decode("ascii")
    lines = "".join(f'    "{text[start : start + 100]}"\n' for start in range(0, len(text), 100))
    return f"unpacked({values.shape}, torch.{name}, (\n{lines}))"

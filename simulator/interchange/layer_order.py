"""In which order layers follow one another, where a file does not say it: by numbers in names, and by shapes."""

import contextlib
import dataclasses
import itertools
import re
from collections.abc import Sequence

from simulator.errors import ModelFileError
from simulator.interchange.chain import HINT

_NUMBER = re.compile(r"\d{1,9}")
_MOST_STEPS = 20_000
_MOST_ROWS = 200
_FIRST = ("in", "input", "encoder", "first", "stem")
_LAST = ("output", "decoder", "last", "final", "head", "classifier", "out", "logits", "predictions")


@dataclasses.dataclass(frozen=True)
class Placed:
    """A layer whose place is looked for.

    Attributes
    ----------
    module
        The name by which the file knows the layer.
    tensor
        What is named in an error.
    fan_in, fan_out
        How many numbers go in and come out.
    """

    module: str
    tensor: str
    fan_in: int
    fan_out: int


def in_order(layers: Sequence[Placed]) -> tuple[list[Placed], str]:
    """Return layers as they follow one another, and a sentence where their names had to be interpreted.

    Layers whose names differ in numbers alone stand in the order of these. Such rows of layers, one behind the other,
    stand so that the numbers that come out of a layer go into the next; where that can be done in several ways, by
    words such as "input" and "output" in their names.

    Raises
    ------
    ModelFileError
        When they are no chain, or several.
    """
    rows: dict[str, list[Placed]] = {}
    for layer in layers:
        rows.setdefault(_NUMBER.sub("#", layer.module), []).append(layer)
    for row in rows.values():
        row.sort(key=lambda layer: numbers(layer.module))
        for one, other in itertools.pairwise(row):
            if one.fan_out != other.fan_in and len(rows) == 1:
                raise _break(one, other)
    blocks = list(rows.values())
    ways = _ways(blocks)
    if not ways:
        return _by_numbers(layers), ""
    if len(ways) == 1:
        return _flat(ways[0]), ""
    ranked = sorted(blocks, key=lambda block: _rank(block[0].module))
    ranks = [_rank(block[0].module) for block in ranked]
    if len(set(ranks)) == len(ranks) and _chained(ranked):
        names = ", ".join(repr(block[0].module) for block in ranked)
        return _flat(ranked), f"That the layers follow one another as {names} is taken from their names alone."
    if all(numbers(layer.module) for layer in layers):
        with contextlib.suppress(ModelFileError):
            return _by_numbers(layers), ""
    first, second = (_flat(way)[0].tensor for way in ways)
    if first == second:
        first, second = next(
            (one.tensor, other.tensor) for one, other in zip(*map(_flat, ways), strict=True) if one != other
        )
    raise _uncertain(first, second)


def _uncertain(first: str, second: str) -> ModelFileError:
    return ModelFileError(
        f"the order of the layers is not certain: {first!r} could stand before {second!r}, or after it",
        "Number the layers where it was made: save_file(nn.Sequential(…).state_dict(), 'model.safetensors').",
    )


def numbers(name: str) -> tuple[int, ...]:
    """Return the numbers in a name, so that layer 10 comes after layer 2."""
    return tuple(int(each) for each in _NUMBER.findall(name))


def next_to(first: str, second: str) -> bool:
    """Whether two names differ in the last of their numbers alone, and that of the second is one more."""
    if _NUMBER.sub("#", first) != _NUMBER.sub("#", second) or not numbers(first):
        return False
    *before, last = numbers(first)
    return numbers(second) == (*before, last + 1)


def _flat(blocks: Sequence[Sequence[Placed]]) -> list[Placed]:
    return [layer for block in blocks for layer in block]


def _chained(blocks: Sequence[Sequence[Placed]]) -> bool:
    flat = _flat(blocks)
    return all(one.fan_out == other.fan_in for one, other in itertools.pairwise(flat))


def _ways(blocks: list[list[Placed]]) -> list[list[list[Placed]]]:
    """Return up to two orders in which rows of layers make a chain."""
    if not all(_chained([block]) for block in blocks):
        return []
    found: list[list[list[Placed]]] = []
    steps = 0

    def go_on(way: list[list[Placed]], left: list[list[Placed]]) -> None:
        nonlocal steps
        steps += 1
        if not left:
            found.append(way)
        if len(found) > 1 or steps > _MOST_STEPS:
            return
        for place, block in enumerate(left):
            if not way or way[-1][-1].fan_out == block[0].fan_in:
                go_on([*way, block], left[:place] + left[place + 1 :])

    if len(blocks) > _MOST_ROWS:  # far below the depth at which Python gives up
        raise _uncertain(blocks[0][0].tensor, blocks[1][0].tensor)
    go_on([], blocks)
    if steps > _MOST_STEPS:
        raise _uncertain(blocks[0][0].tensor, blocks[1][0].tensor)
    return found


def _by_numbers(layers: Sequence[Placed]) -> list[Placed]:
    """Return layers in the order of all numbers in their names, if these are all different and that is a chain."""
    ordered = sorted(layers, key=lambda layer: numbers(layer.module))
    places = [numbers(layer.module) for layer in ordered]
    for one, other in itertools.pairwise(ordered):
        if one.fan_out != other.fan_in or len(set(places)) != len(places):
            raise _break(one, other)
    return ordered


def _break(one: Placed, other: Placed) -> ModelFileError:
    return ModelFileError(
        f"the layers make no chain: {one.fan_out:,} numbers come out of {one.tensor!r}, {other.fan_in:,} go into "
        f"{other.tensor!r}",
        HINT,
    )


def _rank(name: str) -> int:
    words = re.split(r"[^a-z]+", name.lower())
    if any(word in _FIRST for word in words):
        return 0
    return 2 if any(word in _LAST for word in words) else 1

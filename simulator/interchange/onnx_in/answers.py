"""What follows from the outputs of a network and adds nothing to them: the likeliest class, its name, a mapping."""

from typing import Any

import numpy as np

from simulator.interchange.onnx_in.chain import Chain
from simulator.interchange.onnx_in.expressions import Line, Recognised
from simulator.interchange.onnx_in.nodes import NO_JOINS, Node
from simulator.interchange.onnx_in.values import End, Sizes, Stream, Sums, Told, Value


def both_classes(chain: Chain, node: Node, streams: list[Stream]) -> Told:
    """Return the outputs of a network of sigmoids, beside which 1 − p is written."""
    first, second = streams[0], streams[-1]
    if len(streams) != 2 or first.base is not second.base or not isinstance(first.base, Sums):
        raise node.refuse(NO_JOINS)
    other, one = (
        None if isinstance(each.expression, Line) else chain.recognised(node, each) for each in (first, second)
    )
    if other is None or one is None or not _is_rest(other, one):
        raise node.refuse(NO_JOINS)
    if first.base.width > 1:  # as skl2onnx writes several yes-or-no answers
        chain.note("Beside every probability p the file gives out 1 − p, which is left out here.")
    return Told(chain.finish(node, second))


def _is_rest(other: Recognised, one: Recognised) -> bool:
    """Whether the other is 1 − σ(z) = σ(−z) where the one is σ(z)."""
    return (
        other.activation == one.activation == "sigmoid"
        and all((each.factor == 1.0).all() and not each.offset.any() for each in (other, one))
        and np.allclose(other.line.scale, -one.line.scale)
        and np.allclose(other.line.shift, -one.line.shift)
    )


def told(chain: Chain, node: Node) -> Value:
    """Return what is said about outputs: a class, a mapping; class names are found on the way."""
    if node.operator in ("Gemm", "MatMul", "BatchNormalization", "Softmax"):
        raise node.refuse("follows the outputs of the network")
    classes = next((each.classes for each in node.inputs if isinstance(each, Told) and each.classes), ())
    of = [each.of if isinstance(each, Told) else each for each in node.inputs if isinstance(each, Told | Stream | End)]
    if any(_layer(each) is not _layer(of[0]) for each in of):
        raise node.refuse(NO_JOINS)
    return Told(of[0], classes or class_names(node))


def _layer(value: Stream | End) -> object:
    """Return what tells the layer that gives out a value from others."""
    last = value.sums if isinstance(value, End) else value.base
    return last.node if isinstance(last, Sums) else last


def class_names(node: Node) -> tuple[str, ...]:
    """Return the names of classes that a node knows."""
    listed: list[Any] = []
    for name in ("classlabels_strings", "classlabels_int64s", "values_strings"):
        found = node.attribute(name)
        listed = found if isinstance(found, list) and found else listed
    if not listed and node.operator in ("ArrayFeatureExtractor", "Gather"):
        names = node.input(0)
        if isinstance(names, np.ndarray) and names.dtype.kind in "iO" and names.size <= 100_000:
            listed = names.reshape(-1).tolist()
    return tuple(str(each) for each in listed)


def answered(chain: Chain, node: Node) -> Value:
    """Begin to say something about outputs, or look up a size."""
    if any(isinstance(each, Sizes) for each in node.inputs):
        return Sizes()
    of = next((each for each in node.inputs if isinstance(each, Stream | End)), None)
    if of is None:
        raise node.refuse("is not given the outputs of a network")
    return Told(of, class_names(node))

"""Named tensors of another program, as of a PyTorch state dict: which layers they are, and in which order.

Such a file names tensors and nothing else. What a layer is, is told by the parts of its name and the shapes; the order
of the layers follows from the numbers in their names, or from their shapes where those permit one order only.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.chain import HINT, Chain
from simulator.interchange.folding import normalising
from simulator.interchange.foreign import Foreign
from simulator.interchange.layer_order import Placed, in_order, next_to

EPSILON = 1e-5
"""What PyTorch adds to the variance in a batch normalisation, unless it is told otherwise."""

_SAYS_ALL = "Or export the network as ONNX, which says all: torch.onnx.export(model.eval(), (rows,), 'model.onnx')."
"""What to do with tensors whose place in the network their names and shapes do not tell."""

_FLOATS = ("F16", "BF16", "F32", "F64")
_MOST_TENSORS = 10_000
_NAMED = {
    "embed": "an embedding",
    "wte.": "an embedding",
    "attn": "part of an attention",
    "attention": "part of an attention",
    "q_proj": "part of an attention",
    "k_proj": "part of an attention",
    "v_proj": "part of an attention",
    "in_proj": "part of an attention",
    "weight_ih": "part of a recurrent layer",
    "weight_hh": "part of a recurrent layer",
    "lora_": "an addition to another model",
    "parametrizations.": "part of a parametrisation, as of a weight norm",
    "weight_g.": "part of a weight norm",
    "weight_v.": "part of a weight norm",
}
"""What gives a tensor away whose shape does not: words in its name."""

_HINTS = {
    "parametrizations.": "Put the parametrisation into the weights where it was made: "
    "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight').",
    "weight_g.": "Put it into the weights where it was made: torch.nn.utils.remove_weight_norm(layer).",
    "weight_v.": "Put it into the weights where it was made: torch.nn.utils.remove_weight_norm(layer).",
}


@dataclasses.dataclass(frozen=True)
class Described:
    """A tensor before it is read: its number format as safetensors names it, and its shape."""

    dtype: str
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Module:
    """The tensors that share the first part of their names."""

    name: str
    parts: Mapping[str, Described]

    def called(self, part: str) -> str:
        return f"{self.name}.{part}" if self.name else part

    @property
    def matrix(self) -> str:
        """The part that holds weights: PyTorch's (out, in), or "kernel", which is (in, out) in JAX."""
        return "kernel" if "kernel" in self.parts else "weight"

    @property
    def normalises(self) -> bool:
        return "running_mean" in self.parts

    @property
    def width(self) -> int:
        """How many numbers a normalisation takes."""
        return self.parts["running_mean"].shape[0]

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers go in and come out."""
        first, second = self.parts[self.matrix].shape
        return (first, second) if self.matrix == "kernel" else (second, first)


def foreign_of(tensors: Mapping[str, Described], read: Callable[[str], NDArray[Any]]) -> Foreign:
    """Return the network that named tensors are.

    Parameters
    ----------
    tensors
        What there is, in the order of the file.
    read
        Returns the numbers of one, float32 or float64; called after all names and shapes were found to be right.

    Raises
    ------
    ModelFileError
        Naming the tensor that belongs to no such network, or whose place is not certain.
    """
    if not any("." in name for name in tensors):  # JAX's libraries put slashes between the parts of a name
        dotted = {name.replace("/", "."): name for name in tensors}
        return _network({name: tensors[own] for name, own in dotted.items()}, lambda name: read(dotted[name]))
    return _network(tensors, read)


def _network(tensors: Mapping[str, Described], read: Callable[[str], NDArray[Any]]) -> Foreign:
    modules = _modules(tensors)
    linear = [each for each in modules if not each.normalises]
    if not linear:
        raise ModelFileError("the file holds no weights of a fully connected layer", HINT)
    ordered, remark = in_order([Placed(each.name, each.called(each.matrix), *each.sizes) for each in linear])
    by_name = {each.name: each for each in modules}
    chain = Chain(told=False)
    if remark:
        chain.note(remark)
    before, after = _normalisations(modules, [each.module for each in ordered])
    for place in ordered:
        module = by_name[place.module]
        for normalisation in before.get(module.name, ()):
            chain.affine(normalisation.name, *_affine(normalisation, read))
        chain.linear(module.name or "the layer", *_linear(module, read, chain))
        for normalisation in after.get(module.name, ()):
            chain.affine_of_last(normalisation.name, *_affine(normalisation, read))
    if len(modules) > len(linear):
        chain.note(f"The batch normalisations are taken to add {EPSILON:g} to the variance, as PyTorch does.")
    for name, tensor in tensors.items():
        if tensor.dtype in ("F16", "BF16"):
            chain.note(f"Numbers of 16 bits, as in {name!r}, became float32.")
            break
    return chain.finished()


def _modules(tensors: Mapping[str, Described]) -> list[_Module]:
    if len(tensors) > _MOST_TENSORS:
        raise ModelFileError(f"{len(tensors):,} tensors are more than any network here has", HINT)
    parts: dict[str, dict[str, Described]] = {}
    for name, tensor in tensors.items():
        module, _, part = name.rpartition(".")
        parts.setdefault(module, {})[part] = tensor
    modules = [_Module(module, each) for module, each in parts.items()]
    for module in modules:
        _check_names(module)
    return [_checked(module) for module in modules]


def _check_names(module: _Module) -> None:
    """Refuse what a name gives away, before anything beside it seems to be missing."""
    for part, tensor in module.parts.items():
        name = module.called(part)
        for word, what in _NAMED.items():
            if word in f"{name}.".lower():
                raise ModelFileError(f"the tensor {name!r} of shape {tensor.shape} is {what}", _HINTS.get(word, HINT))


def _checked(module: _Module) -> _Module:
    for part, tensor in module.parts.items():
        name = module.called(part)
        refusal = _refusal(module, part, tensor)
        if refusal:
            raise ModelFileError(f"the tensor {name!r} of shape {tensor.shape} {refusal}", f"{HINT} {_SAYS_ALL}")
    if not module.normalises and module.matrix not in module.parts:
        name = module.called(next(iter(module.parts)))
        raise ModelFileError(f"the tensor {name!r} has no weights beside it", HINT)
    return module


def _refusal(module: _Module, part: str, tensor: Described) -> str:
    """Return why a tensor belongs to no fully connected network, or nothing."""
    if module.normalises:
        return _odd_in_normalisation(module, part, tensor)
    if part not in ("weight", "kernel", "bias") or {"weight", "kernel"} <= {*module.parts}:
        return "is neither the weight nor the bias of a fully connected layer"
    if tensor.dtype not in _FLOATS:
        return f"holds {tensor.dtype} and no floating-point numbers"
    sides = len(tensor.shape)
    if part == "bias":
        return "" if sides == 1 else "is no bias of a fully connected layer"
    if sides == 1:
        return "is the weight of a normalisation, or the slope of a PReLU"
    if sides > 2:
        return "is the weight of a convolution"
    return "" if sides == 2 and 0 not in tensor.shape else "is no weight of a fully connected layer"


def _odd_in_normalisation(module: _Module, part: str, tensor: Described) -> str:
    if part == "num_batches_tracked":
        return ""
    mean = module.parts["running_mean"]
    if part not in ("weight", "bias", "running_mean", "running_var") or "running_var" not in module.parts:
        return "is no part of a batch normalisation"
    return (
        "" if tensor.dtype in _FLOATS and len(tensor.shape) == 1 and tensor.shape == mean.shape else "is out of place"
    )


def _normalisations(
    modules: list[_Module], linear: list[str]
) -> tuple[dict[str, list[_Module]], dict[str, list[_Module]]]:
    """Return the batch normalisations that stand right before a layer, and right after one.

    Only the places in a `torch.nn.Sequential` tell whether one stands before or after the activation: with a number
    right after that of a layer, it follows this layer's sums; with one right before that of the next layer, and not
    right after a layer, it follows what stands in between.
    """
    before: dict[str, list[_Module]] = {}
    after: dict[str, list[_Module]] = {}
    for module in modules:
        if not module.normalises:
            continue
        follows = [name for name in linear if next_to(name, module.name)]
        leads = [name for name in linear if next_to(module.name, name)]
        if follows:
            after.setdefault(follows[0], []).append(module)
        elif leads:
            before.setdefault(leads[0], []).append(module)
        else:
            name = module.called("running_mean")
            raise ModelFileError(
                f"whether the batch normalisation {name!r} stands before or after an activation is not certain",
                f"Fold it where it was made: torch.nn.utils.fusion.fuse_linear_bn_eval(linear, norm). {_SAYS_ALL}",
            )
    return before, after


def _linear(
    module: _Module, read: Callable[[str], NDArray[Any]], chain: Chain
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    stored = read(module.called(module.matrix))
    weight = np.ascontiguousarray(stored if module.matrix == "kernel" else stored.T)
    if "bias" not in module.parts:
        chain.note(f"{module.name or 'The layer'} has no bias: zeros stand for it.")
        return weight, np.zeros(weight.shape[1], weight.dtype)
    bias = read(module.called("bias"))
    if bias.shape != weight.shape[1:]:
        raise ModelFileError(
            f"{module.called('bias')} has the shape {bias.shape}, but {weight.shape[1]:,} numbers come out of "
            f"{module.called(module.matrix)}",
            HINT,
        )
    return weight, bias


def _affine(module: _Module, read: Callable[[str], NDArray[Any]]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the scale and the shift of a batch normalisation."""
    mean, variance = (read(module.called(part)).astype(np.float64) for part in ("running_mean", "running_var"))
    gamma, beta = (
        read(module.called(part)).astype(np.float64) if part in module.parts else np.full(module.width, value)
        for part, value in (("weight", 1.0), ("bias", 0.0))
    )
    return normalising(gamma, beta, mean, variance, EPSILON)

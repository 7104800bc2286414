"""A network put together from what another program's layers do, one after the other."""

import dataclasses

import numpy as np

from simulator.errors import ModelFileError
from simulator.interchange.folding import Floats, put_after, put_before
from simulator.interchange.foreign import Foreign
from simulator.nn.links import LINKS
from simulator.snapshot import LayerParameters

HINT = "Only networks of fully connected layers, one after the other, can be opened."
LARGEST_COPY = 4096
"""How many outputs may be handed on by a layer that changes nothing: its weights are the square of it."""


@dataclasses.dataclass
class _Layer:
    name: str
    weight: Floats
    bias: Floats
    activation: str | None = None
    dropout: float = 0.0


class Chain:
    """Takes the layers of a network in their order, folds what is linear, and becomes a `Foreign`.

    Parameters
    ----------
    told
        Whether the file says every activation. Where it does not, None stands for those that it leaves open.
    """

    def __init__(self, told: bool) -> None:
        self._told = told
        self._layers: list[_Layer] = []
        self._waiting: tuple[str, Floats, Floats] | None = None
        self._notes: list[str] = []

    def note(self, sentence: str) -> None:
        """Remember what was done, each sentence once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def linear(self, name: str, weight: Floats, bias: Floats) -> None:
        """Add a layer.

        Parameters
        ----------
        name
            How the file calls it.
        weight, bias
            (fan_in, fan_out) and (fan_out,).
        """
        if self._layers and self._layers[-1].bias.size != weight.shape[0]:
            last = self._layers[-1]
            raise ModelFileError(
                f"{name!r} takes {weight.shape[0]:,} numbers, but {last.bias.size:,} come out of {last.name!r}", HINT
            )
        if self._waiting is not None:
            weight, bias = self._preceded(name, weight, bias)
        self._layers.append(_Layer(name, weight, bias))

    def _preceded(self, name: str, weight: Floats, bias: Floats) -> tuple[Floats, Floats]:
        """Return a layer that does what waits for it, too: (x·scale + shift) @ W + b."""
        assert self._waiting is not None
        before, scale, shift = self._waiting
        self._waiting = None
        _check_sizes(before, scale, shift, weight.shape[0])
        self.note(f"{before!r} was put into the weights of {name!r}, which follows it.")
        return _as_kept(weight, bias, put_before(weight, bias, scale, shift))

    def affine(self, name: str, scale: Floats, shift: Floats) -> None:
        """Add x·scale + shift, number by number: put into the layer before it, or else into the one after it.

        Parameters
        ----------
        name
            How the file calls it.
        scale, shift
            (size,), or (1,) for all alike; float64.
        """
        if self._waiting is not None:
            before, first, then = self._waiting
            scale, shift = np.broadcast_arrays(first * scale, then * scale + shift)
            self._waiting = (f"{before} and {name}", scale, shift)
        elif self._layers and self._layers[-1].activation is None and self._told:
            self.affine_of_last(name, scale, shift)
        else:
            self._waiting = (name, scale, shift)

    def affine_of_last(self, name: str, scale: Floats, shift: Floats) -> None:
        """Put x·scale + shift into the layer before it, between its sums and its activation."""
        last = self._layers[-1]
        _check_sizes(name, scale, shift, last.bias.size)
        found = put_after(last.weight, last.bias, scale, shift)
        last.weight, last.bias = _as_kept(last.weight, last.bias, found)
        self.note(f"{name!r} was put into the weights of {last.name!r}, which it follows.")

    def activation(self, name: str, activation: str) -> None:
        """Add an activation, or softmax."""
        if activation == "linear":
            return
        if not self._layers or self._waiting is not None:
            raise ModelFileError(f"the {activation} of {name!r} does not follow a fully connected layer", HINT)
        last = self._layers[-1]
        if last.activation is not None:
            raise ModelFileError(f"{name!r}: {activation} follows {last.activation}, with no layer in between", HINT)
        last.activation = activation

    def dropout(self, name: str, rate: float) -> None:
        """Add dropout, which matters only when the network is trained on."""
        last = self._layers[-1] if self._layers else None
        if last is None or self._waiting is not None or not 0 <= rate < 1:
            self.note(f"{name!r} was left out: here dropout stands after the neurons of a hidden layer only.")
        else:
            last.dropout = 1 - (1 - last.dropout) * (1 - rate) if last.dropout else rate

    def finished(self) -> Foreign:
        """Return the network.

        Raises
        ------
        ModelFileError
            When it is none that can be drawn and trained here.
        """
        if not self._layers:
            raise ModelFileError("the file holds no fully connected layer", HINT)
        if self._waiting is not None:
            raise ModelFileError(f"{self._waiting[0]!r} is not followed by a fully connected layer", HINT)
        link = self._link()
        *hidden, _ = self._layers
        for layer in hidden:
            if layer.activation == "softmax":
                raise ModelFileError(f"softmax follows the hidden layer {layer.name!r}", "It can end a network only.")
        rates = tuple(layer.dropout for layer in hidden)
        return Foreign(
            tuple(LayerParameters(layer.weight, layer.bias) for layer in self._layers),
            tuple(layer.activation or ("linear" if self._told else None) for layer in hidden),
            link,
            rates if any(rates) else (),
            notes=tuple(self._notes),
        )

    def _link(self) -> str | None:
        """Return what follows the last layer; an activation that is no link makes it a hidden one."""
        last = self._layers[-1]
        if last.dropout:
            self.note(f"The dropout after the last layer {last.name!r} was left out.")
            last.dropout = 0.0
        if last.activation is None:
            return "linear" if self._told else None
        if last.activation in LINKS:
            return last.activation
        size = last.bias.size
        if size > LARGEST_COPY:
            raise ModelFileError(
                f"{last.activation} follows the last layer {last.name!r}", f"Known: {', '.join(LINKS)}."
            )
        self.note(
            f"After the {last.activation} of the last layer {last.name!r} a layer was added that hands on its numbers."
        )
        dtype = last.weight.dtype
        self._layers.append(_Layer("the added layer", np.eye(size, dtype=dtype), np.zeros(size, dtype)))
        return "linear"


def _as_kept(weight: Floats, bias: Floats, found: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return new weights and biases in the number formats of the old ones."""
    with np.errstate(all="ignore"):
        return found[0].astype(weight.dtype), found[1].astype(bias.dtype)


def _check_sizes(name: str, scale: Floats, shift: Floats, size: int) -> None:
    for part in (scale, shift):
        if part.shape not in ((1,), (size,)):
            raise ModelFileError(f"{name!r} has {part.size:,} numbers where {size:,} come in", HINT)

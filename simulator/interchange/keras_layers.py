"""The Keras `Sequential` that a network is: its layers, as a configuration, as a line of Python, and as weights.

Source: what Keras 3.15 writes; names and defaults that all releases of Keras 3 share.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.document import KEY
from simulator.interchange.model import Model
from simulator.spec import NetworkSpec

LEAK = 0.01
"""The slope of our leaky ReLU below 0; Keras's activation of that name has 0.2, its layer 0.3."""

NAME = "sequential"


@dataclasses.dataclass(frozen=True)
class KerasLayer:
    """A layer by its class, the name that Keras would give it, and the settings that are not Keras's defaults.

    Attributes
    ----------
    linear
        Which of our linear layers it is, None for one without weights.
    """

    kind: str
    name: str
    settings: dict[str, Any]
    linear: int | None = None


def keras_layers(network: NetworkSpec) -> tuple[KerasLayer, ...]:
    """Return the layers of a network after the input; a leaky ReLU and dropout are layers of their own."""
    made: list[KerasLayer] = []

    def add(kind: str, stem: str, linear: int | None = None, **settings: Any) -> None:
        before = sum(each.kind == kind for each in made)
        made.append(KerasLayer(kind, f"{stem}_{before}" if before else stem, settings, linear))

    for place, hidden in enumerate(network.hidden):
        leaky = hidden.activation == "leaky_relu"
        add("Dense", "dense", place, units=hidden.units, activation="linear" if leaky else hidden.activation)
        if leaky:
            add("LeakyReLU", "leaky_re_lu", negative_slope=LEAK)
        if hidden.dropout:
            add("Dropout", "dropout", rate=hidden.dropout)
    add("Dense", "dense", len(network.hidden), units=network.outputs, activation=network.link)
    return tuple(made)


def configuration(model: Model) -> dict[str, Any]:
    """Return the content of ``config.json``."""
    dtype = model.config.dtype
    inputs = {"batch_shape": [None, model.network.inputs], "dtype": dtype, "sparse": False, "name": "input_layer"}
    return _object(
        "keras",
        "Sequential",
        {
            "name": NAME,
            "trainable": True,
            "dtype": _policy(dtype),
            "layers": [
                _object("keras.layers", "InputLayer", inputs),
                *(_configured(layer, dtype) for layer in keras_layers(model.network)),
            ],
            "build_input_shape": [None, model.network.inputs],
        },
    ) | {"build_config": {"input_shape": [None, model.network.inputs]}}


def python_line(model: Model) -> str:
    """Return the Python expression that makes the same network in Keras."""
    dtype = ", dtype='float64'" if model.config.dtype == "float64" else ""
    parts = [f"keras.Input(({model.network.inputs},){dtype})"]
    for layer in keras_layers(model.network):
        given = ", ".join(f"{name}={value!r}" for name, value in layer.settings.items() if value != "linear")
        parts.append(f"keras.layers.{layer.kind}({given}{dtype})")
    return f"keras.Sequential([{', '.join(parts)}])"


def weights(model: Model, document: str | None) -> bytes:
    """Return the weights as Keras 3 lays them out in HDF5: ``layers/dense/vars/0`` is the first kernel, (in, out).

    Parameters
    ----------
    model
        Whose weights.
    document
        What Keras does not look at and we read again; None where it stands elsewhere.
    """
    import h5py

    # A file in memory, without any time of day: equal models, equal files.
    with h5py.File("weights", "w", driver="core", backing_store=False) as file:
        for layer in keras_layers(model.network):
            group = file.create_group(f"layers/{layer.name}/vars")
            group.attrs["name"] = layer.name
            if layer.linear is not None:
                own = model.layers[layer.linear]
                for place, array in enumerate((own.weight, own.bias)):
                    _write(group, str(place), np.ascontiguousarray(array))
        file.create_group("vars").attrs["name"] = NAME
        if document is not None:
            _write(file, KEY, np.frombuffer(document.encode(), np.uint8))
        file.flush()
        return file.id.get_file_image()


def _write(group: Any, name: str, array: NDArray[Any]) -> None:
    group.create_dataset(name, data=array.astype(array.dtype.newbyteorder("<"), copy=False), track_times=False)


def _configured(layer: KerasLayer, dtype: str) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if layer.kind == "Dense":
        more = {
            "use_bias": True,
            "kernel_initializer": _object("keras.initializers", "GlorotUniform", {"seed": None}),
            "bias_initializer": _object("keras.initializers", "Zeros", {}),
            "kernel_regularizer": None,
            "bias_regularizer": None,
            "kernel_constraint": None,
            "bias_constraint": None,
        }
    settings = {"name": layer.name, "trainable": True, "dtype": _policy(dtype), **layer.settings, **more}
    return _object("keras.layers", layer.kind, settings)


def _policy(dtype: str) -> dict[str, Any]:
    return _object("keras", "DTypePolicy", {"name": dtype})


def _object(module: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": settings, "registered_name": None}

"""Whether an address points at something, and what the things that it names are called."""

from collections.abc import Callable, Iterator, Mapping

from simulator.data.outcomes import Value
from simulator.errors import ConfigError
from simulator.explain.lines import BEFORE
from simulator.explain.number import Kind, Number, Scene
from simulator.explain.settings import setting_label, setting_symbol
from simulator.spec import NetworkSpec

OUTSIDE = -1


def _fan(side: int) -> Callable[[NetworkSpec, Number], int]:
    def count(network: NetworkSpec, number: Number) -> int:
        inside = 0 <= number.layer < len(network.hidden) + 1
        return network.sizes[number.layer + side] if inside else 0

    return count


def _source(number: Number) -> int:
    return 0 if number.source is None else number.source


NEEDS: dict[str, tuple[Callable[[Number], int], Callable[[NetworkSpec, Number], int]]] = {
    "layer": (lambda number: number.layer, lambda network, _: len(network.hidden) + 1),
    "hidden": (lambda number: number.layer, lambda network, _: len(network.hidden)),
    "unit": (lambda number: number.unit, _fan(1)),
    "entry": (lambda number: number.unit, _fan(0)),
    "source": (_source, _fan(0)),
    "input": (lambda number: number.unit, lambda network, _: network.inputs),
    "output": (lambda number: number.unit, lambda network, _: network.outputs),
}
"""What an address can be asked to say beside a row and a name: where that stands in it, and of what there must be so
many. A hidden layer is one with an activation, an entry is an input of the layer."""


def check(scene: Scene, kind: Kind, number: Number) -> None:
    """Refuse an address that points at nothing.

    Raises
    ------
    ConfigError
        Naming the address and what is not there.
    """
    moment = scene.explanation.moment
    for need in kind.needs:
        if need == "name":
            if not number.name:
                raise ConfigError(f"there is no {number}", "It needs a name.")
            continue
        if need == "row":
            found, count = number.row, len(moment.X)
        else:
            read, counted = NEEDS[need]
            found, count = read(number), counted(moment.network, number)
        if not 0 <= found < count:
            raise ConfigError(f"there is no {number}", f"Its {need} is {found}; there are {count}, from 0.")


def layer_name(network: NetworkSpec, layer: int) -> str:
    """Return what a linear layer's neurons are called together: "hidden 1" or "output"."""
    return f"hidden {layer + 1}" if layer < len(network.hidden) else "output"


def feature_name(scene: Scene, unit: int) -> str:
    """Return what an input is called."""
    names = () if scene.dataset is None else scene.dataset.feature_names
    return names[unit] if unit < len(names) else f"input {unit + 1}"


def output_name(scene: Scene, unit: int) -> str:
    """Return what an output is called: its class, or the column whose value it predicts."""
    if scene.dataset is None:
        return f"output {unit + 1}"
    classes, outputs = scene.dataset.class_names, scene.explanation.moment.network.outputs
    if outputs == 1 and len(classes) == 2:
        return classes[1]  # one output is the probability of the second class
    return classes[unit] if unit < len(classes) else scene.dataset.recipe.target


def neuron_name(scene: Scene, layer: int, unit: int) -> str:
    """Return what a neuron of a linear layer is called."""
    network = scene.explanation.moment.network
    if layer < len(network.hidden):
        return f"{layer_name(network, layer)}, neuron {unit + 1}"
    name = output_name(scene, unit)
    return name if name.startswith("output") else f"output {name}"


def entry_name(scene: Scene, layer: int, entry: int) -> str:
    """Return what stands at an input of a linear layer."""
    return feature_name(scene, entry) if layer == 0 else neuron_name(scene, layer - 1, entry)


def table_row(scene: Scene, row: int) -> int:
    """Return the number in the raw table, from 0, of a row of the batch; −1 if it is in none."""
    moment = scene.explanation.moment
    number = int(moment.rows[row])
    if scene.dataset is None or number < 0:
        return OUTSIDE
    split = scene.dataset.train_rows if moment.split == "train" else scene.dataset.test_rows
    return int(split[number])


def row_name(scene: Scene, row: int) -> str:
    """Return what a row of the batch is called: by its place in the file, or else in the batch."""
    number = table_row(scene, row)
    if number >= 0:
        return f"row {number + 1}"
    if scene.explanation.moment.rows[row] < 0:
        return scene.given if len(scene.explanation.moment.rows) == 1 else f"given row {row + 1}"
    return f"row {row + 1} of the batch"


def parameter_name(scene: Scene, number: Number) -> str:
    """Return what a weight or a bias is called."""
    neuron = neuron_name(scene, number.layer, number.unit)
    if number.source is None:
        return f"the bias of {neuron}"
    return f"the weight from {entry_name(scene, number.layer, number.source)} to {neuron}"


def _answer(scene: Scene, number: Number) -> str:
    name = output_name(scene, number.unit)
    if scene.explanation.moment.network.link == "linear":
        return f"ŷ of {name}"
    return f"P({name})"


def _memory_symbol(scene: Scene, number: Number) -> str:
    return scene.explanation.update.workings.remembers.get(number.name, number.name) + BEFORE


def file_name(scene: Scene) -> str:
    """Return what the table is called that the rows come from."""
    dataset = scene.dataset
    return "the table" if dataset is None or dataset.path is None else dataset.path.name


def is_value(scene: Scene) -> bool:
    """Whether the network predicts a standardised value of the table."""
    return scene.dataset is not None and isinstance(scene.dataset.recipe.outcome, Value)


NAMES: dict[str, Callable[[Scene, Number], str]] = {
    "neuron": lambda scene, number: neuron_name(scene, number.layer, number.unit),
    "entry": lambda scene, number: entry_name(scene, number.layer, number.unit),
    "feature": lambda scene, number: feature_name(scene, number.unit),
    "input": lambda scene, number: ("" if scene.dataset is None else "input ") + feature_name(scene, number.unit),
    "class": lambda scene, number: output_name(scene, number.unit),
    "answer": _answer,
    "row": lambda scene, number: row_name(scene, number.row),
    "parameter": parameter_name,
    "setting": lambda scene, number: setting_label(scene.explanation.moment.config, number.name),
    "setting_symbol": lambda scene, number: setting_symbol(number.name),
    "memory_symbol": _memory_symbol,
    "name": lambda scene, number: number.name,
    "file": lambda scene, number: file_name(scene),
}
"""What can stand in braces in the label of a kind."""


class Names(Mapping[str, str]):
    """The names that belong to one address, each made when it is asked for."""

    def __init__(self, scene: Scene, number: Number) -> None:
        self._scene, self._number = scene, number

    def __getitem__(self, key: str) -> str:
        return NAMES[key](self._scene, self._number)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

"""Which engine a run gets."""

import pytest

from simulator.engines import ENGINES, choose
from simulator.errors import ConfigError
from simulator.spec import LayerSpec, NetworkSpec


def network(*sizes: int) -> NetworkSpec:
    return NetworkSpec(sizes[0], tuple(LayerSpec(units) for units in sizes[1:-1]), sizes[-1])


@pytest.mark.parametrize(
    ("sizes", "name"),
    [
        ((4, 8, 8, 3), "compiled"),
        ((4, 3), "compiled"),
        ((784, 256, 128, 10), "compiled"),
        ((28, 64, 64, 1), "compiled"),
        ((784, 1275, 10), "compiled"),
        ((784, 1276, 10), "blas"),
        ((784, 2048, 2048, 10), "blas"),
        ((1_000_000, 1), "blas"),
    ],
)
def test_the_largest_layer_decides_between_the_kernel_and_blas(sizes, name):
    assert choose("auto", network(*sizes)).name == name


def test_on_a_device_the_cuda_engine_runs_and_array_code_where_somebody_names_it():
    assert choose("auto", network(4, 8, 3), "cuda:0").name == "cuda"
    assert choose("reference", network(4, 8, 3), "cuda:0").name == "reference"


@pytest.mark.parametrize("name", ENGINES)
def test_a_person_can_choose_otherwise(name):
    device = "cpu" if "cpu" in ENGINES[name].runs_on else "cuda:0"
    assert choose(name, network(784, 2048, 10), device).name == name


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="quick") as caught:
        choose("quick", network(4, 3))
    assert "compiled" in caught.value.hint

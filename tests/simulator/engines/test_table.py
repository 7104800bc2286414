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


@pytest.mark.parametrize("sizes", [(4, 8, 3), (784, 2048, 2048, 10)])
def test_on_a_gpu_the_engine_for_gpus_runs(sizes):
    assert choose("auto", network(*sizes), "cuda:1").name == "cuda"


@pytest.mark.parametrize("name", ENGINES)
def test_a_person_can_choose_otherwise_where_the_engine_runs(name):
    for kind, device in (("cpu", "cpu"), ("cuda", "cuda:0")):
        if kind in ENGINES[name].runs_on:
            assert choose(name, network(784, 2048, 10), device).name == name
        else:
            with pytest.raises(ConfigError, match=f"does not run on {device}") as caught:
                choose(name, network(784, 2048, 10), device)
            assert "reference" in caught.value.hint
    assert choose(name, network(4, 3), None).name == name


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="quick") as caught:
        choose("quick", network(4, 3))
    assert "compiled" in caught.value.hint

"""All that decides about bits is named."""

import platform

import numpy as np
import pytest

from simulator.training.conditions import conditions


def test_what_was_chosen_and_what_the_machine_is_are_named():
    found = conditions("compiled", "cpu", "float64", 3)
    assert (found["engine"], found["device"], found["number format"], found["threads"]) == (
        "compiled", "cpu", "float64", "3",
    )  # fmt: skip
    assert found["numpy"] == np.__version__
    assert found["python"] == platform.python_version()
    assert found["processor"]
    assert found["blas"]
    assert len(found["engines"]) == 16
    assert all(isinstance(value, str) for value in found.values())
    assert conditions("compiled", "cpu", "float64", 3) == found


@pytest.mark.gpu
def test_a_device_is_named_with_its_software():
    found = conditions("reference", "cuda:0", "float32", 1)
    assert found["gpu"]
    assert found["cupy"][0].isdigit()
    assert found["cuda"].isdigit()

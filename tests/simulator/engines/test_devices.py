"""Devices that are missing, with stand-ins for CuPy: what cannot be used says why."""

import sys
import types

import numpy as np
import pytest

from simulator.engines import devices
from simulator.errors import ConfigError, DeviceError


def stand_in(count: int = 0, error: str = "") -> types.ModuleType:
    """Return a module that answers like CuPy on a machine with so many devices, or with this error."""
    cupy = types.ModuleType("cupy")
    cupy.__version__ = "14.0.0"

    def get_device_count() -> int:
        if error:
            raise RuntimeError(error)
        return count

    cupy.cuda = types.SimpleNamespace(runtime=types.SimpleNamespace(getDeviceCount=get_device_count))
    return cupy


def test_the_cpu_needs_no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert devices.resolve("cpu") == devices.resolve("auto") == "cpu"
    assert devices.array_library("cpu") is np


def test_without_cupy_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(DeviceError, match="CuPy") as caught:
        devices.resolve("cuda")
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize(
    ("cupy", "says"),
    [
        (stand_in(0), "no CUDA device"),
        (stand_in(error="cudaErrorNoDevice: no CUDA-capable device is detected"), "no CUDA device"),
        (stand_in(error="cudaErrorInsufficientDriver: CUDA driver version is insufficient"), "driver"),
        (stand_in(error="cudaErrorUnknown: unknown error"), "cudaErrorUnknown"),
    ],
)
def test_a_device_that_cannot_be_used_says_why(monkeypatch, cupy, says):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    with pytest.raises(DeviceError, match=says) as caught:
        devices.resolve("cuda")
    assert "--device cpu" in caught.value.hint


def test_a_device_number_beyond_the_last_is_refused_and_the_numbers_there_are_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", stand_in(2))
    assert devices.resolve("cuda") == "cuda:0"
    assert devices.resolve("cuda:1") == "cuda:1"
    with pytest.raises(DeviceError, match="device 2") as caught:
        devices.resolve("cuda:2")
    assert "cuda:0 to cuda:1" in caught.value.hint


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "", "CUDA"])
def test_a_name_that_is_no_device_is_refused(name):
    with pytest.raises(ConfigError, match="no device called"):
        devices.resolve(name)


@pytest.mark.gpu
def test_a_real_device_is_found_and_adds_up():
    cupy = devices.array_library(devices.resolve("cuda"))
    assert devices.to_host(cupy.ones(3) * 2).tolist() == [2, 2, 2]

"""What there is to compute on, with stand-ins for what is missing: what cannot be used says why."""

import subprocess
import sys

import numpy as np
import pytest

from simulator.engines import devices
from simulator.errors import ConfigError, DeviceError


@pytest.fixture
def without_cupy(monkeypatch):
    monkeypatch.setattr(devices, "driver", None)
    monkeypatch.setitem(sys.modules, "cupy", None)


def test_the_cpu_needs_no_cupy(without_cupy):
    assert devices.resolve("cpu") == "cpu"
    assert devices.array_library("cpu") is np


def test_without_cupy_the_command_that_installs_it_is_named(without_cupy):
    found = devices.survey()
    assert found.devices == ()
    assert "CuPy" in found.trouble
    assert "pip install" in found.hint
    with pytest.raises(DeviceError, match="CuPy") as caught:
        devices.resolve("cuda")
    assert (caught.value.message, caught.value.hint) == (found.trouble, found.hint)


def test_nothing_asks_for_cupy_before_somebody_asks_for_a_device_nor_for_numba_before_a_session_begins():
    code = (
        "import sys; from simulator.training.session import Session; assert 'numba' not in sys.modules; "
        "from simulator.data import open_dataset; Session(open_dataset('penguins')); "
        "assert not {'cupy', 'simulator.engines.cuda.cupy_driver'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_error_of_the_driver_is_told_as_it_is(pretend_devices):
    error = DeviceError("the NVIDIA driver knows CUDA 11.0", "Update it.")
    pretend_devices(error=error)
    assert devices.survey() == devices.Survey((), "the NVIDIA driver knows CUDA 11.0", "Update it.")
    with pytest.raises(DeviceError, match=r"CUDA 11\.0"):
        devices.resolve("cuda:0")


def test_a_device_number_beyond_the_last_is_refused_and_the_numbers_there_are_are_named(pretend_devices):
    pretend_devices(2)
    assert devices.resolve("cuda") == "cuda:0"
    assert devices.resolve("cuda:1") == "cuda:1"
    assert [each.name for each in devices.survey().devices] == ["cuda:0", "cuda:1"]
    with pytest.raises(DeviceError, match="device 2") as caught:
        devices.resolve("cuda:2")
    assert "cuda:0 to cuda:1" in caught.value.hint


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "", "CUDA", "auto"])
def test_a_name_that_is_no_device_is_refused(name):
    with pytest.raises(ConfigError, match="no device called"):
        devices.resolve(name)


def test_a_limit_of_memory_holds_for_machines_that_are_open_and_for_later_ones(pretend_devices, monkeypatch):
    pretend_devices(2)
    monkeypatch.setattr(devices, "_limit", None)
    before = devices.open_machine("cuda:0")
    assert before.limit is devices.memory_limit() is None
    devices.limit_memory(3_000_000)
    assert (before.limit, devices.open_machine("cuda:1").limit, devices.memory_limit()) == (3_000_000,) * 3
    devices.limit_memory(None)
    assert before.limit is None
    with pytest.raises(ConfigError):
        devices.limit_memory(0)


@pytest.mark.gpu
def test_a_real_device_is_found_and_adds_up():
    cupy = devices.array_library(devices.resolve("cuda"))
    assert devices.to_host(cupy.ones(3) * 2).tolist() == [2, 2, 2]

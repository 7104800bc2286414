"""How the tests run."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Compiled once, beside the sources: several processes read all the tests, and many tests start programs of their own.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine may take its time over an example. Half as many of them as usual keep the suite short; CI asks for all.
settings.register_profile("brief", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))


@pytest.hookimpl
def pytest_xdist_auto_num_workers(config) -> int:
    """Return how many tests run at a time: many wait for a window or a process, so one more than there are cores."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Begin to compile what the tests run, where several processes are about to run all of them."""
    several = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if several and not config.option.collectonly and config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        ahead = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("compiling_ahead.py")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        config.add_cleanup(ahead.wait)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a device where there is none, and say why there is none."""
    if item.get_closest_marker("gpu") is not None and (trouble := _without_device()):
        pytest.skip(f"needs a CUDA device: {trouble}")


@functools.cache
def _without_device() -> str:
    from simulator.engines import devices  # CuPy is imported only where somebody asks for these tests

    return devices.survey().trouble


@pytest.fixture
def host_gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Return a driver whose devices "cuda:0" … are this processor: the CUDA program is compiled for it and runs.

    Parametrised indirectly it takes the settings of `HostDriver`: `count`, `total`, `ahead`, `backwards`. How fast it
    is is not measured, which takes seconds, but said: slower for small networks, faster for large ones.
    """
    machine = pytest.importorskip("host_machine", reason="processes share compiled programs by locks of POSIX")
    if machine.compiler() is None:
        pytest.skip("needs g++")
    from simulator.engines import devices, speeds

    processor, device = speeds.Speed((1e-6, 5e-4, 0.2)), speeds.Speed((1e-5, 1e-4, 1e-3))
    monkeypatch.setattr(
        speeds, "measured", lambda there, *_: {devices.CPU: processor, **{each.name: device for each in there}}
    )
    driver = machine.HostDriver(**getattr(request, "param", {}))
    monkeypatch.setattr(devices, "driver", driver)
    return driver


@pytest.fixture
def pretend_devices(monkeypatch: pytest.MonkeyPatch):
    """Return a function that lets so many devices be there that can be listed and compute nothing, or an error."""
    from simulator.engines import devices
    from simulator.engines.cuda.machine import Device, Driver

    class Nothing:
        limit: int | None = None

    class Pretended(Driver):
        def __init__(self, count: int, error: Exception | None) -> None:
            self._count, self._error = count, error

        def devices(self):
            if self._error is not None:
                raise self._error
            names = (f"cuda:{number}" for number in range(self._count))
            return tuple(Device(name, "Model T", 8_000_000_000, 7_000_000_000, "13.0", "9.0") for name in names)

        def open(self, number: int):
            return Nothing()

    def pretend(count: int = 0, error: Exception | None = None) -> None:
        monkeypatch.setattr(devices, "driver", Pretended(count, error))

    return pretend

"""How the tests run."""

import functools
import os
import sys

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

    Parametrised indirectly it takes the settings of `HostDriver`: `count`, `total`, `ahead`, `backwards`.
    """
    machine = pytest.importorskip("host_machine", reason="processes share compiled programs by locks of POSIX")
    if machine.compiler() is None:
        pytest.skip("needs g++")
    from simulator.engines import devices

    driver = machine.HostDriver(**getattr(request, "param", {}))
    monkeypatch.setattr(devices, "driver", driver)
    return driver

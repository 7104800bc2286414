"""What is said about a driver and CuPy fits the computer: which extra, and where a driver comes from."""

import ctypes
import platform
import sys
import types

import pytest
from cupy_on_host import Stand

from simulator.engines.cuda import cupy_errors, system_driver


def library(number: int, status: int = 0) -> types.SimpleNamespace:
    def tell(pointer):
        pointer._obj.value = number
        return status

    return types.SimpleNamespace(cuDriverGetVersion=tell)


@pytest.fixture
def driver(monkeypatch):
    """Let the driver's library be this one, or one that cannot be loaded."""

    def put(found) -> None:
        def load(name):
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(ctypes, "CDLL", load)

    return put


@pytest.mark.parametrize(
    ("found", "known"),
    [(library(12040), 12040), (library(13000), 13000), (library(0), None), (library(13000, 34), None),
     (OSError("no such file"), None), (types.SimpleNamespace(), None)],
)  # fmt: skip
def test_the_driver_is_asked_without_cupy(driver, found, known):
    driver(found)
    assert system_driver.known_cuda() == known


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (library(13010), ["The driver knows CUDA 13.1", 'pip install "nodeglow[cuda13]"']),
        (library(12040), ["The driver knows CUDA 12.4", 'pip install "nodeglow[cuda12]"']),
        (library(11080), ["CUDA 11.8, which is too old: update it", 'pip install "nodeglow[cuda13]"']),
        (OSError(), ["No NVIDIA driver is found either", "Where there is an NVIDIA GPU", "then install CuPy"]),
    ],
)
def test_the_extra_that_is_named_fits_the_driver(driver, monkeypatch, found, words):
    monkeypatch.setattr(sys, "platform", "linux")
    driver(found)
    error = cupy_errors.not_installed()
    assert error.message == "CUDA needs the package CuPy, which is not installed"
    for word in (*words, ", or use --device cpu."):
        assert word in error.hint
    assert error.hint.count("pip install") == 1


def test_where_cuda_does_not_exist_nothing_is_to_be_installed(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    error = cupy_errors.not_installed()
    assert (error.message, error.hint) == ("there is no CUDA for macOS", "Use --device cpu.")


@pytest.mark.parametrize(
    ("system", "release", "container", "says"),
    [
        ("win32", "11", "", "nvidia.com/drivers"),
        ("linux", "6.6.87-microsoft-standard-WSL2", "/.dockerenv", "in Windows, not in WSL"),
        ("linux", "6.12.0", "/run/.containerenv", "--gpus all"),
        ("linux", "6.12.0", "", "Debian: the package nvidia-driver"),
    ],
)
def test_a_driver_is_installed_as_the_system_wants_it(monkeypatch, tmp_path, system, release, container, says):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "release", lambda: release)
    (tmp_path / "mark").touch()
    monkeypatch.setattr(system_driver, "_CONTAINERS", (str(tmp_path / ("mark" if container else "none")),))
    assert says in system_driver.installing()


@pytest.mark.parametrize(
    ("known", "wanted", "two_ways"), [(12080, 13000, True), (11080, 13000, False), (11080, 12090, False)]
)
def test_cupy_for_an_older_cuda_is_offered_where_there_is_one(known, wanted, two_ways):
    cupy = Stand(count=1).module
    cupy.cuda.runtime.driverGetVersion = lambda: known
    cupy.cuda.runtime.runtimeGetVersion = lambda: wanted
    hint = cupy_errors.unusable(RuntimeError("cudaErrorInsufficientDriver"), cupy).hint
    assert hint.startswith("Update the driver")
    # Two packages of CuPy in one place break each other.
    assert ('pip uninstall cupy-cuda13x, then: pip install "nodeglow[cuda12]"' in hint) == two_ways

"""Kernels are compiled by one of the processes that run the tests; the others wait for them and do not do it too."""

import contextlib
import sqlite3

import pytest

from simulator.engines import preparing
from simulator.progress import Progress

DTYPES = ("float32", "float64")


def _engine_of(request: pytest.FixtureRequest) -> str | None:
    case = getattr(request.node, "callspec", None)
    return case.params.get("engine_name") if case else None


@pytest.fixture(autouse=True)
def _device(request: pytest.FixtureRequest) -> None:
    """Let this processor be the device "cuda:0", where a test of the CUDA engine does not ask for a real one."""
    if _engine_of(request) == "cuda" and request.node.get_closest_marker("gpu") is None:
        request.getfixturevalue("host_gpu")


@pytest.fixture(autouse=True)
def _compiled_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = _engine_of(request)
    if engine not in preparing.KERNELS or all(preparing.ready(engine, dtype) for dtype in DTYPES):
        return
    # A data base is a lock that every system has, and that ends with whoever holds it.
    place = tmp_path_factory.getbasetemp().parent / f"kernels-{engine}.lock"
    with contextlib.closing(sqlite3.connect(place, timeout=100.0, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        for dtype in DTYPES:
            preparing.request(engine, dtype)
        for dtype in DTYPES:
            preparing.wait(engine, dtype, Progress())

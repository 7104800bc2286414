"""How the tests run."""

import os

import pytest


@pytest.hookimpl
def pytest_xdist_auto_num_workers(config) -> int:
    """Return how many tests run at a time: many wait for a window or a process, so one more than there are cores."""
    return (os.cpu_count() or 1) + 1

"""How the tests run."""

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

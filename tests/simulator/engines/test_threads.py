import threading
import time

import numpy as np

from simulator.engines import threads
from simulator.engines.threads import available, blas_threads


def numbers() -> set[int]:
    """Return how many threads there are, in a block that holds them; a library that SciPy brought later is not ours."""
    np.ones((2, 2)) @ np.ones((2, 2))
    assert threads._pools is not None
    return {library.num_threads for library in threads._pools.lib_controllers if library.user_api == "blas"}


def test_the_number_holds_while_the_block_runs():
    for number in (1, 2, 1):
        with blas_threads(number):
            assert numbers() == {number}


def test_who_wants_another_number_waits_and_who_wants_the_same_goes_in():
    seen: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def hold(number: int, name: str) -> None:
        with blas_threads(number):
            seen.append(f"{name} in with {numbers()}")
            if name == "first":
                inside.set()
                leave.wait(10)
        seen.append(f"{name} out")

    first = threading.Thread(target=hold, args=(1, "first"))
    first.start()
    inside.wait(10)
    other = threading.Thread(target=hold, args=(2, "other"))
    other.start()
    hold(1, "same")
    time.sleep(0.05)
    assert seen == ["first in with {1}", "same in with {1}", "same out"]
    leave.set()
    first.join(10)
    other.join(10)
    assert "other in with {2}" in seen
    assert seen.index("other in with {2}") > 2


def test_at_least_one_core_is_available():
    assert available() >= 1

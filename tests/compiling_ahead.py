"""Compiles what tests run, while they are still collected and later beside them: they would all wait for the same."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "cuda_on_host"))

from simulator.engines import preparing
from simulator.progress import Progress

FORMATS = "float32", "float64"


def main() -> None:
    preparing.wait("compiled", "float32", Progress())  # what every window trains with
    if sys.platform == "linux":
        import host_machine

        if host_machine.compiler() is not None:
            for dtype in FORMATS:
                host_machine._program(dtype)
    for engine in preparing.KERNELS:
        for dtype in FORMATS:
            preparing.wait(engine, dtype, Progress())


if __name__ == "__main__":
    main()

"""What the engines are compared with: a table of libraries, and of the limit."""

import dataclasses
import importlib.util

from simulator.benchmarks import jax_scan, products, scikit_learn, torch_loop
from simulator.benchmarks.contestants import Contestant, Prepare
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.errors import SimulatorError


@dataclasses.dataclass(frozen=True)
class Rival:
    """A row of the table of rivals.

    Attributes
    ----------
    make
        Makes a contestant; imports the library.
    module
        What is imported; empty where nothing but NumPy is needed.
    package
        What pip installs.
    """

    make: Prepare
    module: str = ""
    package: str = ""

    def missing(self) -> str | None:
        """Return what is missing and how it is installed, without importing it; None when it is there."""
        if not self.module or importlib.util.find_spec(self.module) is not None:
            return None
        return f"{self.package} is not installed (pip install {self.package})"

    def prepare(self, workload: Workload, data: TrainingData, threads: int) -> Contestant:
        """Make a contestant for a workload, its rows and a number of threads.

        Raises
        ------
        SimulatorError
            When the library is missing or cannot be loaded, or does not take this workload.
        """
        reason = self.missing()
        if reason is not None:
            raise SimulatorError(reason)
        try:
            return self.make(workload, data, threads)
        except (ImportError, OSError) as error:
            raise SimulatorError(f"{self.package} cannot be loaded: {error}", "Install it again.") from error


RIVALS: dict[str, Rival] = {
    "torch": Rival(torch_loop.prepare, "torch", "torch"),
    "scikit-learn": Rival(scikit_learn.prepare, "sklearn", "scikit-learn"),
    "jax": Rival(jax_scan.prepare, "jax", "jax"),
    "products": Rival(products.prepare),
}
"""Every rival by its name; `products` is no library but only the matrix products of the same shapes by BLAS."""

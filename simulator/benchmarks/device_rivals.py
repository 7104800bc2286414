"""What the CUDA engine is compared with on the same device: a table of the ways in which PyTorch trains there."""

import contextlib
import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Generator
from typing import Any

from simulator.benchmarks import torch_compiled, torch_graphs, torch_loop
from simulator.benchmarks.contestants import Contestant, Prepare
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.errors import SimulatorError
from simulator.progress import Cancelled


@dataclasses.dataclass(frozen=True)
class DeviceRival:
    """A row of the table.

    Attributes
    ----------
    title
        What it is, in words.
    make
        Makes a contestant of a workload, its rows and a device ("cuda:0").
    lacking
        Returns what it lacks on this computer, and how that is had; empty when nothing. It imports the library.
    """

    title: str
    make: Callable[[Workload, TrainingData, str], Contestant]
    lacking: Callable[[], str]

    def on(self, device: str) -> Prepare:
        """Return what makes a contestant on a device.

        Whatever goes wrong in the library, then or in a turn, is told as a `SimulatorError`: the others go on.
        """

        def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
            del threads  # the device computes
            lacking = self.lacking()
            if lacking:
                raise SimulatorError(lacking)
            with _told():
                made = self.make(workload, data, device)
            return Contestant(_telling(made.start), _telling(made.run))

        return prepare


def _telling(do: Callable[..., Any]) -> Callable[..., Any]:
    def done(*arguments: Any) -> Any:
        with _told():
            return do(*arguments)

    return done


@contextlib.contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except (SimulatorError, Cancelled):
        raise
    except Exception as error:  # the library's own kinds are not known here, and there are many
        said = [line for line in str(error).splitlines() if line.strip()] or ["without a word"]
        raise SimulatorError(f"it failed with {type(error).__name__}: {said[0].strip()}") from error


def _without_torch() -> str:
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed (pip install torch)"
    try:
        torch: Any = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        return f"PyTorch cannot be loaded: {error}"
    if torch.version.cuda is None:
        return f"this PyTorch ({torch.__version__}) has no CUDA (pip install torch --index-url of a CUDA build)"
    return "" if torch.cuda.is_available() else f"this PyTorch ({torch.__version__}) finds no CUDA device"


def _without_compiler() -> str:
    lacking = _without_torch()
    if not lacking and importlib.util.find_spec("triton") is None:
        return "torch.compile needs Triton, which is not installed (pip install triton)"
    return lacking


EAGER, COMPILED, GRAPHS = "torch-eager", "torch-compiled", "torch-graphs"

DEVICE_RIVALS: dict[str, DeviceRival] = {
    EAGER: DeviceRival("PyTorch, eager", torch_loop.on_device, _without_torch),
    COMPILED: DeviceRival(
        f'PyTorch, torch.compile in mode "{torch_compiled.MODE}"', torch_compiled.on_device, _without_compiler
    ),
    GRAPHS: DeviceRival("PyTorch, a whole update as a CUDA graph", torch_graphs.on_device, _without_torch),
}
"""Every rival on a device by its name. All have the rows on the device and draw their order there; none rounds to TF32;
the optimizers are PyTorch's fused ones; nothing waits for the device before a turn ends."""

"""PyTorch with `torch.compile` in its mode "reduce-overhead": fused kernels, and CUDA graphs of them.

That mode is for models whose kernels are so short that launching them takes longer, as it is for all but one of the
workloads; "max-autotune" adds a choice among matrix products, and takes minutes for it.
"""

import warnings
from typing import Any

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.torch_loop import looping
from simulator.benchmarks.torch_task import Task
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData

MODE = "reduce-overhead"
_WARM_UP = 3
"""The first call of a size compiles, the second one records a graph, from the third one on it is played."""


def on_device(workload: Workload, data: TrainingData, device: str) -> Contestant:
    """Make ready a loop whose loss and derivatives are compiled, gathering the rows included; compiles at once.

    The last batch of an epoch is smaller: each of the two sizes has kernels of its own.

    Raises
    ------
    ConfigError
        When the workload has a part that this loop does not know.
    """
    task = Task(workload, data, device)
    compiled: Any = task.torch.compile(task.module, mode=MODE, dynamic=False)

    def batch_loss(rows: Any) -> Any:
        # What the last step left in the graphs' memory is not needed any more.
        task.torch.compiler.cudagraph_mark_step_begin()
        return compiled(rows)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather round to TF32, and says so
        for _ in range(_WARM_UP):
            for size in task.batches():
                batch_loss(task.places(size)).backward()
                task.module.zero_grad(set_to_none=True)
    return looping(task, batch_loss)

"""PyTorch as its textbooks have it: eager, a loop over index batches, the loss read at the end."""

from collections.abc import Callable
from typing import Any

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.torch_task import Task
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData


def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
    """Make ready the loop on the processor.

    Raises
    ------
    ConfigError
        When the workload has a part that this loop does not know.
    """
    task = Task(workload, data)
    task.torch.set_num_threads(threads)
    return looping(task, task.module)


def on_device(workload: Workload, data: TrainingData, device: str) -> Contestant:
    """Make ready the loop on a device, where the rows and their order are.

    Raises
    ------
    ConfigError
        When the workload has a part that this loop does not know.
    """
    task = Task(workload, data, device)
    return looping(task, task.module)


def looping(task: Task, batch_loss: Callable[[Any], Any]) -> Contestant:
    """Return a loop of updates, each of them a loss, its derivatives, and a step of the optimizer.

    Parameters
    ----------
    batch_loss
        The task's module, or what was made of it: maps the numbers of rows to their mean loss.
    """
    total, optimizer = task.number(), task.optimizer()

    def update(rows: Any) -> None:
        loss = batch_loss(rows)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total.add_(loss.detach(), alpha=len(rows))

    return Contestant(lambda: task.begin_again(optimizer), lambda epochs: task.run(epochs, total, update))

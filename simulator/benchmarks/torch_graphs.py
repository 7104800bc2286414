"""PyTorch with CUDA graphs: a whole update (gathering, forward, loss, backward, optimizer) is captured and replayed.

The recipe is that of PyTorch's notes on CUDA semantics, "Whole-network capture": warm up on a side stream, forget the
gradients so that the backward pass makes them in the graph's own memory, capture, and before every replay fill the
input, which is here the numbers of the batch's rows. An epoch's last batch is smaller and has a graph of its own.
"""

import warnings
from collections.abc import Callable
from typing import Any

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.torch_task import Task
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData

_WARM_UP = 3


def on_device(workload: Workload, data: TrainingData, device: str) -> Contestant:
    """Make ready the graphs of a whole update, one for every size of batch.

    Raises
    ------
    ConfigError
        When the workload has a part that this loop does not know.
    """
    task = Task(workload, data, device)
    with task.torch.cuda.device(device), warnings.catch_warnings():
        # An optimizer that can be captured warns when it steps without, as it must do to warm up.
        warnings.simplefilter("ignore")
        updates = Updates(task)
        replays = {size: _captured(task.torch, updates, task.places(size)) for size in task.batches()}
    updates.start()
    return Contestant(
        updates.start, lambda epochs: task.run(epochs, updates.total, lambda rows: replays[len(rows)](rows))
    )


class Updates:
    """Updates of one model by one optimizer, whose numbers stay where they are."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.optimizer = task.optimizer(captured=True)
        self.total = task.number()

    def start(self) -> None:
        """Go back to the start parameters and an empty memory."""
        self._task.begin_again(self.optimizer)

    def update(self, rows: Any) -> None:
        """Make one, with the rows of these numbers."""
        loss = self._task.module(rows)
        loss.backward()
        self.optimizer.step()
        self.total.add_(loss.detach(), alpha=len(rows))

    def forget(self) -> None:
        """Have no gradients, so that the next backward pass makes new ones."""
        self.optimizer.zero_grad(set_to_none=True)


def _captured(torch: Any, updates: Updates, rows: Any) -> Callable[[Any], None]:
    """Return what makes an update by replaying its graph; `rows` is where the graph reads the numbers of its rows."""
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(_WARM_UP):
            updates.forget()
            updates.update(rows)
    torch.cuda.current_stream().wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    updates.forget()
    with torch.cuda.graph(graph):
        updates.update(rows)

    def replay(chosen: Any) -> None:
        rows.copy_(chosen)
        graph.replay()

    return replay

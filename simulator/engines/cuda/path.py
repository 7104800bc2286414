"""How a run's work items are given to a machine: a way for small networks, another for large ones."""

import abc

from simulator.engines.cuda.layout import DeviceRows, Layout
from simulator.engines.cuda.machine import Machine, Reading
from simulator.spec import NetworkSpec, TrainingConfig


class Path(abc.ABC):
    """Gives work to a machine without waiting for any of it.

    Kernels read the moment from `Run` and move it on, item by item. Where `stopped` is set they do nothing, whatever
    was given; the kernel that finds a batch's loss not finite sets it, before anything of that update has been changed.

    Parameters
    ----------
    machine, layout
        The device, and the run on it. A path may fill the fields of `layout.layers` from "values" on, and
        `layout.run["work"]`; the engine sends them afterwards.
    rows
        The rows on the device.
    test_rows
        How many test rows there are.

    Raises
    ------
    DeviceMemoryError
        When there is no room for its workspace; nothing has changed then.
    """

    @abc.abstractmethod
    def __init__(self, machine: Machine, layout: Layout, rows: DeviceRows) -> None: ...

    @staticmethod
    @abc.abstractmethod
    def work_bytes(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int, rows: int) -> int:
        """Return how many bytes of workspace it takes for so many training and test rows."""

    @abc.abstractmethod
    def give(self, item: int, count: int) -> None:
        """Give `count` items of one epoch or several, from item `item` of the epoch where the run stands then.

        They span `layout.slots` epochs at most, and these epochs' row orders were written before.
        """

    @abc.abstractmethod
    def evaluate(self, split: str, first: int, rows: int) -> Reading:
        """Return the summed loss and the hits of rows of "train" (as they lie, in no order) or "test", (2,) float64."""

    def changed(self) -> None:  # noqa: B027 - most have nothing to keep
        """Hear that settings in `Run` may be others: what was taken down must be taken down again."""

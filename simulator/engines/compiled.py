"""Small and middle-sized networks on the CPU: one compiled kernel runs many batches and epochs at a time."""

from simulator.engines import preparing
from simulator.engines.layout import Layout
from simulator.engines.native import NativeEngine
from simulator.spec import NetworkSpec, TrainingConfig


class CompiledEngine(NativeEngine):
    """Runs the kernel of `kernels.py`, on one thread or several."""

    name = "compiled"

    def _laid_out(self, network: NetworkSpec, config: TrainingConfig) -> Layout:
        return Layout(network, config, self._data, self._threads)

    def _work(self, thread: int, epoch: int, item: int, limit: int) -> None:
        kernel, layout = preparing.kernel("advance", self._config.dtype), self._layout
        arrays = layout.whole, layout.real, layout.number, layout.index, *self._sets
        kernel(*arrays, thread, self._threads, epoch, item, limit)

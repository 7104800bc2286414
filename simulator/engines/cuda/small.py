"""Small and tabular networks: one launch does many work items, even many epochs (`kernels/small.cuh`).

What an update costs, estimated from counts and **not measured**, on a device with 132 multiprocessors at 1.7 GHz. A
product in shared memory reads four numbers of A at once for every four of B, so for 16 multiplications of each thread
8 accesses: at best 64 multiplications a cycle. A step that depends on another takes about 30 cycles, a meeting of
a block's threads about 40, one of all blocks about 1.5 µs, and 16 numbers that are asked for together 500 cycles from
the L2 cache.

* penguins, 4-8-8-3, batches of 10, one block of 128 threads: 10 × 139 × 3 ≈ 4,200 multiplications, 80 at a time, each
  phase some dependent steps. 9 meetings (rows, three layers, head, two layers back, gradient, update): 360 cycles; the
  phases 100 to 600 each, the head with its exponentials the longest. About 2,600 cycles: 1.5 µs.
* a million rows × 28 through 64-64-1, batches of 1024, 132 blocks with 7 or 8 rows each: 8 × 6,081 × 3 ≈ 146,000
  multiplications a block, 2,300 cycles at best and 3,500 with the steps between: 2 µs. The sum over 132 gradients, five
  threads a parameter: 1,000 cycles. The weights, fetched by each block, 24 kB: 2,000 cycles. Two meetings: 3 µs. The
  rows, sent for during the batch before: 0.5 µs. About 8 µs.
* digits, 64-128-64-10, batches of 32, 32 blocks with a row each: 52,000 multiplications a block, up to 16 threads each:
  1.5 µs; the sum over 32 gradients, three parameters a thread: 1 µs; 69 kB of weights: 1.5 µs; meetings: 3 µs. About
  8 µs.

A launch fetches and brings back the run in about 5 µs, and is as long as the engine's calls are: some milliseconds.
"""

import numpy as np

from simulator.engines.cuda.layout import DeviceRows, Layout, Room
from simulator.engines.cuda.machine import Machine, Reading
from simulator.engines.cuda.path import Path
from simulator.engines.cuda.tiling import PLAN_DTYPE, STEP_DTYPE, Tiling, most_blocks, tiling
from simulator.spec import NetworkSpec, TrainingConfig


def _room(network: NetworkSpec, dtype: str, division: Tiling) -> Room:
    room = Room()
    for kernel in ("items", "rows"):  # each has another number of blocks
        room.take(f"{kernel}_meeting", 8)
        room.take(f"{kernel}_figures", 8 * 2 * 4 * int(division.plan["blocks"][0]))
        room.take(f"{kernel}_plan", PLAN_DTYPE.itemsize)
    room.take("steps", STEP_DTYPE.itemsize * len(network.shapes))
    alone_here = division.blocks == 1 and division.plan["gradient"][0] > 0
    parts = 0 if alone_here else division.blocks * network.parameter_count
    room.take("parts", parts * np.dtype(dtype).itemsize)
    return room


class SmallPath(Path):
    """Gives spans of items to the persistent kernel."""

    def __init__(self, machine: Machine, layout: Layout, rows: DeviceRows) -> None:
        self._machine, self._layout = machine, layout
        division = self._divided()
        self._room = _room(layout.network, layout.config.dtype, division)
        self._block = machine.allocate(self._room.size)
        for kernel in ("items", "rows"):
            machine.clear(self._at(f"{kernel}_meeting"), 8)
        self._division = division
        self.changed()

    @staticmethod
    def work_bytes(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int, rows: int) -> int:
        division = tiling(machine, network, config, train_rows, rows)
        assert division is not None
        return _room(network, config.dtype, division).size

    def changed(self) -> None:
        division, layout = self._divided(), self._layout
        self._division = division
        division.steps["activation"] = layout.layers["activation"]
        for kernel in ("items", "rows"):
            plan = division.plan.copy()
            plan["meeting"], plan["figures"] = self._at(f"{kernel}_meeting"), self._at(f"{kernel}_figures")
            plan["parts"] = self._at("parts")
            self._machine.write(self._at(f"{kernel}_plan"), plan.view(np.uint8))
        self._machine.write(self._at("steps"), division.steps.view(np.uint8))

    def give(self, item: int, count: int) -> None:
        division = self._division
        arguments = self._layout.address, self._at("items_plan"), self._at("steps"), count
        self._launch("small_items", division.blocks, arguments)

    def evaluate(self, split: str, first: int, rows: int) -> Reading:
        blocks = max(1, min(most_blocks(self._machine), rows * self._layout.network.parameter_count // 16384))
        test = int(split == "test")
        arguments = self._layout.address, self._at("rows_plan"), self._at("steps"), test, first, rows
        self._launch("small_rows", blocks, arguments)
        return self._machine.read(self._layout.at("result"), np.float64, (2,))

    def _launch(self, kernel: str, blocks: int, arguments: tuple[int, ...]) -> None:
        division, dtype = self._division, self._layout.config.dtype
        together = blocks > 1
        self._machine.launch(kernel, dtype, blocks, division.threads, arguments, division.shared, together)

    def _divided(self) -> Tiling:
        layout, run = self._layout, self._layout.run[0]
        counts = int(run["train_rows"]), int(run["test_rows"])
        division = tiling(self._machine, layout.network, layout.config, *counts)
        assert division is not None
        return division

    def _at(self, name: str) -> int:
        return self._block.address + self._room.places[name]

"""Host and kernels mean the same places, and the small path's division of a run fits any device."""

import ctypes
import itertools
import shutil
import subprocess
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engines import TrainingData, preparing
from simulator.engines.cuda import orders, structs, tiling
from simulator.engines.cuda.choosing import path_for
from simulator.engines.definitions import FACTORS, HEADS, UPDATES, loss_setting_names, setting_names, update
from simulator.nn import random
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

STRUCTS = {
    "Run": structs.RUN_DTYPE, "Layer": structs.LAYER_DTYPE, "Plan": tiling.PLAN_DTYPE, "Step": tiling.STEP_DTYPE,
}  # fmt: skip
LARGE = types.SimpleNamespace(multiprocessors=132, shared_bytes=227 << 10, most_threads=1024, cooperates=True)


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
@pytest.mark.parametrize("number", ["float", "double"])
def test_the_compiler_puts_every_field_where_numpy_does(tmp_path, number):
    wanted = [dtype.fields[name][1] for dtype in STRUCTS.values() for name in dtype.names]
    wanted += [dtype.itemsize for dtype in STRUCTS.values()]
    offsets = [f"offsetof({struct}, {name})" for struct, dtype in STRUCTS.items() for name in dtype.names]
    offsets += [f"sizeof({struct})" for struct in STRUCTS]
    text = "\n".join(
        [
            "#include <cstddef>",
            f"typedef {number} Number;",
            structs.declarations(),
            tiling.declarations(),
            f'extern "C" unsigned long long offsets[] = {{{", ".join(offsets)}}};',
        ]
    )
    source, library = tmp_path / "structs.cpp", tmp_path / "structs.so"
    source.write_text(text, "utf-8")
    subprocess.run(["g++", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    found = (ctypes.c_uint64 * len(wanted)).in_dll(ctypes.CDLL(str(library)), "offsets")
    assert list(found) == wanted


def test_there_is_room_for_what_every_row_of_the_tables_has():
    assert max(len(update(variant).coefficients) for variant in UPDATES) <= structs.COEFFICIENTS
    assert max(len(row.scalars) for row in OPTIMIZERS.values()) <= structs.SCALARS
    settings = [setting_names(variant) for variant in UPDATES + FACTORS] + [
        loss_setting_names(loss) for loss, _ in HEADS
    ]
    assert max(map(len, settings)) <= structs.SETTINGS


@given(st.integers(1, 60_000), st.integers(0, 2**32 - 1))
def test_a_kernel_divides_exactly_by_the_upper_word_of_a_product(divisor, number):
    dividend = number % (2**32 // divisor)
    by = tiling.reciprocal(divisor)
    assert (dividend * by >> 32 if by else dividend) == dividend // divisor


@st.composite
def runs(draw: st.DrawFn) -> tuple[NetworkSpec, TrainingConfig, int, int]:
    widths = st.integers(1, 200)
    hidden = st.builds(LayerSpec, widths)
    config = TrainingConfig(
        optimizer=Rule(draw(st.sampled_from(sorted(OPTIMIZERS)))),
        batch_size=draw(st.integers(1, 3000)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )
    network = NetworkSpec(draw(widths), tuple(draw(st.lists(hidden, max_size=5))), draw(widths))
    return network, config, draw(st.integers(1, 5000)), draw(st.integers(0, 5000))


@given(runs(), st.sampled_from([48 << 10, 99 << 10, 227 << 10]), st.sampled_from([1, 3, 132]))
def test_nothing_in_a_blocks_shared_memory_overlaps_and_all_of_it_fits(run, shared, multiprocessors):
    network, config, train_rows, test_rows = run
    machine = types.SimpleNamespace(
        multiprocessors=multiprocessors, shared_bytes=shared, most_threads=1024, cooperates=True
    )
    found = tiling.tiling(machine, network, config, train_rows, test_rows)
    if found is None:
        weights = sum((a + 1) * tiling.odd(b) for a, b in network.shapes) * np.dtype(config.dtype).itemsize
        assert weights > shared / 4
        return
    assert found.shared <= shared
    assert 1 <= found.blocks <= multiprocessors
    assert found.threads in (32, 64, 128, 256)
    plan, size = found.plan[0], np.dtype(config.dtype).itemsize
    rows, steps = int(plan["rows"]), found.steps
    pieces = [(0, int(steps["in_pitch"][0]))]
    pieces += [(int(step[name]), int(step["out_pitch"])) for step in steps for name in ("out", "delta")]
    taken = np.zeros((found.shared - int(plan["tile"])) // size, dtype=int)
    for begin, pitch in [*pieces, (int(plan["targets"]), network.outputs)]:
        assert begin + rows * pitch <= len(taken)
        taken[begin : begin + rows * pitch] += 1
    assert taken.max() == 1
    lengths = {"weights": int(steps["weight"][-1]) + (network.shapes[-1][0] + 1) * int(steps["pitch"][-1])}
    if plan["gradient"]:
        lengths["gradient"] = network.parameter_count
    if plan["memory"]:
        lengths["memory"] = int(plan["share"]) * len(OPTIMIZERS[config.optimizer.name].memory)
    places = sorted((int(plan[name]), int(plan[name]) + length * size) for name, length in lengths.items())
    places.append((int(plan["tile"]), found.shared))
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(places))


@pytest.mark.parametrize(
    ("sizes", "batch_size", "blocks", "rows", "threads"),
    [
        ((4, 8, 8, 3), 10, 1, 10, 128),
        ((28, 64, 64, 1), 1024, 132, 8, 256),
        ((64, 128, 64, 10), 32, 32, 1, 256),
    ],
    ids=["penguins", "a million rows", "digits"],
)
def test_the_networks_of_the_benchmarks_are_divided_as_estimated(sizes, batch_size, blocks, rows, threads):
    inputs, *hidden, outputs = sizes
    network = NetworkSpec(inputs, tuple(LayerSpec(units) for units in hidden), outputs, "softmax")
    config = TrainingConfig(batch_size=batch_size)
    found = tiling.tiling(LARGE, network, config, 10_000, 0)
    assert (found.blocks, int(found.plan["rows"][0]), found.threads) == (blocks, rows, threads)
    assert found.plan["memory"][0] > 0
    assert path_for(LARGE, network, config, 10_000).__name__ == "SmallPath"


@pytest.mark.parametrize("engine_name", ["cuda"])
@pytest.mark.parametrize("seed", [0, 2**32 + 5, 2**64 - 1])
def test_the_compiled_shuffle_is_the_definitions(engine_name, seed):
    data = TrainingData(np.zeros((37, 1)), np.zeros((37, 1)), np.zeros((0, 1)), np.zeros((0, 1)), False)
    preparing.wait(engine_name, "float32", Progress())
    found = orders.Orders(data, seed, "float32").draw(69_999, 3)
    assert found.dtype == np.int32
    wanted = [random.permutation(seed, random.ORDER, epoch + 1, 37) for epoch in (69_999, 70_000, 70_001)]
    assert np.array_equal(found, wanted)


def test_orders_of_many_rows_are_drawn_ahead_and_are_the_same_wherever_one_asks(monkeypatch):
    monkeypatch.setattr(orders, "_MANY_ROWS", 10)
    data = TrainingData(np.zeros((37, 1)), np.zeros((37, 1)), np.zeros((0, 1)), np.zeros((0, 1)), False)
    drawing = orders.Orders(data, 7, "float32")
    for first, epochs in [(0, 1), (1, 1), (2, 3), (1, 1), (90, 2), (92, 1)]:
        found = drawing.draw(first, epochs)
        wanted = [random.permutation(7, random.ORDER, epoch + 1, 37) for epoch in range(first, first + epochs)]
        assert np.array_equal(found, wanted)

"""The machine over CuPy, on a stand-in for it that is strict about order, memory and devices."""

import ctypes
import gc
import threading

import numpy as np
import pytest
from cupy_on_host import Stand

from simulator.engines.cuda import compiling, cupy_copies, cupy_kernels
from simulator.engines.cuda.cupy_copies import _DIRECT_BYTES
from simulator.engines.cuda.cupy_driver import CupyDriver
from simulator.engines.cuda.cupy_machine import CupyMachine
from simulator.errors import DeviceError, DeviceMemoryError

MANY = _DIRECT_BYTES // 4 + 100


def numbers_at(address: int, count: int) -> np.ndarray:
    return np.frombuffer((ctypes.c_char * (4 * count)).from_address(address), np.float32)


def add(target: int, value: float, count: int) -> None:
    numbers_at(int(target), int(count))[...] += np.float32(value)


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cupy_kernels, "source", lambda dtype: f"the source for {dtype}")


@pytest.fixture(params=[False, True], ids=["late", "eager"])
def stand(request, monkeypatch) -> Stand:
    made = Stand(eager=request.param)
    made.kernels["add"] = add
    monkeypatch.setitem(__import__("sys").modules, "cupy", made.module)
    return made


@pytest.fixture
def machine(stand) -> CupyMachine:
    return CupyDriver().open(0)


def test_a_machine_says_what_it_is(machine):
    assert (machine.device.title, machine.device.driver, machine.device.capability) == ("Stand-in 0", "13.0", "9.0")
    assert (machine.multiprocessors, machine.shared_bytes, machine.most_threads) == (132, 232448, 1024)


def test_what_is_written_may_be_changed_at_once(machine):
    block = machine.allocate(4 * MANY)
    values = np.arange(MANY, dtype=np.float32)
    machine.write(block.address, values)
    values[...] = -1
    assert np.array_equal(machine.read(block.address, np.float32, (MANY,)).get(), np.arange(MANY))


def test_large_arrays_are_written_in_pieces_and_hold_little_of_the_host(stand, machine, monkeypatch):
    monkeypatch.setattr(cupy_copies, "_CHUNK_BYTES", 1000)
    monkeypatch.setattr(cupy_copies, "_WAITING_BYTES", 3500)
    count = 5003
    block = machine.allocate(4 * count)
    values = np.arange(count, dtype=np.float32)
    machine.write(block.address, values)
    assert stand.log.count("copy1") == -(-4 * count // 1000)
    assert machine._writes._bytes <= 3500
    machine.finish()
    assert np.array_equal(numbers_at(block.address, count), values)


@pytest.mark.parametrize("count", [10, MANY])
def test_a_reading_has_the_numbers_of_its_place_in_the_order(machine, count):
    block = machine.allocate(4 * count)
    machine.clear(block.address, 4 * count)
    readings = []
    for _ in range(5):
        machine.launch("add", "float32", 1, 32, [block.address, 1.0, count])
        readings.append(machine.read(block.address, np.float32, (count,)))
    machine.clear(block.address, 4 * count)
    for place in (3, 0, 4, 2, 1):
        assert np.array_equal(readings[place].get(), np.full(count, place + 1))
    assert np.array_equal(readings[0].get(), np.ones(count))  # as often as one likes


@pytest.mark.parametrize("count", [10, MANY])
def test_a_reading_that_nobody_looks_at_changes_nothing_that_is_written_later(machine, count):
    block, other = machine.allocate(4 * count), machine.allocate(4 * count)
    machine.clear(block.address, 4 * count)
    machine.read(block.address, np.float32, (count,))
    machine.write(other.address, np.ones(count, np.float32))  # in pinned memory of the same size
    assert machine.read(other.address, np.float32, (count,)).get().all()


def test_pinned_memory_of_readings_is_let_go_when_they_have_arrived(machine):
    block = machine.allocate(40)
    for _ in range(5):
        machine.read(block.address, np.float32, (10,)).get()
    assert len(machine._reads._coming) <= 1


def test_numbers_leave_in_the_order_of_the_work_where_there_is_no_room_beside(stand, machine):
    block = machine.allocate(4 * MANY)
    machine.limit = machine.memory().held + 10
    machine.clear(block.address, 4 * MANY)
    reading = machine.read(block.address, np.float32, (MANY,))
    machine.launch("add", "float32", 1, 32, [block.address, 1.0, MANY])
    assert not reading.get().any()
    assert "copy3" not in stand.log


def test_places_in_which_numbers_were_set_aside_are_given_back_where_room_is_short(stand, machine):
    block = machine.allocate(4 * MANY)
    for _ in range(3):
        machine.read(block.address, np.float32, (MANY,)).get()
    assert machine.memory().held == 3 * 4 * MANY
    machine.limit = machine.memory().held
    other = machine.allocate(2 * 4 * MANY)
    assert machine.memory().held == 3 * 4 * MANY
    with pytest.raises(DeviceMemoryError):
        machine.allocate(1)
    del other


def test_a_launch_gets_its_arguments_in_eight_bytes(stand, machine):
    stand.kernels["look"] = lambda *told: None
    machine.launch("look", "float64", (3, 2), 64, [5, 0.5, np.float32(1), True and 7], 100, together=True)
    assert stand.log[-2] == ("look", (3, 2), (64,), ("int64", "float64", "float32", "int64"), 100, True)


def test_more_than_usual_shared_memory_is_asked_for_once(stand, machine):
    stand.kernels["look"] = lambda *told: None
    for shared in (49152, 100_000, 100_000, 60_000, 200_000):
        machine.launch("look", "float32", 1, 32, [], shared)
    assert [each for each in stand.log if each[0] == "shared"] == [("shared", 100_000), ("shared", 200_000)]
    assert machine.together("look", "float32", 256, 0) == 8 * 132


def test_a_thread_of_its_own_has_a_context_before_the_driver_is_asked(stand, machine):
    machine.load("float32")
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(machine.together("look", "float32", 256, 100_000))
        except DeviceError as error:
            found.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [8 * 132]


def test_blocks_that_cannot_all_meet_are_refused_instead_of_waiting_for_ever(stand, machine):
    stand.kernels["look"] = lambda *told: None
    machine.launch("look", "float32", 8 * 132, 256, [], together=True)
    with pytest.raises(DeviceError, match="can run 1056 blocks of look at the same time, and 1057 were asked for"):
        machine.launch("look", "float32", 8 * 132 + 1, 256, [], together=True)
    assert stand.log.count("occupancy") == 1  # a question that is asked once


def test_what_is_taken_down_is_done_when_it_is_given_and_not_before(stand, machine):
    block = machine.allocate(40)
    machine.clear(block.address, 40)

    def work() -> None:
        machine.launch("add", "float32", 1, 32, [block.address, 1.0, 10])
        machine.launch("add", "float32", 1, 32, [block.address, 0.5, 10])

    taken = machine.take_down(work)
    assert not machine.read(block.address, np.float32, (10,)).get().any()
    for _ in range(3):
        taken.give()
    assert np.array_equal(machine.read(block.address, np.float32, (10,)).get(), np.full(10, 4.5))
    assert stand.log.count("graph") == 3


@pytest.mark.parametrize(("call", "status"), [("begin_capture", 900), ("launch", 900), ("end_capture", 901)])
def test_work_that_cannot_be_captured_is_given_piece_by_piece(stand, machine, call, status, caplog):
    block = machine.allocate(40)
    machine.clear(block.address, 40)
    stand.failing[call] = status
    taken = machine.take_down(lambda: machine.launch("add", "float32", 1, 32, [block.address, 1.0, 10]))
    taken.give()
    taken.give()
    assert np.array_equal(machine.read(block.address, np.float32, (10,)).get(), np.full(10, 2))
    assert "piece by piece" in caplog.text


def test_a_mistake_in_this_program_is_no_error_of_the_device(stand, machine):
    with pytest.raises(KeyError):
        machine.take_down(lambda: {}["nothing"])
    block = machine.allocate(40)
    machine.clear(block.address, 40)  # and the stream has left the capture
    assert not machine.read(block.address, np.float32, (10,)).get().any()


def test_while_one_thread_captures_another_gives_nothing(stand, machine):
    block = machine.allocate(40)
    machine.clear(block.address, 40)
    inside, other = threading.Event(), []

    def beside() -> None:
        inside.wait()
        machine.launch("add", "float32", 1, 32, [block.address, 100.0, 10])
        other.append(machine.read(block.address, np.float32, (10,)).get())

    thread = threading.Thread(target=beside)
    thread.start()

    def work() -> None:
        inside.set()
        thread.join(0.05)
        machine.launch("add", "float32", 1, 32, [block.address, 1.0, 10])

    taken = machine.take_down(work)
    thread.join()
    assert np.array_equal(other[0], np.full(10, 100))
    taken.give()
    assert np.array_equal(machine.read(block.address, np.float32, (10,)).get(), np.full(10, 101))


def test_memory_that_is_let_go_during_a_capture_is_given_back_after_it(stand, machine):
    block, left = machine.allocate(40), [machine.allocate(100)]
    machine.clear(block.address, 40)

    def work() -> None:
        machine.launch("add", "float32", 1, 32, [block.address, 1.0, 10])
        left.clear()
        assert stand.held == 140

    machine.take_down(work)
    assert stand.held == machine.memory().held == 40


def test_memory_that_another_thread_lets_go_waits_for_nobody_and_is_given_back_at_the_next_chance(stand, machine):
    block, left = machine.allocate(40), [machine.allocate(100)]
    machine.clear(block.address, 40)

    def work() -> None:
        machine.launch("add", "float32", 1, 32, [block.address, 1.0, 10])
        thread = threading.Thread(target=left.clear)
        thread.start()
        thread.join(10)  # for ever, if it waited for this one
        assert not thread.is_alive()
        assert stand.held == 140

    machine.take_down(work)
    assert machine.memory().held == stand.held == 40


def test_every_call_has_its_own_device_current(monkeypatch, stand):
    stand.count = 2
    driver = CupyDriver()
    first, second = driver.open(0), driver.open(1)
    assert driver.open(1) is second
    for machine in (second, first, second):
        block = machine.allocate(4 * MANY)
        machine.write(block.address, np.ones(MANY, np.float32))
        assert machine.read(block.address, np.float32, (MANY,)).get().all()
        machine.mark().wait()
        machine.finish()
    assert stand.device == 0
    assert (first.device.name, second.device.name) == ("cuda:0", "cuda:1")


def test_marks_tell_the_time_between_them(machine, stand):
    first = machine.mark()
    block = machine.allocate(40)
    machine.clear(block.address, 40)
    last = machine.mark()
    assert not last.done
    last.wait()
    assert first.done
    assert last.done
    assert last.seconds_since(first) > 0


def test_memory_is_counted_and_given_back(stand, machine):
    before = machine.memory()
    block = machine.allocate(1000)
    assert machine.memory().held == before.held + 1000
    del block
    gc.collect()
    assert machine.memory() == before
    assert stand.held == 0


def test_a_limit_and_an_exhausted_device_are_told_with_their_bytes(stand, machine):
    machine.limit = 1_000_000
    block = machine.allocate(900_000)
    with pytest.raises(DeviceMemoryError, match=r"200 kB more are needed.*limit of 1 MB leaves 100 kB") as caught:
        machine.allocate(200_000)
    assert (caught.value.needed, caught.value.free) == (200_000, 100_000)
    machine.limit = None
    with pytest.raises(DeviceMemoryError, match=r"of 1\.07 GB are free"):
        machine.allocate(stand.total)
    stand.failing["malloc"] = 2
    machine.allocate(5_000)  # there was room when array code had given back what it kept
    assert "pool emptied" in stand.log
    assert machine.memory().held == 900_000
    del block


def test_memory_that_is_free_but_cannot_be_had_is_told(stand, machine, monkeypatch):
    def refuse(size: int) -> int:
        stand.failing["malloc"] = 2
        return stand.malloc(size)

    monkeypatch.setattr(stand.module.cuda.runtime, "malloc", refuse)
    with pytest.raises(DeviceMemoryError, match="5 kB more are needed") as caught:
        machine.allocate(5_000)
    assert caught.value.needed == 5_000
    assert machine.memory().held == 0


def test_without_pinned_memory_numbers_still_arrive(stand, machine):
    block = machine.allocate(40)
    stand.failing["pin"] = 2
    machine.write(block.address, np.arange(10, dtype=np.float32))
    machine.finish()
    stand.failing["pin"] = 2
    assert np.array_equal(machine.read(block.address, np.float32, (10,)).get(), np.arange(10))


def test_a_device_that_is_lost_is_told_as_such_wherever_it_surfaces(stand, machine):
    block = machine.allocate(40)
    reading = machine.read(block.address, np.float32, (10,))
    machine.load("float32")
    stand.broken, address = 700, block.address
    for call in (
        reading.get,
        machine.finish,
        machine.mark,
        lambda: machine.clear(address, 40),
        lambda: machine.launch("add", "float32", 1, 32, []),
        lambda: machine.allocate(10),
    ):
        with pytest.raises(DeviceError, match=r"cannot be used any more by this program.*illegal memory") as caught:
            call()
        assert "started anew" in caught.value.hint
    del block
    gc.collect()  # and what it held goes silently


def test_kernels_are_compiled_in_the_background_and_kept(stand, machine):
    assert machine._kernels.compilation("float32").done.wait(10)
    assert machine.ready("float32")
    machine.load("float32")
    assert ("load", b"code") in stand.log
    stand.failing["compile"] = 900  # would fail now, but lies in a file
    again = CupyDriver().open(0)
    again.load("float32")


def test_a_damaged_file_is_compiled_again(stand, machine, tmp_path):
    machine.load("float32")
    [file] = (tmp_path / "nodeglow" / "cuda").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    CupyDriver().open(0).load("float32")
    assert stand.log[-1] == ("load", b"code")
    assert file.read_bytes().endswith(b"code")


def test_kernels_that_cannot_be_compiled_say_what_the_compiler_says(stand, machine):
    stand.failing["compile"] = 900
    with pytest.raises(DeviceError, match=r"nodeglow.cu\(1\): error: no"):
        machine.load("float32")
    assert machine.ready("float32")


@pytest.mark.parametrize(
    ("capability", "wanted"),
    [
        ("9.0", ("sm_90", True)),
        ("8.9", ("sm_89", True)),
        ("8.7", ("sm_86", True)),
        ("12.0", ("compute_90", False)),
        ("10.3", ("compute_90", False)),
    ],
)
def test_what_is_compiled_for_runs_on_the_device(capability, wanted):
    assert compiling.target(capability, (75, 80, 86, 89, 90)) == wanted


def test_a_device_older_than_the_compiler_knows_is_told(monkeypatch):
    with pytest.raises(DeviceError, match=r"capability is 6.1, and this CUDA begins at 7.5") as caught:
        compiling.target("6.1", (75, 80))
    assert "cuda12" in caught.value.hint

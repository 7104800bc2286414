"""The machine for tests keeps what machines promise, and finds mistakes that a device would let pass."""

import numpy as np
import pytest

from simulator.errors import DeviceError, DeviceMemoryError

in_both_orders = pytest.mark.parametrize(
    "host_gpu", [{}, {"backwards": True}], indirect=True, ids=["forwards", "backwards"]
)


@pytest.fixture
def machine(host_gpu):
    return host_gpu.open(0)


def test_work_is_done_late_and_in_order(machine):
    block = machine.allocate(80)
    values = np.arange(10.0)
    machine.write(block.address, values)
    values[:] = 7.0
    first = machine.read(block.address, np.float64, (10,))
    machine.clear(block.address, 40)
    second = machine.read(block.address, np.float64, (10,))
    assert machine.waits == 0
    assert second.get().tolist() == [0] * 5 + [5, 6, 7, 8, 9]
    assert first.get().tolist() == list(range(10))
    assert machine.waits == 2


def test_new_memory_holds_no_numbers(machine):
    block = machine.allocate(24)
    assert np.isnan(machine.read(block.address, np.float64, (3,)).get()).all()
    assert block.address % 256 == 0


def test_memory_is_given_back_with_its_last_reference_and_stays_for_the_work_given_before(machine):
    block = machine.allocate(80)
    machine.write(block.address, np.arange(10.0))
    reading = machine.read(block.address, np.float64, (10,))
    del block
    assert machine.memory().held == 0
    assert reading.get().tolist() == list(range(10))


@pytest.mark.parametrize("host_gpu", [{"total": 1000}], indirect=True)
def test_memory_has_an_end_and_a_limit(machine):
    block = machine.allocate(600)
    with pytest.raises(DeviceMemoryError) as found:
        machine.allocate(500)
    assert (found.value.needed, found.value.free) == (500, 400)
    machine.limit = 700
    with pytest.raises(DeviceMemoryError) as found:
        machine.allocate(200)
    assert (found.value.needed, found.value.free) == (200, 100)
    assert machine.memory().free == 400
    del block
    machine.allocate(700)


def test_a_mark_is_reached_when_the_work_before_it_is_done(machine):
    block = machine.allocate(8000)
    before = machine.mark()
    machine.launch("try_philox", "float32", 1, 32, [0, 0, 0])
    after = machine.mark()
    assert not after.done  # each look lets the machine go on a little
    while not after.done:
        pass
    assert machine.waits == 0
    assert before.done
    assert after.seconds_since(before) >= 0
    del block


def test_products_are_those_of_matrices_as_they_lie_there(machine):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(3, 5)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)
    a, b, c = machine.allocate(60), machine.allocate(80), machine.allocate(48)
    for turned in ((False, False), (True, False), (False, True), (True, True)):
        machine.write(a.address, A.T if turned[0] else A)
        machine.write(b.address, B.T if turned[1] else B)
        machine.multiply("float32", (3, 5, 4), a.address, b.address, c.address, turned)
        assert np.allclose(machine.read(c.address, np.float32, (3, 4)).get(), A @ B, rtol=1e-5)
    machine.multiply("float32", (3, 5, 4), a.address, b.address, c.address, (True, True), tf32=True)
    coarse = machine.read(c.address, np.float32, (3, 4)).get()
    assert not np.allclose(coarse, A @ B, rtol=1e-5, atol=0)
    assert np.allclose(coarse, A @ B, rtol=1e-2, atol=1e-2)


def test_work_that_was_taken_down_is_done_when_it_is_given_and_not_before(machine):
    block = machine.allocate(32)
    machine.write(block.address, np.full(4, 3.0))

    def work() -> None:
        machine.launch("try_writing_beside", "float64", 1, 1, [block.address, 2])
        machine.multiply("float64", (1, 1, 1), block.address, block.address, block.address + 8)

    taken = machine.take_down(work)
    assert machine.read(block.address, np.float64, (4,)).get().tolist() == [3, 3, 3, 3]
    taken.give()
    taken.give()
    assert machine.read(block.address, np.float64, (4,)).get().tolist() == [3, 9, 0, 3]
    assert machine.launches == ["try_writing_beside", "multiply"] * 2
    for wrong in (machine.finish, machine.mark, lambda: machine.clear(block.address, 8)):
        with pytest.raises(DeviceError, match="taken down"):
            machine.take_down(wrong)


@pytest.mark.parametrize("place", [-1, 3])
def test_what_is_written_beside_a_block_is_found(machine, place):
    block = machine.allocate(24)
    machine.launch("try_writing_beside", "float64", 1, 1, [block.address, place])
    with pytest.raises(DeviceError, match="beside a block of 24 bytes"):
        machine.finish()
    with pytest.raises(DeviceError, match="beside"):  # such a machine is of no use any more
        machine.clear(block.address, 8)
    with pytest.raises(DeviceError, match="beside"):
        machine.allocate(8)


def test_an_address_that_a_device_would_stop_at_is_found(machine):
    block = machine.allocate(64)
    machine.write(block.address, np.arange(16, dtype=np.float32))
    machine.launch("try_taking_four", "float32", 1, 1, [block.address, 4, block.address])
    assert machine.read(block.address, np.float32, (1,)).get() == 4 + 5 + 6 + 7
    machine.launch("try_taking_four", "float32", 1, 1, [block.address, 5, block.address])
    with pytest.raises(DeviceError, match="misaligned address in line"):
        machine.finish()


def test_a_kernel_is_refused_what_it_cannot_be_given(host_gpu):
    for arguments, message in [([1], "number of arguments"), ([1, np.int32(2)], "another size")]:
        machine = host_gpu.again(0)
        machine.launch("try_writing_beside", "float64", 1, 1, arguments)
        with pytest.raises(DeviceError, match=message):
            machine.finish()
    machine = host_gpu.again(0)
    for blocks, threads in [(1, 2000), (0, 32), ((1, 70_000), 32)]:
        with pytest.raises(DeviceError, match="cannot be launched"):
            machine.launch("try_leaving", "float64", blocks, threads, [])
    with pytest.raises(DeviceError, match="at the same time"):
        machine.launch("try_leaving", "float64", 100, 32, [], together=True)
    with pytest.raises(DeviceError, match="do not lie in one block"):
        machine.clear(64, 8)


@in_both_orders
def test_threads_that_wait_for_ever_end_with_an_error(machine):
    machine.launch("try_leaving", "float32", 1, 64, [])
    with pytest.raises(DeviceError, match="63 at __syncthreads"):
        machine.finish()


@in_both_orders
def test_blocks_that_wait_for_each_other_must_run_together(machine):
    block = machine.allocate(200)
    machine.clear(block.address, 200)
    counter, cells, wrong = block.address, block.address + 8, block.address + 192
    machine.launch("try_meeting", "float32", 3, 64, [counter, cells, 50, wrong], shared=8, together=True)
    assert machine.read(wrong, np.int32, (1,)).get()[0] == 0
    for blocks in (2, 3, 1, 3):  # one counter for all, whatever came before
        machine.launch("try_meeting", "float32", blocks, 64, [counter, cells, 7, wrong], shared=8, together=True)
        assert machine.read(wrong, np.int32, (1,)).get()[0] == 0
    meetings = 2 * (50 + 7 + 7 + 7)  # one block alone meets nobody
    assert machine.read(counter, np.uint64, (1,)).get()[0] == meetings << 32
    machine.launch("try_meeting", "float32", 3, 64, [counter, cells, 50, wrong], shared=8)
    with pytest.raises(DeviceError, match="look for another block"):
        machine.finish()


def test_a_missing_meeting_shows_when_threads_take_their_turns_the_other_way(host_gpu):
    found = []
    for backwards in (False, True):
        host_gpu.machines[0].backwards = backwards
        machine = host_gpu.open(0)
        block = machine.allocate(4 * 64)
        machine.launch("try_racing", "float32", 1, 64, [block.address], shared=4 * 64)
        found.append(machine.read(block.address, np.int32, (64,)).get())
    assert not np.array_equal(*found)


@pytest.mark.slow
def test_a_missing_meeting_is_found_wherever_threads_race(host_gpu):
    machine = host_gpu.again(0, races=True)
    block = machine.allocate(4 * 64)
    machine.launch("try_racing", "float32", 1, 64, [block.address], shared=4 * 64)
    with pytest.raises(DeviceError, match="a race: "):
        machine.finish()
    machine = host_gpu.again(0, races=True)
    block = machine.allocate(200)
    machine.clear(block.address, 200)
    counter, cells, wrong = block.address, block.address + 8, block.address + 192
    machine.launch("try_meeting", "float32", 3, 64, [counter, cells, 5, wrong], shared=8, together=True)
    machine.finish()
    machine.launch("try_racing_blocks", "float32", 2, 32, [cells], together=True)
    with pytest.raises(DeviceError, match=r"a race: \w+ what thread \d of block 0"):
        machine.finish()


@in_both_orders
def test_lanes_show_each_other_their_values(machine):
    block = machine.allocate(4 * 64)
    machine.launch("try_lanes", "float32", 1, 64, [block.address])
    found = machine.read(block.address, np.uint32, (2, 32)).get()
    few = [1 + 0, 2 + 1, 3 + 0, 4 + 1, 5 + 4, 6 + 5, 7 + 4, 7 + 5]
    assert (found - np.uint32(0xAAAAAAAA)).tolist() == [few + [9] * 24] * 2


def test_a_machine_that_failed_stays_so(host_gpu):
    machine = host_gpu.open(0)
    reading = machine.read(machine.allocate(8).address, np.float64, (1,))
    machine.fail("an illegal memory access was encountered")
    reading.get()
    for use in (machine.finish, machine.mark, lambda: machine.launch("try_leaving", "float32", 1, 32, [])):
        with pytest.raises(DeviceError, match="illegal memory access"):
            use()

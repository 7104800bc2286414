"""How fast a device is: measured once, kept, believed only where it can be, and predicted for any shape."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engines import devices, speeds
from simulator.engines.cuda.machine import Device
from simulator.engines.reference import ReferenceEngine
from simulator.engines.speeds import SHAPES, Speed
from simulator.errors import DeviceError
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig

times = st.floats(1e-7, 10.0)


def network(*sizes: int) -> NetworkSpec:
    return NetworkSpec(sizes[0], tuple(LayerSpec(units, "relu") for units in sizes[1:-1]), sizes[-1])


def test_what_was_measured_is_what_is_predicted():
    speed = Speed((1e-6, 5e-4, 0.2))
    for (sizes, rows), seconds in zip(SHAPES, speed.measured, strict=True):
        assert speed.seconds(network(*sizes), rows) == pytest.approx(seconds)


@given(times, times, times, st.integers(1, 300), st.integers(1, 300), st.integers(1, 10_000))
def test_a_prediction_is_positive_and_more_work_never_takes_less_time(one, two, three, width, more, rows):
    speed = Speed((one, two, three))
    small, large = (speed.seconds(network(10, units, 2), rows) for units in (width, width + more))
    assert 0.0 < small <= large <= speed.seconds(network(10, width + more, 2), rows + more)


def test_every_layer_has_its_overhead():
    speed = Speed((1e-5, 1e-4, 1e-3))
    wide, deep = network(4, 19, 3), network(4, 5, 5, 5, 5, 5, 3)
    assert deep.parameter_count < wide.parameter_count + 30
    assert speed.seconds(deep, 1) > 1.5 * speed.seconds(wide, 1)


def test_beyond_the_largest_measurement_the_time_grows_with_the_work():
    speed = Speed((1e-6, 5e-4, 0.2))
    once, twice = (speed.seconds(network(784, 4096, 4096, 10), rows) for rows in (1000, 2032))
    assert twice == pytest.approx(2 * once, rel=0.01)


@pytest.fixture
def measured(monkeypatch, tmp_path, pretend_devices):
    """Return a function that asks for the speeds of a new program, and one that says what was measured for it."""
    done: list[tuple[str, str, bool]] = []

    def measure(device, config, *_):
        done.append((device, config.dtype, config.tf32))
        return Speed((1e-6, 2e-6, 3e-6))

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    pretend_devices(2)
    monkeypatch.setattr(speeds, "_measure", measure)

    def ask(there=None, **settings):
        speeds._known.clear()
        devices._described.cache_clear()
        done.clear()
        found = speeds.measured(there or devices.survey().devices[:1], TrainingConfig(**settings), Progress())
        assert all(each.measured == (1e-6, 2e-6, 3e-6) for each in found.values())
        return list(done)

    monkeypatch.setattr(speeds, "_known", {})
    return ask


def test_a_computer_is_measured_once_for_each_number_format(measured):
    assert measured() == [("cpu", "float32", False), ("cuda:0", "float32", False)]
    assert measured() == []
    assert measured(dtype="float64") == [("cpu", "float64", False), ("cuda:0", "float64", False)]
    assert measured(tf32=True) == [("cuda:0", "float32", True)], "it means nothing on the CPU"


def test_two_devices_of_one_kind_are_measured_once_and_another_kind_anew(measured):
    assert measured(devices.survey().devices) == [("cpu", "float32", False), ("cuda:0", "float32", False)]
    other = Device("cuda:0", "Model T", 8, 7, "13.1", "9.0")
    assert measured((other,)) == [("cuda:0", "float32", False)], "its driver is another one"


@pytest.mark.parametrize(
    "damaged", ["", "[", "{}", '{"seconds": [1, 2]}', '{"seconds": [0, 1, 2]}', '{"seconds": ["a", 1, 2]}',
                '{"seconds": [1, 2, NaN]}', '{"seconds": 7}', "[[[[", '{"seconds": [1e9, 1, 1]}'],
)  # fmt: skip
def test_what_is_damaged_is_measured_anew_and_kept_again(measured, tmp_path, damaged):
    measured()
    files = sorted((tmp_path / "nodeglow").glob("speed-*.json"))
    assert len(files) == 2
    for file in files:
        assert json.loads(file.read_text())["about"]["dtype"] == "float32"
        file.write_text(damaged)
    assert len(measured()) == 2
    assert measured() == []


def test_without_a_folder_it_is_measured_in_every_program(measured, tmp_path, monkeypatch):
    file = tmp_path / "a file"
    file.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(file))
    assert len(measured()) == 2
    assert len(measured()) == 2


def test_a_device_that_fails_meanwhile_says_so_and_nothing_is_kept(measured, tmp_path, monkeypatch):
    def broken(*_):
        raise DeviceError("it stopped")

    monkeypatch.setattr(speeds, "_measure", broken)
    with pytest.raises(DeviceError, match="it stopped"):
        measured()
    assert not list((tmp_path / "nodeglow").glob("speed-*"))


def test_updates_are_measured_on_the_engines_themselves(monkeypatch):
    monkeypatch.setattr(speeds, "SHAPES", SHAPES[:2])
    monkeypatch.setattr(speeds, "_ENOUGH_SECONDS", 0.01)
    monkeypatch.setattr(speeds, "_TOO_LONG", 0.02)
    # It compiles nothing.
    monkeypatch.setattr(speeds, "choose", lambda *_: ReferenceEngine)
    said: list[str] = []
    found = speeds._measure("cpu", TrainingConfig(), 0, Progress(lambda _, text: said.append(text)))
    assert len(found.measured) == 2
    assert 0.0 < found.measured[0] < found.measured[1]
    assert "how fast cpu is" in said[0]

"""What `auto` takes and why: by measurements that are given here, so that the choice is known."""

import pytest

from simulator.engines import speeds
from simulator.engines.choosing import decide, duration
from simulator.engines.speeds import Speed
from simulator.errors import ConfigError, DeviceError
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig

SMALL, WIDE = (4, 8, 8, 3), (784, 2048, 2048, 10)


def network(*sizes: int) -> NetworkSpec:
    return NetworkSpec(sizes[0], tuple(LayerSpec(units) for units in sizes[1:-1]), sizes[-1])


@pytest.fixture
def two_devices(monkeypatch, pretend_devices):
    """A processor, a device that suits large networks, and one that is faster everywhere but with tiny ones."""
    known = {"cpu": Speed((1e-6, 5e-4, 0.2)), "cuda:0": Speed((1e-5, 1e-4, 1e-3)), "cuda:1": Speed((2e-6, 5e-5, 5e-3))}
    pretend_devices(2)
    monkeypatch.setattr(
        speeds, "measured", lambda there, *_: {name: known[name] for name in ("cpu", *(each.name for each in there))}
    )


def test_automatic_takes_the_device_that_should_be_fastest_and_says_both_times(two_devices):
    found = decide("auto", network(*WIDE), TrainingConfig(batch_size=512), 8192)
    assert found.device == "cuda:0"
    assert found.reason.startswith("cuda:0, where an update should take ")
    assert " instead of " in found.reason
    assert found.reason.endswith("(measured on this computer)")
    assert found.seconds["cuda:0"] < found.seconds["cuda:1"] < found.seconds["cpu"]


def test_automatic_stays_on_the_cpu_where_that_is_faster_and_says_so(two_devices):
    found = decide("auto", network(*SMALL), TrainingConfig(batch_size=16), 333)
    assert found.device == "cpu"
    assert found.reason == (
        "cpu, where an update should take 1 µs; on cuda:1 it should take 2 µs (measured on this computer)"
    )


def test_what_is_about_the_same_stays_on_the_cpu(two_devices, monkeypatch):
    known = {"cpu": Speed((1e-5, 1e-4, 1e-3)), "cuda:0": Speed((0.9e-5, 0.9e-4, 0.9e-3)), "cuda:1": Speed((1, 2, 3))}
    monkeypatch.setattr(speeds, "measured", lambda *_: known)
    assert decide("auto", network(*WIDE), TrainingConfig(batch_size=512), 8192).device == "cpu"


def test_the_rows_that_there_are_bound_a_batch(two_devices):
    few, many = (decide("auto", network(*WIDE), TrainingConfig(batch_size=512), rows).seconds for rows in (8, 512))
    assert all(few[name] < many[name] for name in few)


def test_a_device_that_is_named_is_taken_and_a_faster_cpu_is_only_mentioned(two_devices):
    slow = decide("cuda:1", network(*SMALL), TrainingConfig(batch_size=16), 333)
    assert slow.device == "cuda:1"
    assert slow.reason.startswith(
        "slower than the CPU for this network: an update should take 2 µs on cuda:1, and 1 µs on the CPU"
    )
    assert decide("cuda:1", network(*WIDE), TrainingConfig(batch_size=512), 8192).reason == ""
    assert decide("cpu", network(*WIDE), TrainingConfig(batch_size=512), 8192).reason == ""


def test_without_a_device_automatic_is_the_cpu_and_nothing_is_measured(monkeypatch, pretend_devices):
    pretend_devices(error=DeviceError("there is no CUDA device in this machine"))
    monkeypatch.setattr(speeds, "measured", lambda *_: pytest.fail("there is nothing to compare"))
    found = decide("auto", network(*WIDE), TrainingConfig(), 333)
    assert (found.device, found.reason) == ("cpu", "cpu, since there is no CUDA device in this machine")
    with pytest.raises(DeviceError):
        decide("cuda", network(*WIDE), TrainingConfig(), 333)


def test_a_device_that_fails_when_it_is_measured_leaves_automatic_on_the_cpu(two_devices, monkeypatch):
    def broken(*_):
        raise DeviceError("a part of the CUDA toolkit is missing: nvrtc")

    monkeypatch.setattr(speeds, "measured", broken)
    found = decide("auto", network(*WIDE), TrainingConfig(), 333)
    assert (found.device, found.reason) == ("cpu", "cpu, since a part of the CUDA toolkit is missing: nvrtc")


def test_an_engine_that_runs_on_one_of_them_alone_decides(two_devices):
    assert decide("auto", network(*WIDE), TrainingConfig(), 333, engine="blas").device == "cpu"
    found = decide("auto", network(*SMALL), TrainingConfig(), 333, engine="cuda")
    assert (found.device, found.reason) == ("cuda:0", "cuda:0, since the cuda engine was asked for")
    for device, engine in (("cuda", "compiled"), ("cpu", "cuda")):
        with pytest.raises(ConfigError, match="does not run on"):
            decide(device, network(*SMALL), TrainingConfig(), 333, engine=engine)


def test_short_times_are_said_in_words():
    said = [duration(each) for each in (1e-6, 4.53e-5, 1.24e-4, 9.94e-3, 0.1239, 1.3, 240.0)]
    assert said == ["1 µs", "45 µs", "0.12 ms", "9.9 ms", "124 ms", "1.3 s", "240 s"]

"""What the commands say of devices, and the options about them."""

import json

import pytest

from simulator.cli.computing import memory
from simulator.engines import devices
from simulator.errors import ConfigError, DeviceError
from simulator.interchange import load_model
from simulator.training.session import Session
from simulator.training.session_file import read_session

NO_DRIVER = DeviceError("there is no NVIDIA driver, which CuPy 14.0 needs", "Install the driver, or use --device cpu.")


def last_json(text: str) -> dict:
    return json.loads(text.splitlines()[-1])


def test_devices_are_listed_with_what_automatic_would_take(nodeglow, host_gpu):
    status, out, err = nodeglow("devices")
    assert (status, err) == (0, "")
    head, cpu, gpu, _, penguins, wide = out.splitlines()
    assert head.split("\t") == ["device", "name", "memory", "free", "driver", "capability"]
    assert devices.processor() in cpu
    assert gpu.split("\t") == ["cuda:0", "This processor, as a device", "1.1 GB", "1.1 GB", "CUDA 13.0", "9.0"]
    assert penguins.startswith("penguins, 4-8-8-3, batches of 16: --device auto takes cpu, where an update should take")
    assert "--device auto takes cuda:0, where an update should take" in wide
    found = last_json(nodeglow("devices", "--json")[1])
    assert [each["device"] for each in found["devices"]] == ["cuda:0"]
    assert (found["devices"][0]["memory_bytes"], found["reason"]) == (1 << 30, None)
    assert [each["device"] for each in found["auto"]] == ["cpu", "cuda:0"]
    assert found["auto"][1]["update_seconds"]["cuda:0"] < found["auto"][1]["update_seconds"]["cpu"]


def test_where_there_is_none_it_says_why_and_what_helps(nodeglow, pretend_devices):
    pretend_devices(error=NO_DRIVER)
    status, out, err = nodeglow("devices")
    assert (status, err) == (0, "")
    assert f"No GPU: {NO_DRIVER.message}. {NO_DRIVER.hint}" in out
    assert out.count("--device auto takes cpu, since there is no NVIDIA driver") == 2
    found = last_json(nodeglow("devices", "--json")[1])
    assert (found["devices"], found["reason"], found["hint"]) == ([], NO_DRIVER.message, NO_DRIVER.hint)
    assert found["cpu"]["cores"] >= 1


def test_training_says_what_was_chosen_and_why(nodeglow, host_gpu):
    status, out, _ = nodeglow("train", "penguins", "--epochs", 3, "--device", "auto", "--json")
    result = last_json(out)
    assert (status, result["device"], result["engine"]) == (0, "cpu", "compiled")
    assert result["device_reason"].startswith("cpu, where an update should take")
    status, out, _ = nodeglow("train", "penguins", "--epochs", 3, "--device", "cuda")
    assert status == 0
    assert "Computed on cuda:0 – " in out
    assert "an update should take 10 µs on cuda:0, and 1 µs on the CPU (measured on this computer)" in out
    assert "cuda engine on cuda:0" in out
    result = last_json(nodeglow("train", "penguins", "--epochs", 3, "--json")[1])
    assert (result["device"], result["device_reason"]) == ("cpu", None)


def test_a_device_that_is_not_there_is_refused_with_the_reason(nodeglow, pretend_devices):
    pretend_devices(error=NO_DRIVER)
    status, out, err = nodeglow("train", "penguins", "--device", "cuda")
    assert (status, out) == (2, "")
    assert err.splitlines() == [f"nodeglow: {NO_DRIVER.message}", NO_DRIVER.hint]


def test_memory_of_a_device_can_be_limited(nodeglow, host_gpu):
    status, _, err = nodeglow("train", "penguins", "--epochs", 2, "--device", "cuda", "--device-memory", "9kB")
    assert status == 2
    assert "no room" in err
    status, out, _ = nodeglow(
        "train", "penguins", "--epochs", 2, "--device", "cuda", "--device-memory", "900MB", "--json"
    )
    assert (status, last_json(out)["device"]) == (0, "cuda:0")


def test_a_session_of_a_device_is_verified_there_or_elsewhere(nodeglow, host_gpu, tmp_path):
    path = tmp_path / "p.nodeglow"
    assert nodeglow("train", "penguins", "--epochs", 4, "--device", "cuda:0", "--save", path, "--json")[0] == 0
    assert read_session(path).device == "cuda:0"
    status, out, _ = nodeglow("verify", path, "--json")
    assert (status, last_json(out)["verdict"]) == (0, "same")
    status, out, _ = nodeglow("verify", path, "--device", "cpu", "--json")
    result = last_json(out)
    assert (status, result["verdict"] in ("rounding", "same")) == (0, True)
    assert "device" in {each["name"] for each in result["changed"]}
    assert nodeglow("verify", path, "--device", "cuda:4")[0] == 2


def test_a_session_whose_device_is_not_there_is_verified_on_the_cpu_and_that_is_said(
    nodeglow, host_gpu, pretend_devices, tmp_path
):
    path = tmp_path / "p.nodeglow"
    assert nodeglow("train", "penguins", "--epochs", 3, "--device", "cuda", "--save", path, "--json")[0] == 0
    status, out, _ = nodeglow("verify", path, "--device-memory", "5kB")
    assert status == 0
    assert "Computed on cpu, since cuda:0 cannot be used: " in out
    pretend_devices(error=NO_DRIVER)
    status, out, _ = nodeglow("verify", path)
    assert status == 0
    assert f"Computed on cpu, since cuda:0, on which it was trained, cannot be used: {NO_DRIVER.message}." in out
    result = last_json(nodeglow("verify", path, "--json")[1])
    assert (result["device"], NO_DRIVER.message in result["device_reason"]) == ("cpu", True)
    assert last_json(nodeglow("verify", path, "--device", "cpu", "--json")[1])["device_reason"] is None


@pytest.mark.parametrize(
    ("options", "rounds"),
    [(("--device", "cuda"), True), (("--device", "cuda", "--dtype", "float64"), False), ((), False)],
)
def test_tf32_is_said_where_it_rounds_and_where_it_changes_nothing(nodeglow, host_gpu, options, rounds):
    status, out, err = nodeglow("train", "penguins", "--epochs", 1, "--tf32", *options)
    assert status == 0
    assert ("float32 with TF32 products" in out) == rounds
    assert err.startswith("TF32 products change nothing here") == (not rounds)
    assert "After 1 epoch (" in out


def test_an_engine_on_the_wrong_device_is_refused_with_where_it_runs(nodeglow, host_gpu):
    status, _, err = nodeglow("train", "penguins", "--engine", "cuda")
    assert (status, len(err.splitlines())) == (2, 2)
    assert "It runs on cuda." in err


def test_a_device_that_fails_on_the_way_leaves_what_was_trained(nodeglow, host_gpu, tmp_path, monkeypatch):
    advance = Session.advance

    def failing(session, epochs, *how):
        advance(session, epochs - 2, *how)
        host_gpu.machines[0].fail("it fell off the bus")
        advance(session, 2, *how)

    monkeypatch.setattr(Session, "advance", failing)
    path = tmp_path / "p.safetensors"
    status, out, err = nodeglow("train", "penguins", "--epochs", 7, "--device", "cuda", "--save", path, "--json")
    result = last_json(out)
    assert (status, result["device"]) == (2, "cpu")
    assert result["device_reason"] == "cpu, since cuda:0 failed: it fell off the bus"
    assert err.startswith("nodeglow: it fell off the bus\nTraining stopped in epoch ")
    assert load_model(path).epoch == result["epochs"] <= 5


@pytest.mark.gpu
def test_a_real_device_is_listed_measured_and_taken_for_a_wide_network(nodeglow):
    found = last_json(nodeglow("devices", "--json")[1])
    assert found["devices"][0]["memory_bytes"] > found["devices"][0]["free_bytes"] > 0
    assert found["auto"][1]["device"].startswith("cuda")
    assert all(len(each["update_seconds"]) == 1 + len(found["devices"]) for each in found["auto"])


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2_000_000_000), ("512 MB", 512_000_000), ("1.5GiB", 1_610_612_736), ("4096", 4096), ("7kb", 7000),
     ("1 TiB", 1 << 40), ("10m", 10_000_000)],
)  # fmt: skip
def test_sizes_are_understood(text, size):
    assert memory(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "two", "1e9", "2 GBit", "1,5GB", "nan"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ConfigError, match="no amount of memory"):
        memory(text)

"""`nodeglow bench --device cuda`: on this processor as a device, and where there is none."""

import dataclasses
import json
import sys

import pytest

from simulator.benchmarks import device_race
from simulator.benchmarks.bars import BARS
from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.device_costs import DEVICE_COSTS
from simulator.benchmarks.device_race import DEVICE_WORKLOADS
from simulator.benchmarks.device_rivals import DEVICE_RIVALS, EAGER, DeviceRival
from simulator.cli import bench_device
from simulator.cli.program import COMMANDS, application, run
from simulator.errors import SimulatorError
from simulator.progress import Cancelled

SHORT = ("--device", "cuda", "--rounds", "2", "--seconds", "0.001")


@pytest.fixture
def bench(capsys, monkeypatch):
    """Run the command and what it measures in this process; return its exit status, output and errors."""
    monkeypatch.setattr(
        bench_device.apart, "measured", lambda measure, given, patience, keep, progress: measure(*given, keep, progress)
    )
    few = {name: dataclasses.replace(row, rows=30) for name, row in DEVICE_WORKLOADS.items()}
    monkeypatch.setattr(device_race, "DEVICE_WORKLOADS", few)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(application(COMMANDS), ["bench", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def rival(seconds: float = 0.0) -> DeviceRival:
    def made(workload, data, device) -> Contestant:
        return Contestant(lambda: None, lambda epochs: float(sum(range(1000 * epochs))))

    return DeviceRival("a rival", made, lambda: "")


def test_without_a_device_the_rows_are_open_with_the_reason(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    status, out, err = bench("--device", "cuda")
    assert (status, err) == (0, "")
    assert "no device: these rows are open (CUDA needs the package CuPy, which is not installed)" in out
    assert "pip install" in out
    for name in (*DEVICE_WORKLOADS, *DEVICE_COSTS):
        assert f"\n{name}: open" in out
    assert "penguins: open (bar: ≥ 20 × torch-eager and ≥ 1.5 × PyTorch's fastest)" in out


def test_without_a_device_the_json_object_says_the_same(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    status, out, _ = bench("wide", "device_latency", "--device", "cuda", "--json")
    assert status == 0
    result = json.loads(out)
    assert result["device"] is None
    assert result["open"] == ["wide", "device_latency"]
    assert "CuPy" in result["reason"]
    assert "pip install" in result["hint"]
    assert result["workloads"] == result["costs"] == result["failed"] == {}


def test_the_report_names_the_device_and_has_a_table_and_a_line_for_every_bar(bench, host_gpu, monkeypatch):
    monkeypatch.setitem(DEVICE_RIVALS, EAGER, rival())
    status, out, err = bench("penguins", *SHORT)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert "cuda:0: This processor" in lines[2]
    assert "without TF32" in lines[3]
    title = lines.index(f"penguins: {DEVICE_WORKLOADS['penguins'].title}")
    assert lines[title + 1].split() == ["epochs/s", "×", EAGER, "×", "cpu"]
    rows = [line.split("  ")[0] for line in lines[title + 2 :]]
    assert rows[:3] == ["cuda on cuda:0", EAGER, "compiled on the processor"]
    assert sum("(bar: ≥ " in line for line in lines) == len(BARS["penguins"])
    assert any(line.startswith(("held: ", "missed: ")) and f"× {EAGER} (bar: ≥ 20 × {EAGER})" in line for line in lines)
    assert any(line.startswith(("open: ", "missed: ")) and "PyTorch's fastest" in line for line in lines)


def test_the_json_object_has_device_figures_and_verdicts(bench, host_gpu, monkeypatch):
    monkeypatch.setitem(DEVICE_RIVALS, EAGER, rival())
    status, out, _ = bench("spiral", "device_copy_penguins", *SHORT, "--rivals", EAGER, "--json")
    assert status == 0
    result = json.loads(out)
    assert result["device"]["name"] == "cuda:0"
    assert result["open"] == []
    assert list(result["workloads"]["spiral"]["contestants"]) == ["device", EAGER, "cpu"]
    assert [bar["bar"]["times"] for bar in result["workloads"]["spiral"]["bars"]] == [1.5]
    assert result["costs"]["device_copy_penguins"]["value"] > 0


def test_one_that_fails_takes_nothing_from_the_others_and_shows_in_the_exit_status(bench, host_gpu, monkeypatch):
    def measured(measure, given, patience, keep, progress):
        if given[0] == "penguins":
            keep({"engines": {"device": "cuda", "cpu": "compiled"}, "contestants": {}, "left_out": {}, "bars": []})
            raise SimulatorError("its process ended while round 2 of 5: illegal address")
        if given[0] == "device_latency":
            raise SimulatorError("it was ended after 180 s, while starting")
        return measure(*given, keep, progress)

    monkeypatch.setattr(bench_device.apart, "measured", measured)
    names = ("penguins", "spiral", "device_latency", "device_copy_penguins")
    status, out, _ = bench(*names, *SHORT, "--rivals", "none", "--json")
    assert status == 1
    result = json.loads(out)
    assert list(result["failed"]) == ["penguins", "device_latency"]
    assert list(result["workloads"]) == ["penguins", "spiral"]
    assert result["costs"]["device_latency"]["value"] is None
    assert result["costs"]["device_copy_penguins"]["value"] > 0
    status, out, _ = bench(*names, *SHORT, "--rivals", "none")
    assert "failed: its process ended while round 2 of 5: illegal address" in out
    assert "device_latency: – (it was ended after 180 s, while starting)" in out


def test_after_an_interruption_what_was_measured_is_there(bench, host_gpu, monkeypatch):
    def measured(measure, given, patience, keep, progress):
        if given[0] == "digits":
            raise Cancelled
        return measure(*given, keep, progress)

    monkeypatch.setattr(bench_device.apart, "measured", measured)
    status, out, err = bench("spiral", "digits", "wide", *SHORT, "--rivals", "none", "--json")
    assert (status, err) == (130, "nodeglow: interrupted\n")
    result = json.loads(out)
    assert list(result["workloads"]) == ["spiral"]
    assert result["interrupted"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--device", "gpu"], ["'gpu'", "cuda for a GPU"]),
        (["--device", "auto"], ["one device", "--device cuda"]),
        (["import", "--device", "cuda"], ["'import'", "mnist_4096", "device_latency"]),
        (["mnist_4096"], ["'mnist_4096'"]),
        (["--device", "cuda", "--rivals", "scikit-learn"], ["'scikit-learn'", EAGER]),
        (["--device", "cuda", "--limit", "0"], ["limit", "0"]),
    ],
)
def test_what_cannot_be_measured_is_refused_in_two_lines(bench, arguments, words):
    status, out, err = bench(*arguments)
    assert status == 2
    assert len(err.splitlines()) == 2
    for word in words:
        assert word in err
    assert "epochs/s" not in out

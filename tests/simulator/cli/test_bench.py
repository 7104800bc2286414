import json
import signal
import subprocess
import sys

import pytest
import sklearn.neural_network  # noqa: F401 - loads SciPy's BLAS before the first number of threads is set

from simulator.benchmarks.contestants import engines
from simulator.benchmarks.costs import COSTS, Cost
from simulator.benchmarks.rivals import RIVALS, Rival
from simulator.benchmarks.workloads import WORKLOADS
from simulator.cli.program import COMMANDS, application, run
from simulator.errors import SimulatorError
from simulator.progress import Cancelled

SHORT = ("--rounds", "2", "--seconds", "0.01")


@pytest.fixture
def bench(capsys):
    """Run the command in this process; return its exit status, output and errors."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(application(COMMANDS), ["bench", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_the_json_object_has_everything_that_was_measured(bench):
    status, out, err = bench("penguins", "import", *SHORT, "--rivals", "scikit-learn", "--threads", "1", "--json")
    assert (status, err) == (0, "")
    result = json.loads(out.splitlines()[-1])
    assert len(out.splitlines()) == 1
    assert (result["threads"], result["rounds"], result["interrupted"]) == (1, 2, False)
    assert result["machine"]["versions"]["scikit-learn"]
    penguins = result["workloads"]["penguins"]
    assert list(penguins["contestants"]) == [*engines(), "scikit-learn"]
    assert penguins["auto"] in engines()
    reference = penguins["contestants"]["reference"]
    assert len(reference["seconds_per_epoch"]) == 2
    assert reference["epochs_per_second"] > 0
    assert reference["ratios"]["scikit-learn"] > 0
    assert 0 < reference["loss"] < 2
    assert result["costs"]["import"]["value"] > 0
    assert result["costs"]["import"]["unit"] == "s"


def test_the_report_has_a_line_about_the_machine_and_a_table_with_ratios(bench):
    status, out, err = bench("penguins", *SHORT, "--rivals", "scikit-learn,products")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert "Python" in lines[0]
    assert "rounds of" in lines[1]
    title = lines.index(f"penguins: {WORKLOADS['penguins'].title}")
    assert lines[title + 1].split() == ["epochs/s", "×", "scikit-learn", "×", "products"]
    rows = lines[title + 2 : title + 2 + len(engines()) + 2]
    assert sum("(auto)" in row for row in rows) == 1
    assert len({len(row) for row in rows}) == 1, "the columns stand below each other"
    assert rows[-1].split() == ["products", "–", "–", "–"]
    assert lines[-1] == "– products: the products are too small: their calls would be measured"


@pytest.mark.parametrize(("load", "said"), [(0.1, False), (1.7, True)])
def test_a_busy_machine_is_mentioned(bench, monkeypatch, load, said):
    monkeypatch.setattr("simulator.benchmarks.machine.os.getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    monkeypatch.setitem(COSTS, "import", Cost("one", "s", lambda plan, progress: 1.5))
    _, out, _ = bench("import", *SHORT)
    assert ("Others are at work here (load 1.7)" in out) == said


def test_a_missing_rival_is_named_with_the_way_to_get_it(bench, monkeypatch):
    monkeypatch.setitem(RIVALS, "torch", Rival(RIVALS["torch"].make, "no_such_torch", "torch"))
    status, out, _ = bench("penguins", *SHORT, "--rivals", "torch")
    assert status == 0
    assert "Left out: torch is not installed (pip install torch)" in out
    assert "× torch" not in out


def test_a_cost_that_cannot_be_measured_is_said_to_be_so(bench, monkeypatch):
    def fail(plan, progress):
        raise SimulatorError("there is no window here")

    monkeypatch.setitem(COSTS, "first_frame", Cost("the first frame", "s", fail, below=1.0))
    status, out, _ = bench("first_frame", *SHORT)
    assert status == 0
    assert "first_frame: – (there is no window here) (bar: below 1 s)" in out
    _, out, _ = bench("first_frame", *SHORT, "--json")
    cost = json.loads(out)["costs"]["first_frame"]
    assert (cost["value"], cost["reason"]) == (None, "there is no window here")


def test_without_a_name_all_workloads_and_then_all_costs_are_measured(bench, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("simulator.cli.bench._Report.race", lambda self, name: asked.append(name))
    monkeypatch.setattr("simulator.cli.bench._Report.cost", lambda self, name: asked.append(name))
    assert bench()[0] == 0
    assert asked == [*WORKLOADS, *COSTS]
    asked.clear()
    assert bench("import", "wide", "import")[0] == 0
    assert asked == ["import", "wide"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pengiuns"], ["'pengiuns'", "Did you mean 'penguins'", "around_training"]),
        (["penguins", "pengiuns"], ["'pengiuns'"]),
        (["penguins", "--rivals", "tensorflow"], ["'tensorflow'", "torch"]),
        (["penguins", "--rounds", "0"], ["0"]),
        (["penguins", "--seconds", "0"], ["0"]),
        (["penguins", "--seconds", "nan"], ["nan"]),
        (["penguins", "--threads", "0"], ["0"]),
        (["penguins", "--rounds", "many"], ["--rounds"]),
    ],
)
def test_what_cannot_be_measured_is_refused_in_two_lines(bench, arguments, words):
    status, out, err = bench(*arguments)
    assert status == 2
    assert out == "", "nothing is measured before"
    assert len(err.splitlines()) == 2
    for word in words:
        assert word in err


def test_after_an_interruption_the_json_object_has_what_was_measured_so_far(bench, monkeypatch):
    def interrupted(plan, progress):
        raise Cancelled

    monkeypatch.setitem(COSTS, "import", Cost("one", "s", lambda plan, progress: 1.5))
    monkeypatch.setitem(COSTS, "first_frame", Cost("two", "s", interrupted))
    status, out, err = bench("import", "first_frame", "snapshot_penguins", "--json")
    assert status == 130
    assert err == "nodeglow: interrupted\n"
    result = json.loads(out)
    assert result["interrupted"] is True
    assert list(result["costs"]) == ["import"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_prints_what_was_measured_so_far():
    program = "from simulator.cli.program import main; main()"
    command = [sys.executable, "-c", program, "bench", "penguins", "--rivals", "none", "--rounds", "100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while "rounds of" not in process.stdout.readline():
            assert process.poll() is None
        # Before the job has taken Ctrl-C over, it would end the program before anything is measured.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err == "nodeglow: interrupted\n"
    assert "epochs/s" in out
    assert "(auto)" in out

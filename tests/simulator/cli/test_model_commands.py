"""What commands do with files of models: stream, refuse to replace, say what is lost and what is assumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.cli.program import COMMANDS, application, run
from simulator.data import open_dataset, read_table
from simulator.data.catalogue import BUNDLED
from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, GROUPS, ExportOptions, Foreign, Format, load_model
from simulator.snapshot import RECORD, LayerParameters

OLD = b"the old content"
PROCESS = [sys.executable, "-c", "from simulator.cli.program import main; main()"]

not_windows = pytest.mark.skipif(sys.platform == "win32", reason="signals, pipes and terminals of POSIX")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("models") / "p.safetensors"
    saved = ["--save", str(path), "--save", str(path.with_suffix(".nodeglow"))]
    assert run(application(COMMANDS), ["train", "penguins", "--epochs", "20", "--engine", "reference", *saved]) == 0
    return path


@pytest.fixture(scope="module")
def birds(tmp_path_factory) -> Path:
    """20,000 rows: more than one piece, and more than a pipe holds."""
    path = tmp_path_factory.mktemp("data") / "birds.csv"
    header, *rows = BUNDLED["penguins"].path.read_text().splitlines(keepends=True)
    path.write_text(header + "".join(rows * 59)[: 20_000 * 60])
    path.write_text(path.read_text().rpartition("\n")[0] + "\n")
    return path


@pytest.fixture
def foreign(monkeypatch):
    """A format of another program in the table: its files say nothing but two layers."""

    def load(file, size):
        if size != len(OLD):
            raise ModelFileError("no", "no")
        layers = (np.ones((4, 3)), np.zeros(3)), (np.ones((3, 3)), np.zeros(3))
        layers = tuple(LayerParameters(*each) for each in layers)
        return Foreign(layers, (None,), notes=("Two things were folded into one.",))

    row = Format("other", ".other", "Of another program", lambda model, options: OLD, load, "programs",
                 lambda model, options: (f"Only {options.inputs} inputs are held.",), ("inputs",))  # fmt: skip
    monkeypatch.setitem(FORMATS, "other", row)


def assert_refused(result: tuple[int, str, str], *words: str) -> None:
    status, out, err = result
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 2, err
    for word in words:
        assert word in err


# -- an existing file -------------------------------------------------------------------------------------------------

WRITING = {
    "train --save model": lambda model, path: ("train", "iris", "--epochs", 10**7, "--save", path / "out.json"),
    "train --save session": lambda model, path: ("train", "iris", "--epochs", 10**7, "--save", path / "out.nodeglow"),
    "train --curves": lambda model, path: ("train", "iris", "--epochs", 10**7, "--curves", path / "out.csv"),
    "predict --out": lambda model, path: ("predict", model, "no such data", "--out", path / "out.csv"),
    "convert": lambda model, path: ("convert", model, path / "out.npz"),
    "datasets --save-recipe": lambda model, path: ("datasets", "no such data", "--save-recipe", path / "out.json"),
}


@pytest.mark.parametrize("command", WRITING)
def test_an_existing_file_is_refused_before_any_work_and_stays(nodeglow, trained, tmp_path, command):
    arguments = WRITING[command](trained, tmp_path)
    out = Path(arguments[-1])
    out.write_bytes(OLD)
    assert_refused(nodeglow(*arguments), "already there", "--force")
    assert out.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("command", WRITING)
def test_force_replaces_it(nodeglow, trained, tmp_path, command):
    arguments = [{10**7: 2, "no such data": "iris"}.get(each, each) for each in WRITING[command](trained, tmp_path)]
    arguments = ["penguins" if command == "predict --out" and each == "iris" else each for each in arguments]
    out = Path(arguments[-1])
    out.write_bytes(OLD)
    status, _, err = nodeglow(*arguments, "--force", *(["--engine", "reference"] if arguments[0] == "train" else []))
    assert status == 0, err
    assert out.read_bytes() != OLD
    assert list(tmp_path.iterdir()) == [out]


def test_a_recipe_of_no_table_is_refused(nodeglow, tmp_path):
    assert_refused(nodeglow("datasets", "--save-recipe", tmp_path / "r.json"), "no table")


# -- predict ----------------------------------------------------------------------------------------------------------


def test_the_answers_are_the_text_that_the_whole_table_gives(nodeglow, trained, birds, tmp_path):
    model, table = load_model(trained), read_table(birds).frame
    whole = model.predict(table)
    text = whole.to_csv(index=False, lineterminator="\n")
    assert len(table) > 16_384
    status, out, err = nodeglow("predict", trained, birds)
    assert (status, out) == (0, text)
    assert f"{whole.attrs['unpredicted']:,} of {len(table):,} rows are left empty" in err
    nodeglow("predict", trained, birds, "--out", tmp_path / "answers.csv")
    assert (tmp_path / "answers.csv").read_text() == text
    status, out, _ = nodeglow("predict", trained, birds, "--with-data")
    assert out == pd.concat([table, whole], axis=1).to_csv(index=False, lineterminator="\n")


def test_the_activations_of_a_layer_are_written_for_every_row(nodeglow, trained, tmp_path):
    out = tmp_path / "hidden.csv"
    status, said, _ = nodeglow("predict", trained, "penguins", "--layer", 1, "--out", out, "--json")
    assert status == 0
    assert json.loads(said)["rows"] == 344
    found = pd.read_csv(out)
    assert list(found) == [f"hidden 1 neuron {unit}" for unit in range(1, 9)]
    model = load_model(trained)
    expected = model.activations(model.prepare(read_table(BUNDLED["penguins"].path).frame), 1)
    np.testing.assert_array_equal(found.to_numpy(), expected)
    assert_refused(nodeglow("predict", trained, "penguins", "--layer", 9), "no layer 9", "3 for the outputs")


def test_a_generator_can_be_predicted(nodeglow, tmp_path):
    path = tmp_path / "s.json"
    nodeglow("train", "spirals", "--epochs", 2, "--engine", "reference", "--save", path)
    status, out, _ = nodeglow("predict", path, "spirals:arms=3")
    assert status == 0
    assert len(out.splitlines()) == 1 + len(open_dataset("spirals:arms=3").table)


def test_a_cell_that_is_no_number_is_told_by_its_line_and_nothing_is_written(nodeglow, trained, tmp_path):
    rows = tmp_path / "birds.csv"
    text = BUNDLED["penguins"].path.read_text().splitlines()
    rows.write_text("\n".join([*text, text[1].replace("39.1", "long")]) + "\n")
    assert_refused(nodeglow("predict", trained, rows, "--out", tmp_path / "a.csv"), "line 346", "row 345", "'long'")
    assert list(tmp_path.iterdir()) == [rows]


def started(*arguments: object, **options) -> subprocess.Popen:
    return subprocess.Popen([*PROCESS, *map(str, arguments)], stderr=subprocess.PIPE, text=True, **options)


@not_windows
def test_a_reader_who_has_enough_ends_it_without_a_word(trained, birds):
    with started("predict", trained, birds, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith("prediction,")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) != 2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_the_output_is_said_in_two_lines(trained):
    with Path("/dev/full").open("w") as full, started("predict", trained, "penguins", stdout=full) as process:
        err = process.stderr.read()
        assert process.wait(60) == 2
    assert err == "nodeglow: the output cannot be written: no space left on device\nIs there room on the disk?\n"


@pytest.mark.slow
@not_windows
def test_on_a_terminal_the_bar_is_apart_from_the_output(trained, birds, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    command = [*PROCESS, "predict", str(trained), str(birds)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with (tmp_path / "out.csv").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=theirs, env=environment)
        os.close(theirs)
        seen = b""
        try:
            while block := os.read(ours, 65536):
                seen += block
        except OSError:  # how Linux says that nobody holds the other end any more
            pass
        assert process.wait(60) == 0
    os.close(ours)
    assert b"%" in seen
    assert b"rows" in seen
    model, table = load_model(trained), read_table(birds).frame
    assert (tmp_path / "out.csv").read_text() == model.predict(table).to_csv(index=False, lineterminator="\n")


@pytest.fixture(scope="module")
def million(tmp_path_factory) -> Path:
    draw, rows = np.random.default_rng(0), 1_000_000
    columns = {name: draw.normal(size=rows).round(7) for name in ("a", "b", "c", "d")}
    columns |= {"kind": draw.choice(["x", "y", "z"], rows), "island": draw.choice(["Biscoe", "Dream"], rows)}
    path = tmp_path_factory.mktemp("million") / "million.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def of_million(million) -> Path:
    few = million.with_name("few.csv")
    with million.open() as rows:
        few.write_text("".join(next(rows) for _ in range(300)))
    path = million.with_name("m.safetensors")
    arguments = ["train", str(few), "--target", "kind", "--epochs", "1", "--engine", "reference", "--save", str(path)]
    assert run(application(COMMANDS), arguments) == 0
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a program alone stands in Linux's /proc")
def test_a_million_rows_are_predicted_in_400_megabytes(of_million, million, tmp_path):
    out = tmp_path / "answers.csv"
    code = (
        "import pathlib, sys; from simulator.cli.program import COMMANDS, application, run;"
        "status = run(application(COMMANDS), sys.argv[1:]);"
        # Not ru_maxrss: that begins with what the process that started this one held.
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, "predict", str(of_million), str(million), "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said, peak = done.stdout.splitlines()
    assert json.loads(said)["rows"] == 1_000_000
    assert int(peak) < 400_000
    with out.open() as lines:
        assert sum(1 for _ in lines) == 1_000_001


@pytest.mark.slow
@not_windows
def test_ctrl_c_while_answers_are_written_leaves_no_file(of_million, million, tmp_path):
    with started("predict", of_million, million, "--out", tmp_path / "a.csv", stdout=subprocess.PIPE) as process:
        while not list(tmp_path.iterdir()):  # the temporary one
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "nodeglow: interrupted\n"
    assert list(tmp_path.iterdir()) == []


# -- convert and formats ----------------------------------------------------------------------------------------------


def test_what_a_format_does_not_hold_is_said_before_it_is_written(nodeglow, trained, tmp_path, foreign):
    status, _, err = nodeglow("convert", trained, tmp_path / "m.other", "--inputs", "prepared")
    assert status == 0
    assert err == "Only prepared inputs are held.\n"
    status, out, err = nodeglow("convert", trained, tmp_path / "n.other", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["limits"] == ["Only raw inputs are held."]
    for row in FORMATS.values():
        said = nodeglow("convert", trained, tmp_path / f"m{row.suffix}", "--force", "--format", row.name)[2]
        assert said == "".join(f"{limit}\n" for limit in row.limits(load_model(trained), ExportOptions()))


def test_a_choice_that_a_format_does_not_leave_is_refused(nodeglow, trained, tmp_path, foreign):
    result = nodeglow("convert", trained, tmp_path / "m.npz", "--inputs", "prepared")
    assert_refused(result, "npz leaves no choice of --inputs", "other")
    assert_refused(nodeglow("convert", trained, tmp_path / "m.other", "--inputs", "cooked"), "'cooked'", "prepared")
    assert list(tmp_path.iterdir()) == []


def test_what_is_assumed_about_a_foreign_network_is_said_and_can_be_chosen(nodeglow, trained, tmp_path, foreign):
    other, out = tmp_path / "net.other", tmp_path / "net.json"
    other.write_bytes(OLD)
    status, _, err = nodeglow("convert", other, out)
    assert status == 0
    for said in ("folded into one", "relu is assumed", "softmax is assumed", "taken as they are"):
        assert said in err
    assert load_model(out).recipe.feature_names == ("x1", "x2", "x3", "x4")
    choices = ("--activation", "tanh", "--link", "linear", "--like", trained)
    status, said, err = nodeglow("convert", other, out, *choices, "--force", "--json")
    assert (status, err) == (0, "")
    assert len(json.loads(said)["notes"]) == 3
    model = load_model(out)
    assert (model.network.hidden[0].activation, model.network.link) == ("tanh", "linear")
    assert model.recipe == load_model(trained).recipe
    answers = nodeglow("predict", other, "penguins", *choices)
    assert answers[1] == nodeglow("predict", out, "penguins")[1]
    assert "tanh is assumed" in answers[2]
    assert_refused(nodeglow("convert", other, out, "--activation", "tan", "--force"), "'tan'", "tanh")
    assert_refused(nodeglow("convert", other, out, "--like", tmp_path / "none.json", "--force"), "none.json")


def test_whoever_assumes_something_about_a_complete_file_is_told_that_it_is_needless(nodeglow, trained, tmp_path):
    status, _, err = nodeglow("convert", trained, tmp_path / "m.json", "--activation", "tanh")
    assert status == 0
    assert "nothing is assumed" in err


def test_a_session_is_converted_predicted_with_and_a_likeness(nodeglow, trained, tmp_path, foreign):
    session, out = trained.with_suffix(".nodeglow"), tmp_path / "m.safetensors"
    assert nodeglow("convert", session, out)[0] == 0
    assert out.read_bytes() == trained.read_bytes()
    assert nodeglow("predict", session, "penguins") == nodeglow("predict", trained, "penguins")
    (tmp_path / "net.other").write_bytes(OLD)
    assert nodeglow("convert", tmp_path / "net.other", tmp_path / "n.json", "--like", session)[0] == 0
    assert load_model(tmp_path / "n.json").recipe == load_model(trained).recipe


def test_every_format_is_listed_under_its_heading(nodeglow):
    _, text, _ = nodeglow("formats")
    _, out, _ = nodeglow("formats", "--json")
    listed = json.loads(out)["formats"]
    assert [each["format"] for each in listed] == list(FORMATS)
    for row in FORMATS.values():
        assert row.suffix in text
        assert row.description in text
        assert GROUPS[row.group] in text
    _, help_text, _ = nodeglow("convert", "--help")
    assert all(row.suffix in help_text for row in FORMATS.values())


# -- curves -----------------------------------------------------------------------------------------------------------


def test_the_record_of_every_epoch_is_written_as_csv(nodeglow, tmp_path):
    out = tmp_path / "curves.csv"
    arguments = ("--epochs", 7, "--seed", 3, "--engine", "reference", "--curves", out, "--json")
    status, said, _ = nodeglow("train", "iris", *arguments)
    assert status == 0
    found = pd.read_csv(out)
    assert tuple(found) == RECORD.names
    assert found["epoch"].tolist() == list(range(8))
    result = json.loads(said)
    assert repr(result["train_loss"]) in out.read_text().splitlines()[-1]
    assert repr(result["test_accuracy"]) in out.read_text().splitlines()[-1]
    assert found["learning_rate"].isna().tolist() == [True, *[False] * 7]
    assert result["saved"] == [str(out)]

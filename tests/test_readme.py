"""What README shows works as it stands there."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from simulator.cli.program import COMMANDS, application, run
from simulator.data import BUNDLED, open_dataset
from simulator.interchange import save_model
from simulator.training.session import Session
from ui.command import render

README = Path(__file__).parents[1] / "README.md"


def block(language: str, heading: str) -> str:
    """Return the first code block in a language below a heading."""
    text = README.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_lines_train_save_and_predict(folder, capsys):
    exec(compile(block("python", "From Python"), "README.md", "exec"), {})
    assert (folder / "p.safetensors").is_file()
    assert "probability_Gentoo" in capsys.readouterr().out


@pytest.mark.slow
def test_every_command_line_runs(folder, capsys):
    shutil.copy(BUNDLED["penguins"].path, folder / "birds.csv")
    pd.read_csv(folder / "birds.csv").to_excel(folder / "birds.xlsx", sheet_name="2009", index=False)
    lines = block("sh", "From the command line").splitlines()
    assert len(lines) >= 5
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "nodeglow"
        assert run(application({**COMMANDS, "render": render}), arguments) == 0, capsys.readouterr().err
    written = {"p.safetensors", "p.onnx", "p.py", "p.nodeglow", "answers.csv", "r.json", "film.gif"}
    assert {path.name for path in folder.iterdir()} == {"birds.csv", "birds.xlsx", *written}
    assert (folder / "answers.csv").read_text().startswith("prediction,probability_Adelie")


def test_the_lines_for_onnx_runtime_give_labels_and_probabilities(folder):
    penguins = open_dataset("penguins", seed=0)
    save_model(Session(penguins).model(), "p.onnx")
    shutil.copy(BUNDLED["penguins"].path, folder / "penguins.csv")
    found: dict = {}
    exec(compile(block("python", "Elsewhere"), "README.md", "exec"), found)
    assert found["probabilities"].shape == (344, 3)
    assert set(found["label"]) <= {*penguins.class_names, ""}


@pytest.mark.parametrize("command", ["start", "test"])
def test_each_of_the_two_commands_is_one_line_on_the_first_screen(command):
    lines = README.read_text(encoding="utf-8").splitlines()
    marker = lines.index(f"<!-- command: {command} -->")
    assert marker < 40
    assert lines[marker + 1] == "```sh"
    assert lines[marker + 3] == "```"

"""The bundled sets: the table says what the files hold, and an installed program finds them."""

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from simulator.data import BUNDLED, read_table

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", list(BUNDLED))
def test_a_row_says_what_its_file_holds(name):
    row = BUNDLED[name]
    frame = pd.read_csv(row.path, header=0 if row.header else None)
    assert len(frame) == row.rows
    assert len(frame.columns) == len(row.columns)
    if row.header:
        assert tuple(frame.columns) == row.columns
    assert row.target in row.columns
    assert set(row.choices["features"]) <= set(row.columns)
    assert row.source
    assert row.licence
    assert row.title
    assert row.description.endswith(".")
    assert tuple(read_table(row.path).frame.columns) == row.columns


def test_the_provenance_page_names_every_file_with_its_checksum():
    page = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
    sums = dict(reversed(line.split()) for line in re.findall(r"^[0-9a-f]{64}  \S+$", page, re.MULTILINE))
    assert set(sums) == {row.file for row in BUNDLED.values()}
    for row in BUNDLED.values():
        assert hashlib.sha256(row.path.read_bytes()).hexdigest() == sums[row.file]
        assert f"`{row.file}`" in page
    assert (ROOT / "datasets" / "mnist_5k.NOTICE.txt").is_file()


def test_the_folder_of_data_sets_is_no_package():
    assert not list((ROOT / "datasets").glob("*.py"))


@pytest.mark.slow
def test_an_installed_wheel_finds_its_data_sets_and_shadows_nobody(tmp_path):
    wheels, site, other = tmp_path / "wheels", tmp_path / "site", tmp_path / "other"
    source = tmp_path / "source"
    _copy_of_the_project(source)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        wheel.extractall(site)
    assert not [name for name in names if name.startswith("datasets/")]
    assert {f"simulator/data/bundled/{row.file}" for row in BUNDLED.values()} <= set(names)
    assert "simulator/data/bundled/mnist_5k.NOTICE.txt" in names
    (other / "datasets").mkdir(parents=True)
    (other / "datasets" / "__init__.py").write_text("whose = 'another'\n")
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import datasets, simulator.data as d\n"
        "assert datasets.whose == 'another'\n"
        "print(d.__file__); print(*(len(d.open_dataset(name).table) for name in d.BUNDLED))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(site), str(other)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    where, rows = done.stdout.splitlines()
    assert Path(where).is_relative_to(site)
    assert rows.split() == [str(row.rows) for row in BUNDLED.values()]


def _copy_of_the_project(target):
    """Copy what a wheel is made of; a page and a licence that are not there yet stand empty."""
    import shutil

    target.mkdir()
    shutil.copy(ROOT / "pyproject.toml", target)
    for name in ("README.md", "LICENSE"):
        (target / name).write_bytes((ROOT / name).read_bytes() if (ROOT / name).exists() else b"\n")
    for folder in ("simulator", "datasets", "ui", "resources"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))

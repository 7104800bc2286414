"""A file that changes while it is read, and files that cannot be read at all."""

import os
import sys

import pytest

from simulator.data import RecipeChoices, open_dataset
from simulator.data.readers import delimited
from simulator.data.readers.steady import unchanged
from simulator.errors import DatasetError
from simulator.progress import Cancelled, Progress

TEXT = "a,b,kind\n" + "".join(f"{k}.5,{k % 7},{'xy'[k % 2]}\n" for k in range(60_000))


def shorten(path):
    with path.open("r+b") as file:
        file.truncate(1000)


def append(path):
    with path.open("ab") as file:
        file.write(b"1.5,2,x\n")


def replace(path):
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    other.replace(path)


CHANGES = {
    "vanishes": (lambda path: path.unlink(), "the file vanished while it was read"),
    "becomes shorter": (shorten, "the file became shorter while it was read"),
    "is written to": (append, "the file was written to while it was read"),
    "is replaced": (replace, "the file was replaced by another one while it was read"),
    "is emptied": (lambda path: path.write_bytes(b""), "the file became shorter while it was read"),
    "gets another content": (lambda path: path.write_bytes(b"\0" * len(TEXT)), "was written to while it was read"),
}


@pytest.mark.parametrize("when", [1, 3])
@pytest.mark.parametrize("kind", list(CHANGES))
@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
def test_a_file_that_changes_while_it_is_read_is_refused(kind, when, tmp_path):
    change, said = CHANGES[kind]
    path = tmp_path / "table.csv"
    path.write_text(TEXT)
    os.utime(path, ns=(10**18, 10**18))
    told = 0

    def spoil(fraction, text):
        nonlocal told
        told += 1
        if told == when:
            change(path)

    with pytest.raises(DatasetError, match=said) as caught:
        open_dataset(path, Progress(spoil))
    assert told >= when
    assert caught.value.path == path
    assert caught.value.hint


def test_a_cancelled_job_is_not_blamed_on_the_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TEXT)
    progress = Progress(lambda fraction, text: (append(path), progress.cancel()))
    with pytest.raises(Cancelled):
        open_dataset(path, progress)


def test_an_error_of_a_file_that_stays_is_passed_on(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TEXT)
    with pytest.raises(KeyError), unchanged(path):
        raise KeyError
    with unchanged(path):
        pass


def test_a_file_that_is_not_there_is_left_to_the_reader(tmp_path):
    with pytest.raises(DatasetError, match="there is no such file"):
        delimited.read(tmp_path / "table.csv", RecipeChoices(), Progress())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with a name")
def test_a_pipe_is_refused_at_once(tmp_path):
    path = tmp_path / "table.csv"
    os.mkfifo(path)
    with pytest.raises(DatasetError, match="this is no ordinary file"):
        open_dataset(path)

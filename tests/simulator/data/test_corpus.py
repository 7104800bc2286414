"""Every file of a corpus gives a data set or a DatasetError, nothing else, in bounded time."""

import functools
import os
import time
from pathlib import Path

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.errors import DatasetError

FOLDER = Path(os.environ.get("NODEGLOW_CORPUS", Path(__file__).parent / "corpus"))
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
SLOWEST = 60.0


@functools.cache
def outcome(path):
    """Return the data set of a file, or the error that was raised."""
    try:
        return open_dataset(path)
    except DatasetError as error:
        return error


def test_the_corpus_has_files():
    assert FILES, f"{FOLDER} holds no file"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_file_gives_a_data_set_or_a_dataset_error(path):
    start = time.perf_counter()
    result = outcome(path)
    assert time.perf_counter() - start < SLOWEST
    if isinstance(result, DatasetError):
        assert result.path == path
        assert result.message
        assert result.hint
    else:
        assert isinstance(result, Dataset)
        assert np.isfinite(result.X_train).all()
        assert np.isfinite(result.Y_train).all()


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "corpus").glob("good_*")), ids=lambda path: path.name)
def test_a_good_file_is_read_however_it_is_spelt(path):
    data = outcome(path)
    assert isinstance(data, Dataset), data
    assert data.X_train.shape[1] == 2
    assert 24 <= len(data.table) <= 26
    assert len(data.class_names) == 2
    assert data.class_names[0].startswith("x")


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "corpus").glob("bad_*")), ids=lambda path: path.name)
def test_a_broken_file_is_refused(path):
    assert isinstance(outcome(path), DatasetError)

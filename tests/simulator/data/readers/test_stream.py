import gc
import warnings

import pytest

from simulator.data.readers.stream import Source, TextStream
from simulator.progress import Cancelled, Progress


def test_a_reading_cancelled_while_it_skips_the_first_lines_leaves_no_file_open(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_text("species,mass\n" + "Gentoo,5000\n" * 200_000)
    progress = Progress()
    progress.cancel()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with pytest.raises(Cancelled):
            TextStream(Source(path, "", "utf-8"), 10, ",", progress)
        gc.collect()


def test_the_lines_after_the_skipped_ones_are_read(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_text("# a comment\r\nspecies,mass\r\nGentoo,5000\r\n")
    with TextStream(Source(path, "", "utf-8"), 1) as stream:
        assert list(stream) == ["species,mass\n", "Gentoo,5000\n"]

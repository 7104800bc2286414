"""Whatever bytes a file holds, a data set or a DatasetError comes out, in bounded time and memory."""

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import BUNDLED, Dataset, open_dataset, read_table
from simulator.errors import DatasetError


def table(delimiter=",", decimal=".", thousands=""):
    lines = [delimiter.join(("length", "width", "kind"))]
    for k in range(30):
        value = (
            f"{k * 370.5 - 900:,.2f}".replace(",", thousands and "\0").replace(".", decimal).replace("\0", thousands)
        )
        lines.append(delimiter.join((f'"{value}"' if delimiter in value else value, str(k % 5), "xy"[k % 2])))
    return "\n".join(lines) + "\n"


def zipped(content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", content)
    return held.getvalue()


PACK = [bytes, gzip.compress, bz2.compress, lzma.compress, zipped]
SEEDS = [
    BUNDLED["penguins"].path.read_bytes()[:3000],
    BUNDLED["penguins_raw"].path.read_bytes()[:3000],
    table(";", ",", ".").encode(),
    table(",", ".", ",").encode(),
    table("\t", ".", "'").encode("utf-16"),
    table(" ").encode("utf-32"),
    b"sep=;\r\n# by us\r\nBirds\r\n" + table(";", ",").encode("cp1252"),
    b"# a,b,c\n" + b"1,2,3\n4,5,6\n" * 8,
    b"a,b,c\n[m],[s],\n" + b'1,2,"x, ""y"""\n3,4,"z\nw"\n' * 8,
]
PIECES = [
    *(b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff", b"NA", b"inf", b"1e999", b"\t", b" ", b'""', b"\xef\xbb\xbf"),
    *(b"-", b"\x1a", b"#", b"%", b"//", b"1,234,567", b"1.234.567", b"1'234", b"sep=,\n", b"\xe2\x80\xaf", b"\n\n"),
    *(
        b"\xff\xfe",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"BZh9",
        b"\xfd7zXZ\x00",
        b"9" * 25,
        b",,,,,,",
        b"\n#\n",
        b"\xe2\x88\x92",
    ),
]
places = st.integers(0, 5999)
pieces = st.sampled_from(PIECES) | st.binary(max_size=4)
CHANGES = st.one_of(
    st.tuples(st.just("splice"), places, st.integers(0, 40), pieces),
    st.tuples(st.just("flip"), places, st.integers(0, 7), st.just(b"")),
    st.tuples(st.just("cut"), places, st.integers(0, 0), st.just(b"")),
    st.tuples(st.just("join"), places, st.integers(0, 2999), st.sampled_from(SEEDS)),
    st.tuples(st.just("repeat"), places, st.integers(1, 300), st.just(b"")),
)
changes = st.lists(CHANGES, max_size=5)
choices = st.fixed_dictionaries(
    {},
    optional={
        "ragged": st.just("drop"),
        "thousands": st.sampled_from(["", ",", ".", "'", " "]),
        "delimiter": st.sampled_from([",", ";", "\t", "|", " "]),
        "header": st.booleans(),
        "missing": st.sampled_from(["mean", "median", "most_frequent"]),
    },
)
bounded = settings(
    max_examples=120, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def changed(content, how, place, length, piece):
    """Return bytes that were spoilt in one of the ways in which files are."""
    place %= len(content) + 1
    if how == "splice":
        return content[:place] + piece + content[place + length :]
    if how == "flip":
        return content[:place] + bytes(byte ^ 1 << length for byte in content[place : place + 1]) + content[place + 1 :]
    if how == "cut":
        return content[:place]
    if how == "join":
        return content[:place] + piece[length:]
    return content[:place] + content[place : place + length] * 20 + content[place:]


def outcome(path, **chosen):
    try:
        return open_dataset(path, **chosen)
    except DatasetError as error:
        return error


def gives_a_data_set_or_a_dataset_error(path, **chosen):
    data = outcome(path, **chosen)
    if isinstance(data, DatasetError):
        assert data.message
        assert data.path == path
        assert data.line is None or data.line >= 1
        return
    assert isinstance(data, Dataset)
    assert np.isfinite(data.X_train).all()
    assert np.isfinite(data.Y_train).all()
    assert len(data.X_train) >= 1
    assert all(column.dtype.kind in "if" or column.dtype == "str" for _, column in data.table.items())
    assert str(data.report)


def written(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return path


@bounded
@given(content=st.binary(max_size=400), pack=st.sampled_from(PACK))
def test_random_bytes_give_a_data_set_or_a_dataset_error(content, pack, tmp_path):
    gives_a_data_set_or_a_dataset_error(written(tmp_path, pack(content)))


@bounded
@given(content=st.text(alphabet="ab1.,;|\t \n\"-?Nx#%/=0'\u202f", max_size=200), chosen=choices)
def test_random_texts_give_a_data_set_or_a_dataset_error(content, chosen, tmp_path):
    gives_a_data_set_or_a_dataset_error(written(tmp_path, content.encode()), **chosen)


@bounded
@given(seed=st.sampled_from(SEEDS), spoilt=changes, chosen=choices)
def test_spoilt_real_files_give_a_data_set_or_a_dataset_error(seed, spoilt, chosen, tmp_path):
    for change in spoilt:
        seed = changed(seed, *change)
    gives_a_data_set_or_a_dataset_error(written(tmp_path, seed), **chosen)


@bounded
@given(
    seed=st.sampled_from(SEEDS), inside=changes, pack=st.sampled_from(PACK[1:]), outside=st.lists(CHANGES, max_size=2)
)
def test_spoilt_packed_files_give_a_data_set_or_a_dataset_error(seed, inside, pack, outside, tmp_path):
    for change in inside:
        seed = changed(seed, *change)
    content = pack(seed)
    for change in outside:
        content = changed(content, *change)
    gives_a_data_set_or_a_dataset_error(written(tmp_path, content))


@bounded
@given(
    rows=st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False, width=32),
            st.text(
                st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs", "Cc")), min_size=1
            ),
        ),
        min_size=3,
        max_size=20,
    )
)
def test_what_pandas_writes_is_read_back(rows, tmp_path):
    frame = pd.DataFrame(rows, columns=["number of it", "text of it"])
    frame["text of it"] = "t" + frame["text of it"].str.strip() + "t"
    path = tmp_path / "written.csv"
    frame.to_csv(path, index=False)
    back = read_table(path).frame
    assert back["text of it"].tolist() == frame["text of it"].tolist()
    np.testing.assert_array_equal(back["number of it"], frame["number of it"])

"""Packed files: unpacked on the way, in bounded memory, or refused."""

import bz2
import gzip
import io
import lzma
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.data.readers.packing import members_of, opened, packing_of, stem_of, unpacked_name
from simulator.data.readers.seekable import seekable
from simulator.errors import DatasetError
from simulator.progress import Progress

TEXT = "length,width,kind\n" + "1.5,2,x\n2.5,3,y\n" * 20


CORPUS = Path(__file__).parents[1] / "corpus"
BOMBS = {
    "bzip2": CORPUS / "bad_bomb.csv.bz2",
    "xz": CORPUS / "bad_bomb.csv.xz",
    "zip": CORPUS / "bad_bomb.zip",
}  # 48 MB each: to pack them takes seconds


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return held.getvalue()


PACK = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped(("birds.csv", content)),
}


def written(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.fixture
def expected(tmp_path):
    return read_table(written(tmp_path, TEXT.encode(), "expected.csv")).frame


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
@pytest.mark.parametrize("packing", list(PACK))
def test_a_packed_file_is_read_like_a_plain_one_and_that_is_said(packing, encoding, tmp_path):
    text = TEXT.replace("length", "größe")
    path = written(tmp_path, PACK[packing](text.encode(encoding)))
    table = read_table(path)
    pd.testing.assert_frame_equal(
        table.frame, read_table(written(tmp_path, text.encode(), "plain.csv")).frame, check_exact=True
    )
    assert table.dialect.packing == packing == packing_of(path)
    assert f"packed with {packing}." in table.notes[0]
    assert table.sheets == ()


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz"])
def test_streams_packed_one_after_the_other_are_one_text(packing, tmp_path, expected):
    pack = PACK[packing]
    content = pack(TEXT[:50].encode()) + pack(b"") + pack(TEXT[50:].encode())
    pd.testing.assert_frame_equal(read_table(written(tmp_path, content)).frame, expected)


def test_zeros_may_stand_between_and_after_the_streams_of_xz(tmp_path, expected):
    content = lzma.compress(TEXT[:50].encode()) + bytes(200_000) + lzma.compress(TEXT[50:].encode()) + bytes(8)
    pd.testing.assert_frame_equal(read_table(written(tmp_path, content)).frame, expected)


def test_folders_and_what_a_system_puts_into_an_archive_do_not_count(tmp_path, expected):
    content = zipped(
        ("birds/", ""), ("birds/birds.csv", TEXT), ("__MACOSX/birds/._birds.csv", "x"), ("birds/.DS_Store", "x")
    )
    path = written(tmp_path, content)
    assert members_of(path) == ("birds/birds.csv",)
    pd.testing.assert_frame_equal(read_table(path).frame, expected)


def test_an_archive_of_several_files_names_them_and_offers_to_read_one(tmp_path, expected):
    path = written(tmp_path, zipped(("a.csv", "p,q\n1,2\n3,4\n"), ("birds.csv", TEXT), ("c.csv", "")))
    with pytest.raises(DatasetError, match=r"holds 3 files: 'a\.csv', 'birds\.csv', 'c\.csv'") as caught:
        read_table(path)
    assert [offer.choices for offer in caught.value.offers] == [
        {"sheet": "a.csv"},
        {"sheet": "birds.csv"},
        {"sheet": "c.csv"},
    ]
    table = read_table(path, choices=RecipeChoices(**caught.value.offers[1].choices))
    pd.testing.assert_frame_equal(table.frame, expected)
    assert (table.sheets, table.sheet) == (("a.csv", "birds.csv", "c.csv"), "birds.csv")
    with pytest.raises(DatasetError, match=r"no file 'd\.csv'"):
        read_table(path, choices=RecipeChoices(sheet="d.csv"))


def test_a_file_of_another_format_among_several_is_named(tmp_path):
    path = written(tmp_path, zipped(("a.csv", TEXT), ("b.json", '[{"a": 1, "b": 2}]')))
    with pytest.raises(DatasetError, match=r"'b\.json' in the zip archive is no delimited text \(JSON") as caught:
        read_table(path, choices=RecipeChoices(sheet="b.json"))
    assert caught.value.hint.startswith("Unpack")
    assert read_table(path, choices=RecipeChoices(sheet="a.csv")).sheet == "a.csv"


def encrypted():
    content = bytearray(zipped(("a.csv", TEXT), method=zipfile.ZIP_STORED))
    for place in (6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 1
    return bytes(content)


def of_four_gigabytes():
    """Return an xz file whose block asks for the largest dictionary there is."""
    content = bytearray(lzma.compress(TEXT.encode()))
    end = 12 + (content[12] + 1) * 4
    content[16] = 40
    content[end - 4 : end] = struct.pack("<I", zlib.crc32(content[12 : end - 4]))
    return bytes(content)


BZIP2 = bz2.compress(TEXT.encode())
REFUSED = {
    "an empty archive": (zipped(), "holds no file"),
    "an archive of folders": (zipped(("a/", "")), "holds no file"),
    "an encrypted archive": (encrypted(), "'a.csv' in the zip archive is encrypted"),
    "an archive packed with bzip2": (zipped(("a.csv", TEXT), method=zipfile.ZIP_BZIP2), "is packed with bzip2"),
    "an archive packed with LZMA": (zipped(("a.csv", TEXT), method=zipfile.ZIP_LZMA), "is packed with LZMA"),
    "an archive cut off": (zipped(("a.csv", TEXT))[:-30], "the packed file is damaged"),
    "an archive with a wrong sum": (
        zipped(("a.csv", TEXT), method=zipfile.ZIP_STORED).replace(b"1.5", b"1.6", 1),
        "the packed file is damaged",
    ),
    "a spreadsheet": (zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "")), "the workbook is damaged"),
    "an open document": (zipped(("mimetype", "application/x"), ("content.xml", "")), "the workbook is damaged"),
    "bzip2 cut off": (bz2.compress(TEXT.encode())[:-9], "the packed file is cut off"),
    "xz cut off": (lzma.compress(TEXT.encode())[:-30], "the packed file is cut off"),
    "bzip2 damaged": (BZIP2[:10] + bytes(4) + BZIP2[14:], "the packed file is damaged"),
    "xz damaged": (lzma.compress(TEXT.encode())[:-60] + b"abc" * 20, "the packed file is damaged"),
    "xz that asks for much memory": (of_four_gigabytes(), "unpacking takes more than 256 MB of memory"),
    "a document of Word's": (
        zipped(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "")),
        "a zip archive or a document",
    ),
    "packed twice": (gzip.compress(gzip.compress(TEXT.encode())), "packed once more, with gzip"),
    "a picture inside": (gzip.compress(b"\x89PNG" + bytes(100)), "packed in it with gzip is a PNG picture"),
}


@pytest.mark.parametrize("kind", list(REFUSED))
def test_what_cannot_be_unpacked_is_refused_with_a_hint(kind, tmp_path):
    content, said = REFUSED[kind]
    path = written(tmp_path, content)
    with pytest.raises(DatasetError, match=said) as caught:
        open_dataset(path)
    assert caught.value.path == path
    assert caught.value.hint


@pytest.mark.parametrize("packing", list(PACK))
def test_a_file_that_grows_without_end_is_refused(packing, tmp_path):
    content = gzip.compress(b"1,2\n" * 10_000_000) if packing == "gzip" else BOMBS[packing].read_bytes()
    with pytest.raises(DatasetError, match="more than 300 times as large"):
        open_dataset(written(tmp_path, content))


@pytest.mark.parametrize("packing", list(PACK))
def test_bytes_that_grow_without_end_are_refused_for_every_format(packing, tmp_path):
    path = written(tmp_path, gzip.compress(bytes(40_000_000)) if packing == "gzip" else BOMBS[packing].read_bytes())
    with (
        pytest.raises(DatasetError, match="more than 300 times as large") as caught,
        seekable(path, Progress()),
    ):
        pass
    assert caught.value.path == path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="asks for the memory as Unix counts it")
def test_a_bomb_takes_little_memory(tmp_path):
    path = written(tmp_path, BOMBS["bzip2"].read_bytes() * 40)  # 1.9 GB
    script = (
        "import resource, sys\n"
        "from simulator.data import read_table\n"
        "from simulator.errors import DatasetError\n"
        "from pathlib import Path\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read_table(Path(sys.argv[1]))\n"
        "except DatasetError:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(ran.stdout) * unit < 300e6


def test_a_file_is_called_without_its_suffixes():
    names = {"birds.csv.gz": "birds", "birds.zip": "birds", "my.birds.CSV.XZ": "my.birds", "birds": "birds"}
    assert {name: stem_of(Path(name)) for name in names} == names
    assert stem_of(Path("birds.tsv.bz2")) == "birds"
    assert stem_of(Path(".gz")) == ".gz"
    assert unpacked_name(Path("folder/birds.csv.gz")) == "birds.csv"
    assert unpacked_name(Path("birds.csv")) == "birds.csv"


@pytest.mark.parametrize("packing", ["", *PACK])
def test_the_bytes_of_any_file_can_be_had_unpacked(packing, tmp_path):
    content = bytes(range(256)) * 100
    path = written(tmp_path, PACK[packing](content) if packing else content, "pixels")
    assert packing_of(path) == packing
    with opened(path, packing) as file:
        assert file.read(7) == content[:7]
        assert file.read() == content[7:]

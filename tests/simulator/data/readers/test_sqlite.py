"""SQLite: tables and views, values of any kind, and databases that are no good."""

import contextlib
import os
import sqlite3

import numpy as np
import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.data.readers import sqlite
from simulator.errors import DatasetError
from simulator.progress import Cancelled, Progress


def database(tmp_path, *statements, name="t.db"):
    path = tmp_path / name
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


BIRDS = (
    "CREATE TABLE birds (id INTEGER PRIMARY KEY, mass REAL, species TEXT)",
    "INSERT INTO birds VALUES (1, 3750, 'Adelie'), (2, NULL, 'Gentoo'), (3, 5000.5, NULL)",
)


def test_tables_and_views_are_listed_and_chosen(tmp_path):
    path = database(
        tmp_path,
        "CREATE TABLE empty (a, b)",
        "CREATE TABLE list (a)",
        "INSERT INTO list VALUES (1), (2)",
        *BIRDS,
        "CREATE VIEW heavy AS SELECT species, mass, id FROM birds WHERE mass > 4000",
        "CREATE TABLE counted (a INTEGER PRIMARY KEY AUTOINCREMENT, b)",
    )
    table = read_table(path)
    assert table.sheets == ("empty", "list", "birds", "counted", "heavy")
    assert table.sheet == "birds"
    assert table.frame["id"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(table.frame["mass"], [3750, np.nan, 5000.5])
    assert table.frame["species"].tolist()[:2] == ["Adelie", "Gentoo"]
    view = read_table(path, choices=RecipeChoices(sheet="heavy"))
    assert list(view.frame) == ["species", "mass", "id"]
    assert len(view.frame) == 1
    for sheet, said in (("empty", "no row"), ("list", "only one column"), ("nests", "no table called 'nests'")):
        with pytest.raises(DatasetError, match=said):
            read_table(path, choices=RecipeChoices(sheet=sheet))


def test_values_of_any_kind_in_one_column_are_read(tmp_path):
    path = database(
        tmp_path,
        'CREATE TABLE t (mixed, digits, huge, picture, "a ""b""", infinite)',
        "INSERT INTO t VALUES (1, '1.5', 9223372036854775807, x'00ff', 1, 9e999), ('x', ' 2', 1, 'text', 2, 1)",
        "INSERT INTO t VALUES (2.5, NULL, 2, NULL, 3, 2)",
    )
    table = read_table(path)
    assert table.frame["mixed"].tolist() == ["1", "x", "2.5"]
    np.testing.assert_array_equal(table.frame["digits"], [1.5, 2, np.nan])
    assert table.frame["huge"].iloc[0] == 2**63 - 1
    assert 'a "b"' in table.frame
    np.testing.assert_array_equal(table.frame["infinite"], [np.inf, 1, 2])
    assert "picture" not in table.frame
    assert "'picture' holds binary data (BLOB) and is left out." in table.notes


def test_texts_that_are_no_utf8_are_read_as_well_as_can_be(tmp_path):
    path = database(tmp_path, "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (CAST(x'41ff' AS TEXT), 1), ('B', 2)")
    assert read_table(path).frame["a"].tolist() == ["A�", "B"]


def test_many_rows_come_in_chunks_and_can_be_cancelled(tmp_path):
    numbers = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 50000) SELECT k, k % 3 FROM n"
    path = database(tmp_path, "CREATE TABLE t (a, b)", f"INSERT INTO t {numbers}")
    assert read_table(path).frame["a"].sum() == 50_000 * 50_001 / 2
    said = []
    progress = Progress(lambda *each: (said.append(each), len(said) > 5 and progress.cancel()))
    with pytest.raises(Cancelled):
        read_table(path, progress)


ENDLESS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) "


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (ENDLESS + "SELECT count(*) AS a, 1 AS b FROM n", "takes too long"),
        (ENDLESS + "SELECT k AS a, k AS b FROM n WHERE k < 0", "takes too long"),
        (ENDLESS + "SELECT k AS a, k AS b FROM n", "more than 200,000 cells"),
        ("SELECT hex(zeroblob(900000000)) AS a, 1 AS b", "too big|too large"),
        ("SELECT missing AS a, 1 AS b FROM birds", "no such column"),
        ("SELECT load_extension('x') AS a, 1 AS b", "cannot be read"),
    ],
)
def test_a_hostile_view_does_not_run_forever(view, said, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "MOST_STEPS", 3_000_000)
    monkeypatch.setattr(sqlite, "MOST_CELLS", 200_000)
    path = database(tmp_path, *BIRDS, f"CREATE VIEW hostile AS {view}")
    assert len(read_table(path).frame) == 3
    with pytest.raises(DatasetError, match=said) as caught:
        read_table(path, choices=RecipeChoices(sheet="hostile"))
    assert caught.value.hint


def test_an_endless_view_can_be_cancelled_while_it_gives_no_row(tmp_path):
    view = ENDLESS + "SELECT count(*) AS a, 1 AS b FROM n"
    path = database(tmp_path, f"CREATE VIEW hostile AS {view}")
    said = []
    progress = Progress(lambda *each: (said.append(each), len(said) > 20 and progress.cancel()))
    with pytest.raises(Cancelled):
        read_table(path, progress, RecipeChoices(sheet="hostile"))


def test_a_database_with_a_write_ahead_log_is_read_and_nothing_is_written_beside_it(tmp_path):
    path = database(tmp_path, "PRAGMA journal_mode = WAL", *BIRDS)
    before = sorted(tmp_path.iterdir())
    assert len(read_table(path).frame) == 3
    assert sorted(tmp_path.iterdir()) == before


def test_what_stands_only_in_the_write_ahead_log_is_read_too(tmp_path):
    path = tmp_path / "t.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in BIRDS:
            connection.execute(statement)
        connection.commit()
        assert len(read_table(path).frame) == 3


def test_a_locked_database_is_refused_with_a_way_out(tmp_path, monkeypatch):
    path = database(tmp_path, *BIRDS)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.01)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatasetError, match="locked") as caught:
            read_table(path)
    assert "Close the program" in caught.value.hint


def test_an_encrypted_or_damaged_database_is_refused(tmp_path):
    path = database(tmp_path, *BIRDS)
    data = bytearray(path.read_bytes())
    path.write_bytes(os.urandom(16) + data[16:])  # as encryption leaves it: nothing is recognised
    with pytest.raises(DatasetError):
        read_table(path)
    data[100:4000] = b"\xff" * 3900
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="cannot be read") as caught:
        read_table(path)
    assert caught.value.hint
    path.write_bytes(data[:50])
    with pytest.raises(DatasetError, match="no SQLite database"):
        read_table(path)


def test_the_name_of_a_column_that_is_no_text_is_refused(tmp_path):
    path = database(tmp_path, *BIRDS)
    path.write_bytes(path.read_bytes().replace(b"mass REAL", b"m\xffss REAL"))
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.hint


def test_a_database_without_tables_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="holds no table"):
        read_table(database(tmp_path, "CREATE TABLE t (a, b)", "DROP TABLE t"))


def test_names_with_marks_of_their_own_are_no_commands(tmp_path):
    path = database(tmp_path, 'CREATE TABLE "a""; DROP TABLE b; --" (x, "y?#%")', "CREATE TABLE b (z)",
                    'INSERT INTO "a""; DROP TABLE b; --" VALUES (1, 2), (3, 4)', name="t #?%20.db")  # fmt: skip
    table = read_table(path)
    assert table.sheet == 'a"; DROP TABLE b; --'
    assert list(table.frame) == ["x", "y?#%"]


def test_a_table_of_a_database_trains(tmp_path):
    rows = ", ".join(f"({k}, '{'xy'[k % 2]}')" for k in range(20))
    path = database(tmp_path, "CREATE TABLE t (a, kind)", f"INSERT INTO t VALUES {rows}")
    assert open_dataset(path).class_names == ("x", "y")

"""Workbooks: where the table stands on a sheet, what cells mean, and workbooks that are no good."""

import datetime
import struct
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlwt

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import DatasetError


def book(path, *sheets):
    """Write a workbook whose sheets are given as (name, rows, the cell where they begin)."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows, (top, left) in sheets:
        sheet = made.create_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.cell(top + r, left + c, cell)
    made.save(path)
    return path


BIRDS = [["species", "mass", "sex"], ["Adelie", 3750, "m"], ["Gentoo", 5000.5, "f"], ["Adelie", 3250, "f"]]
FRAME = pd.DataFrame(BIRDS[1:], columns=BIRDS[0])


@pytest.mark.parametrize("place", [(1, 1), (1, 4), (7, 1), (12, 5)])
def test_a_table_is_found_anywhere_on_a_sheet(place, tmp_path):
    table = read_table(book(tmp_path / "t.xlsx", ("birds", BIRDS, place)))
    pd.testing.assert_frame_equal(table.frame, FRAME)
    assert [table.line(row) for row in range(3)] == [place[0] + 1 + row for row in range(3)]


def test_titles_above_and_remarks_under_and_beside_a_table_are_left_out_and_said(tmp_path):
    rows = [["Penguins of Palmer"], ["counted in", 2007], [], *BIRDS, [], ["Source: the station"]]
    rows[4] = [*rows[4], None, "a remark"]
    table = read_table(book(tmp_path / "t.xlsx", ("birds", rows, (1, 2))))
    pd.testing.assert_frame_equal(table.frame, FRAME)
    assert "The table begins in row 4 of the sheet." in table.notes
    assert "What stands under the table, from row 9 on, is left out." in table.notes
    assert "What stands beside the named columns is left out." in table.notes


def test_empty_rows_within_a_table_are_passed_over(tmp_path):
    table = read_table(book(tmp_path / "t.xlsx", ("birds", [*BIRDS, [], [], ["Chinstrap", 4000, "m"]], (1, 1))))
    assert len(table.frame) == 4
    assert table.line(3) == 7


def test_the_row_of_the_sheet_is_named_where_a_cell_is_refused(tmp_path):
    rows = [["title"], ["a", "b", "kind"], *([k, k * 1.5, "xy"[k % 2]] for k in range(20)), [3, "oops", "x"]]
    path = book(tmp_path / "t.xlsx", ("numbers", rows, (1, 1)))
    assert open_dataset(path).table["b"].dtype == "str"
    rows[-1][1] = None
    data = open_dataset(book(path, ("numbers", rows, (1, 1))))
    assert [each.line for each in data.report.dropped] == [23]


def test_dates_times_truths_and_errors_become_what_a_table_can_hold(tmp_path):
    day, moment = datetime.date(2007, 11, 11), datetime.datetime.fromisoformat("2007-11-12T10:30")
    midnight = datetime.datetime.fromisoformat("2007-11-13")
    rows = [
        ["day", "moment", "true", "mass", "time", "length"],
        [day, moment, True, 1.5, datetime.time(3, 4), datetime.timedelta(hours=30)],
        [midnight, midnight, False, "#N/A", datetime.time(5, 6), datetime.timedelta(minutes=1)],
        [None, None, None, "#DIV/0!", None, datetime.timedelta(days=1)],
        [day, day, True, 2, None, None],
    ]
    frame = read_table(book(tmp_path / "t.xlsx", ("t", rows, (1, 1)))).frame
    assert frame["day"].tolist()[:2] == ["2007-11-11", "2007-11-13"]
    assert frame["moment"].tolist()[:2] == ["2007-11-12T10:30:00", "2007-11-13T00:00:00"]
    assert frame["moment"].iloc[3] == "2007-11-11T00:00:00"
    assert frame["true"].dropna().tolist() == ["True", "False", "True"]
    np.testing.assert_array_equal(frame["mass"], [1.5, np.nan, np.nan, 2])
    assert frame["time"].iloc[0] == "03:04:00"
    np.testing.assert_array_equal(frame["length"], [108_000, 60, 86_400, np.nan])


def test_numbers_that_were_typed_as_texts_are_numbers_and_mixed_columns_are_texts(tmp_path):
    rows = [["typed", "mixed"], ["1.5", 3], [" 2 ", "three"], [3, 2.5], ["NA", None]]
    frame = read_table(book(tmp_path / "t.xlsx", ("t", rows, (1, 1)))).frame
    np.testing.assert_array_equal(frame["typed"], [1.5, 2, 3, np.nan])
    assert frame["mixed"].tolist()[:3] == ["3", "three", "2.5"]


def test_merged_cells_all_have_the_value_of_the_first(tmp_path):
    path = book(
        tmp_path / "t.xlsx", ("t", [["island", "mass"], ["Dream", 1], [None, 2], [None, 3], ["Biscoe", 4]], (3, 2))
    )
    made = openpyxl.load_workbook(path)
    made.active.merge_cells("B4:B6")
    made.save(path)
    assert read_table(path).frame["island"].tolist() == ["Dream", "Dream", "Dream", "Biscoe"]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([[k, k * 1.5, "xy"[k % 2]] for k in range(6)], ["column_1", "column_2", "column_3"]),
        ([["x", "y"], ["y", "x"], ["x", "x"], ["y", "y"]], ["column_1", "column_2"]),
        ([["land", 2001, 2002, 2003], *(["c" * k, k, k, k] for k in range(1, 6))], ["land", "2001", "2002", "2003"]),
        (
            [[None, "n", None, "kind"], *([f"row {k}", k, None, "xy"[k % 2]] for k in range(6))],
            ["column_1", "n", "kind"],
        ),
    ],
    ids=["numbers alone", "texts that come again", "years", "row names and an empty column"],
)
def test_names_are_told_from_values(rows, names, tmp_path):
    assert list(read_table(book(tmp_path / "t.xlsx", ("t", rows, (1, 1)))).frame) == names


def test_the_user_says_whether_there_are_names(tmp_path):
    path = book(tmp_path / "t.xlsx", ("t", BIRDS, (1, 1)))
    assert len(read_table(path, choices=RecipeChoices(header=False)).frame) == 4
    path = book(tmp_path / "t.xlsx", ("t", [[1, 2], [3, 4], [5, 6]], (1, 1)))
    assert list(read_table(path, choices=RecipeChoices(header=True)).frame) == ["1", "2"]


def test_the_first_sheet_with_a_table_is_read_unless_another_is_chosen(tmp_path):
    sheets = [
        ("cover", [["A report"]], (1, 1)),
        ("empty", [], (1, 1)),
        ("birds", BIRDS, (2, 2)),
        ("more", BIRDS[:3], (1, 1)),
    ]
    path = book(tmp_path / "t.xlsx", *sheets)
    table = read_table(path)
    assert (table.sheets, table.sheet) == (("cover", "empty", "birds", "more"), "birds")
    for asked in ("more", "MORE", "4"):
        table = read_table(path, choices=RecipeChoices(sheet=asked))
        assert (table.sheet, len(table.frame)) == ("more", 2)
    for asked, said in (
        ("cover", "no row of data"),
        ("empty", "is empty"),
        ("birds ", ""),
        ("penguins", "no sheet called"),
    ):
        if said:
            with pytest.raises(DatasetError, match=said):
                read_table(path, choices=RecipeChoices(sheet=asked))


@pytest.mark.parametrize(
    ("rows", "said", "line"),
    [
        ([], "is empty", None),
        ([["a", "b"]], "no row of data", None),
        ([["a"], [1], [2]], "only one column", 1),
        ([["x", "x", "b"], [1, 2, 3]], "two columns are called 'x'", 1),
    ],
)
def test_a_sheet_without_a_good_table_is_refused(rows, said, line, tmp_path):
    with pytest.raises(DatasetError, match=said) as caught:
        read_table(book(tmp_path / "t.xlsx", ("t", rows, (1, 1))))
    assert caught.value.line in (line, None)
    assert caught.value.hint


def test_two_cells_in_far_corners_are_refused_before_memory_is_taken(tmp_path):
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = 1, 2
    made.save(tmp_path / "t.xlsx")
    with pytest.raises(DatasetError, match="row 1,048,576 and column 16,384"):
        read_table(tmp_path / "t.xlsx")


def test_a_far_cell_of_an_old_workbook_is_refused_before_memory_is_taken(tmp_path):
    made = xlwt.Workbook()
    sheet = made.add_sheet("t")
    for row in range(300):
        sheet.write(row, 0, "far")
        sheet.write(row, 1, row)
    made.save(str(tmp_path / "t.xls"))
    data = (tmp_path / "t.xls").read_bytes()
    cell = struct.pack("<HHHH", 0x00FD, 10, 299, 0)
    assert data.count(cell) == 1
    (tmp_path / "t.xls").write_bytes(data.replace(cell, struct.pack("<HHHH", 0x00FD, 10, 0xFFFF, 0xFFFF)))
    with pytest.raises(DatasetError, match="row 65,536 and column 65,536"):
        read_table(tmp_path / "t.xls")


def test_a_far_cell_is_found_where_only_the_list_of_sheets_points_to(tmp_path):
    made = xlwt.Workbook()
    sheet = made.add_sheet("t")
    sheet.write(0, 0, "\0" * 4000)
    for row in range(1, 300):
        sheet.write(row, 1, row)
    made.save(str(tmp_path / "t.xls"))
    data = bytearray((tmp_path / "t.xls").read_bytes())
    text = data.index(bytes(100))  # within a long text, where a walk from record to record does not look
    while data[text - 4 : text + 2000].count(0) < 2004:
        text = data.index(bytes(100), text + 1)
    data[text : text + 20] = struct.pack("<HH", 0x0809, 16) + bytes(16)
    data[text + 20 : text + 38] = struct.pack("<HHHHHd", 0x0203, 14, 0xFFFF, 0xFFFF, 0, 1.0)
    listed = data.index(struct.pack("<H", 0x0085), 512)
    data[listed + 4 : listed + 8] = struct.pack("<I", text - 512)
    (tmp_path / "t.xls").write_bytes(data)
    with pytest.raises(DatasetError, match="row 65,536 and column 65,536"):
        read_table(tmp_path / "t.xls")


def test_an_old_workbook_of_many_sheets_is_read(tmp_path):
    made = xlwt.Workbook()
    for number in range(60):
        sheet = made.add_sheet(f"sheet {number}")
        for r, row in enumerate(BIRDS):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
    made.save(str(tmp_path / "t.xls"))
    table = read_table(tmp_path / "t.xls", choices=RecipeChoices(sheet="sheet 59"))
    pd.testing.assert_frame_equal(table.frame, FRAME)


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="t">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""
CELL = '<table:table-cell office:value-type="float" office:value="{}" table:number-columns-repeated="{}"/>'
EMPTY = '<table:table-cell table:number-columns-repeated="{}"/>'


def ods(path, body):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS.format(body))
    return path


def test_repeated_cells_are_read_and_repeated_empty_ones_at_the_end_take_nothing(tmp_path):
    row = "<table:table-row>" + CELL.format("{}", 2) + EMPTY.format(16_382) + "</table:table-row>"
    empty = '<table:table-row table:number-rows-repeated="1048500">' + EMPTY.format(16_384) + "</table:table-row>"
    path = ods(tmp_path / "t.ods", "".join(row.format(k) for k in range(5)) + empty)
    assert read_table(path).frame.shape == (5, 2)


def test_repeated_cells_without_end_are_refused(tmp_path):
    row = '<table:table-row table:number-rows-repeated="1000000">' + CELL.format(1, 16_000) + "</table:table-row>"
    with pytest.raises(DatasetError, match="row 1,000,000 and column 16,000"):
        read_table(ods(tmp_path / "t.ods", row))


def test_a_bomb_in_a_workbook_is_refused(tmp_path):
    path = book(tmp_path / "t.xlsx", ("t", BIRDS, (1, 1)))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 60_000_000)
    with pytest.raises(DatasetError, match="300 times as large"):
        read_table(path)


def test_a_part_that_is_larger_than_it_says_is_refused(tmp_path):
    path = book(tmp_path / "t.xlsx", ("t", BIRDS, (1, 1)))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 5_000_000)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 5_000)))
    with pytest.raises(DatasetError, match="not what it says"):
        read_table(path)


def test_an_encrypted_workbook_is_refused_as_such(tmp_path):
    data = bytearray(1024 * 3)
    data[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", data, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", data, 44, 1)
    struct.pack_into("<IIII", data, 48, 1, 0, 4096, 0xFFFFFFFE)
    struct.pack_into("<IIII", data, 60, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<110I", data, 72, 0, 0, *[0xFFFFFFFF] * 108)
    struct.pack_into("<I", data, 76, 0)
    struct.pack_into("<3I", data, 512, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF)
    for place, name in enumerate(("Root Entry", "EncryptedPackage")):
        spelt = name.encode("utf-16-le")
        data[1024 + 128 * place : 1024 + 128 * place + len(spelt)] = spelt
        struct.pack_into("<H", data, 1024 + 128 * place + 64, len(spelt) + 2)
    (tmp_path / "t.xlsx").write_bytes(data)
    with pytest.raises(DatasetError, match="encrypted"):
        read_table(tmp_path / "t.xlsx")


def test_a_document_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<nothing/>")
    with pytest.raises(DatasetError, match=r"damaged|no sheet"):
        read_table(tmp_path / "t.xlsx")


def record(kind, body=b""):
    """Return a record of a binary workbook: its kind and length in seven bits a byte."""
    kinds = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return kinds + bytes([len(body) & 127 | 128, len(body) >> 7]) + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path, rows, last=None):
    """Write a binary workbook; `last` is the number of the last row, where it is not the next one."""
    sheet = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, 2)) + record(145)
    for number, row in enumerate(rows):
        place = last if last is not None and row is rows[-1] else number
        sheet += record(0, struct.pack("<IIHBBBI", place, 0, 0, 0, 0, 0, 0))
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet += record(6, struct.pack("<II", column, 0) + wide(cell))
            else:
                sheet += record(5, struct.pack("<IId", column, 0, cell))
    sheet += record(146) + record(130)
    sheets = record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("birds")) + record(144)
    schema = "http://schemas.openxmlformats.org/"
    kind = f"{schema}officeDocument/2006/relationships/worksheet"
    relation = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    relations = f'<Relationships xmlns="{schema}package/2006/relationships">{relation}</Relationships>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{schema}package/2006/content-types"/>')
        archive.writestr("xl/workbook.bin", record(131) + sheets + record(132))
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def test_a_binary_workbook_is_read(tmp_path):
    table = read_table(xlsb(tmp_path / "t.xlsb", BIRDS))
    pd.testing.assert_frame_equal(table.frame, FRAME)
    assert table.sheet == "birds"


@pytest.mark.parametrize("last", [10_000_000, 2**31, 2**32 - 1])
def test_a_far_row_of_a_binary_workbook_is_refused_before_memory_is_taken(last, tmp_path):
    with pytest.raises(DatasetError, match=f"row {last + 1:,} and column"):
        read_table(xlsb(tmp_path / "t.xlsb", BIRDS, last))

"""The report says everything in plain sentences."""

from simulator.data.report import DroppedRow, Filled, Report


def test_everything_is_said_once_and_in_plain_words():
    dropped = (*(DroppedRow(row, row + 2, ("a", "b", "c", "d", "e", "f")) for row in range(1)),)
    report = Report(
        ("Read it.",),
        (("x", "it holds dates"),),
        dropped,
        1,
        (Filled("b", 1, 2.5), Filled("c", 3, "u")),
        1234,
        1000,
        233,
    )
    assert str(report).split("\n") == [
        "Read it.",
        "Column 'x' is ignored: it holds dates.",
        "1 of 1,234 rows was dropped for missing values: line 2 (a, b, c, d and 2 more).",
        "1 missing value of 'b' filled with 2.5.",
        "3 missing values of 'c' filled with u.",
        "1,000 rows for training, 233 for testing.",
    ]


def test_of_many_dropped_rows_some_are_named_and_all_are_counted():
    dropped = tuple(DroppedRow(row, None, ("a",)) for row in range(1000))
    said = Report((), (), dropped, 5000, (), 9000, 3000, 1000).sentences[0]
    assert said.startswith("5,000 of 9,000 rows were dropped for missing values: row 1 (a), row 2 (a)")
    assert said.endswith("row 5 (a) and 4,995 more.")

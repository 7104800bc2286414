"""`nodeglow datasets`: the data sets that come with the program."""

import json
import sys

import rich.console
import rich.table

from simulator.cli.terminal import Json
from simulator.data import BUNDLED

_COLUMNS = ("name", "rows", "columns", "target", "task", "title", "source", "licence")


def datasets(as_json: Json = False) -> int:
    """List the bundled data sets."""
    rows = [
        (name, row.rows, len(row.columns), row.target, row.task, row.title, row.source, row.licence)
        for name, row in BUNDLED.items()
    ]
    if as_json:
        listed = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps({"datasets": listed}) + "\n")
        return 0
    console = rich.console.Console()
    # A pipe has no width: there, a row a line is what other programs want.
    if not console.is_terminal:
        sys.stdout.writelines("\t".join(map(str, row)) + "\n" for row in [_COLUMNS, *rows])
        return 0
    table = rich.table.Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in ("rows", "columns") else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)
    return 0

"""A table of words on a terminal, or a line a row for another program."""

import sys
from collections.abc import Collection, Sequence

import rich.console
import rich.table


def print_rows(names: Sequence[str], rows: Sequence[Sequence[object]], numbers: Collection[str] = ()) -> None:
    """Print a table; the columns in `numbers` are right-aligned."""
    console = rich.console.Console()
    # A pipe has no width: there, a row a line is what other programs want.
    if not console.is_terminal:
        sys.stdout.writelines("\t".join(map(str, row)) + "\n" for row in [names, *rows])
        return
    table = rich.table.Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)

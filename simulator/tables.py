"""Look a name up in an explicit table, or say which one was meant."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

from simulator.errors import ConfigError

Row = TypeVar("Row")


def look_up(table: Mapping[str, Row], name: str, what: str) -> Row:
    """Return the row called `name`.

    Parameters
    ----------
    table
        The rows by their names.
    name
        The wanted name.
    what
        What the rows are, in the singular ("activation"), for the message.

    Raises
    ------
    ConfigError
        When there is no such row; the hint names the nearest row and all the others.
    """
    row = table.get(name)
    if row is None:
        near = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), list(table), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"there is no {what} called {name!r}", f"{meant}There are: {', '.join(table)}.")
    return row

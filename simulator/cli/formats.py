"""`nodeglow formats`: the formats in which models are written, and what each is for."""

import json
import sys
from typing import Any

from simulator.cli.listing import print_rows
from simulator.cli.terminal import Json
from simulator.interchange import FORMATS, GROUPS

_COLUMNS = ("format", "suffix", "opens", "choices", "description")


def formats(as_json: Json = False) -> int:
    """List the formats of models: their suffixes, whether they can be opened, and what they are for.

    Examples
    --------
    nodeglow formats
    """
    listed: list[dict[str, Any]] = [
        {
            "format": name,
            "suffix": row.suffix,
            "group": row.group,
            "opens": row.load is not None,
            "choices": list(row.options),
            "description": row.description,
        }
        for name, row in FORMATS.items()
    ]
    if as_json:
        sys.stdout.write(json.dumps({"formats": listed, "groups": GROUPS}) + "\n")
        return 0
    for place, (group, title) in enumerate(GROUPS.items()):
        rows = [
            (
                each["format"],
                each["suffix"],
                "yes" if each["opens"] else "no",
                ", ".join(f"--{name.replace('_', '-')}" for name in each["choices"]),
                each["description"],
            )
            for each in listed
            if each["group"] == group
        ]
        if rows:
            sys.stdout.write(f"{chr(10) if place else ''}{title}\n")
            sys.stdout.flush()
            print_rows(_COLUMNS, rows)
    return 0

"""Which files the dialog offers to open."""

from simulator.data.readers import FORMATS

_PACKED = (".gz", ".bz2", ".xz", ".zip")


def filters() -> tuple[str, ...]:
    """Return the rows of the file chooser: all tables, then every format."""
    rows = {row.title: row.suffixes for row in FORMATS.values()}
    every = [*(suffix for suffixes in rows.values() for suffix in suffixes), *_PACKED]
    named = [f"{title} ({_patterns(suffixes)})" for title, suffixes in sorted(rows.items())]
    return (f"Tables ({_patterns(every)})", *named, "All files (*)")


def _patterns(suffixes: list[str] | tuple[str, ...]) -> str:
    return " ".join(f"*{suffix}" for suffix in suffixes)

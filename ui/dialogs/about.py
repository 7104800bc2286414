"""What the program is, and under which licences it and what it brings along stand. No Qt in here."""

import importlib.metadata

LICENCE = "Apache License 2.0"
FONT = "Inter, by the Inter Project Authors"
FONT_LICENCE = "SIL Open Font License 1.1"


def version() -> str:
    """Return the installed version; "unknown" in a checkout that was never installed."""
    try:
        return importlib.metadata.version("nodeglow")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def licences() -> tuple[tuple[str, str, str], ...]:
    """Return what is bundled as (what, source, licence)."""
    from simulator.data import BUNDLED  # pandas comes with it, and a message about a failure should not wait for that

    data = tuple((f"{row.title} (data)", row.source, row.licence) for row in BUNDLED.values())
    return (("Inter (font)", FONT.removeprefix("Inter, by "), FONT_LICENCE), *data)

"""What a format of model files is: how its files are written, read and described."""

import dataclasses
import json
import re
import shlex
from collections.abc import Callable
from typing import BinaryIO

from simulator.interchange.foreign import Foreign
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions

GROUPS = {
    "ours": "Complete: everything to predict and to go on",
    "programs": "For other programs",
    "source": "Source code that runs by itself",
    "numbers": "Numbers alone",
}
"""The headings of the formats, in their order."""


def _nothing_left_out(model: Model, options: ExportOptions) -> tuple[str, ...]:
    return ()


@dataclasses.dataclass(frozen=True)
class Format:
    """A row of the table of formats.

    Attributes
    ----------
    name, suffix, description
        Its name, the suffix of its files with the dot, and one sentence for a dialog.
    save
        A model to the content of a file; raises `ExportError`, before anything is written, for what it cannot
        hold.
    load
        An open file and its size to a model, or to what a file of another program says, raising `ModelFileError`;
        None for a format that cannot be read back. Formats that share a suffix share this function.
    group
        Under which heading it stands in a dialog (see `GROUPS`).
    limits
        What of a model a file of it would not hold, or hold otherwise, in plain sentences; said before it is written.
    options
        The fields of `ExportOptions` that it heeds.
    text
        Whether its files can be read by people.
    title
        Its name in plain words, as a dialog says it; the name itself where it is empty.
    usage
        A few lines that open a file of it where it is meant to be used, with FILE for its name; see `used`.
    """

    name: str
    suffix: str
    description: str
    save: Callable[[Model, ExportOptions], bytes]
    load: Callable[[BinaryIO, int], Model | Foreign] | None
    group: str = "ours"
    limits: Callable[[Model, ExportOptions], tuple[str, ...]] = _nothing_left_out
    options: tuple[str, ...] = ()
    text: bool = False
    title: str = ""
    usage: str = ""

    @property
    def called(self) -> str:
        """What it is called in plain words."""
        return self.title or self.name.replace("_", " ")

    def used(self, file: str) -> str:
        """Return the lines of `usage` for a file's name: a text where it stands in quotes, else as a shell takes it."""
        # All places at once: a name may hold the word itself.
        return re.sub(
            r"""'FILE'|"FILE"|FILE""",
            lambda found: {"'": repr(file), '"': json.dumps(file)}.get(found[0][0], shlex.quote(file)),
            self.usage,
        )

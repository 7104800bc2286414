"""What a file of a model would hold, worked out beside the window before it is written."""

import dataclasses

from simulator.errors import ExportError
from simulator.interchange import FORMATS, ExportOptions, Model, Part, content_of, outline
from simulator.progress import Progress
from simulator.spec import NetworkSpec

PREVIEW_LINES, LONGEST_LINE = 60, 400
LARGE = 2_000_000
"""A text of more parameters than this is made when it is asked for, not at every look."""

_MOST_SIZES = 9


@dataclasses.dataclass(frozen=True, eq=False)
class Contents:
    """What a file would hold.

    Attributes
    ----------
    format, options
        What it would be.
    limits
        What of the model it would not hold, in plain sentences.
    content
        All of it; None where it was refused, or is to be made only when somebody asks.
    message, hint
        Why it cannot be written; empty where it can.
    text
        The first lines of a text.
    lines
        How many lines a text has.
    parts
        What a binary file consists of.
    """

    format: str
    options: ExportOptions
    limits: tuple[str, ...]
    content: bytes | None = None
    message: str = ""
    hint: str = ""
    text: str = ""
    lines: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether such a file cannot be written."""
        return bool(self.message)


def examine(model: Model, name: str, options: ExportOptions, whole: bool, progress: Progress) -> Contents:
    """Make a file's content without writing it; the job behind the preview.

    Parameters
    ----------
    whole
        Whether also a very long text is made.
    """
    row = FORMATS[name]
    progress.report(None, f"looking at {row.called}")
    limits = row.limits(model, options)
    found = Contents(name, options, limits)
    if row.text and model.network.parameter_count > LARGE and not whole:
        return found
    try:
        content = content_of(model, row, options)
    except ExportError as error:
        return dataclasses.replace(found, message=error.message, hint=error.hint)
    progress.report(None)
    if not row.text:
        return dataclasses.replace(found, content=content, parts=outline(content))
    return dataclasses.replace(found, content=content, text=_beginning(content), lines=content.count(b"\n"))


def as_text(content: bytes) -> str:
    """Return a text file's content, without the mark that a spreadsheet needs before it."""
    return content.decode("utf-8-sig", errors="replace")


def _beginning(content: bytes) -> str:
    # Only so much is decoded as can be shown: a line may be as long as a layer is wide.
    lines = as_text(content[: PREVIEW_LINES * 4 * LONGEST_LINE]).split("\n")[:PREVIEW_LINES]
    return "\n".join(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in lines)


def architecture(network: NetworkSpec) -> str:
    """Return a network in a line, as "4 – 8 – 8 – 3, tanh, softmax"."""
    sizes = [f"{size:,}" for size in network.sizes]
    if len(sizes) > _MOST_SIZES:
        sizes = [*sizes[:4], "…", *sizes[-3:]]
    activations = list(dict.fromkeys(layer.activation.replace("_", " ") for layer in network.hidden))
    shown = activations if len(activations) <= 3 else [*activations[:3], "…"]
    return ", ".join([" – ".join(sizes), *shown, network.link])

"""A generated Python program is put together."""

from collections.abc import Iterable, Sequence

from simulator.interchange.model import Model
from simulator.interchange.source.arrays import weight_reader, weights


def assembled(
    head: str,
    standard: Iterable[str],
    others: Sequence[str],
    constants: Sequence[str],
    model: Model,
    functions: Sequence[str],
    main: str,
) -> bytes:
    """Return a program: docstring, imports, constants, weights, functions, main; UTF-8.

    Parameters
    ----------
    head
        The docstring, with what stands before it.
    standard, others
        Lines that import from the standard library, and from elsewhere.
    constants
        Lines.
    model
        Whose weights are written.
    functions
        Blocks of lines.
    main
        The last lines.
    """
    plain = sorted(line for line in standard if line.startswith("import "))
    parts = sorted(line for line in standard if not line.startswith("import "))
    blocks = [
        "\n".join([head.strip("\n"), "", *plain, *parts, "", *others, "", *constants]),
        weight_reader(model),
        weights(model),
        *functions,
        main.strip("\n"),
    ]
    return ("\n\n\n".join(block.strip("\n") for block in blocks) + "\n").encode()


def used_helpers(*texts: str) -> list[str]:
    """Return blocks of functions without the empty lines around them."""
    return [text.strip("\n") for text in texts]

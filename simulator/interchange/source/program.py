"""A generated Python program is put together."""

from collections.abc import Iterable, Sequence

from simulator.interchange.model import Model
from simulator.interchange.source.arrays import is_packed, weight_reader, weights

_MODULES = ("argparse", "csv", "gzip", "itertools", "os", "sys")
_PACKED = ("base64", "zlib")

_ENDING = """    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # head has seen enough
    except KeyError as error:
        sys.exit(f"{options.data}: there is no column {error}")
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(f"{options.data}: {error}")


if __name__ == "__main__":
    main()
"""
"""How every program goes on after what its `main` tries."""


def assembled(
    head: str,
    modules: Iterable[str],
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
    modules, others
        Lines that import from the standard library, beside what every program needs, and from elsewhere.
    constants
        Lines.
    model
        Whose weights are written.
    functions
        Blocks of lines.
    main
        The function `main` up to the end of what it tries.
    """
    usual = (*_MODULES, *_PACKED) if is_packed(model) else _MODULES
    standard = {*(f"import {name}" for name in usual), *modules}
    plain = sorted(line for line in standard if line.startswith("import "))
    parts = sorted(line for line in standard if not line.startswith("import "))
    blocks = [
        "\n".join([head.strip("\n"), "", *plain, *parts, "", *others, "", *constants]),
        weight_reader(model),
        weights(model),
        *functions,
        main.strip("\n") + "\n" + _ENDING,
    ]
    return ("\n\n\n".join(block.strip("\n") for block in blocks) + "\n").encode()


def used_helpers(*texts: str) -> list[str]:
    """Return blocks of functions without the empty lines around them."""
    return [text.strip("\n") for text in texts]

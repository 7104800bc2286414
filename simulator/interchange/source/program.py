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

_MAIN = '''
def main():
    """Predict the rows of a CSV file, or train on them."""
    parser = argparse.ArgumentParser(description="Predict a CSV file, or train on it.")
    parser.add_argument("task", choices=["predict", "train"])
    parser.add_argument("data", help="the CSV file")
    parser.add_argument("--delimiter", help="what stands between two cells (else found out)")
    parser.add_argument("--weights", help="{weights}")
    parser.add_argument("--epochs", type=int, default=20, help="how many epochs to train")
    parser.add_argument("--fresh", action="store_true", help="train from the start weights")
    parser.add_argument("--save", help="{saved}")
    options = parser.parse_args()
    try:
        if options.task == "train":
            train(options)
            return
        model = {built}
        if options.weights:
            {load}
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        write(lambda rows: predict(rows, model), options.data, options.delimiter)
'''
"""The `main` of a program that can predict and train."""


def main_part(weights: str, saved: str, built: str, load: str) -> str:
    """Return the `main` of a program that can predict and train, up to what it tries.

    Parameters
    ----------
    weights, saved
        What the options --weights and --save are for.
    built, load
        Code: the trained network, and how it takes other weights from a file.
    """
    return _MAIN.format(weights=weights, saved=saved, built=built, load=load)


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

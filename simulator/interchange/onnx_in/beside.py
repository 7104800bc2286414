"""Numbers of an ONNX file that lie in another one beside it, as PyTorch puts those of all but the smallest networks."""

from pathlib import Path
from typing import Any, BinaryIO

from simulator.errors import ModelFileError
from simulator.interchange.whole_files import open_regular, printable

_INSIDE = (
    "Keep both files together, or export with the weights inside: torch.onnx.export(…, external_data=False), or "
    "onnx.save(onnx.load('model.onnx'), 'whole.onnx')."
)


class Beside:
    """The files beside an ONNX file: only those in its own folder, and of each no byte twice.

    Parameters
    ----------
    file
        The ONNX file; one that has no name has nothing beside it.
    """

    def __init__(self, file: BinaryIO) -> None:
        name = getattr(file, "name", None)
        self._folder = Path(name).parent if isinstance(name, str) else None
        self._taken: dict[str, int] = {}

    def content(self, tensor: Any, size: int) -> bytes:
        """Return the bytes of a tensor.

        Parameters
        ----------
        tensor
            Whose `external_data` says where they are.
        size
            How many they are by its shape.

        Raises
        ------
        ModelFileError
            When they are not there.
        """
        told = {each.key: each.value for each in tensor.external_data}
        location = told.get("location", "")
        if not _plain(location) or self._folder is None:
            raise _refused(tensor, location, "which is not in the same folder and is not opened")
        offset, length = (_count(told.get(key, default)) for key, default in (("offset", "0"), ("length", str(size))))
        if length != size or offset is None:
            raise _refused(tensor, location, f"at a place that cannot be: {size:,} bytes are needed")
        place = self._folder / location
        if not place.exists():
            raise _refused(tensor, location, "which is not there")
        with open_regular(place) as (file, whole):
            taken = self._taken[location] = self._taken.get(location, 0) + size
            if offset + size > whole or taken > whole:
                raise _refused(tensor, location, "which is too short for them")
            file.seek(offset)
            return file.read(size)


def _plain(location: str) -> bool:
    """Whether it names a file and nothing else, on every system."""
    return 0 < len(location) <= 255 and location not in (".", "..") and not {*location} & {*"/\\:\0"}


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _refused(tensor: Any, location: str, why: str) -> ModelFileError:
    return ModelFileError(
        f"the numbers of {printable(tensor.name, 60)!r} lie in another file, {printable(location, 80)!r}, {why}",
        _INSIDE,
    )

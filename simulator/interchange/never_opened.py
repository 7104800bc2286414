"""Files that are never opened, since opening one can run a program, and how to convert them where they were made."""

from pathlib import Path

from simulator.interchange.whole_files import printable

_TORCH = "a PyTorch file is a pickle, which can run a program when it is opened"
_PICKLE = "a pickle can run a program when it is opened"

NEVER_OPENED = {
    ".pt": _TORCH,
    ".pth": _TORCH,
    ".ckpt": _TORCH,
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
    ".joblib": _PICKLE,
}
"""Why a file is not opened, by its suffix."""

CONVERTING = """import torch
from safetensors.torch import save_file

state = torch.load("model.pt", weights_only=True)
# for a whole module, and only if you trust the file:
# state = torch.load("model.pt", weights_only=False).state_dict()
save_file(state, "model.safetensors")"""
"""What makes a file that can be opened of one of PyTorch: of a state dict, and of a whole module."""

_PART_OF = {".ckpt": "['state_dict']"}
"""Which part of what is in a file is the state dict, where it is not all of it."""


def conversion_hint(path: Path) -> str:
    """Return how a file is converted, in a line."""
    suffix = path.suffix.lower()
    if NEVER_OPENED[suffix] != _TORCH:
        return (
            "Where it was made, save the model as .onnx (with scikit-learn: skl2onnx.to_onnx(model, X[:1]), written "
            "with SerializeToString), or its weights as .safetensors."
        )
    name = printable(path.name, 60)
    return (
        "With PyTorch, for a state dict: import torch; from safetensors.torch import save_file; "
        f"save_file(torch.load({name!r}, weights_only=True){_PART_OF.get(suffix, '')}, 'model.safetensors'). "
        f"For a whole module, if you trust the file: save_file(torch.load({name!r}, weights_only=False).state_dict(), "
        "'model.safetensors')."
    )

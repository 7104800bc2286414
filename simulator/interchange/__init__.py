"""Models out and in: one frozen `Model`, one file a format, one table of formats."""

from simulator.interchange.answering import answers_in_pieces
from simulator.interchange.foreign import Assumptions, Foreign, adopt, assumed_sentences
from simulator.interchange.formats import (
    FORMATS,
    GROUPS,
    Format,
    check_target,
    format_of,
    is_model_file,
    load_model,
    read_model,
    save_model,
)
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.whole_files import write_whole

__all__ = [
    "FORMATS",
    "GROUPS",
    "Assumptions",
    "ExportOptions",
    "Foreign",
    "Format",
    "Model",
    "adopt",
    "answers_in_pieces",
    "assumed_sentences",
    "check_target",
    "format_of",
    "is_model_file",
    "load_model",
    "read_model",
    "save_model",
    "write_whole",
]

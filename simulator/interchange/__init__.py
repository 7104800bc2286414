"""Models out and in: one frozen `Model`, one file a format, one table of formats."""

from simulator.interchange.answering import answers_in_pieces
from simulator.interchange.foreign import Assumptions, Foreign, adopt, assumed_sentences
from simulator.interchange.format import GROUPS, Format
from simulator.interchange.formats import ALSO_READ, FORMATS, format_of
from simulator.interchange.model import Model
from simulator.interchange.never_opened import CONVERTING, NEVER_OPENED
from simulator.interchange.opening import is_model_file, load_model, read_model
from simulator.interchange.options import ExportOptions
from simulator.interchange.outline import Part, outline
from simulator.interchange.saving import check_target, content_of, save_model
from simulator.interchange.whole_files import write_whole

__all__ = [
    "ALSO_READ",
    "CONVERTING",
    "FORMATS",
    "GROUPS",
    "NEVER_OPENED",
    "Assumptions",
    "ExportOptions",
    "Foreign",
    "Format",
    "Model",
    "Part",
    "adopt",
    "answers_in_pieces",
    "assumed_sentences",
    "check_target",
    "content_of",
    "format_of",
    "is_model_file",
    "load_model",
    "outline",
    "read_model",
    "save_model",
    "write_whole",
]

"""Models out and in: one frozen `Model`, one file a format, one table of formats."""

from simulator.interchange.formats import FORMATS, Format, check_target, is_model_file, load_model, save_model
from simulator.interchange.model import Model
from simulator.interchange.whole_files import write_whole

__all__ = ["FORMATS", "Format", "Model", "check_target", "is_model_file", "load_model", "save_model", "write_whole"]

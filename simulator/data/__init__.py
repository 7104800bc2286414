"""Files in, data set out."""

from simulator.data.catalogue import BUNDLED, Bundled
from simulator.data.choices import RecipeChoices
from simulator.data.dataset import Dataset, assemble, open_dataset, read_table
from simulator.data.readers.pieces import Pieces, read_pieces
from simulator.data.recipe import Recipe
from simulator.data.report import Report

__all__ = [
    "BUNDLED",
    "Bundled",
    "Dataset",
    "Pieces",
    "Recipe",
    "RecipeChoices",
    "Report",
    "assemble",
    "open_dataset",
    "read_pieces",
    "read_table",
]

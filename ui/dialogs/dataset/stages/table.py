"""The stages in their order: one row each."""

from ui.dialogs.dataset.stages.body import Body
from ui.dialogs.dataset.stages.derived import DerivedBody
from ui.dialogs.dataset.stages.faults import FaultsBody
from ui.dialogs.dataset.stages.parts import PartsBody
from ui.dialogs.dataset.stages.preparing import CategoriesBody, MissingBody, NumbersBody
from ui.dialogs.dataset.stages.rows import RowsBody
from ui.dialogs.dataset.stages.spelling import SpellingBody
from ui.dialogs.dataset.stages.split import SplitBody
from ui.dialogs.dataset.stages.target import TargetBody

STAGES: tuple[type[Body], ...] = (
    SpellingBody,
    DerivedBody,
    RowsBody,
    MissingBody,
    CategoriesBody,
    NumbersBody,
    PartsBody,
    TargetBody,
    SplitBody,
    FaultsBody,
)
"""What happens to a table, from the file to the network."""

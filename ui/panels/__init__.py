"""Docks: one file and one row of `PANELS` each."""

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import Qt

from ui.panels.compare import ComparePanel
from ui.panels.curves import CurvesPanel
from ui.panels.data import DataPanel
from ui.panels.history import HistoryPanel
from ui.panels.inspector import InspectorPanel
from ui.panels.lesson import LessonPanel
from ui.panels.matrices import MatricesPanel
from ui.panels.network import NetworkPanel
from ui.panels.output import OutputPanel
from ui.panels.panel import Context, Panel
from ui.panels.table import TablePanel
from ui.panels.training import TrainingPanel
from ui.theme import Theme

__all__ = ["PANELS", "Context", "Panel", "PanelRow"]


@dataclasses.dataclass(frozen=True)
class PanelRow:
    """A row of the table of panels.

    Attributes
    ----------
    title, help
        What stands on the dock, and what its entry in the View menu says.
    area
        Where it is at the start.
    opened
        Whether it is open at the start.
    beside
        The panel that it shares a place with, behind a tab.
    share
        How much of its side it takes at the start, beside its neighbours.
    make
        Makes the content.
    """

    title: str
    help: str
    area: Qt.DockWidgetArea
    opened: bool
    share: int
    make: Callable[[Context, Theme], Panel]
    beside: str = ""


_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea

PANELS: dict[str, PanelRow] = {
    "data": PanelRow("Data", "The data set and what is learnt from it", _LEFT, True, 5, DataPanel),
    "training": PanelRow("Training", "Loss, optimizer, rates and penalties", _LEFT, True, 5, TrainingPanel),
    "network": PanelRow("Network", "Layers, activations, start weights", _LEFT, False, 5, NetworkPanel, "training"),
    "lesson": PanelRow(
        "Lesson", "Seven steps from the rows to a network that has learnt", _LEFT, False, 6, LessonPanel, "data"
    ),
    "output": PanelRow("Output", "What the network says about the chosen row", _RIGHT, True, 6, OutputPanel),
    "curves": PanelRow("Curves", "Loss and accuracy of every epoch", _RIGHT, True, 4, CurvesPanel),
    "history": PanelRow(
        "History", "How the selected weight or neuron came to be what it is", _RIGHT, False, 6, HistoryPanel, "curves"
    ),
    "table": PanelRow(
        "Table", "The rows of the file, and what the network says about each", _BOTTOM, False, 4, TablePanel
    ),
    "inspector": PanelRow(
        "Inspector", "Where every number comes from, down to the file", _BOTTOM, False, 4, InspectorPanel, "table"
    ),
    "matrices": PanelRow(
        "Matrices",
        "The batch as matrices: X·W + b = Z, and the way back",
        _BOTTOM,
        False,
        4,
        MatricesPanel,
        "inspector",
    ),
    "compare": PanelRow(
        "Compare",
        "Two moments of training side by side, and how their weights differ",
        _BOTTOM,
        False,
        4,
        ComparePanel,
        "matrices",
    ),
}
"""Every panel by its id, in the order of the View menu."""

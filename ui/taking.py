"""What of the window can be taken elsewhere: the views that pictures are made of, and what tables are made of."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.asking import Account
from ui.bridge import Bridge
from ui.panels import PANELS, Panel
from ui.pictures import View
from ui.portrait import painted_by
from ui.stage import Stage

NETWORK, WINDOW = "network", "window"
LAYERS = "layers"
"""The panel Network by another name: its own is that of the picture."""

PANEL_VIEWS = {LAYERS if name == NETWORK else name: name for name in PANELS}
"""The id of every panel by the name that it has among the views."""

VIEWS = (WINDOW, NETWORK, *PANEL_VIEWS)
"""What can be drawn, by the names that ``nodeglow render --view`` takes."""


def view_of(panel: QObject, panels: Mapping[str, Panel]) -> str:
    """Return the view that a panel is; everything else is the network."""
    return next((view for view, name in PANEL_VIEWS.items() if panels[name] is panel), NETWORK)


def views(window: QWidget, stage: Stage, panels: Mapping[str, Panel]) -> dict[str, View]:
    """Return what pictures and films can be made of, by the names of `VIEWS`; the network is the first."""
    found = {
        NETWORK: View("The network", stage.view, lambda: _of(stage)),
        WINDOW: View("The whole window", window, lambda: (window.size(), painted_by(window))),
    }
    for view, name in PANEL_VIEWS.items():
        title, panel = "Network: its layers" if view == LAYERS else PANELS[name].title, panels[name]
        found[view] = View(title, panel, lambda panel=panel: _of(panel) if panel.isVisible() else None)
    return found


def _of(view: Any) -> tuple[QSize, Callable[[QPainter], None]] | None:
    found = view.exports()
    return None if found is None or found.paint is None else (found.size, found.paint)


def told(bridge: Bridge, account: Account, branches: tuple[tuple[str, Any], ...]) -> Any:
    """Return what tables are made of at the present moment (a `simulator.insight.tables.Told`)."""
    from simulator.insight.tables import Told

    snapshot, dataset = bridge.snapshot, bridge.dataset
    assert snapshot is not None
    assert dataset is not None
    return Told(dataset, snapshot, branches, account.moment)

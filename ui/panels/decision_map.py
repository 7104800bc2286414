"""What the network says at every place of a plane of two features, or of two principal components."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class DecisionMapPanel(MomentPanel):
    """Decision map."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("map")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

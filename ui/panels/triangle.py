"""Every prediction as a point: between three classes in a triangle, between more in a projection."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class TrianglePanel(MomentPanel):
    """Triangle."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("triangle")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

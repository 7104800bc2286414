"""The loss along two directions through the weights, and the path that training took."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class SurfacePanel(MomentPanel):
    """Loss surface."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("surface")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

"""How weights, gradients and activations of every layer are spread, over time and as now."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class DistributionsPanel(MomentPanel):
    """Distributions."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("distributions")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

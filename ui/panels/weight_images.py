"""Weights as pictures: what the first layer looks for in image data, and any matrix as a heat map."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class WeightImagesPanel(MomentPanel):
    """Weight images."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("weights")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

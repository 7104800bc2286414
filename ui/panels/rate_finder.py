"""The loss while the learning rate grows, and which rate that suggests."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class RateFinderPanel(MomentPanel):
    """Rate finder."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("rate_finder")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

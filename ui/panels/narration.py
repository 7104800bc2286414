"""What happened so far in plain words, each sentence with its evidence."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class NarrationPanel(MomentPanel):
    """Narrator."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("narrator")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

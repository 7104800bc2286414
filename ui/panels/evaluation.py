"""How good the predictions are: confusion matrix, scores of the classes, curves; or residuals."""

from typing import Any

from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme


class EvaluationPanel(MomentPanel):
    """Evaluation."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("evaluation")

    def _build(self) -> None:
        pass

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        pass

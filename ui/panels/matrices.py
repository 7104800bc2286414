"""The batch as matrices: the products of the next update as linked tables."""

from ui.panels.panel import Panel


class MatricesPanel(Panel):
    """X·W + b = Z, and the products of the way back."""

"""The lesson: seven steps from the rows of the table to a network that has learnt, each with the live numbers."""

from ui.panels.panel import ScrolledPanel


class LessonPanel(ScrolledPanel):
    """The seven steps."""

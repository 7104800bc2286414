"""The strip below the network: where the slow motion is, what happens there in one line, how finely and how fast."""

from PySide6.QtWidgets import QWidget

from ui.motion.player import Motion
from ui.theme import Theme


class SlowMotion(QWidget):
    """The strip; hidden while the slow motion is off."""

    def __init__(self, motion: Motion, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("motion.strip")
        self.theme = theme
        self.setVisible(motion.on)
        motion.switched.connect(self.setVisible)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme

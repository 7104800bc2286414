"""What went wrong, said in the window that suits it, with what was found out about it later and ways to go on."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.computing import DEVICE_FAILURES, Computing
from ui.editing import Editor
from ui.panels.narration_offers import remedies

if TYPE_CHECKING:
    from ui.dialogs.failure import FailureDialog

_LOOKING = "Short runs find out which rate would have held …"


class Failing(QObject):
    """Shows failures over a window.

    Attributes
    ----------
    diverged
        The message that training diverged, while it is open and its cause is looked for; else None.
    """

    def __init__(self, bridge: Bridge, computing: Computing, editor: Editor, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._computing, self._editor, self._window = bridge, computing, editor, window
        self.diverged: FailureDialog | None = None

    def show(self, failure: Any) -> None:
        """Show something with `message`, `hint` and `kind`."""
        from ui.dialogs.failure import show_failure

        if failure.kind in DEVICE_FAILURES or self._bridge.moving:
            self._show_device(failure)
            return
        diverged = failure.kind == "TrainingDivergedError"
        hint = f"{failure.hint}\n{_LOOKING}" if diverged else failure.hint
        dialog = show_failure(self._window, failure.message, hint, failure.kind)
        if diverged:
            self.diverged = dialog
            dialog.finished.connect(lambda _: self._forget(dialog))

    def _show_device(self, failure: Any) -> None:
        """Show what went wrong on a device, with a way to go on."""
        from ui.dialogs.device_failure import show_device_failure, way_out

        if not self._computing.take(failure):
            show_device_failure(self._window, failure, way_out(self._bridge, self._computing))

    def _forget(self, dialog: Any) -> None:
        """Forget a message that was closed."""
        if self.diverged is dialog:
            self.diverged = None

    def explain(self, found: Any) -> None:
        """Add to the message that training diverged why it did, and offer what was found to help."""
        from simulator.insight.narrator.rules.changing import told_of

        dialog = self.diverged
        if dialog is None:
            return
        if found is None:
            dialog.explain(dialog.message.text(), dialog.hint.text().replace(_LOOKING, "").strip())
        else:
            ways = [
                (each.label, lambda each=each: each.take(self._bridge, self._editor)) for each in remedies(found)
            ]  # fmt: skip
            dialog.explain(*told_of(found), ways)

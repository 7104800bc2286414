"""What can be taken back in the plane, and drawn again. No Qt."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data.drawn import Sheet

_MOST = 100


class Past:
    """The sheets before the one that is shown, and those that were taken back; sheets are never changed.

    Attributes
    ----------
    undone, redone
        What undo and redo would show, the next one last.
    """

    def __init__(self) -> None:
        self.undone: list[Sheet] = []
        self.redone: list[Sheet] = []

    def keep(self, sheet: "Sheet") -> None:
        """Keep a sheet that is about to be changed."""
        self.undone = [*self.undone[-_MOST + 1 :], sheet]
        self.redone = []

    def settle(self, sheet: "Sheet") -> None:
        """Forget the last one that was kept if nothing came of it."""
        if self.undone and self.undone[-1] is sheet:
            self.undone.pop()

    def back(self, now: "Sheet") -> "Sheet":
        """Return the sheet before."""
        self.redone.append(now)
        return self.undone.pop()

    def again(self, now: "Sheet") -> "Sheet":
        """Return the sheet that was taken back last."""
        self.undone.append(now)
        return self.redone.pop()

    def forget(self) -> None:
        """Forget all of them."""
        self.undone, self.redone = [], []

"""Which mode the canvas shows, and what that mode needs: asked for only while it is on."""

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from simulator.nn import parameters
from simulator.progress import Progress
from ui.asking import Account, Asking
from ui.bridge import Bridge
from ui.canvas.modes import ACCOUNT, MODES, MOMENT, Evidence, dressed
from ui.canvas.picture import Picture

_AT_ONCE = 2_000_000


class Showing(QObject):
    """Turns pictures at rest into what the chosen mode shows.

    Signals
    -------
    changed
        The same moment looks different: another mode, or what it needed has come.
    unchosen
        There is nothing yet that a difference could be to.
    told
        str: why the mode shows the weights; empty when it does what it says.

    Attributes
    ----------
    mode
        A key of `ui.canvas.modes.MODES`.
    then
        What is compared with: something with `name`, `branch`, `epoch` and `snapshot` (None while it is asked for), or
        None.
    trouble
        What was told last.
    """

    changed = Signal()
    unchosen = Signal()
    told = Signal(str)

    def __init__(self, bridge: Bridge, asking: Asking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._asking = bridge, asking
        self.mode, self.trouble = "weights", ""
        self.then: Any = None
        self._snapshot: Any = None
        self._asked: tuple[int, int | None] | None = None
        self._job: Any = None
        self._known: tuple[Account, str, Evidence] | None = None
        bridge.opened.connect(lambda _event: self._forget())
        bridge.peeked.connect(self._peeked)
        bridge.failed.connect(lambda _failure: setattr(self, "_asked", None))
        asking.answered.connect(self._answered)

    def choose(self, mode: str) -> None:
        """Choose a mode; an unknown name is the weights."""
        mode = mode if mode in MODES else "weights"
        if mode == self.mode:
            return
        self.mode, self._known = mode, None
        self._asking.want(self, wanted=MODES[mode].needs == ACCOUNT)
        self.changed.emit()

    def compare_with(self, moment: Any) -> None:
        """Choose what the difference is to; where its numbers are not known they are asked for."""
        self.then, self._snapshot = moment, moment.snapshot
        self._asked = None
        self.changed.emit()

    def dress(self, picture: Picture, before: Picture | None = None) -> Picture:
        """Return a picture at rest as the mode shows it."""
        made, trouble = dressed(picture, self.mode, self._evidence(), before)
        if trouble != self.trouble:
            self.trouble = trouble
            self.told.emit(trouble)
        return made

    def _evidence(self) -> Evidence:
        row = MODES[self.mode]
        if row.needs == MOMENT:
            if self.then is None:
                QTimer.singleShot(0, self, self.unchosen.emit)  # not while a picture is being made
            elif self._snapshot is None:
                self._ask()
            return Evidence(then=() if self._snapshot is None else self._snapshot.layers)
        account = self._asking.account
        if row.needs != ACCOUNT or account is None:
            return Evidence()
        if self._known is not None and self._known[:2] == (account, self.mode):
            return self._known[2]
        if account.moment.network.parameter_count * len(account.moment.X) <= _AT_ONCE:
            return self._keep((account, self.mode, evidence_of(account, self.mode)))
        if self._job is None:
            self._job = self._bridge.run_job(_beside, account, self.mode, on_done=self._done, on_failed=self._failed)
        # What was known last, until the newer numbers are there.
        return self._known[2] if self._known is not None and self._known[1] == self.mode else Evidence()

    def _keep(self, known: tuple[Account, str, Evidence]) -> Evidence:
        self._known = known
        return known[2]

    def _done(self, known: tuple[Account, str, Evidence]) -> None:
        self._job = None
        if known[1] == self.mode:
            self._keep(known)
            self.changed.emit()

    def _failed(self, _failure: Any) -> None:
        self._job = None

    def _answered(self, _account: Account) -> None:
        # While training plays, the next snapshot is drawn anyway.
        if MODES[self.mode].needs == ACCOUNT and not self._bridge.playing:
            self.changed.emit()

    def _ask(self) -> None:
        wanted = self.then.branch, self.then.epoch
        if self._asked != wanted:
            self._asked = wanted
            self._bridge.peek(*wanted)

    def _peeked(self, event: Any) -> None:
        if self._asked is not None and (event.asked.branch, event.asked.epoch) == self._asked:
            self._snapshot, self._asked = event.snapshot, None
            self.changed.emit()

    def _forget(self) -> None:
        """Another session: what was compared with is gone, and so is what was known."""
        self._asked = self._known = None
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.then = self._snapshot = None


def evidence_of(account: Account, mode: str) -> Evidence:
    """Return what a mode needs of an account."""
    network = account.moment.network
    if mode == "update":
        last = account.last
        step = () if last is None else parameters.layers(network, last.explanation.update.step)
        return Evidence(update=tuple(step))
    backward = account.batch.explanation.backward
    if mode == "gradients":
        return Evidence(gradient=backward.layers)
    from simulator.insight.importance import first_order

    found = first_order(backward)
    return Evidence(importance=(found.weights, found.neurons))


def _beside(account: Account, mode: str, _progress: Progress) -> tuple[Account, str, Evidence]:
    return account, mode, evidence_of(account, mode)

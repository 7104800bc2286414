"""Turns the phases of the next update: forwards, backwards, by itself, at a chosen speed."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ui.asking import Asking
from ui.bridge import Bridge
from ui.canvas.act import Act
from ui.motion.phase import GRAINS, Phase
from ui.selection import Selection

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account
    from ui.canvas.picture import Picture

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)

_FRAME_MS = 16
_REST = 1.6
_FIRST_STEP = 2


class Motion(QObject):
    """The slow motion: the phases of the update that the network is about to make.

    Nothing of the network changes but behind the last phase, where the update is really made.

    Signals
    -------
    switched
        bool: it began or ended.
    played
        bool: whether it goes on by itself.
    turned
        `Phase`, or None: another phase stands, or the same one with other numbers.
    moved
        The same phase, a little later: something is to be painted.
    changed
        The grain, the speed, or whether the batch is followed.

    Attributes
    ----------
    on, auto
        Whether there is slow motion, and whether it goes on by itself.
    phase, share
        What is seen, and how much of its time has passed, 0 … 1; None while the account is worked out.
    grain, speed
        Of `GRAINS` and `SPEEDS`.
    trouble
        Why there is no phase, in words; empty when all is well.
    """

    switched = Signal(bool)
    played = Signal(bool)
    turned = Signal(object)
    moved = Signal()
    changed = Signal()

    def __init__(self, bridge: Bridge, selection: Selection, asking: Asking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._selection, self._asking = bridge, selection, asking
        self.on = self.auto = False
        self.phase: Phase | None = None
        self.share = 1.0
        self.grain, self.speed = "layer", 1.0
        self.trouble = ""
        self._account: Account | None = None
        self._phases: tuple[Phase, ...] = ()
        self._clamps: dict[str, float] = {}
        self._kept: tuple[Phase, float] | None = None
        self._step: int | None = None
        self._left: Account | None = None
        self._owed = 0
        self._choosing, self._by_hand = False, False
        self._unasked: int | None = None
        self._dataset: Any = None
        self._moved_at = 0.0
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._move)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(lambda: self._go(1))
        bridge.opened.connect(lambda _event: self._forget())
        bridge.dataset_changed.connect(self._replaced)
        bridge.failed.connect(self._failed)
        asking.answered.connect(lambda _account: self._look())
        asking.failed.connect(self._failed)
        selection.row_changed.connect(lambda _row: self._row_changed())

    # -- what can be asked for ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Pause training, and stand before the next update."""
        if self.on:
            return
        self.on = True
        if self._bridge.playing:
            self._bridge.pause()
        self._asking.want(self)
        self.switched.emit(True)
        self._look()

    def stop(self) -> None:
        """Leave the slow motion; nothing of the network has changed but by completed updates."""
        if not self.on:
            return
        self.on = False
        self._asking.want(self, wanted=False)
        self._forget()
        self._let_go()
        self.switched.emit(False)

    def turn(self, n: int) -> None:
        """Go on by `n` phases, or back; behind the last phase the update is made and the next batch begins."""
        if self.on:
            self._rest.stop()
            self._go(n)
        else:
            self.start()

    def play(self, on: bool) -> None:
        """Go on by itself, or stop."""
        if on:
            self.start()
        if on == self.auto:
            return
        self.auto = on
        self._rest.stop()
        self.played.emit(on)
        if on and not self._frames.isActive():
            self._go(1)

    def jump(self, step: int) -> None:
        """Go to the first phase of a step of the lesson, 1 … 7; starts the slow motion."""
        self._step = step
        self.start()
        self._look()

    def choose_grain(self, grain: str) -> None:
        """Cut the passes into other phases."""
        if grain in GRAINS and grain != self.grain:
            self.grain = grain
            if self._account is not None:
                self._tell(self._account)
            self.changed.emit()

    def choose_speed(self, speed: float) -> None:
        """Go faster or slower; the phase that stands goes on from where it is."""
        if speed in SPEEDS and speed != self.speed:
            self.speed = speed
            self.changed.emit()

    def follow_batch(self) -> None:
        """Show a row of the batch again, and with the next batch one of that."""
        if self._selection.chosen is not None:
            self._choose(self._selection.chosen.row)
        self._look()

    @property
    def following(self) -> bool:
        """Whether the shown row goes with the batch; not so when somebody has chosen one."""
        chosen = self._selection.chosen
        return self._choosing or chosen is None or (chosen.row == self._unasked and chosen.split != "changed")

    @property
    def place(self) -> tuple[int, int]:
        """Which phase stands, from 0, and how many there are."""
        return (self._phases.index(self.phase) if self.phase in self._phases else 0), len(self._phases)

    @property
    def account(self) -> "Account | None":
        """What the phases tell."""
        return self._account

    def picture(self, picture: "Picture") -> "Picture":
        """Return a picture at rest as it looks in the phase that stands."""
        if not self.on or self.phase is None or self._account is None:
            return picture
        if self._account.shown is self._selection.chosen:
            act = self.phase.act(self.share)
        else:
            act = Act(revealed=(0.0,) * len(picture.sizes), outcome=False)  # another row: its numbers are not here yet
        return dataclasses.replace(picture, act=act)

    # -- the account --------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Tell the account anew when it is that of the present moment."""
        account = self._asking.account
        if not self.on or self._bridge.playing or not self._asking.fresh or account is None:
            return
        if self.following and account.place is None and account.shown_dataset is account.dataset:
            self._choose(int(account.dataset.train_rows[account.moment.rows[0]]))
            return  # the account of that row comes here again
        if account is not self._account or self._step is not None:
            self._tell(account)

    def _choose(self, row: int) -> None:
        """Choose a row that nobody has asked for."""
        self._choosing = True
        self._selection.choose_row(row)
        self._choosing = False

    def _tell(self, account: "Account") -> None:
        """Make the phases of an account, and go to the place where they go on."""
        from ui.motion.phases import phases_of

        if self._account is not None and self._account.moment.network.sizes != account.moment.network.sizes:
            self._clamps.clear()
        self._account, self.trouble = account, ""
        kept, self._kept = self._kept, None
        if self.phase is not None:
            kept = self.phase, self.share
        self._phases = phases_of(account, self.grain, self._bridge.records, self._clamps)
        left, self._left = self._left, None
        step, self._step = self._step, None
        if step is not None:
            self._stand(self._first_of(step))
        elif left is not None and _another(left, account):
            owed, self._owed = self._owed, 0
            self._stand(self._first_of(_FIRST_STEP))
            if owed:
                self._go(owed)
        elif kept is not None:
            self._stand(self._same(kept[0]), kept[1])
        else:
            self._stand(0)

    def _first_of(self, step: int) -> int:
        return next(nth for nth, phase in enumerate(self._phases) if phase.step == step)

    def _same(self, before: Phase) -> int:
        """Return the phase that has the place of an earlier one: the same key, else the same part, else the step."""
        part = before.key.partition(".")[0]
        for fits in (
            lambda phase: phase.key == before.key,
            lambda phase: phase.key.partition(".")[0] == part,
            lambda phase: phase.step == before.step,
        ):
            found = next((nth for nth, phase in enumerate(self._phases) if fits(phase)), None)
            if found is not None:
                return found
        return 0

    def _row_changed(self) -> None:
        """Find out whether somebody has chosen the row, or whether it came with the data set or from here."""
        before, dataset, chosen = self._dataset, self._bridge.dataset, self._selection.chosen
        same_table = before is not None and dataset is not None and before.table is dataset.table
        self._dataset = dataset
        if self._choosing or (dataset is not before and not (same_table and self._by_hand)):
            self._unasked = None if chosen is None else chosen.row
        by_hand = not self.following
        if by_hand != self._by_hand:
            self._by_hand = by_hand
            self.changed.emit()

    def _replaced(self, dataset: Any) -> None:
        """Keep to the row that somebody has chosen when the session has other data; the phases come anew."""
        if self._by_hand:
            self._dataset = dataset

    def _forget(self) -> None:
        """Let go of the phases, but not of the place: another session is here, or nobody looks."""
        self._frames.stop()
        self._rest.stop()
        self._phases, self._account, self._left, self._owed = (), None, None, 0
        self._clamps.clear()
        if not self.on:
            self._kept, self._step = None, None
        elif self.phase is not None:
            self._kept = self.phase, self.share
        self.phase, self.share, self.trouble = None, 1.0, ""
        self.turned.emit(None)

    def _failed(self, failure: Any) -> None:
        if not self.on:
            return
        self._left, self._owed = None, 0
        self._let_go()
        self._frames.stop()
        if self._account is None:
            self.trouble = failure.message
            self.turned.emit(self.phase)

    def _let_go(self) -> None:
        if self.auto:
            self.play(False)

    # -- the phases ---------------------------------------------------------------------------------------------

    def _go(self, n: int) -> None:
        """Stand n phases further on or back; the way on is shown, the way back is not."""
        if self.phase is None or not self._phases or self._left is not None:
            return
        nth = self.place[0] + n
        if nth < len(self._phases):
            self._stand(max(0, nth), 0.0 if n > 0 else 1.0)
        else:
            self._update(nth - len(self._phases))

    def _stand(self, nth: int, share: float = 0.0) -> None:
        self.phase, self.share = self._phases[nth], share
        if share < 1.0:
            self._moved_at = time.perf_counter()
            self._frames.start()
        else:
            self._frames.stop()
            self._pause()
        self.turned.emit(self.phase)

    def _move(self) -> None:
        """Show what has happened since the last frame."""
        now = time.perf_counter()
        if self.phase is None:
            self._frames.stop()
            return
        self.share = min(1.0, self.share + (now - self._moved_at) * self.speed / self.phase.seconds)
        self._moved_at = now
        if self.share >= 1.0:
            self._frames.stop()
            self._pause()
        self.moved.emit()

    def _pause(self) -> None:
        """Stand still for as long as it takes to read, then go on, if it goes on by itself."""
        if self.auto:
            self._rest.start(round(1000 * _REST / self.speed))

    def _update(self, owed: int) -> None:
        """Make the update; the next batch begins when its account is here."""
        self._frames.stop()
        if self.share < 1.0:
            self.share = 1.0
            self.moved.emit()
        self._left, self._owed = self._account, owed
        self._bridge.advance(1, "batch")


def _another(before: "Account", account: "Account") -> bool:
    """Whether an account is of another update than the one before."""
    one, other = before.moment, account.moment
    return (one.epoch, one.batch, one.updates) != (other.epoch, other.batch, other.updates)

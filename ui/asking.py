"""Asks for the present moment on behalf of every view that explains, and works its account out once for all of them."""

import dataclasses
import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from simulator.errors import ConfigError
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.selection import ChosenRow, Selection

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain import Ancestry, Explanation, Moment

_SECONDS, _DUTY = 0.2, 6.0
_AT_ONCE = 1_000_000


@dataclasses.dataclass(frozen=True, eq=False)
class Account:
    """A moment explained: for its batch, for the shown row, and the last update before it.

    Attributes
    ----------
    moment, last_moment
        Before the next update, and before the last one; None where that is not known.
    dataset, last_dataset
        Whose rows those of the next and of the last update are: data may change between them.
    shown, shown_dataset
        The chosen row, and whose row it is.
    batch
        The next update, of the whole batch.
    row
        The shown row as it goes through the network now; None where a value is missing in it.
    last
        The last update, of its whole batch, or None.
    place
        The place of the shown row in the batch, or None where it is none of its rows.
    """

    moment: "Moment"
    last_moment: "Moment | None"
    dataset: "Dataset"
    shown: ChosenRow
    batch: "Ancestry"
    row: "Ancestry | None"
    last_dataset: "Dataset"
    shown_dataset: "Dataset"

    @functools.cached_property
    def last(self) -> "Ancestry | None":
        from simulator.explain import Ancestry, explain

        return None if self.last_moment is None else Ancestry(explain(self.last_moment), self.last_dataset)

    @functools.cached_property
    def place(self) -> int | None:
        if self.shown_dataset is not self.dataset:
            return None
        rows = self.dataset.train_rows[self.moment.rows]
        found = (rows == self.shown.row).nonzero()[0]
        return int(found[0]) if len(found) and self.shown.split == "train" else None


def account_of(
    moment: "Moment",
    last: "Moment | None",
    dataset: "Dataset",
    shown: ChosenRow,
    known: Account | None = None,
    last_dataset: "Dataset | None" = None,
    shown_dataset: "Dataset | None" = None,
    _progress: Progress | None = None,
) -> Account:
    """Return a moment's account with everything calculated.

    Parameters
    ----------
    moment, last, dataset, shown, last_dataset, shown_dataset
        As in `Account`; the last two where they are not `dataset`.
    known
        One of the same moment for another row.
    """
    from simulator.explain import Ancestry, explain

    seen_in = shown_dataset or dataset
    datasets = last_dataset or dataset, seen_in

    if known is not None and known.moment is moment:
        batch = known.batch
    else:
        explanation = explain(moment)
        _work_out(explanation)
        batch = Ancestry(explanation, dataset)
    if shown.inputs is None:
        return Account(moment, last, dataset, shown, batch, None, *datasets)
    row = moment.showing(shown.inputs) if shown.split == "changed" else moment.showing_row(seen_in, shown.row)
    explanation = explain(row)
    _work_out(explanation, update=False)
    ancestry = Ancestry(explanation, seen_in, given="the changed row")
    made = Account(moment, last, dataset, shown, batch, ancestry, *datasets)
    if known is not None and known.moment is moment and known.last is not None:
        made.__dict__["last"] = known.last
    if _size(moment) > _AT_ONCE and made.last is not None:
        _work_out(made.last.explanation)  # here, beside the window, where it would take long in it
    return made


def _size(moment: "Moment") -> int:
    """Return about how many multiplications a moment's account takes."""
    return moment.network.parameter_count * (len(moment.X) + 8)


def _work_out(explanation: "Explanation", *, update: bool = True) -> None:
    """Calculate now, perhaps beside the window, what is looked up later."""
    _ = explanation.forward.softmax, explanation.loss, explanation.backward
    _ = update and explanation.update


class Asking(QObject):
    """Keeps the account of the present moment while somebody wants it.

    Signals
    -------
    answered
        `Account`: of a newer moment, or of another row.
    failed
        `ui.jobs.Failure`: the account could not be worked out.

    Attributes
    ----------
    account
        The last one, or None; kept when nobody wants one any more.
    """

    answered = Signal(object)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._selection = bridge, selection
        self.account: Account | None = None
        self._wanting: set[int] = set()
        self._moment: Moment | None = None
        self._last: Moment | None = None
        self._dataset: Dataset | None = None
        self._last_dataset: Dataset | None = None
        self._job: Job | None = None
        self._stale, self._asked_at, self._pause = True, 0.0, _SECONDS
        self._timed, self._waiting = False, False
        self._told_once: list[Callable[[Account], object]] = []
        bridge.opened.connect(self._opened)
        bridge.snapshot_changed.connect(lambda _snapshot: self.age())
        bridge.configured.connect(lambda _event: self.age())
        bridge.playing_changed.connect(lambda _on: self.age())
        bridge.explained.connect(self._explained)
        bridge.failed.connect(lambda _failure: setattr(self, "_waiting", False))
        bridge.ticked.connect(self._look)
        selection.row_changed.connect(lambda _row: self._work_out())

    def want(self, who: QObject, *, wanted: bool = True) -> None:
        """Begin, or cease, to answer somebody; nothing is asked for while nobody wants to know."""
        if wanted and id(who) not in self._wanting:
            self._wanting.add(id(who))
            self.age()
        elif not wanted:
            self._wanting.discard(id(who))

    def once(self, tell: Callable[[Account], object]) -> None:
        """Tell somebody the account of the present moment, now or as soon as it is there; somebody must want it."""
        if self.fresh and self.account is not None:
            tell(self.account)
        else:
            self._told_once.append(tell)

    def age(self) -> None:
        """Count the account as an old one."""
        self._stale = True
        self._look(time.perf_counter())

    @property
    def fresh(self) -> bool:
        """Whether the account is that of the present moment and the chosen row."""
        account = self.account
        return (
            not self._stale
            and not self._waiting
            and account is not None
            and account.moment is self._moment
            and account.shown is self._selection.chosen
        )

    def _look(self, now: float) -> None:
        """Ask for the present moment: at once while nothing runs, else only so often that it costs little."""
        if not self._stale or self._job is not None or not self._wanting:
            return
        if self._bridge.playing and now - self._asked_at < self._pause:
            return
        if self._bridge.explain():
            self._stale, self._waiting, self._asked_at = False, True, now

    def _opened(self, _event: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._moment = self._last = self.account = None
        self._stale = True

    def _explained(self, event: Any) -> None:
        self._moment, self._last, self._timed, self._waiting = event.moment, event.last, True, False
        self._dataset, self._last_dataset = event.dataset, event.last_dataset
        self._work_out()

    def _work_out(self) -> None:
        """Explain the moment with the shown row: at once where that is quick, else beside the window."""
        moment, dataset, chosen = self._moment, self._dataset, self._selection.chosen
        shown_dataset = self._bridge.dataset
        if moment is None or dataset is None or chosen is None or self._job is not None or not self._wanting:
            return
        if shown_dataset is None or moment.network.inputs != shown_dataset.X_train.shape[1]:
            return  # a moment between two sessions
        arguments = moment, self._last, dataset, chosen, self.account, self._last_dataset, shown_dataset
        if _size(moment) <= _AT_ONCE:
            try:
                account = account_of(*arguments)
            except ConfigError as error:
                self._failed(Failure(error.message, error.hint, type(error).__name__))
                return
            self._done(account)
        else:
            self._job = self._bridge.run_job(account_of, *arguments, on_done=self._done, on_failed=self._failed)

    def _done(self, account: Account) -> None:
        self._job = None
        self.account = account
        self.answered.emit(account)
        told, self._told_once = self._told_once, []
        for tell in told:
            tell(account)
        if self._timed:
            # What that took, from the question on, is a small part of the time until the next question.
            self._timed = False
            self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        if account.moment is not self._moment or account.shown is not self._selection.chosen:
            self._work_out()

    def _failed(self, failure: Failure) -> None:
        self._job = None
        self.failed.emit(failure)

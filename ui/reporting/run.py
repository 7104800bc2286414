"""What a report tells of: one moment of a run with all that led to it. No Qt."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.cli.repeating import Repeat, repeat, seed_caveat
from simulator.data import Dataset
from simulator.snapshot import Snapshot
from simulator.training.session_record import SessionRecord

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A picture of the report: its SVG in light and in dark colours, and what it shows in words."""

    light: str
    dark: str
    alt: str


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """A run at the moment that is written down.

    Attributes
    ----------
    dataset, snapshot
        The data and the network.
    records
        Rows of `RECORD` of the branch, from epoch 0 to the moment.
    session
        The whole session: its branches, their settings, what it computed with.
    train, test
        What the network says about all rows, (rows, outputs), float64.
    row
        The row of the table that is worked out as an example, from 0; None without one.
    drawings
        By their names: "network", "start", "curves", "map", "weights", "scatter".
    """

    dataset: Dataset
    snapshot: Snapshot
    records: NDArray[Any]
    session: SessionRecord
    train: Doubles
    test: Doubles
    row: int | None
    drawings: Mapping[str, Drawing]

    @property
    def title(self) -> str:
        """What the data set is called."""
        from simulator.data import BUNDLED

        row = BUNDLED.get(self.dataset.name)
        return row.title if row else self.dataset.name

    @property
    def changes(self) -> tuple[Any, ...]:
        """The settings along the line of the branch up to the moment, in the order in which they hold."""
        branches = {each.number: each for each in self.session.branches}
        found: list[Any] = []
        number: int | None = self.session.current
        until = (self.snapshot.epoch, self.snapshot.batch)
        while number is not None:
            branch = branches[number]
            own = [each for each in branch.changes if each.place <= until]
            found[:0] = own
            until, number = branch.fork, branch.parent
        kept: list[Any] = []
        for each in found:
            if (
                not kept
                or (each.network, each.config) != (kept[-1].network, kept[-1].config)
                or (each.dataset is not kept[-1].dataset)
            ):
                kept.append(each)
        return tuple(kept)

    @property
    def repeat(self) -> Repeat:
        """The command that repeats the run, with what it leaves out."""
        changes, snapshot = self.changes, self.snapshot
        first = changes[0]
        found = repeat(first.dataset, first.network, first.config, snapshot.epoch, self.session.device)
        caveats = list(found.caveats)
        seeds = seed_caveat(first.dataset, first.config)
        if seeds:
            caveats.append(seeds)
        if len(changes) > 1:
            caveats.append("Settings or data were changed on the way: the command trains with those of the start.")
        if not next(each for each in self.session.branches if each.parent is None).drawn:
            caveats.append("The run did not begin with weights drawn from its seed, but with given ones.")
        if snapshot.batch or snapshot.row:
            caveats.append("The moment lies within an epoch; the command ends before it.")
        if snapshot.epoch == 0:
            caveats.append("The network was not trained yet; the command trains for one epoch.")
        return dataclasses.replace(found, caveats=tuple(caveats))

"""Moments that are kept to be compared with, and what else can be chosen for that."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Moment:
    """A moment that is compared with.

    Attributes
    ----------
    name
        What it is called: ``epoch 40 of run 1``.
    snapshot
        What was computed with; None while it is still to be asked for.
    branch, epoch
        Where that is; the branch's end without an epoch.
    kept
        Whether somebody kept it.
    dataset
        What was trained on there; None while that is still to be asked for.
    """

    name: str
    snapshot: Any
    branch: int
    epoch: int | None = None
    kept: bool = False
    dataset: Any = None


def branch_name(branches: Mapping[int, Any], number: int) -> str:
    """Return what a branch is called."""
    known = branches.get(number)
    return known.name if known is not None else f"run {number + 1}"


def moment_name(snapshot: Any, branches: Mapping[int, Any]) -> str:
    """Return what a moment is called."""
    batches = f" and {snapshot.batch:,} batch{'es' if snapshot.batch > 1 else ''}" if snapshot.batch else ""
    return f"epoch {snapshot.epoch:,}{batches} of {branch_name(branches, snapshot.branch)}"


class Kept:
    """The moments that were kept, in their order.

    Attributes
    ----------
    moments
        All of them.
    """

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def keep(self, snapshot: Any, branches: Mapping[int, Any], dataset: Any = None) -> Moment:
        """Keep a snapshot, and what was trained on; one that is kept already is returned as it is."""
        name = moment_name(snapshot, branches)
        for moment in self.moments:
            if moment.name == name and np.array_equal(moment.snapshot.parameters, snapshot.parameters, equal_nan=True):
                return moment
        made = Moment(name, snapshot, snapshot.branch, snapshot.epoch, kept=True, dataset=dataset)
        self.moments.append(made)
        return made

    def remove(self, moment: Moment) -> None:
        """Forget a moment."""
        self.moments = [each for each in self.moments if each is not moment]

    def outlive(self, network: Any) -> None:
        """Keep what can still be compared when a new session with the same rows begins: networks of its shape."""
        self.moments = [
            dataclasses.replace(each, name=each.name if each.name.endswith(_BEFORE) else f"{each.name}{_BEFORE}")
            for each in self.moments
            if each.snapshot.network.sizes == network.sizes
        ]


_BEFORE = ", before"


def offered(current: int, branches: Mapping[int, Any]) -> list[Moment]:
    """Return what can be compared with without having been kept: start weights, and the ends of other branches."""
    start = Moment(f"start weights of {branch_name(branches, current)}", None, current, 0)
    ends = [
        Moment(f"end of {branch.name}", None, branch.number) for branch in branches.values() if branch.number != current
    ]
    return [start, *ends]

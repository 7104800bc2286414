import dataclasses
import gc
import json

import numpy as np
import pytest

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.measuring import Plan, Race
from simulator.benchmarks.workloads import WORKLOADS
from simulator.errors import ConfigError, DivergenceError
from simulator.progress import Cancelled, Progress

PENGUINS = dataclasses.replace(WORKLOADS["penguins"], rows=12)


class Track:
    """A clock that only contestants move, and a note of who ran when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ran: list[tuple[str, int]] = []
        self.slowdown = 1.0

    def clock(self) -> float:
        return self.now

    def entrant(self, name: str, seconds: float, compile_seconds: float = 0.0, fail_after: int | None = None):
        """Return what makes a contestant whose epochs take so long, the very first one longer."""

        def prepare(workload, data, threads) -> Contestant:
            first = [compile_seconds]

            def start() -> None:
                self.now += 1000.0  # does not count

            def run(epochs: int) -> float:
                if fail_after is not None and sum(each == name for each, _ in self.ran) >= fail_after:
                    raise DivergenceError("it blew up")
                self.ran.append((name, epochs))
                self.now += (
                    epochs * seconds * self.slowdown + first.pop() if first else epochs * seconds * self.slowdown
                )
                return 0.5

            return Contestant(start, run)

        return prepare

    def race(self, plan: Plan, **entrants) -> Race:
        return Race(PENGUINS, entrants, plan, self.clock)


def plan(rounds: int = 3, seconds: float = 1.0) -> Plan:
    return Plan(rounds, seconds, threads=1, rest=0.0)


def test_every_contestant_has_its_turn_in_every_round():
    track = Track()
    track.race(plan(), a=track.entrant("a", 1.0), b=track.entrant("b", 2.0)).run(Progress())
    assert track.ran == [("a", 1), ("a", 1), ("b", 1), ("b", 1), *[("a", 1), ("b", 1)] * 3], "warm-up, then rounds"


def test_a_turn_has_as_many_epochs_as_fit_and_one_at_least():
    track = Track()
    race = track.race(plan(seconds=0.5), quick=track.entrant("quick", 0.001, 7.0), slow=track.entrant("slow", 9.0))
    race.run(Progress())
    assert {name: entry.epochs for name, entry in race.entries.items()} == {"quick": 500, "slow": 1}
    assert [epochs for name, epochs in track.ran if name == "quick"][-3:] == [500] * 3
    assert race.speed("quick") == pytest.approx(1000)
    assert race.speed("slow") == pytest.approx(1 / 9)


def test_ratios_are_how_many_times_as_fast():
    track = Track()
    race = track.race(plan(), ours=track.entrant("ours", 0.01), theirs=track.entrant("theirs", 0.25))
    race.run(Progress())
    assert race.ratio("ours", "theirs") == pytest.approx(25)
    assert race.ratio("theirs", "ours") == pytest.approx(1 / 25)
    assert race.ratio("ours", "nobody") is None


def test_a_machine_that_is_slow_for_a_while_changes_no_ratio():
    track = Track()

    def busy(fraction: float | None, text: str) -> None:
        track.slowdown = {"round 1": 1.0, "round 2": 3.0, "round 3": 10.0}.get(text.partition(" of")[0], 1.0)

    race = track.race(plan(), ours=track.entrant("ours", 1.0), theirs=track.entrant("theirs", 4.0))
    race.run(Progress(busy))
    assert race.entries["ours"].seconds == pytest.approx([1, 3, 10])
    assert race.ratio("ours", "theirs") == pytest.approx(4)
    assert race.speed("ours") == pytest.approx(1 / 3), "the median"


def test_who_refuses_a_workload_is_left_out_with_the_reason():
    def refuse(workload, data, threads):
        raise ConfigError("this network is too large")

    track = Track()
    race = track.race(plan(), a=track.entrant("a", 1.0), b=refuse)
    race.run(Progress())
    assert list(race.entries) == ["a"]
    assert race.left_out == {"b": "this network is too large"}


def test_who_fails_in_a_round_is_left_out_and_the_others_go_on():
    track = Track()
    race = track.race(plan(), a=track.entrant("a", 1.0, fail_after=3), b=track.entrant("b", 1.0))
    race.run(Progress())
    assert race.left_out == {"a": "it blew up"}
    assert len(race.entries["b"].seconds) == 3


def test_what_was_measured_stays_when_it_is_cancelled():
    track = Track()
    progress = Progress(lambda fraction, text: progress.cancel() if text == "round 2 of 3: b" else None)
    race = track.race(plan(), a=track.entrant("a", 1.0), b=track.entrant("b", 2.0), c=track.entrant("c", 4.0))
    with pytest.raises(Cancelled):
        race.run(progress)
    assert [len(entry.seconds) for entry in race.entries.values()] == [2, 2, 1]
    assert race.ratio("a", "c") == pytest.approx(4)


def test_the_results_are_strict_json_also_before_the_first_round():
    track = Track()
    progress = Progress(lambda fraction, text: progress.cancel() if text == "warming up: b" else None)
    race = track.race(plan(), a=track.entrant("a", 1.0), b=track.entrant("b", 2.0))
    with pytest.raises(Cancelled):
        race.run(progress)
    race.entries["a"].loss = np.inf
    text = json.dumps(race.figures(), allow_nan=False)
    assert json.loads(text)["contestants"]["a"]["epochs_per_second"] is None


def test_garbage_is_not_collected_within_a_turn_and_is_after_it():
    seen: list[bool] = []

    def prepare(workload, data, threads) -> Contestant:
        return Contestant(lambda: None, lambda epochs: seen.append(gc.isenabled()) or 1.0)

    track = Track()
    Race(PENGUINS, {"a": prepare}, plan(2, 1e-9), track.clock).run(Progress())
    assert gc.isenabled()
    assert seen
    assert not any(seen)

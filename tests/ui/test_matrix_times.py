"""The times of an update: what the table and the sentences say of a measurement, with a GPU and without one."""

import dataclasses
import itertools
import math
import re

import pytest

from simulator.data import open_dataset
from simulator.insight.step_times import Between, Refusal, StepTime, StepTimes
from simulator.training.session import Session
from tests.ui.test_matrices import opened
from ui.panels.matrix_bars import TimesTable, bars_of
from ui.panels.matrix_words import comparison, conclusion, factor_text, products, refusals, why_gpus, why_matrices
from ui.theme import THEMES

TIMES = StepTimes(
    16, 16, "float32", 1,
    (
        StepTime("rows", 1, 16, 520e-6, 9, 0.0, 0.0),
        StepTime("matrix", 1, 16, 60e-6, 9, 3e-8, 1e-9),
        StepTime("matrix", 64, 1024, 250e-6, 9, 1.9e-6, 2e-9),
        StepTime("cpu", 1, 16, 2e-6, 9, 4e-8, 2e-8),
        StepTime("cpu", 64, 1024, 96e-6, 9, 1.8e-6, 2e-8),
        StepTime("gpu", 1, 16, 3e-6, 9, 4e-8, 2e-8),
        StepTime("gpu", 64, 1024, 4e-6, 9, 1.8e-6, 2e-8),
    ),
    cpu_engine="compiled", gpu_engine="cuda", gpu="NVIDIA H200",
    between=(Between(1, 16, 1e-7, 2e-9), Between(64, 1024, 3e-6, 4e-9)),
)  # fmt: skip
ALONE = dataclasses.replace(
    TIMES,
    times=TIMES.times[:5],
    missing="there is none",
    advice="Use --device cpu.",
    between=(),
    gpu="",
    gpu_engine="",
)


@pytest.fixture(scope="module")
def moment():
    return Session(open_dataset("penguins"), engine="reference").moment()


def test_every_way_is_compared_with_its_own_measure():
    bars = bars_of(TIMES)
    assert [bar.factor for bar in bars] == ["", "8.7 ×", "133 ×", "", "", "0.67 ×", "24 ×"]
    assert [bar.group != "" for bar in bars] == [True, False, False, True, False, False, False]
    assert bars[5].way == "NVIDIA H200, cuda engine"
    assert [bar.first for bar in bars] == [True, True, False, True, False, True, False]
    assert (bars[6].gradient, bars[6].parameters) == ("3e−6", "4e−9")
    assert max(bar.share for bar in bars) == bars[6].share == 1.0


def test_both_times_their_ratio_and_the_differences_are_said():
    assert comparison(TIMES) == (
        "On NVIDIA H200, an update with 16 rows takes 3.00 µs, on the CPU 2.00 µs: 1.5 times as long. There, an update "
        "with 1,024 rows takes 4.00 µs, on the CPU 96.0 µs: 24 times as fast. 16 rows at a time are too few to fill "
        "the GPU. CPU and GPU differ by at most 3e−6 in the gradient and by 4e−9 in the new weights: rounding in "
        "float32, as sums are added up in another order."
    )
    assert conclusion(TIMES).startswith(
        "As a matrix of 1,024 rows, array code works off 133 times as many rows a second"
    )


def test_without_a_gpu_nothing_is_compared():
    assert comparison(ALONE) == ""
    assert "133 times" in conclusion(ALONE)


def test_what_is_not_finite_is_not_compared():
    apart = dataclasses.replace(TIMES, between=(Between(64, 1024, math.nan, math.nan),))
    assert "differ" not in comparison(apart)
    times = tuple(dataclasses.replace(each, parameter_difference=math.nan) for each in TIMES.times)
    assert "not finite" in conclusion(dataclasses.replace(TIMES, times=times))


def test_what_the_gpu_had_no_room_for_is_said_with_the_bytes():
    refused = dataclasses.replace(
        TIMES, refused=(Refusal("gpu", 64, 65_536, "no room", "", 12_300_000_000, 3_100_000_000),)
    )
    assert refusals(refused) == ("The GPU had no room for 65,536 rows: 12.3 GB would be needed, and 3.10 GB are free.")


def test_the_reasons_have_the_numbers_of_the_update(moment):
    rows = len(moment.X)
    assert products(moment.network, rows) == rows * (3 * (4 * 8 + 8 * 8 + 8 * 3) - 4 * 8)
    assert f"{products(moment.network, rows):,} pairs" in why_gpus(moment)
    assert "120 weights" in why_matrices(moment)
    assert f"matrix of {rows} rows" in why_matrices(moment)


def test_small_factors_keep_their_digits():
    assert [factor_text(each) for each in (1234.0, 10.4, 1.04, 0.6, 0.0102)] == [
        "1,230 ×",
        "10 ×",
        "1.0 ×",
        "0.6 ×",
        "0.01 ×",
    ]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [200, 330, 460, 640, 1200])
def test_no_column_reaches_into_another_or_over_the_edge(qtbot, theme, width):
    table = TimesTable(THEMES[theme])
    qtbot.addWidget(table)
    table.resize(width, 400)
    table.show_bars(bars_of(TIMES))
    places = sorted(table._places(table.font(), table.font()).values())
    assert all(left + wide < following for (left, wide), (following, _) in itertools.pairwise(places))
    assert width < 330 or places[-1][0] + places[-1][1] <= width
    assert not table.grab().isNull()


def test_the_gpu_is_timed_beside_the_cpu(guest, monkeypatch, host_gpu):
    monkeypatch.setattr("simulator.insight.step_times.SECONDS", 0.001)
    monkeypatch.setattr("simulator.insight.step_times.COPIES", (1,))
    panel = opened(guest)
    panel.show_product("times")
    guest.find("matrices.time").click()
    guest.wait(lambda: not panel.times.running)
    assert [bar.rows for bar in panel.times.table.bars] == ["16"] * 4
    assert re.match(r"On .+, an update with 16 rows takes", guest.find("matrices.time_comparison").text())
    assert not guest.find("matrices.time_gpu").isVisible()
    assert not guest.find("matrices.gpu_command").isVisible()

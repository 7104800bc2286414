"""What is said about the times of an update: why rows become a matrix, what that is worth, and what a GPU is. No Qt."""

import math
from typing import TYPE_CHECKING

from ui.device_words import memory_text

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.explain import Moment
    from simulator.insight.step_times import StepTime, StepTimes
    from simulator.spec import NetworkSpec

_ROUNDING = "rounding in {}, as sums are added up in another order"


def products(network: "NetworkSpec", rows: int) -> int:
    """Return how many pairs of numbers an update multiplies: forward, δ back to all but the inputs, the gradient."""
    weights = [fan_in * fan_out for fan_in, fan_out in network.shapes]
    return rows * (3 * sum(weights) - weights[0])


def why_matrices(moment: "Moment") -> str:
    """Return why rows are batched into matrices, with the numbers of this update."""
    network, rows = moment.network, len(moment.X)
    weights = sum(fan_in * fan_out for fan_in, fan_out in network.shapes)
    if rows == 1:
        return (
            f"A batch of one row is a vector: each of the {weights:,} weights is fetched from memory for one "
            "multiplication. With more rows in a batch, every weight that was fetched serves all of them."
        )
    return (
        f"Why a matrix: for one row alone, each of the {weights:,} weights is fetched from memory for one "
        f"multiplication. As a matrix of {rows:,} rows, what was fetched serves {rows:,} times, and one call does the "
        f"work of {rows:,}."
    )


def why_gpus(moment: "Moment") -> str:
    """Return why that is what GPUs are for, with the numbers of this update."""
    network, rows = moment.network, len(moment.X)
    most = rows * max(network.sizes[1:])
    return (
        f"Why a GPU: this update multiplies {products(network, rows):,} pairs of numbers, and within a layer no sum "
        f"waits for another: up to {most:,} can be made at the same time. A processor's core makes some eight or "
        "sixteen at a time, a GPU many thousands: the larger the matrices, the more of it is at work."
    )


def conclusion(times: "StepTimes") -> str:
    """Return in plain words what matrices are worth, and how far the results lie apart."""
    first = times.times[0]
    best = max((time for time in times.times if time.way == "matrix"), key=lambda time: time.rows_per_second)
    factor = times_text(best.rows_per_second / first.rows_per_second)
    text = (
        f"As a matrix of {best.rows:,} rows, array code works off {factor} as many rows a second as one row at a time."
    )
    worst = max(
        (each.parameter_difference for each in times.times), key=lambda size: math.inf if size != size else size
    )
    if math.isnan(worst):
        text += " The results are not finite, so they cannot be compared."
    else:
        text += f" The new weights differ by at most {difference_text(worst)}: {_ROUNDING.format(times.dtype)}."
    if times.rows < times.batch_rows:
        text += f" The first {times.rows:,} of the batch's {times.batch_rows:,} rows stand for all."
    return text


def comparison(times: "StepTimes") -> str:
    """Return in plain words what the GPU is worth for this network; empty where there was none."""
    here = {time.copies: time for time in times.times if time.way == "cpu"}
    there = {time.copies: time for time in times.times if time.way == "gpu"}
    both = sorted(here.keys() & there.keys())
    if not both:
        return ""
    few, many = both[0], both[-1]
    text = f"On {times.gpu}, {_beside(here[few], there[few])}."
    if many != few:
        text += f" There, {_beside(here[many], there[many])}."
    if here[many].seconds < there[many].seconds:
        text += " The matrices of this network are too small to fill the GPU."
    elif here[few].seconds < there[few].seconds:
        text += f" {there[few].rows:,} rows at a time are too few to fill the GPU."
    apart = next((each for each in times.between if each.copies == many), None)
    if apart is not None and not math.isnan(apart.gradient + apart.parameters):
        text += (
            f" CPU and GPU differ by at most {difference_text(apart.gradient)} in the gradient and by "
            f"{difference_text(apart.parameters)} in the new weights: {_ROUNDING.format(times.dtype)}."
        )
    return text


def refusals(times: "StepTimes") -> str:
    """Return what the GPU had no room for; empty where it had."""
    return " ".join(
        f"The GPU had no room for {each.rows:,} rows: {memory_text(each.needed)} would be needed, and "
        f"{memory_text(each.free)} are free."
        for each in times.refused
    )


def _beside(here: "StepTime", there: "StepTime") -> str:
    ratio = here.seconds / there.seconds if there.seconds else math.inf
    verdict = f"{times_text(ratio)} as fast" if ratio >= 1 else f"{times_text(1 / ratio)} as long"
    return (
        f"an update with {there.rows:,} rows takes {duration_text(there.seconds)}, on the CPU "
        f"{duration_text(here.seconds)}: {verdict}"
    )


def duration_text(seconds: float) -> str:
    """Return a time with three digits that count: ``98.5 µs``, ``1.20 ms``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            value = seconds / size
            return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1.0))))}f} {unit}"
    return ""


def difference_text(size: float) -> str:
    """Return a difference with two digits that count: ``1.6e−7``."""
    return "unknown" if math.isnan(size) else f"{size:.2g}".replace("e-0", "e−").replace("e-", "e−")


def rounded(number: float) -> int:
    """Return a number with three digits that count."""
    power = 10 ** max(0, math.floor(math.log10(max(number, 1.0))) - 2)
    return round(number / power) * power


def factor_text(factor: float) -> str:
    """Return a factor in few letters: "4.3 ×", "1,230 ×"."""
    return f"{rounded(factor):,} ×" if factor >= 10 else f"{factor:.1f} ×" if factor >= 1 else f"{factor:.2g} ×"


def times_text(factor: float) -> str:
    """Return a factor: "4.3 times", "1,230 times"."""
    return f"{rounded(factor):,} times" if factor >= 10 else f"{factor:.1f} times"

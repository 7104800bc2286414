"""The parts of a date as ONNX operators, from the seconds since the beginning of 1970."""

from collections.abc import Mapping

import numpy as np

from simulator.interchange.onnx_out.graph import OnnxGraph

_DAY, _HOUR, _MINUTE = 86_400.0, 3_600.0, 60.0
_YEAR_0_MARCH, _YEAR_1 = 719_468.0, 719_162.0
"""Days from 1 March of the year 0, and from 1 January of the year 1, to the beginning of 1970."""


class DateWriter:
    """Adds the parts of dates to a graph, all in float64, in which every whole number here is exact.

    Parameters
    ----------
    graph
        What is added to.
    seconds
        The name of the seconds since the beginning of 1970, float64 (rows, 1), NaN where one is missing.
    """

    def __init__(self, graph: OnnxGraph, seconds: str) -> None:
        self._graph = graph
        self._seconds = graph.node("Floor", seconds)  # a fraction of a second is not looked at
        self._days = self._whole(self._seconds, _DAY)

    def part(self, name: str) -> str:
        """Add a part of `simulator.data.steps.parts.DATE_PARTS`, float64 (rows, 1)."""
        if name in ("year", "month", "day", "day of year"):
            return self._calendar()[name]
        if name == "weekday":
            return self._plus(self._rest(self._plus(self._days, 3.0), 7.0), 1.0)
        if name == "days":
            return self._graph.node("Div", self._seconds, self._constant(_DAY))
        unit, count = {"hour": (_HOUR, 24.0), "minute": (_MINUTE, 60.0), "second": (1.0, 60.0)}[name]
        return self._rest(self._whole(self._seconds, unit), count)

    def _calendar(self) -> Mapping[str, str]:
        """Return year, month, day and day of the year of the Gregorian calendar.

        A year is taken to begin in March, so that a leap day is its last one, and 400 years are a whole period of
        146,097 days (Howard Hinnant, "chrono-compatible low-level date algorithms", 2013).
        """
        since = self._plus(self._days, _YEAR_0_MARCH)
        period = self._whole(since, 146_097.0)
        day = self._minus(since, self._times(period, 146_097.0))
        leaps = self._sum(day, (-1.0, 1_460.0), (1.0, 36_524.0), (-1.0, 146_096.0))
        year_of_period = self._whole(leaps, 365.0)
        before = self._sum(
            self._times(year_of_period, 365.0), (1.0, 4.0, year_of_period), (-1.0, 100.0, year_of_period)
        )
        of_march = self._minus(day, before)
        month_of_march = self._whole(self._plus(self._times(of_march, 5.0), 2.0), 153.0)
        first_of_month = self._whole(self._plus(self._times(month_of_march, 153.0), 2.0), 5.0)
        graph = self._graph
        late = graph.cast(graph.node("GreaterOrEqual", month_of_march, self._constant(10.0)), np.float64)
        month = self._minus(self._plus(month_of_march, 3.0), self._times(late, 12.0))
        year = graph.node("Add", self._add(self._times(period, 400.0), year_of_period), late)
        last = self._plus(year, -1.0)
        days_before = self._sum(self._times(last, 365.0), (1.0, 4.0, last), (-1.0, 100.0, last), (1.0, 400.0, last))
        return {
            "year": year,
            "month": month,
            "day": self._plus(self._minus(of_march, first_of_month), 1.0),
            "day of year": self._plus(self._minus(self._days, days_before), _YEAR_1 + 1.0),
        }

    def _sum(self, value: str, *terms: tuple[float, float] | tuple[float, float, str]) -> str:
        """Return a value plus or minus whole quotients: (sign, divisor) of the value itself, or of a third."""
        total = value
        for sign, divisor, *of in terms:
            total = self._graph.node("Add" if sign > 0 else "Sub", total, self._whole(of[0] if of else value, divisor))
        return total

    def _constant(self, value: float) -> str:
        return self._graph.constant(value, np.float64)

    def _whole(self, value: str, divisor: float) -> str:
        return self._graph.node("Floor", self._graph.node("Div", value, self._constant(divisor)))

    def _rest(self, value: str, divisor: float) -> str:
        return self._minus(value, self._times(self._whole(value, divisor), divisor))

    def _plus(self, value: str, number: float) -> str:
        return self._graph.node("Add", value, self._constant(number))

    def _times(self, value: str, number: float) -> str:
        return self._graph.node("Mul", value, self._constant(number))

    def _add(self, one: str, other: str) -> str:
        return self._graph.node("Add", one, other)

    def _minus(self, one: str, other: str) -> str:
        return self._graph.node("Sub", one, other)

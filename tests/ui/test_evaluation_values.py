"""What is drawn of a curve is the curve, in fewer lines; and what a page says as lines of text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.insight.ranking import ranking
from ui.panels.evaluation_values import Curve

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=2, max_size=120).filter(
    lambda pairs: len({known for known, _ in pairs}) == 2
)


@given(rows)
@settings(deadline=None)
def test_the_areas_below_the_drawn_curves_are_those_that_are_written(pairs):
    known, score = np.array(pairs).T
    curve = Curve(0, "a", ranking(known.astype(bool), score / 40))
    for kind in ("roc", "pr"):
        x, y = curve.drawn[kind]
        assert np.trapezoid(y, x) == pytest.approx(curve.areas[kind], abs=0.02)
        assert (np.diff(x) >= 0).all()


def test_ten_thousand_rows_are_drawn_in_few_lines_and_can_all_be_read():
    random = np.random.default_rng(3)
    known = random.random(10_000) < 0.3
    curve = Curve(0, "a", ranking(known, known + random.normal(0, 0.7, 10_000)))
    for kind, points in (("roc", curve.roc), ("pr", curve.precision_recall)):
        assert len(curve.drawn[kind][0]) <= 1024
        x, y = curve.drawn[kind]
        assert np.trapezoid(y, x) == pytest.approx(curve.areas[kind], abs=0.005)
        kept = points[2]
        assert (kept[0], kept[-1]) == (0, len(curve.ranked.thresholds) - 1)
        gaps = np.hypot(np.diff(points[0]), np.diff(points[1]))
        assert gaps.max() < 0.51, "the reading leaves out what lies in the same place only"

"""The moving average of a long series, worked out as it comes in and a piece at a time. No Qt.

It is what TensorBoard calls smoothing: m_t = β·m_{t−1} + (1 − β)·x_t from m_0 = 0, and m_t/(1 − β^t) is drawn, as in
Adam (Kingma and Ba, 2015), so that the beginning is not pulled towards zero. What is not finite counts for nothing and
stays as it is.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.panels.thinning import Thinned

Floats = NDArray[np.floating[Any]]

_NOTHING = 1e-18
"""A weight that no float64 sees beside 1."""


class Average:
    """An exponential moving average with its bias corrected.

    Parameters
    ----------
    weight
        β: what the past counts, 0 ≤ β < 1; about the last 1/(1 − β) epochs matter.

    Attributes
    ----------
    values
        The average after every value so far.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.values = Thinned()
        self._sum, self._counted = 0.0, 0

    def follow(self, values: Floats) -> int:
        """Take more values, and return how many there are now."""
        found = np.array(values, dtype=np.float64)
        finite = np.isfinite(found)
        known = found[finite]
        if len(known):
            sums = self._sums(known)
            self._sum = float(sums[-1])
            if self.weight ** (self._counted + 1) > _NOTHING:
                sums /= 1.0 - self.weight ** (self._counted + np.arange(1.0, len(known) + 1))
            self._counted += len(known)
            found[finite] = sums
        if len(found):
            self.values.append(found)
        return len(self.values)

    def _sums(self, known: Floats) -> Floats:
        """Return m after every value: every pass adds what twice as many values before have left."""
        sums = (1.0 - self.weight) * known
        sums[0] += self.weight * self._sum
        reach, share = 1, self.weight
        while reach < len(sums) and share > _NOTHING:
            sums[reach:] += share * sums[:-reach]
            reach, share = 2 * reach, share * share
        return sums

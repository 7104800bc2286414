import numpy as np
import pytest

from simulator.nn.links import LINKS, log_softmax

Z = np.array([[0.3, -1.2, 2.0], [5.0, 5.0, 5.0], [-3.0, 0.0, 0.5]])


@pytest.mark.parametrize("name", LINKS)
def test_pulling_back_is_the_derivative_of_the_link(name):
    link, step = LINKS[name], 1e-6
    G = np.array([[0.2, -0.7, 1.0], [1.0, 0.0, -0.4], [0.1, 0.2, 0.3]])
    found = link.pull_back(link.apply(Z), G)
    for row, column in np.ndindex(Z.shape):
        nudge = np.zeros_like(Z)
        nudge[row, column] = step
        slope = ((link.apply(Z + nudge) - link.apply(Z - nudge)) * G).sum() / (2 * step)
        assert found[row, column] == pytest.approx(slope, abs=1e-9)


def test_softmax_gives_probabilities_however_large_the_logits():
    A = LINKS["softmax"].apply(np.array([[1000.0, 999.0, -1000.0]], dtype=np.float32))
    assert A.dtype == np.float32
    assert A.sum() == pytest.approx(1.0)
    assert A[0, 0] == pytest.approx(1 / (1 + np.exp(-1)), rel=1e-6)


def test_log_softmax_is_the_logarithm_of_softmax_and_has_no_infinities():
    assert np.allclose(log_softmax(Z), np.log(LINKS["softmax"].apply(Z)), rtol=0, atol=1e-15)
    assert log_softmax(np.array([[0.0, -5000.0]]))[0, 1] == -5000.0

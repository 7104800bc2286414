"""What the network says about all rows, worked out once for all views."""

import numpy as np

from ui import predicting


def test_each_moment_is_asked_once_and_one_that_cannot_be_is_left_alone(guest, monkeypatch):
    asked = []

    def refusing(snapshot, dataset, progress):
        asked.append(snapshot)
        raise MemoryError

    found, working = guest.window.predicting, predicting.predictions_of
    monkeypatch.setattr(predicting, "_AT_ONCE", 0)
    monkeypatch.setattr(predicting, "predictions_of", refusing)
    found.want("a view")
    guest.wait(lambda: len(asked) == 1)
    guest.pass_time(0.3)
    assert len(asked) == 1
    assert found.predictions is None
    monkeypatch.setattr(predicting, "predictions_of", working)
    guest.advance_to(2)
    guest.wait(lambda: found.fresh)
    both = found.predictions
    for what in (both.of, both.targets, both.rows):
        assert np.array_equal(what("all"), np.concatenate([what("train"), what("test")]))

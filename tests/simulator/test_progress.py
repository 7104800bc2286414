import threading

import pytest

from simulator.progress import Cancelled, Progress


def test_a_report_reaches_whoever_listens():
    heard: list[tuple[float | None, str]] = []
    progress = Progress(lambda *report: heard.append(report))
    progress.report(0.5, "reading")
    progress.report(None)
    assert heard == [(0.5, "reading"), (None, "")]


def test_cancelling_from_another_thread_stops_the_job_at_its_next_report():
    progress = Progress()
    progress.report(0.1)
    thread = threading.Thread(target=progress.cancel)
    thread.start()
    thread.join()
    assert progress.cancelled
    with pytest.raises(Cancelled):
        progress.report(0.2)

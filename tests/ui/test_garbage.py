"""Garbage is collected where widgets may end: in the window's thread."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from ui.garbage import Collector


class Closed(QObject):
    """What refers to itself, as closed dialogs do."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_what_another_thread_makes_ends_no_object_of_qt_there(qtbot):
    ended, kept = [], []
    weakref.finalize(Closed(), lambda: ended.append(threading.current_thread()))
    thread = threading.Thread(target=lambda: kept.extend([] for _ in range(20_000)))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread()]


def test_what_has_lived_for_long_ends_too(qapp):
    ended, closed, collector = [], Closed(), Collector(qapp)
    weakref.finalize(closed, lambda: ended.append(threading.current_thread()))
    gc.collect()  # it is as old as can be now
    del closed
    kept = []
    while not ended and len(kept) < 1000:
        kept.append([[] for _ in range(1000)])
        collector.look()
    collector.stop()
    gc.disable()  # as the one who collects for this file wants it
    assert ended == [threading.main_thread()]


def test_python_collects_by_itself_again_after_it_stopped(qapp):
    collector = Collector(qapp)
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    gc.disable()

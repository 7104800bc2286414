"""Python's garbage is collected in the thread of the window, and in no other.

A closed dialog that refers to itself ends when garbage is collected, and Python does that in whichever thread happens
to make an object. Elsewhere it would end in a deadlock: Qt takes its lock of connections and then asks for Python's,
while the window's thread has Python's and asks Qt for its own.
"""

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer

_LOOK_MS = 100
_GROWTH = 1.25
"""How much must have come to what has lived for long before all of it is looked through, as in Python itself."""


class Collector(QObject):
    """Collects when as much was made as Python waits for; until it stops, Python does not collect by itself.

    Parameters
    ----------
    app
        The application whose thread collects.
    """

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        gc.disable()
        self._enough = gc.get_threshold()
        self._old, self._next_full = 0, self._enough[2]
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MS)

    def look(self) -> None:
        """Collect what is due."""
        young, middle, old = gc.get_count()
        if old > self._next_full and middle > self._enough[1]:
            self._next_full = old + self._enough[2]
            if _old_objects() > _GROWTH * self._old:
                gc.collect()
                self._old, self._next_full = _old_objects(), self._enough[2]
                return
        if middle > self._enough[1]:
            gc.collect(1)
        elif young > self._enough[0]:
            gc.collect(0)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        self.deleteLater()
        gc.enable()


def _old_objects() -> int:
    return len(gc.get_objects(generation=2))


def collect_in_this_thread(app: QCoreApplication) -> Collector:
    """Return the one who collects for an application, from now on if nobody did."""
    return app.findChild(Collector) or Collector(app)

"""How a device is used lately, from how long it has worked altogether."""

import time

from simulator.engines import Engine
from simulator.training.events import DeviceUsed

_EVERY_SECONDS = 0.5
_REST_SECONDS = 1.0
"""Who works again within this time has not rested: a window asks for one epoch after the other."""


class DeviceMeter:
    """Turns the growing working time of an engine's device into its share of the time, about twice a second."""

    def __init__(self) -> None:
        self._at = self._busy = 0.0

    def begin(self, engine: Engine) -> DeviceUsed | None:
        """Count from now on, and return what is held while nothing works; None on the CPU."""
        use = engine.device_use()
        if use is None:
            return None
        self._at, self._busy = time.perf_counter(), use.busy_seconds
        return DeviceUsed(0.0, use.memory.held, use.memory.free, use.memory.total)

    def go_on(self, engine: Engine) -> DeviceUsed | None:
        """Count on where the work begins or ends; from now on after a rest. Return what is to be told, if anything."""
        return self.begin(engine) if time.perf_counter() - self._at > _REST_SECONDS else self.read(engine)

    def read(self, engine: Engine) -> DeviceUsed | None:
        """Return how the device was used since the last answer; None too soon after it, and on the CPU."""
        now = time.perf_counter()
        use = engine.device_use() if now - self._at >= _EVERY_SECONDS else None
        if use is None:
            return None
        busy = (use.busy_seconds - self._busy) / (now - self._at)
        self._at, self._busy = now, use.busy_seconds
        return DeviceUsed(min(1.0, max(0.0, busy)), use.memory.held, use.memory.free, use.memory.total)

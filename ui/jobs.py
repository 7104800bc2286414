"""Work beside the window: pure functions of frozen inputs on a small pool; their results come up by the frame clock."""

import concurrent.futures
import dataclasses
import logging
from collections.abc import Callable
from typing import Any

from simulator.errors import SimulatorError, account
from simulator.progress import Cancelled, Progress

_log = logging.getLogger(__name__)
_THREADS = 2


@dataclasses.dataclass(frozen=True)
class Failure:
    """What went wrong, for the user; the same attributes as `simulator.training.events.Failed`.

    Attributes
    ----------
    message, hint
        What happened, and what to do next.
    kind
        The name of the error's class; "InternalError" for a defect of the program, whose traceback is in the log.
    """

    message: str
    hint: str
    kind: str


Done = Callable[[Any], None]
OnFailure = Callable[[Failure], None]
OnProgress = Callable[[float | None, str], None]


class Job:
    """One piece of work that was handed to the pool; a cancelled job calls nothing.

    Attributes
    ----------
    running
        Whether it is still to call one of its callbacks.
    """

    def __init__(self, on_done: Done | None, on_failed: OnFailure | None, on_progress: OnProgress | None) -> None:
        self._on_done, self._on_failed, self._on_progress = on_done, on_failed, on_progress
        self._news: tuple[float | None, str] | None = None
        self._progress = Progress(self._report)
        self._future: concurrent.futures.Future[Any] | None = None
        self.running = True

    def cancel(self) -> None:
        """Stop the job at its next report; nothing is called any more."""
        self._progress.cancel()
        self.running = False
        if self._future is not None:
            self._future.cancel()

    def _report(self, fraction: float | None, text: str) -> None:
        """Keep the newest report, in the job's own thread, until the frame clock takes it."""
        self._news = (fraction, text)

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Do the work, in a thread of the pool."""
        self._progress.report(None)
        return function(*arguments, self._progress)

    def poll(self) -> None:
        """Bring news and the outcome to the callbacks, in the GUI thread."""
        if not self.running:
            return
        news, self._news = self._news, None
        if news is not None and self._on_progress is not None:
            self._on_progress(*news)
        if self.running and self._future is not None and self._future.done():
            self.running = False
            self._finish(self._future)

    def _finish(self, future: "concurrent.futures.Future[Any]") -> None:
        try:
            result = future.result()
        except (Cancelled, concurrent.futures.CancelledError):
            return
        except Exception as error:
            if not isinstance(error, SimulatorError):
                _log.exception("a job failed")
            failure = Failure(*account(error))
        else:
            if self._on_done is not None:
                self._on_done(result)
            return
        if self._on_failed is not None:
            self._on_failed(failure)

    def started(self, future: "concurrent.futures.Future[Any]") -> "Job":
        """Remember the outcome that is to come, and return the job."""
        self._future = future
        return self


class Jobs:
    """A small pool of threads and the jobs that it works on."""

    def __init__(self) -> None:
        self._pool = concurrent.futures.ThreadPoolExecutor(_THREADS, "nodeglow-job")
        self._jobs: list[Job] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def start(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        on_done: Done | None,
        on_failed: OnFailure | None,
        on_progress: OnProgress | None,
    ) -> Job:
        """Hand ``function(*arguments, progress)`` to the pool."""
        job = Job(on_done, on_failed, on_progress)
        self._jobs.append(job)
        return job.started(self._pool.submit(job.run, function, arguments))

    def poll(self) -> None:
        """Let every job call back; forget those that ended."""
        for job in tuple(self._jobs):
            job.poll()
        self._jobs = [job for job in self._jobs if job.running]

    def close(self) -> None:
        """Cancel everything; threads end at their jobs' next report."""
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

"""What a long job is given: a place to report how far it is, and the question whether to stop."""

import threading
from collections.abc import Callable


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Raised inside a job that was asked to stop; nothing was changed or written."""


class Progress:
    """Reports a job's progress and carries the wish to cancel it; safe to share between threads.

    Parameters
    ----------
    on_report
        Called with the fraction done (0 to 1, or None while it is unknown) and a short text, in the job's own thread.
    """

    def __init__(self, on_report: Callable[[float | None, str], None] | None = None) -> None:
        self._on_report = on_report
        self._cancel = threading.Event()

    def report(self, fraction: float | None, text: str = "") -> None:
        """Say how far the job is, and stop it here if somebody cancelled it.

        Raises
        ------
        Cancelled
            When `cancel` was called.
        """
        if self._cancel.is_set():
            raise Cancelled(text)
        if self._on_report is not None:
            self._on_report(fraction, text)

    def part(self, first: float, last: float, text: str | None = None) -> "Progress":
        """Return the progress of a part of the job, from one fraction of the whole to another; it is cancelled with it.

        Parameters
        ----------
        text
            What is said in place of what the part says; None leaves that.
        """

        def report(fraction: float | None, said: str) -> None:
            self.report(None if fraction is None else first + (last - first) * fraction, said if text is None else text)

        part = Progress(report)
        part._cancel = self._cancel
        return part

    def cancel(self) -> None:
        """Ask the job to stop at its next report."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancel.is_set()

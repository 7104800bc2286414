"""A Python script that runs beside the window: what it says as it says it, and whether PyTorch agreed."""

import codecs
import dataclasses
import importlib.util
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

INSTALL = "pip install torch"
_PROBE = "import importlib.util as found, sys; sys.exit(0 if found.find_spec('torch') else 3)"
_NO_TORCH = "No module named 'torch'"


def own_python() -> Path | None:
    """Return the interpreter that this program runs in; None where it is packed into a program of its own."""
    return None if getattr(sys, "frozen", False) or not sys.executable else Path(sys.executable)


def own_torch() -> bool:
    """Whether that interpreter has PyTorch; it is not imported."""
    return own_python() is not None and importlib.util.find_spec("torch") is not None


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How a script ended: whether PyTorch agreed (None where that cannot be said), and that in words."""

    agrees: bool | None
    text: str


def verdict_of(code: int, output: str) -> Verdict:
    """Return what the end of a comparing script says."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if code == 0 and lines and lines[-1].startswith("PyTorch agrees"):
        return Verdict(True, f"{_minus(lines[-1])}.")
    if _NO_TORCH in output:
        return Verdict(None, f"This Python has no PyTorch: {INSTALL}")
    differs = next((line for line in reversed(lines) if line.startswith("AssertionError: ")), "")
    if differs:
        return Verdict(False, f"PyTorch does not agree: {_minus(differs.removeprefix('AssertionError: '))}.")
    return Verdict(None, "The script failed: its last lines say why.")


def _minus(text: str) -> str:
    """Return a text with powers of ten as the window writes them."""
    return text.replace("e-0", "e−").replace("e-", "e−")


class Script(QObject):
    """Runs one script at a time with some interpreter.

    Signals
    -------
    said
        str: what the script wrote, as it comes.
    ended
        `Verdict`.
    probed
        bool: whether the interpreter that was asked about has PyTorch.

    Attributes
    ----------
    output
        Everything that the script wrote.
    """

    said = Signal(str)
    ended = Signal(object)
    probed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.output = ""
        self._run: QProcess | None = None
        self._probe: QProcess | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def running(self) -> bool:
        """Whether a script runs."""
        return self._run is not None

    def ask(self, python: Path) -> None:
        """Ask an interpreter whether it has PyTorch; the answer is `probed`."""
        probe = QProcess(self)
        old, self._probe = self._probe, probe
        _end(old)
        probe.finished.connect(lambda code, _status: self._answer(probe, code == 0))
        probe.errorOccurred.connect(lambda _error: self._answer(probe, found=False))
        probe.start(str(python), ["-c", _PROBE])

    def _answer(self, probe: QProcess, found: bool) -> None:
        if probe is self._probe:
            self._probe = None
            self.probed.emit(found)

    def run(self, python: Path, path: Path) -> None:
        """Run a script."""
        self.stop()
        self.output = ""
        self._decoder.reset()
        self._run = run = QProcess(self)
        run.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        run.setWorkingDirectory(str(path.parent))
        run.readyRead.connect(self._read)
        run.finished.connect(lambda code, status: self._finished(run, code if status is _NORMAL else -1))
        run.errorOccurred.connect(lambda error: self._broken(run, error, python))
        run.start(str(python), ["-u", str(path)])

    def stop(self) -> None:
        """End the script, and say nothing more of it."""
        # Forgotten first: what a process says while it is ended concerns nobody.
        run, self._run = self._run, None
        probe, self._probe = self._probe, None
        _end(run)
        _end(probe)

    def _read(self) -> None:
        if self._run is not None:
            text = self._decoder.decode(bytes(self._run.readAll().data()))
            self.output += text
            self.said.emit(text)

    def _finished(self, run: QProcess, code: int) -> None:
        if run is self._run:
            self._read()
            self._run = None
            self.ended.emit(verdict_of(code, self.output))

    def _broken(self, run: QProcess, error: QProcess.ProcessError, python: Path) -> None:
        if run is self._run and error == QProcess.ProcessError.FailedToStart:
            self._run = None
            self.ended.emit(Verdict(None, f"{python} could not be started: choose another Python."))


def _end(process: QProcess | None) -> None:
    if process is not None:
        process.kill()
        process.waitForFinished(1000)


_NORMAL = QProcess.ExitStatus.NormalExit

"""The comparison with PyTorch: a script that trains the next epochs there is written, and run where it can be."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QWidget

from simulator.data import Dataset
from simulator.errors import ExportError
from simulator.explain import Moment
from simulator.progress import Progress
from simulator.training.comparison import comparison
from ui.asking import Account, Asking
from ui.bridge import Bridge
from ui.dialogs.files import ChooseToOpen, ChooseToWrite, choose_file_to_open, choose_file_to_write
from ui.dialogs.proof_script import INSTALL, Script, Verdict, own_python, own_torch
from ui.dialogs.proof_sheet import ProofSheet
from ui.dialogs.wording import count, sentence
from ui.jobs import Failure, Job
from ui.preferences import Preferences

_FILTERS = {"Python scripts (*.py)": ".py"}


def write_comparison(
    moment: Moment,
    dataset: Dataset,
    epochs: int,
    path: Path,
    overwrite: bool,
    machine: tuple[str, str, int],
    progress: Progress,
) -> Path:
    """Write a comparing script to a file; the job behind the dialog.

    Parameters
    ----------
    machine
        Engine, device and threads of the run.

    Raises
    ------
    ExportError
        When it cannot be written.
    ConfigError, DivergenceError
        When there is nothing to compare (see `simulator.training.comparison.next_losses`).
    """
    engine, device, threads = machine
    text = comparison(moment, dataset, epochs, progress, engine=engine, device=device, threads=threads)
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise ExportError(f"{path.name} exists already", "Choose another name.") from error
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}", "Choose another place.") from error
    return path


class TorchDialog(QDialog):
    """Asks how many epochs, where to and with which Python; writes the script, runs it, and shows what comes of it.

    Parameters
    ----------
    bridge, asking
        The run, and its present moment.
    folder
        Where the script is put at first.
    choose_file, choose_python
        Ask for a file; tests put plain functions in their place.

    Attributes
    ----------
    path
        The script.
    verdict
        How the last run ended, or None.
    """

    def __init__(
        self,
        bridge: Bridge,
        asking: Asking,
        folder: Path,
        parent: QWidget | None = None,
        *,
        choose_file: ChooseToWrite = choose_file_to_write,
        choose_python: ChooseToOpen = choose_file_to_open,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.torch")
        self.setWindowTitle("Compare with PyTorch")
        self.setAccessibleName(self.windowTitle())
        self._bridge, self._asking = bridge, asking
        self._choose_file, self._choose_python = choose_file, choose_python
        self._job: Job | None = None
        self._runs_after = False
        self._mine: set[Path] = set()
        self._python, self._has_torch = own_python(), own_torch()
        self.verdict: Verdict | None = None
        self.script = Script(self)
        self.sheet = sheet = ProofSheet(self)
        self._folder, self._named = folder, False
        self.path = folder
        sheet.choose_path.clicked.connect(self._ask_path)
        sheet.choose_python.clicked.connect(self._ask_python)
        sheet.to_end.clicked.connect(lambda: bridge.advance(1, "epoch"))
        sheet.write.clicked.connect(lambda: self._write(run=False))
        sheet.run.clicked.connect(lambda: self._write(run=True))
        sheet.stop.clicked.connect(self.stop)
        self.script.said.connect(sheet.add)
        self.script.ended.connect(self._ended)
        self.script.probed.connect(self._probed)
        asking.answered.connect(self._answered)
        bridge.playing_changed.connect(lambda _on: self._show())
        asking.want(self)
        self._show()

    @property
    def account(self) -> Account | None:
        """The present moment."""
        return self._asking.account

    @property
    def busy(self) -> bool:
        """Whether a script is written or runs."""
        return self._job is not None or self.script.running

    # -- asking -------------------------------------------------------------------------------------------------

    def _ask_path(self) -> None:
        chosen = self._choose_file(self, "Write the script", self.path, _FILTERS)
        if chosen is not None:
            path = chosen[0] if chosen[0].suffix else chosen[0].with_suffix(".py")
            if path == chosen[0]:
                self._mine.add(path)  # whether it may be replaced was asked about this name
            self.path, self._named = path, True
            self._show()

    def _ask_python(self) -> None:
        folder = Path.home() if self._python is None else self._python.parent
        chosen = self._choose_python(self, "Choose a Python that has PyTorch", folder, ("All files (*)",))
        if chosen is not None:
            self._python, self._has_torch = chosen, False
            self.sheet.say_python(str(chosen), "Looking whether it has PyTorch …")
            self.script.ask(chosen)

    def _probed(self, found: bool) -> None:
        self._has_torch = found
        self._show()

    # -- working ------------------------------------------------------------------------------------------------

    def _write(self, *, run: bool) -> None:
        account = self.account
        if account is None or self.busy:
            return
        self._runs_after, self.verdict = run, None
        self.sheet.clear()
        bridge, path = self._bridge, self.path
        self._job = bridge.run_job(
            write_comparison,
            account.moment,
            account.dataset,
            self.sheet.epochs.value,
            path,
            path in self._mine,
            (bridge.engine, bridge.device, bridge.threads),
            on_done=self._written,
            on_failed=self._failed,
            on_progress=lambda fraction, text: self.sheet.tell(fraction, text),
        )
        self._show()

    def _written(self, path: Path) -> None:
        self._job, self._named = None, True
        self._mine.add(path)
        self.sheet.add(f"{path.name} was written.\n")
        if self._runs_after and self._python is not None:
            self.sheet.tell(None, "PyTorch trains …")
            self.script.run(self._python, path)
        else:
            self.sheet.add(f"python {path}\n")
            self.sheet.conclude(None, "Run the script with a Python that has PyTorch.")
        self._show()

    def _failed(self, failure: Failure) -> None:
        self._job = None
        self.sheet.conclude(None, f"{sentence(failure.message)} {failure.hint}".strip())
        self._show()

    def _ended(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.sheet.conclude(verdict.agrees, verdict.text)
        self._show()

    def stop(self) -> None:
        """End what is under way."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.script.stop()
        self.sheet.conclude(None, "Stopped.")
        self._show()

    # -- showing ------------------------------------------------------------------------------------------------

    def _answered(self, _account: Account) -> None:
        if not self.busy:
            self._show()

    def _show(self) -> None:
        account = self.account
        if account is None:
            self.sheet.allow(busy=self.busy, why="There is no moment to compare yet.", why_not_run="", inside=False)
            return
        moment = account.moment
        if not self._named:
            self.path = free_name(self._folder, moment.epoch)
        inside = moment.batch > 0
        since = "the start" if moment.epoch == 0 else f"epoch {moment.epoch:,}"
        self.sheet.say_since(f"after {since}, of {count(moment.batches, 'batch', 'batches')} each")
        self.sheet.say_path(self.path)
        if self.script_python:
            self.sheet.say_python(self.script_python, self._torch_said)
        else:
            self.sheet.say_python("none chosen", f"Choose one that has PyTorch, or run the script elsewhere: {INSTALL}")
        why = f"The run is in the middle of epoch {moment.epoch + 1:,}: compare from its end." if inside else ""
        run = "" if self._has_torch else "This Python has no PyTorch."
        self.sheet.allow(busy=self.busy, why=why, why_not_run=run, inside=inside)

    @property
    def script_python(self) -> str:
        """The interpreter that would run the script; "" for none."""
        return "" if self._python is None else str(self._python)

    @property
    def _torch_said(self) -> str:
        if self._has_torch:
            return "It has PyTorch."
        return (
            f"It has no PyTorch. Install it there ({self.script_python} -m {INSTALL}), choose another Python, or write "
            "the script and run it on a machine that has it."
        )

    def done(self, result: int) -> None:
        """Close the window, and end what is under way."""
        if self.busy:
            self.stop()
        self.script.stop()
        self._asking.want(self, wanted=False)
        super().done(result)


def free_name(folder: Path, epoch: int) -> Path:
    """Return a name for a script that no file has yet."""
    number, path = 1, folder / f"nodeglow_after_epoch_{epoch}.py"
    while path.exists():
        number += 1
        path = folder / f"nodeglow_after_epoch_{epoch}_{number}.py"
    return path


def compare_with_torch(
    bridge: Bridge, asking: Asking, preferences: Preferences, parent: QWidget | None = None
) -> TorchDialog:
    """Open the comparison without waiting; the dialog forgets itself when it is closed."""
    dialog = TorchDialog(bridge, asking, preferences.folder("script"), parent)

    def closed(_result: int) -> None:
        if dialog.verdict is not None:
            preferences.set_folder("script", dialog.path)
        QTimer.singleShot(0, dialog.deleteLater)

    dialog.finished.connect(closed)
    dialog.open()
    return dialog

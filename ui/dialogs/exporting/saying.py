"""What is said about an export: which moment it is of, what every file is made of, and what was written."""

from PySide6.QtWidgets import QDialog, QWidget

from simulator.interchange import FORMATS, Model
from simulator.snapshot import Snapshot
from ui.dialogs.exporting.contents import architecture
from ui.dialogs.exporting.writing import Written
from ui.dialogs.notice import show_notice
from ui.dialogs.wording import count, size


def show_written(parent: QWidget | None, written: Written) -> QDialog:
    """Say what was written and how it is used elsewhere, without waiting."""
    row = FORMATS[written.format]
    facts = [
        ("File", written.path.name),
        ("Folder", str(written.path.parent)),
        ("Format", f"{row.called}: {row.description}"),
        ("Parameters", f"{written.parameters:,}"),
        ("Size", size(written.bytes)),
    ]
    code = row.used(written.path.name)
    return show_notice(
        parent, "Exported", "The model was written.", facts, str(written.path), code, "How to use it elsewhere"
    )


def said_moment(snapshot: Snapshot) -> str:
    """Return which moment a snapshot is, with its losses, as "After epoch 148: train loss 0.0312, …"."""
    record = snapshot.record
    begun = "" if not snapshot.batch else f", and {count(snapshot.batch, 'batch', 'batches')} of the next"
    figures = [
        f"{label} {value:.4g}"
        for label, value in (("train loss", record.train_loss), ("test loss", record.test_loss))
        if value == value
    ]
    if record.test_accuracy == record.test_accuracy:
        figures.append(f"test accuracy {100 * record.test_accuracy:.1f} %")
    return f"After epoch {snapshot.epoch:,}{begun}" + (f": {', '.join(figures)}" if figures else "")


def facts(model: Model, moment: str) -> list[tuple[str, str]]:
    """Return what every file of a model is made of, as names and values."""
    dtype = str(model.parameters.dtype)
    return [
        ("Network", architecture(model.network)),
        ("Numbers", f"{count(model.network.parameter_count, 'weight and bias', 'weights and biases')}, {dtype}"),
        ("Moment", moment or f"After epoch {model.epoch:,}"),
    ]

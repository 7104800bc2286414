import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox

from ui.dialogs.files import choose_file_to_write

KNOWN = {
    "safetensors (*.safetensors)": ".safetensors",
    "JSON (*.json)": ".json",
    "CSV (*.csv)": ".csv",
    "Keras weights (*.weights.h5)": ".weights.h5",
}


@pytest.fixture(autouse=True)
def _own_dialog(monkeypatch):
    # A native dialog cannot be driven; everything else is Qt's real one.
    real = QFileDialog.exec

    def execute(dialog):
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        return real(dialog)

    monkeypatch.setattr(QFileDialog, "exec", execute)


def during(act) -> None:
    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        act(dialog)

    QTimer.singleShot(0, look)


@pytest.mark.parametrize(("name", "suffix"), KNOWN.items())
def test_the_chosen_filter_appends_its_suffix(qtbot, tmp_path, name, suffix):

    def choose(dialog: QFileDialog) -> None:
        dialog.selectNameFilter(name)
        dialog.filterSelected.emit(name)
        dialog.selectFile("net")
        dialog.accept()

    during(choose)
    assert choose_file_to_write(None, "Export", tmp_path / "model.safetensors", KNOWN) == (
        tmp_path / f"net{suffix}",
        name,
    )


def test_qt_asks_before_an_existing_file_is_chosen(qtbot, tmp_path):
    (tmp_path / "net.safetensors").touch()
    questions = []

    def refuse() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, QMessageBox)
        questions.append(question.text())
        question.button(QMessageBox.StandardButton.No).click()

    def choose(dialog: QFileDialog) -> None:
        dialog.selectFile("net")
        QTimer.singleShot(0, refuse)
        dialog.accept()
        buttons = dialog.findChild(QDialogButtonBox)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).click()

    during(choose)
    assert choose_file_to_write(None, "Export", tmp_path / "model", KNOWN) is None
    assert len(questions) == 1
    assert "net.safetensors" in questions[0]

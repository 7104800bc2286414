import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from simulator.data import Dataset, open_dataset
from simulator.interchange import Model
from simulator.training.session import Session
from ui import theme
from ui.bridge import Bridge
from ui.dialogs.open_dataset import OpenDatasetDialog
from ui.preferences import Preferences

PENGUINS = "penguins"


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    theme.apply(qapp, theme.DARK)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    assert made.close()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings" / "nodeglow.ini")


@pytest.fixture
def opened(qtbot, bridge: Bridge) -> Callable[..., OpenDatasetDialog]:
    """Open the dialog on a source and wait until it was read."""

    def make(source, **options) -> OpenDatasetDialog:
        dialog = OpenDatasetDialog(bridge, source, **options)
        qtbot.addWidget(dialog)
        dialog.show()
        settle(qtbot, dialog)
        return dialog

    return make


def settle(qtbot, dialog: OpenDatasetDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.running, timeout=20_000)


@pytest.fixture
def settled(qtbot) -> Callable[[OpenDatasetDialog], None]:
    return lambda dialog: settle(qtbot, dialog)


@pytest.fixture(scope="session")
def penguins() -> Dataset:
    return open_dataset(PENGUINS)


@pytest.fixture(scope="session")
def model(penguins: Dataset) -> Model:
    return Session(penguins, engine="reference").model()


@pytest.fixture
def no_log_noise(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.CRITICAL):
        yield


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a text to a file."""

    def write(text: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def rows() -> Callable[..., str]:
    """Return 40 rows of a table with two numbers, a place and a kind, spelt as asked."""

    def make(delimiter: str = ",", decimal: str = ".", header: bool = True) -> str:
        random = np.random.default_rng(3)
        lines = [delimiter.join(["length", "width", "place", "kind"])] if header else []
        for row in range(40):
            numbers = [f"{value:.2f}".replace(".", decimal) for value in random.normal(10, 2, 2)]
            lines.append(delimiter.join([*numbers, "north" if row % 3 else "south", "ab"[row % 2]]))
        return "\n".join(lines) + "\n"

    return make

"""Where the numbers are computed, as the window shows and changes it: the list, the line at the bottom, failures."""

import dataclasses
import re
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from simulator.engines import devices, speeds
from simulator.engines.cuda import system_driver
from simulator.engines.cuda.machine import Device, Driver
from simulator.errors import ConfigError, DeviceError
from simulator.spec import LayerSpec, NetworkSpec
from simulator.training import events as e
from tests.ui.conftest import Guest
from ui.app import create_window
from ui.device_words import limit_text, line_of, memory_text, no_gpu, parse_memory, reason_text, used_text
from ui.panels.training_device import fitting
from ui.preferences import Preferences

H200 = Device("cuda:0", "NVIDIA H200", 141_000_000_000, 138_700_000_000, "13.0", "9.0")


class Listed(Driver):
    """Devices that can be listed, and fail when they are opened."""

    def __init__(self, *listed: Device, trouble: DeviceError | None = None) -> None:
        self.listed, self.trouble, self.asked = listed, trouble, 0

    def devices(self):
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.listed

    def open(self, number):
        raise DeviceError("the device does not answer", "Restart the computer, or use --device cpu.")


@pytest.fixture(autouse=True)
def no_measuring(monkeypatch):
    """What is measured on a computer would take seconds here."""
    told = {"cpu": speeds.Speed((12e-6, 1e-3, 9e-2))}
    there = speeds.Speed((45e-6, 6e-5, 8e-4))
    monkeypatch.setattr(speeds, "measured", lambda found, *_: told | {each.name: there for each in found})


@pytest.fixture(autouse=True)
def no_limit():
    yield
    devices.limit_memory(None)


@pytest.fixture(scope="module")
def shown(qapp, tmp_path_factory, kernels):
    """A window in which nothing moves."""
    window = create_window(Preferences(tmp_path_factory.mktemp("computing") / "settings.ini"))
    window.resize(1400, 900)
    window.show()
    yield window
    window.close()
    window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def seen(qtbot, shown):
    """That window, as if nobody had looked for devices in it."""
    guest = Guest(qtbot, shown)
    guest.wait(lambda: shown.bridge.snapshot is not None)
    shown.computing.survey = None
    shown.computing.surveyed.emit()
    return guest


def put(monkeypatch, *listed: Device, **more) -> Listed:
    driver = Listed(*listed, **more)
    monkeypatch.setattr(devices, "driver", driver)
    return driver


def box_of(guest) -> QComboBox:
    return guest.find("training.device", QComboBox)


def opened(guest) -> list[str]:
    """Open the list, wait until it is known what there is, and return its lines."""
    box = box_of(guest)
    box.showPopup()
    guest.wait(lambda: not guest.window.computing.looking)
    lines = [box.itemText(nth) for nth in range(box.count())]
    box.hidePopup()
    return lines


def choose(guest, device: str) -> None:
    box = box_of(guest)
    box.setCurrentIndex(box.findData(device))
    box.activated.emit(box.currentIndex())


def dialog_of(guest):
    return next((each for each in guest.window.children() if each.objectName() == "dialog.failure"), None)


def reason(guest) -> str:
    label = guest.find("training.device_reason", QLabel)
    return label.text() if label.isVisible() else ""


# -- what is said -----------------------------------------------------------------------------------------------------


def test_memory_is_told_with_three_digits():
    told = {0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.00 kB", 212_345_678: "212 MB", 9_999_999: "10.0 MB",
            999_600_000: "1.00 GB", 141_000_000_000: "141 GB", 99_960_000_000: "100 GB"}  # fmt: skip
    assert {size: memory_text(size) for size in told} == told


@pytest.mark.parametrize(
    ("text", "size"),
    [("2 GB", 2_000_000_000), ("512MB", 512_000_000), ("1.5 GiB", 1_610_612_736), ("0,5 g", 500_000_000),
     ("3000000", 3_000_000), ("", None), ("No limit", None), ("none", None)],
)  # fmt: skip
def test_a_limit_is_typed_with_its_unit(text, size):
    assert parse_memory(text) == size
    assert parse_memory(limit_text(size)) == size


@pytest.mark.parametrize("text", ["two GB", "-2 GB", "2 PB", "1 MB 2", "0", "12 kB", "nan", "1e9 GB"])
def test_a_limit_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match="memory cannot be") as refusal:
        parse_memory(text)
    assert "2 GB" in refusal.value.hint


def test_two_devices_of_one_name_are_told_apart():
    other = dataclasses.replace(H200, name="cuda:1")
    assert line_of(H200, (H200,)) == "NVIDIA H200 · 139 GB free of 141 GB"
    assert line_of(other, (H200, other)) == "NVIDIA H200 · cuda:1 · 139 GB free of 141 GB"


def test_the_figures_of_a_device_have_one_width():
    texts = [used_text("cuda:0", 1, e.DeviceUsed(busy, 212_000_000, 1, 2)) for busy in (0.0, 0.07, 0.87, 1.0, 1.3)]
    assert texts[2] == "\u200787 % busy · 212 MB · GPU cuda:0"
    assert len({len(text) for text in texts}) == 1
    assert (used_text("cpu", 1, None), used_text("cpu", 2, None)) == ("CPU · 1 thread", "CPU · 2 threads")


def test_the_only_gpu_needs_no_number():
    used = e.DeviceUsed(0.5, 212_000_000, 1, 2)
    assert used_text("cuda:0", 1, used, alone=True).strip() == "50 % busy · 212 MB · GPU"
    assert (
        reason_text("cpu, since cuda:0 failed: it is hot", "cpu", alone=True) == "CPU, since the GPU failed: it is hot."
    )
    assert reason_text("cuda:0, where it is faster", "auto", alone=True) == "Automatic: the GPU, where it is faster."
    assert reason_text("cuda:1, where it is faster", "auto") == "Automatic: cuda:1, where it is faster."


@pytest.mark.parametrize(
    ("text", "left"),
    [("NVIDIA H200", "NVIDIA H200"),
     ("NVIDIA H200 · cuda:1", "H200 · cuda:1"), ("NVIDIA GeForce RTX 4090", "RTX 4090")],
)  # fmt: skip
def test_a_narrow_box_leaves_the_makers_name_out_first(seen, text, left):
    metrics = box_of(seen).fontMetrics()
    room = metrics.horizontalAdvance(left)
    assert fitting(text, metrics, room) == left


def test_two_gpus_of_one_long_name_are_told_apart_in_a_narrow_box(seen):
    metrics = box_of(seen).fontMetrics()
    room = metrics.horizontalAdvance("RTX 6000 … · cuda:1")
    texts = [fitting(f"NVIDIA RTX 6000 Ada Generation · cuda:{number}", metrics, room) for number in (0, 1)]
    assert [text.rpartition(" · ")[2] for text in texts] == ["cuda:0", "cuda:1"]
    assert all(text.startswith("RTX") and metrics.horizontalAdvance(text) <= room for text in texts)


def test_hints_of_the_command_line_are_said_for_a_window():
    said, command = no_gpu("CUDA needs the package CuPy, which is not installed",
                           'Install it with: pip install "nodeglow[cuda13]" (or [cuda12] for an older driver), or use '
                           "--device cpu.")  # fmt: skip
    assert command == 'pip install "nodeglow[cuda13]"'
    assert said == ("No GPU: CUDA needs the package CuPy, which is not installed. Install it with this command "
                    "(or [cuda12] for an older driver).")  # fmt: skip
    assert no_gpu("there is none", "Use --device cpu.") == ("No GPU: there is none.", "")
    assert reason_text("cpu, since there is none", "auto") == "Automatic: CPU, since there is none."


# -- the list ---------------------------------------------------------------------------------------------------------


def test_devices_are_looked_for_only_when_the_list_is_opened_and_beside_the_window(seen, monkeypatch):
    driver = put(monkeypatch, H200)
    box = box_of(seen)
    assert [box.itemText(nth) for nth in range(box.count())] == ["Automatic", "CPU"]
    assert driver.asked == 0
    box.showPopup()
    assert box.itemText(2) == "Looking for GPUs …"
    assert not box.model().item(2).isEnabled()
    seen.wait(lambda: not seen.window.computing.looking)
    assert [box.itemText(nth) for nth in range(2, box.count())] == ["NVIDIA H200 · 139 GB free of 141 GB"]
    seen.wait(lambda: box.view().isVisible())
    box.hidePopup()
    assert reason(seen) == ""


def test_without_cupy_the_command_that_installs_it_can_be_copied(seen, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr(system_driver, "known_cuda", lambda: None)
    assert opened(seen)[2:] == ["GPU (not available)"]
    assert not box_of(seen).model().item(2).isEnabled()
    assert "CuPy, which is not installed" in reason(seen)
    assert "--device" not in reason(seen)
    line = seen.find("training.device_command", QLineEdit)
    assert line.isVisible()
    assert line.isReadOnly()
    seen.find("training.device_copy", QToolButton).click()
    assert QGuiApplication.clipboard().text() == line.text() == 'pip install "nodeglow[cuda13]"'
    assert seen.find("training.device_copy", QToolButton).toolTip() == "Copied"


def test_a_missing_driver_is_said_and_found_when_it_is_there(seen, monkeypatch):
    missing = DeviceError(
        "the NVIDIA driver is missing or too old", "Install or update the driver, or use --device cpu."
    )
    put(monkeypatch, trouble=missing)
    opened(seen)
    assert reason(seen) == "No GPU: the NVIDIA driver is missing or too old. Install or update the driver."
    assert not seen.find("training.device_command", QLineEdit).isVisible()
    put(monkeypatch, H200)
    assert opened(seen)[2].startswith("NVIDIA H200")
    assert reason(seen) == ""


def test_the_closed_list_has_the_short_name_of_a_device_and_the_open_one_room_for_all(seen, monkeypatch):
    long = dataclasses.replace(H200, title="NVIDIA RTX 6000 Ada Generation Laptop GPU with a name")
    put(monkeypatch, long, dataclasses.replace(long, name="cuda:1"))
    opened(seen)
    box = box_of(seen)
    assert box.itemText(3) == f"{long.title} · cuda:1 · 139 GB free of 141 GB"
    assert box.view().minimumWidth() > box.fontMetrics().horizontalAdvance(box.itemText(3))
    assert box.minimumSizeHint().width() < 200


def test_automatic_says_what_was_chosen_and_why(guest, monkeypatch):
    put(monkeypatch, H200)
    choose(guest, "auto")
    guest.wait(lambda: "on the GPU" in reason(guest))
    assert reason(guest) == ("Automatic: CPU, where an update should take 12 µs; on the GPU it should take 45 µs "
                             "(measured on this computer).")  # fmt: skip
    assert (box_of(guest).currentData(), guest.bridge.device) == ("auto", "cpu")


def test_automatic_without_a_gpu_says_once_why_and_what_installs_it(guest, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    choose(guest, "auto")
    line = guest.find("training.device_command", QLineEdit)
    guest.wait(line.isVisible)
    assert reason(guest).startswith("Automatic: CPU.\nNo GPU: CUDA needs the package CuPy")
    assert reason(guest).count("which is not installed") == 1


def test_the_inputs_of_the_settings_line_up(seen):
    panel = seen.window.panels["training"]
    panel.more.setChecked(True)
    inputs = (panel.rare.fields["seed"], panel.engine.box, panel.memory.field, panel.schedule.choice)
    seen.wait(lambda: len({each.mapTo(panel, each.rect().topLeft()).x() for each in inputs}) == 1)
    panel.more.setChecked(False)


# -- moving -----------------------------------------------------------------------------------------------------------


def test_a_device_that_does_not_answer_leaves_everything_and_the_list_goes_back(guest, monkeypatch):
    put(monkeypatch, H200)
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 2)
    opened(guest)
    choose(guest, "cuda:0")
    assert guest.find("readout.preparing", QLabel).text() == "Moving to NVIDIA H200 …"
    guest.wait(lambda: dialog_of(guest) is not None)
    assert guest.bridge.moving == ""
    assert (box_of(guest).currentData(), guest.bridge.device) == ("cpu", "cpu")
    assert not guest.find("readout.preparing", QLabel).isVisible()
    assert "stays on the CPU, and trains on" in dialog_of(guest).hint.text()
    assert guest.window.preferences.device == "cpu"
    reached = guest.epoch
    guest.wait(lambda: guest.epoch > reached + 2)
    guest.trigger("play")
    guest.wait_for_rest()


def test_another_engine_goes_on_where_the_old_one_stands(guest):
    guest.advance_to(3)
    before = guest.parameters
    box = guest.find("training.engine", QComboBox)
    box.setCurrentIndex(box.findData("reference"))
    box.activated.emit(box.currentIndex())
    guest.wait(lambda: guest.bridge.engine == "reference")
    assert guest.epoch == 3
    assert (guest.parameters == before).all()
    assert not box.model().item(box.findData("cuda")).isEnabled() if box.findData("cuda") >= 0 else True


def test_the_device_of_the_last_time_is_gone_and_only_spoken_of(make_window, preferences, monkeypatch):
    put(monkeypatch, trouble=DeviceError("there is no CUDA device in this machine", "Use --device cpu."))
    preferences.device = "cuda:0"
    guest = make_window()
    label = guest.find("readout.preparing", QLabel)
    guest.wait(lambda: label.isVisible() and label.text().startswith("GPU cuda:0 cannot be used now"))
    assert dialog_of(guest) is None
    assert guest.bridge.device == "cpu"
    assert preferences.device == "cuda:0"
    guest.advance_to(1)


def test_a_note_at_the_bottom_waits_until_nothing_is_awaited(seen):
    window, label = seen.window, seen.find("readout.preparing", QLabel)
    bridge = window.bridge
    bridge.preparing = "compiling the training kernels"
    bridge.preparing_changed.emit(bridge.preparing)
    window.computing.noted.emit("The GPU is gone.")
    assert label.text() == "Compiling the training kernels"
    bridge.preparing = ""
    bridge.preparing_changed.emit("")
    assert (label.text(), label.isVisible()) == ("The GPU is gone.", True)
    window.status._noted.timeout.emit()
    assert not label.isVisible()


def test_a_session_that_was_trained_on_a_gpu_says_at_the_bottom_that_there_is_none(
    guest, host_gpu, monkeypatch, tmp_path
):
    opened(guest)
    moved(guest, "cuda:0")
    guest.advance_to(2)
    path, before = tmp_path / "there.nodeglow", guest.parameters.copy()
    guest.window.sessions.save(path, "inside")
    guest.wait(path.exists)
    guest.wait_until_obeyed()
    put(monkeypatch, trouble=DeviceError("there is no CUDA device in this machine", "Use --device cpu."))
    guest.window.filing.open_path(path)
    label = guest.find("readout.preparing", QLabel)
    guest.wait(lambda: label.isVisible() and "on which it was trained" in label.text())
    assert (guest.bridge.device, guest.epoch, dialog_of(guest)) == ("cpu", 2, None)
    assert (guest.parameters == before).all()


def test_the_choice_is_remembered(guest, preferences, monkeypatch):
    put(monkeypatch, H200)
    assert preferences.device == "cpu"
    choose(guest, "auto")
    guest.wait(lambda: guest.bridge.device_choice == "auto")
    assert preferences.device == "auto"


# -- a GPU that computes ----------------------------------------------------------------------------------------------


def moved(guest, device: str) -> None:
    """Move to a device, and wait until the session is there."""
    choose(guest, device)
    guest.wait(lambda: guest.bridge.device == device and not guest.bridge.moving)


def test_a_run_plays_on_while_it_moves_to_a_gpu_and_back(guest, host_gpu):
    guest.bridge.speed = 60
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 2)
    opened(guest)
    moved(guest, "cuda:0")
    assert guest.bridge.engine == "cuda"
    reached = guest.epoch
    guest.wait(lambda: guest.epoch > reached + 2)
    readout = guest.find("readout.device", QToolButton)
    guest.wait(lambda: "kB" in readout.text())
    assert re.fullmatch(r"\s*\d+ % busy · \d+ kB · GPU", readout.text())
    assert "held by this program" in readout.toolTip()
    assert guest.window.panels["training"].rare.fields["tf32"].isEnabled()
    moved(guest, "cpu")
    reached = guest.epoch
    guest.wait(lambda: guest.epoch > reached + 2)
    assert readout.text() == "CPU · 1 thread"
    guest.trigger("play")
    guest.wait_for_rest()
    epochs = guest.bridge.records["epoch"]
    assert list(epochs) == list(range(len(epochs)))


def test_a_moved_network_has_the_same_numbers_and_history(guest, host_gpu):
    guest.advance_to(3)
    before, records = guest.parameters.copy(), guest.bridge.records.copy()
    opened(guest)
    moved(guest, "cuda:0")
    assert "should take" in reason(guest)  # the CPU is faster for so small a network
    assert (guest.parameters == before).all()
    assert guest.bridge.records["train_loss"].tolist() == records["train_loss"].tolist()
    guest.trigger("back")
    guest.wait(lambda: guest.epoch == 2)
    guest.trigger("live")
    guest.wait(lambda: guest.epoch == 3)
    assert guest.action("undo").isEnabled() is False


def test_new_networks_stay_on_the_chosen_device(guest, host_gpu):
    opened(guest)
    moved(guest, "cuda:0")
    guest.trigger("add_layer")
    guest.wait(lambda: len(guest.bridge.network.hidden) == 3)
    assert (guest.bridge.device, guest.bridge.engine) == ("cuda:0", "cuda")


def test_the_device_of_the_last_time_is_taken_after_the_first_network_is_there(make_window, preferences, host_gpu):
    preferences.device = "cuda:0"
    guest = make_window()
    guest.wait(lambda: guest.bridge.device == "cuda:0")
    assert dialog_of(guest) is None
    assert box_of(guest).currentData() == "cuda:0"


@pytest.mark.parametrize("host_gpu", [{"total": 20_000}], indirect=True)
def test_a_gpu_with_too_little_room_says_the_bytes_and_leaves_the_network_where_it_is(guest, host_gpu):
    guest.advance_to(1)
    before = guest.parameters.copy()
    opened(guest)
    choose(guest, "cuda:0")
    guest.wait(lambda: dialog_of(guest) is not None)
    dialog = dialog_of(guest)
    assert dialog.windowTitle() == "The GPU has too little memory"
    assert "20.0 kB" in dialog.findChild(QWidget, "failure.memory").accessibleName()
    assert "--device" not in dialog.hint.text()
    assert "stays on the CPU" in dialog.hint.text()
    assert dialog.findChild(QPushButton, "failure.offer") is None
    dialog.reject()
    assert (guest.bridge.device, box_of(guest).currentData(), guest.epoch) == ("cpu", "cpu", 1)
    assert (guest.parameters == before).all()
    guest.advance_to(2)


def test_what_is_too_large_for_the_gpu_is_opened_on_the_cpu(guest, host_gpu):
    opened(guest)
    moved(guest, "cuda:0")
    devices.limit_memory(500_000)
    large = NetworkSpec(4, (LayerSpec(300), LayerSpec(300)), 3)
    guest.bridge.open(guest.bridge.dataset, large)
    guest.wait(lambda: dialog_of(guest) is not None)
    assert guest.bridge.network != large
    dialog = dialog_of(guest)
    offer = dialog.findChild(QPushButton, "failure.offer")
    assert offer.text().replace("&", "") == "Open on the CPU"
    assert offer.isDefault()
    guest.bot.keyClick(dialog, Qt.Key.Key_Return)
    guest.wait(lambda: guest.bridge.network == large)
    assert (guest.bridge.device, guest.bridge.device_choice) == ("cpu", "cpu")
    guest.advance_to(1)


@pytest.mark.parametrize("speed", [60, None])
def test_a_gpu_that_fails_while_it_plays_loses_nothing_and_the_cpu_plays_on(guest, host_gpu, speed):
    guest.bridge.speed = speed
    opened(guest)
    moved(guest, "cuda:0")
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 3)
    host_gpu.machines[0].fail()
    guest.wait(lambda: dialog_of(guest) is not None)
    guest.wait_for_rest()
    dialog = dialog_of(guest)
    assert "illegal memory access" in dialog.message.text()
    assert "on the CPU now" in dialog.hint.text()
    assert guest.bridge.device == "cpu"
    offer = dialog.findChild(QPushButton, "failure.offer")
    assert offer.text().replace("&", "") == "Continue on the CPU"
    reached = guest.epoch
    guest.bot.keyClick(dialog, Qt.Key.Key_Return)
    guest.wait(lambda: guest.epoch > reached + 3)
    assert guest.bridge.playing
    guest.trigger("play")
    guest.wait_for_rest()
    epochs = guest.bridge.records["epoch"]
    assert list(epochs) == list(range(len(epochs)))


def test_a_run_that_the_gpu_has_no_room_for_any_more_goes_on_on_the_cpu_where_it_stands(guest, host_gpu):
    guest.bridge.open(guest.bridge.dataset, NetworkSpec(4, (LayerSpec(300),), 3))
    opened(guest)
    moved(guest, "cuda:0")
    assert guest.bridge.network.sizes == (4, 300, 3)
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 1)
    devices.limit_memory(host_gpu.machines[0].memory().held + 1000)
    guest.window.editor.edit("batch size", config=dataclasses.replace(guest.bridge.config, batch_size=274))
    guest.wait(lambda: dialog_of(guest) is not None)
    guest.wait_for_rest()
    assert guest.bridge.device == "cuda:0"
    assert "goes on from where it stands" in dialog_of(guest).hint.text()
    guest.bot.keyClick(dialog_of(guest), Qt.Key.Key_Return)
    reached = guest.epoch
    guest.wait(lambda: guest.bridge.device == "cpu" and guest.epoch > reached + 1)
    assert guest.bridge.playing
    assert guest.window.editor.plan.config == guest.bridge.config


def test_who_stays_after_a_failure_has_a_paused_network_that_can_go_on(guest, host_gpu):
    opened(guest)
    moved(guest, "cuda:0")
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 3)
    host_gpu.machines[0].fail()
    guest.wait(lambda: dialog_of(guest) is not None)
    guest.bot.keyClick(dialog_of(guest), Qt.Key.Key_Escape)
    guest.wait_for_rest()
    reached = guest.epoch
    guest.pass_time(0.1)
    assert guest.epoch == reached
    guest.advance_to(reached + 1)


# -- limits and switches ----------------------------------------------------------------------------------------------


def test_a_limit_of_memory_holds_at_once_and_after_the_next_start(make_window, preferences):
    guest = make_window()
    line = guest.find("field.device_memory", QLineEdit)
    guest.trigger("device_memory")
    guest.wait(line.hasFocus)
    guest.bot.keyClicks(line, "2 eggs")
    field = guest.window.panels["training"].memory.field
    assert "2 GB" in field.refusal
    said = field._refusal
    guest.wait(lambda: said.height() >= said.heightForWidth(said.width()))  # all its lines are seen
    line.clear()
    guest.bot.keyClicks(line, "1.5 gb")
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    assert (line.text(), devices.memory_limit(), preferences.device_memory) == ("1500 MB", 1_500_000_000, 1_500_000_000)
    devices.limit_memory(None)
    again = make_window()
    assert again.find("field.device_memory", QLineEdit).text() == "1500 MB"
    assert devices.memory_limit() == 1_500_000_000
    again.find("field.device_memory", QLineEdit).setText("no limit")
    again.find("field.device_memory", QLineEdit).setModified(True)
    again.find("field.device_memory", QLineEdit).editingFinished.emit()
    assert (devices.memory_limit(), preferences.device_memory) == (None, None)


def test_tf32_says_why_it_means_nothing_here(seen):
    switch = seen.window.panels["training"].rare.fields["tf32"]
    assert not switch.isEnabled()
    assert "this network is on the CPU" in switch.box.toolTip()


def test_the_line_at_the_bottom_says_what_computes_and_opens_the_list(guest):
    readout = guest.find("readout.device", QToolButton)
    assert readout.text() == "CPU · 1 thread"
    assert "compiled engine on the CPU" in readout.toolTip()
    guest.window.docks["training"].hide()
    readout.click()
    guest.wait(lambda: box_of(guest).view().isVisible())
    box_of(guest).hidePopup()
    guest.wait(lambda: not guest.window.computing.looking)

"""A network whose edges are drawn beside the window, in a real window."""

from PySide6.QtCore import QEvent, QObject

from simulator.spec import LayerSpec, NetworkSpec
from ui.canvas import raster_drawing

LARGE = NetworkSpec(4, (LayerSpec(160, "tanh"), LayerSpec(160, "tanh")), 3)


class Painted(QObject):
    """Notes which epoch the edges on the screen are of, at every paint that is complete."""

    def __init__(self, guest) -> None:
        super().__init__()
        self.guest, self.epochs, self.wrong = guest, [], []

    def eventFilter(self, watched, event):  # noqa: N802 - Qt's name
        view, bridge = self.guest.window.stage.view, self.guest.bridge
        if event.type() == QEvent.Type.Paint and not view.drawing:
            frames, snapshot = view._scene.edges.frames, bridge.snapshot
            layers = view._scene.edges.rows(view._scene.sheet(view._page()))[0]
            part = next(layer for layer, row in enumerate(layers) if row.name == "raster")
            shown = frames.shown.drawing.parts[0].values
            if (shown != snapshot.layers[part].weight).any():
                self.wrong.append(snapshot.epoch)
            if not self.epochs or self.epochs[-1] != snapshot.epoch:
                self.epochs.append(snapshot.epoch)
        return False


def test_no_epoch_is_skipped_and_the_edges_are_those_of_the_epoch_on_the_counter(guest):
    raster_drawing.kernel()
    guest.bridge.open(guest.bridge.dataset, LARGE)
    guest.wait(lambda: guest.bridge.snapshot.network == LARGE and not guest.bridge.preparing)
    view = guest.window.stage.view
    guest.wait(lambda: not view.drawing and view._scene.edges.frames.shown is not None)
    painted = Painted(guest)
    view.installEventFilter(painted)
    guest.bridge.speed = 60
    guest.bridge.play()
    guest.wait(lambda: guest.epoch >= 8)
    guest.bridge.pause()
    guest.wait_for_rest()
    guest.wait(lambda: painted.epochs[-1] == guest.epoch)
    view.removeEventFilter(painted)
    assert painted.epochs == list(range(painted.epochs[0], painted.epochs[-1] + 1))
    assert painted.wrong == []
    assert "bundles" in view.accessibleDescription()

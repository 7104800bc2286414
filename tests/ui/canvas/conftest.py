import dataclasses
import os

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec
from ui import theme as themes
from ui.canvas.act import Scale
from ui.canvas.picture import compose
from ui.canvas.view import NetworkView

COLUMNS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
VALUES = (48.4, 16.1, 217.0, 5250.0)
CLASSES = ("Adelie", "Chinstrap", "Gentoo")
ROW = np.array([0.81, -0.62, 1.12, 0.74])


def make_picture(sizes=(4, 8, 8, 3), *, row=ROW, seed=3, activation="tanh", **settings):
    network = NetworkSpec(sizes[0], tuple(LayerSpec(units, activation) for units in sizes[1:-1]), sizes[-1])
    layers = parameters.layers(network, parameters.start_values(network, seed))
    if row is not None and len(row) != sizes[0]:
        row = np.linspace(-1.0, 1.0, sizes[0])
    named = sizes[0] == 4 and sizes[-1] == 3
    if named:
        settings = {"feature_names": COLUMNS, "real_values": VALUES, "class_names": CLASSES, **settings}
    return compose(network, layers, row, **{"title": "Palmer penguins", "edge_scale": Scale("Weight", 1.0), **settings})


@pytest.fixture
def picture():
    return make_picture


@pytest.fixture
def with_weights():
    def replaced(picture, weights):
        return dataclasses.replace(picture, weights=tuple(weights))

    return replaced


@pytest.fixture
def view(qtbot):
    def shown(picture, width=1000, height=700, theme=themes.DARK):
        made = NetworkView(theme)
        qtbot.addWidget(made)
        made.resize(width, height)
        made.set_picture(picture)
        made.show()
        qtbot.waitExposed(made)
        made.activateWindow()
        made.setFocus()  # or Qt gives it to the first button, a moment later
        qtbot.waitUntil(made.hasFocus)
        return made

    return shown

"""Every view in both themes, drawn as `nodeglow render --view` does, beside a picture of it that was looked at.

``pytest -m slow tests/ui/test_pictures.py --regen-all`` makes them anew: look at each of them before it is kept.
"""

import pytest

from ui.rendering import Request, draw
from ui.taking import VIEWS
from ui.theme import THEMES

DIFFERENCE = 0.25
"""So many percent of black against white may differ: a missing word of a panel is more, the last bits of a run less."""


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", VIEWS[1:])
def test_a_view_looks_as_it_did(qapp, tmp_path, image_regression, view, theme):
    size = "1000x700" if view == "network" else "460x420"
    out = draw(Request(tmp_path / "view.png", epochs=60, view=view, theme=theme, size=size))
    image_regression.check(out.read_bytes(), DIFFERENCE, basename=f"{view}_{theme}")


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_a_network_of_pixels_and_bundles_looks_as_it_did(qapp, tmp_path, image_regression, theme):
    out = draw(Request(tmp_path / "view.png", "mnist", 1, view="network", theme=theme, size="1000x700"))
    image_regression.check(out.read_bytes(), DIFFERENCE, basename=f"pixels_{theme}")

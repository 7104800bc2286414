"""Reports of the real window: its session brought to a moment, its views drawn, all of it written down."""

import dataclasses
import datetime
from typing import Any

from PySide6.QtCore import QSize

from simulator.progress import Progress
from ui.offscreen import Offscreen
from ui.panels.evaluation import EvaluationPanel
from ui.pictures import Paint, content
from ui.portrait import Portrait
from ui.predicting import predictions_of
from ui.reporting.page import page
from ui.reporting.run import Drawing, Run
from ui.theme import THEMES, resource_path

_NETWORK, _PANEL = QSize(900, 620), QSize(860, 460)
_FONTS = {400: "Inter-Regular.otf", 600: "Inter-SemiBold.otf"}


def report(scene: Offscreen, epoch: int | None, progress: Progress) -> str:
    """Return the report of a session at an epoch, as HTML.

    Parameters
    ----------
    epoch
        The moment that is written down; None for that at which the session stands.
    """
    progress.report(0.05, "Training")
    if epoch is not None:
        scene.go_to(epoch)
    record = scene.record()
    window = scene.window
    snapshot, dataset = window.bridge.snapshot, window.bridge.dataset
    assert snapshot is not None
    assert dataset is not None
    chosen = window.selection.chosen
    progress.report(0.3, "Asking the network")
    said = predictions_of(snapshot, dataset, progress)
    run = Run(
        dataset, snapshot, window.bridge.records[: snapshot.epoch + 1].copy(), record, said.train, said.test,
        None if chosen is None else chosen.row, {},
    )  # fmt: skip
    drawn: dict[str, dict[str, tuple[str, str]]] = {}
    for nth, theme in enumerate(("light", "dark")):
        window.dress(THEMES[theme])
        for name, alt, size, paint in _views(scene, run, progress, 0.4 + 0.2 * nth):
            drawn.setdefault(name, {})[theme] = _svg(size, paint), alt
    progress.report(0.85, "Drawing the start")
    scene.go_to(0)
    for theme in ("light", "dark"):
        window.dress(THEMES[theme])
        alt = "The network before training: layers from left to right, an edge for every weight."
        drawn.setdefault("start", {})[theme] = _svg(_NETWORK, scene.view("network", _NETWORK)()), alt
    pictures = {name: Drawing(both["light"][0], both["dark"][0], both["light"][1]) for name, both in drawn.items()}
    progress.report(0.95, "Writing it down")
    fonts = {weight: resource_path("fonts", file).read_bytes() for weight, file in _FONTS.items()}
    themes = {name: dataclasses.asdict(THEMES[name]) for name in ("light", "dark")}
    return page(dataclasses.replace(run, drawings=pictures), themes, fonts, datetime.datetime.now().astimezone())


def _svg(size: QSize, paint: Paint) -> str:
    return content(".svg", size, paint, Portrait(ground=False)).decode()


def _views(scene: Offscreen, run: Run, progress: Progress, begun: float) -> Any:
    """Yield (name, what it shows, size, what draws it) of every picture that suits the run."""
    dataset, panels = run.dataset, scene.window.panels
    sizes = "–".join(map(str, run.snapshot.network.sizes))
    alt = f"The network {sizes}: layers from left to right, an edge for every weight, the answer at the right."
    yield "network", alt, _NETWORK, scene.view("network", _NETWORK)()
    wanted = [("curves", "curves", "Curves of loss and accuracy over the epochs, for training and for test rows.")]
    if dataset.picture is not None:
        wanted.append(("weights", "weights", "The weights of the first layer's neurons as small pictures."))
    elif len(dataset.feature_names) >= 2:
        wanted.append(("map", "map", "A plane of two features, coloured by what the network says at every place."))
    if not dataset.class_names:
        wanted.append(("scatter", "evaluation", "A point for every row: its true value and the predicted one."))
    for nth, (name, panel, alt) in enumerate(wanted):
        progress.report(begun + 0.04 * nth, f"Drawing {name}")
        scene.view(panel, _PANEL)()
        view = panels[panel]
        if isinstance(view, EvaluationPanel) and "predicted" in view.views:
            view.show_page("predicted")
            scene.settle()
        found = view.exports()
        if found is not None and found.paint is not None:
            yield name, alt, found.size, found.paint

"""What the loss surface says: names of directions and weights, and how far the picture can be trusted."""

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.explain import figure
from ui.canvas.picture import pretty_name
from ui.panels.distributions_content import layer_names

if TYPE_CHECKING:
    from simulator.spec import NetworkSpec
    from ui.panels.surface_jobs import Ground, Path

KINDS = {
    "path": (
        "Path",
        "The two directions in which the path of training varies most (principal components), through the network now",
    ),
    "random": (
        "Random",
        "Two random directions, each neuron's weights as long as the network's own there (Li and others, 2018)",
    ),
    "weights": ("Two weights", "Two weights of the network; all others stay as they are now"),
}
STALE = "The network, the data or the loss has changed since: recompute."


def axes(ground: "Ground", features: tuple[str, ...]) -> tuple[str, str]:
    """Return the names of the two axes."""
    request = ground.request
    if request.kind == "weights":
        first, second = (parameter_name(request.network, place, features) for place in request.weights)
        return first, second
    if request.kind == "random":
        return "random direction 1 (α)", "random direction 2 (β)"
    first, second = ground.plane.explained
    return f"main direction 1 ({percent(first)})", f"main direction 2 ({percent(second)})"


def percent(share: float) -> str:
    """Return a share in percent, with a digit more where it is close to none or all."""
    value = 100.0 * share
    return f"{value:.1f} %" if value < 10 or value > 99 else f"{value:.0f} %"


def verdict(ground: "Ground", path: "Path | None", present: Any) -> str:
    """Return what is drawn, on which rows, and how true the path on it is."""
    request, rows = ground.request, ground.rows
    count = f"all {rows.of:,}" if rows.all else f"{len(rows):,} of {rows.of:,}"
    said = [f"{'Training' if request.split == 'train' else 'Test'} loss of {count} rows."]
    if request.kind == "path":
        said.append(f"The plane holds {percent(sum(ground.plane.explained))} of the path's variance.")
    if path is not None and len(path.times) > 1:
        far = f"The path is its projection: up to {figure(float(np.nanmax(path.far)), 2)} off the plane"
        if present is not None:
            far += f", now {figure(present[1], 2) if present[1] > 1e-6 else '0'}"
        said.append(f"{far}.")
    return " ".join(said)


def parameter_name(network: "NetworkSpec", place: int, features: tuple[str, ...]) -> str:
    """Return what a parameter is called, by its place in the flat vector: "Hidden 1: bill length → 3"."""
    from simulator.explain import address_of

    layer, source, target = address_of(network, place)
    name = layer_names(len(network.hidden))[layer]
    if source is None:
        return f"{name}: bias of {target + 1}"
    known = layer == 0 and source < len(features)
    return f"{name}: {pretty_name(features[source])[0] if known else source + 1} → {target + 1}"


def candidates(parameters: Any, path: "list[Any]", most: int = 60) -> list[int]:
    """Return the places of parameters worth looking at: those that moved most on a path, or else the largest."""
    now = np.asarray(parameters, np.float64)
    sizes = np.abs(now - np.asarray(path[0], np.float64)) if path else np.abs(now)
    if not np.any(sizes > 0):
        sizes = np.abs(now)
    return np.argsort(-np.nan_to_num(sizes), kind="stable")[:most].tolist()

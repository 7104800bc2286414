"""How a network is drawn, as far as somebody can choose it. Plain values, no Qt."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Look:
    """The choices of the canvas.

    Attributes
    ----------
    dashed
        Whether negative edges are dashed.
    weakest
        Edges whose |value| is below this share of the end of their scale are hidden: 0 hides none.
    widths
        Whether an edge is as wide as its value is large; else all are thin.
    curved
        Whether edges are curves; else straight lines.
    upright
        Whether layers run from top to bottom; else from left to right.
    edge_numbers, node_numbers
        Whether values are written on edges and into neurons, where there is room.
    heat_maps
        Whether a neuron shows what it answers at every place of the decision map.
    """

    dashed: bool = False
    weakest: float = 0.0
    widths: bool = True
    curved: bool = True
    upright: bool = False
    edge_numbers: bool = False
    node_numbers: bool = True
    heat_maps: bool = False

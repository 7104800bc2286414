"""Where somebody has come by keys: from neuron to neuron, and along the edges of one."""

from ui.canvas import pick
from ui.canvas.camera import Neuron, Target
from ui.canvas.edges import Edge
from ui.canvas.layout import Layout
from ui.canvas.picture import Picture


class Walk:
    """The neuron where the keys are, and the edge of it that they are on.

    Attributes
    ----------
    neuron, edge
        The edge is one of the neuron's, or None.
    told
        Whether the last step was by key: a click moves the walk too, but nothing need be told about it.
    """

    def __init__(self) -> None:
        self.neuron: Neuron | None = None
        self.edge: Edge | None = None
        self.told = False

    @property
    def place(self) -> Target | None:
        """What the keys are on."""
        return self.edge or self.neuron

    def step(self, layout: Layout, direction: str) -> Neuron:
        """Go on to the next neuron in a direction (see `ui.canvas.pick.walk`)."""
        self.neuron, self.edge, self.told = Neuron(*pick.walk(layout, self.neuron, direction)), None, True
        return self.neuron

    def along(self, picture: Picture, by: int) -> Edge | None:
        """Go on by some of the neuron's edges, round the ends: into it, or out of an input; None without a neuron."""
        if self.neuron is None:
            return None
        edges = pick.edges_of(picture, *self.neuron)
        first = -1 if by > 0 else 0
        place = ((edges.index(self.edge) if self.edge in edges else first) + by) % len(edges)
        self.edge, self.told = Edge(*edges[place]), True
        return self.edge

    def stand(self, target: Target | None) -> None:
        """Go to what was clicked, without telling of it."""
        self.neuron, self.edge, self.told = (target if isinstance(target, Neuron) else None), None, False

    def back(self) -> bool:
        """Leave the edge, or else the neuron; return whether there was anything to leave."""
        if self.edge is not None:
            self.edge = None
            return True
        was = self.neuron is not None and self.told
        self.stand(None)
        return was

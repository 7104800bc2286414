"""How the canvas divides its rectangle: header, captions, network with its labels, and legend.

All sizes follow the rectangle and the font, so that nothing overlaps from a small panel to a poster.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from ui.canvas.forms import AUTOMATIC, COLUMN, PLATE, Form
from ui.canvas.layout import SMALLEST_PITCH, Column, Layout, Rect, arrange
from ui.canvas.lettering import Hand, hand
from ui.canvas.picture import Picture, percent_text

_ROOMY = (880.0, 660.0)
_TINY_HEIGHT = 470.0
_UPRIGHT_PITCH = 190.0


@dataclasses.dataclass(frozen=True)
class Hands:
    """The sizes of all lettering."""

    title: Hand
    subtitle: Hand
    caption: Hand
    detail: Hand
    name: Hand
    value: Hand
    outcome: Hand
    outcome_bold: Hand
    legend: Hand


@dataclasses.dataclass(frozen=True, eq=False)
class Page:
    """The division of one rectangle.

    Attributes
    ----------
    rect
        The whole.
    scale
        The font's height over 13 pixels.
    roomy
        Whether there is space for a tall header and wide margins.
    upright
        Whether layers run from top to bottom: `layout`, `labels_right` and `bars_left` are then turned, their x is
        measured downwards and their y to the right (see `at`).
    corner
        How much of the header's right end is taken by controls.
    margin
        Left and right of everything.
    header, captions, network, footer
        Strips from top to bottom, over the whole width.
    buttons_y
        The middle line of the buttons below the captions.
    layout
        Neurons and edges, inside `network`.
    labels_right, labels_width
        The input names end here, and have this much room.
    bars_left, bars_width
        The output names and their bars.
    hands
        Lettering.
    """

    rect: Rect
    scale: float
    roomy: bool
    upright: bool
    corner: float
    margin: float
    header: Rect
    captions: Rect
    network: Rect
    footer: Rect
    buttons_y: float
    layout: Layout
    labels_right: float
    labels_width: float
    bars_left: float
    bars_width: float
    hands: Hands

    @property
    def outputs(self) -> Column:
        """The last column."""
        return self.layout.columns[-1]

    def at(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return where a point of the layout is on the page, or one of the page in the layout; numbers or arrays."""
        return (y, x) if self.upright else (x, y)

    def strip(self) -> Rect:
        """Return what neurons, edges and their labels do not leave: the network's strip and a little more."""
        return Rect(self.network.x, self.network.y - 8.0, self.network.width, self.network.height + 16.0)


def divide(
    picture: Picture,
    rect: Rect,
    base: float = 13.0,
    *,
    buttons: bool = True,
    forms: Sequence[Form] = (),
    upright: bool = False,
    corner: float = 0.0,
) -> Page:
    """Divide a rectangle for a picture.

    Parameters
    ----------
    picture
        Its sizes, names and texts decide how much room the labels get.
    rect
        In logical pixels.
    base
        Height of the widget's font in pixels.
    buttons
        Whether a line is kept free for buttons above the layers.
    forms
        What was chosen for the layers; nothing: all automatic.
    upright, corner
        See `Page`.
    """
    scale = base / 13.0
    roomy = rect.width >= _ROOMY[0] * scale and rect.height >= _ROOMY[1] * scale
    tiny = rect.height < _TINY_HEIGHT * scale
    hands = _hands(scale, roomy=roomy)
    margin = 40.0 * scale if roomy else min(16.0 * scale, 0.03 * rect.width)
    header_height = 0.0
    if picture.title or picture.subtitle or picture.readouts:
        header_height = scale * (102.0 if roomy else 30.0 if tiny else 54.0)
    captions_height = (hands.caption.height + hands.detail.height) + (12.0 if roomy else 4.0) * scale
    buttons_height = 28.0 * scale if buttons else 6.0
    footer_height = scale * (72.0 if roomy else 34.0)
    header = Rect(rect.x, rect.y, rect.width, header_height)
    footer = Rect(rect.x, rect.y + rect.height - footer_height, rect.width, footer_height)
    captions = Rect(rect.x, rect.y + header_height, rect.width, 0.0 if upright else captions_height)
    top = captions.y + captions.height + (0.0 if upright else buttons_height)
    network = Rect(rect.x, top, rect.width, max(1.0, footer.y - top))
    if upright:
        captions = Rect(rect.x, network.y, margin + _caption_room(picture, hands, scale), network.height)
        box, labels, bars = _upright_room(picture, network, captions, hands, scale, forms, margin, roomy=roomy)
    else:
        box, labels, bars = _room(picture, network, hands, scale, forms, margin, roomy=roomy)
    layout = _arranged(picture, box, network, scale, forms, upright=upright)
    first, last = layout.columns[0], layout.columns[-1]
    gap = _gap(scale, roomy=roomy)
    bars_left = last.x + last.half + (1.0 if upright else 1.6) * gap
    return Page(
        rect,
        scale,
        roomy,
        upright,
        corner,
        margin,
        header,
        captions,
        network,
        footer,
        captions.y + captions_height + 0.5 * buttons_height - 2.0,
        layout,
        first.x - first.half - gap,
        labels,
        bars_left,
        bars if upright else rect.x + rect.width - margin - bars_left,
        hands,
    )


def _hands(scale: float, *, roomy: bool) -> Hands:
    sizes = (24, 14, 14, 12, 15, 13, 16, 13) if roomy else (17, 12, 13, 11, 13, 12, 13, 11)
    title, subtitle, caption, detail, name, value, outcome, legend = (scale * size for size in sizes)
    return Hands(
        hand(title, bold=True),
        hand(subtitle),
        hand(caption, bold=True),
        hand(detail),
        hand(name, bold=True),
        hand(value),
        hand(outcome),
        hand(outcome, bold=True),
        hand(legend),
    )


def _room(
    picture: Picture, network: Rect, hands: Hands, scale: float, forms: Sequence[Form], margin: float, *, roomy: bool
) -> tuple[Rect, float, float]:
    """Return where neurons may stand, and how wide the input labels and the output labels are.

    The labels take from each other's net, never all of it.
    """
    names = max((hands.name.width(text) for text in picture.input_names[:512]), default=0.0)
    values = max((hands.value.width(text) for text in picture.input_values[:512]), default=0.0)
    gap, pad = _gap(scale, roomy=roomy), _pad(scale, roomy=roomy)
    height = network.height - 2.0 * pad
    # Then name and value share a line.
    tight = picture.sizes[0] * (hands.name.height + hands.value.height + 9.0 * scale) > height
    most, both = (0.24 if roomy else 0.26) * network.width, names + values + 10.0 * scale
    # Where both find no room on one line, the names stand alone (see `nodes.paint_input_labels`).
    labels = min(most, both if tight and both <= most else names if tight else max(names, values))
    labels = labels if labelled(picture, forms) else 0.0
    shown = hands.outcome_bold
    percent = shown.width(percent_text(1.0)) if picture.probabilities else 0.0
    outcome = max((shown.width(text) for text in picture.output_names[:512]), default=0.0) + percent + 18.0 * scale
    if picture.value_text:  # room for any value, so that nothing moves while it changes
        outcome = max(outcome, 1.5 * shown.width("−8 888.8" + picture.value_text.lstrip("−0123456789.,\u202f")))
    bars = 0.0
    if picture.output_names:
        least = (150.0 if roomy else 92.0) * scale
        bars = min(max(outcome, least, 0.165 * network.width), (0.28 if roomy else 0.33) * network.width)
    left, right = margin + labels + gap, margin + bars + 1.6 * gap
    width = max(8.0, network.width - left - right)
    return Rect(network.x + left, network.y + pad, width, max(4.0, height)), labels, bars


def _upright_room(
    picture: Picture,
    network: Rect,
    captions: Rect,
    hands: Hands,
    scale: float,
    forms: Sequence[Form],
    margin: float,
    *,
    roomy: bool,
) -> tuple[Rect, float, float]:
    """Return the same for layers from top to bottom, turned: labels above the inputs, bars below the outputs."""
    gap, line = _gap(scale, roomy=roomy), hands.value.height
    labels = (hands.name.height + (line if picture.input_values else 0.0)) if labelled(picture, forms) else 0.0
    bars = 0.0
    if picture.output_names:
        bars = 2.0 * hands.outcome.height + (12.0 + 8.0) * scale + line if picture.probabilities else 3.4 * line
    left, right = captions.width + gap, margin
    above, below = labels + gap, bars + 1.4 * gap
    across = max(4.0, network.width - left - right)
    return Rect(network.y + above, network.x + left, max(8.0, network.height - above - below), across), labels, bars


def labelled(picture: Picture, forms: Sequence[Form]) -> bool:
    """Return whether the inputs have names beside them: not the pixels of a picture, and no cells."""
    kind = forms[0].kind if forms else AUTOMATIC
    return bool(picture.input_names) and (kind == COLUMN or (kind == AUTOMATIC and picture.input_shape is None))


def _arranged(
    picture: Picture, box: Rect, network: Rect, scale: float, forms: Sequence[Form], *, upright: bool
) -> Layout:
    pitches = [SMALLEST_PITCH] * len(picture.sizes)
    if labelled(picture, forms):
        pitches[0] = max(SMALLEST_PITCH, (58.0 if upright else 17.0) * scale)
    if picture.output_names:
        pitches[-1] = max(SMALLEST_PITCH, (76.0 if upright else 21.0) * scale)
    last = len(picture.sizes) - 1
    largest = max(60.0, 0.24 * box.height)
    growth = max(1.0, min(network.width / 1400.0, network.height / 640.0)) ** 0.6
    return arrange(
        picture.sizes,
        box,
        smallest_pitch=pitches,
        largest_pitch=min(largest, _UPRIGHT_PITCH * scale) if upright else largest,
        largest_radius=25.0 * growth * min(1.4, max(1.0, scale)) ** 0.5,
        forms=forms,
        shapes=[picture.input_shape, *[None] * last],
        named=[labelled(picture, forms), *[False] * (last - 1), bool(picture.output_names)][: last + 1],
        turned=upright,
        plate=(58.0 if upright else PLATE) * scale,
    )


def _caption_room(picture: Picture, hands: Hands, scale: float) -> float:
    """Return how wide the captions are that stand left of upright layers."""
    titles = max(hands.caption.width(caption.title) for caption in picture.captions)
    details = max(hands.detail.width(caption.detail) for caption in picture.captions)
    return min(max(titles, details, 70.0 * scale), 120.0 * scale) + 8.0


def _gap(scale: float, *, roomy: bool) -> float:
    """Return the room between neurons and their labels."""
    return (14.0 if roomy else 8.0) * scale


def _pad(scale: float, *, roomy: bool) -> float:
    """Return how much of the network's strip stays free above and below the neurons."""
    return (14.0 if roomy else 5.0) * min(scale, 1.2)

"""How the canvas divides its rectangle: header, captions, network with its labels, and legend.

All sizes follow the rectangle and the font, so that nothing overlaps from a small panel to a poster.
"""

import dataclasses

from ui.canvas.layout import SMALLEST_PITCH, Column, Layout, Rect, arrange
from ui.canvas.lettering import Hand, hand
from ui.canvas.picture import Picture, percent_text

_ROOMY = (880.0, 660.0)
_TINY_HEIGHT = 470.0


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


def divide(picture: Picture, rect: Rect, base: float = 13.0, *, buttons: bool = True) -> Page:
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
    captions = Rect(rect.x, rect.y + header_height, rect.width, captions_height)
    top = captions.y + captions_height + buttons_height
    footer = Rect(rect.x, rect.y + rect.height - footer_height, rect.width, footer_height)
    network = Rect(rect.x, top, rect.width, max(1.0, footer.y - top))
    labels, bars = _label_room(picture, network, hands, scale, roomy=roomy)
    layout = _arranged(picture, network, margin + labels, margin + bars, scale, roomy=roomy)
    first, last = layout.columns[0], layout.columns[-1]
    gap = (14.0 if roomy else 8.0) * scale
    return Page(
        rect,
        scale,
        roomy,
        margin,
        header,
        captions,
        network,
        footer,
        captions.y + captions_height + 0.5 * buttons_height - 2.0,
        layout,
        first.x - first.radius - gap,
        labels,
        last.x + last.radius + 1.6 * gap,
        rect.x + rect.width - margin - (last.x + last.radius + 1.6 * gap),
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


def _label_room(picture: Picture, network: Rect, hands: Hands, scale: float, *, roomy: bool) -> tuple[float, float]:
    """Return how wide the input labels and the output labels are; they take from each other's net, never all of it."""
    names = max((hands.name.width(text) for text in picture.input_names[:512]), default=0.0)
    values = max((hands.value.width(text) for text in picture.input_values[:512]), default=0.0)
    height = network.height - 2.0 * _pad(scale, roomy=roomy)
    # Then name and value share a line.
    tight = picture.sizes[0] * (hands.name.height + hands.value.height + 9.0 * scale) > height
    most, both = (0.24 if roomy else 0.26) * network.width, names + values + 10.0 * scale
    # Where both find no room on one line, the names stand alone (see `nodes.paint_input_labels`).
    labels = min(most, both if tight and both <= most else names if tight else max(names, values))
    shown = hands.outcome_bold
    percent = shown.width(percent_text(1.0)) if picture.probabilities else 0.0
    outcome = max((shown.width(text) for text in picture.output_names[:512]), default=0.0) + percent + 18.0 * scale
    if picture.value_text:  # room for any value, so that nothing moves while it changes
        outcome = max(outcome, 1.5 * shown.width("−8 888.8" + picture.value_text.lstrip("−0123456789.,\u202f")))
    if not picture.output_names:
        return labels, 0.0
    least = (150.0 if roomy else 92.0) * scale
    return labels, min(max(outcome, least, 0.165 * network.width), (0.28 if roomy else 0.33) * network.width)


def _arranged(picture: Picture, network: Rect, left: float, right: float, scale: float, *, roomy: bool) -> Layout:
    gap = (14.0 if roomy else 8.0) * scale
    pad = _pad(scale, roomy=roomy)
    left, right = left + gap, right + 1.6 * gap
    width = max(8.0, network.width - left - right)
    height = max(4.0, network.height - 2.0 * pad)
    pitches = [SMALLEST_PITCH] * len(picture.sizes)
    if picture.input_names:
        pitches[0] = max(SMALLEST_PITCH, 17.0 * scale)
    if picture.output_names:
        pitches[-1] = max(SMALLEST_PITCH, 21.0 * scale)
    largest = max(60.0, 0.24 * height)
    growth = max(1.0, min(network.width / 1400.0, network.height / 640.0)) ** 0.6
    return arrange(
        picture.sizes,
        Rect(network.x + left, network.y + pad, width, height),
        smallest_pitch=pitches,
        largest_pitch=largest,
        largest_radius=25.0 * growth * min(1.4, max(1.0, scale)) ** 0.5,
    )


def _pad(scale: float, *, roomy: bool) -> float:
    """Return how much of the network's strip stays free above and below the neurons."""
    return (14.0 if roomy else 5.0) * min(scale, 1.2)

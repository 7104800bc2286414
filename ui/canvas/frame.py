"""What stands around the network: background, header, layer captions and the legend of the colours."""

import itertools
import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen, QPolygonF

from ui.canvas import colour
from ui.canvas.contrast import ends_text
from ui.canvas.lettering import Hand, write
from ui.canvas.page import Page
from ui.canvas.picture import Caption, Picture, value_text
from ui.portrait import ground_wanted, portrayed
from ui.theme import Theme

HINTS = (
    "Hover a neuron for its inputs  ·  arrow keys walk  ·  E its edges  ·  Enter explains  ·  wheel zooms  ·  F fits",
    "Hover a neuron for its inputs  ·  arrow keys walk  ·  wheel zooms  ·  F fits",
)
"""What can be done, the fullest first; the first that finds room is written."""
_DOTS = (0, 64, 128, 191, 255)


def paint_background(painter: QPainter, page: Page, theme: Theme) -> None:
    """Fill the whole rectangle, a little lighter where the eye begins."""
    if not ground_wanted():
        return
    gradient = QLinearGradient(0.0, page.rect.y, 0.0, page.rect.y + page.rect.height)
    gradient.setColorAt(0.0, theme.color("canvas_top"))
    gradient.setColorAt(1.0, theme.color("canvas_bottom"))
    painter.fillRect(QRectF(*page.rect), gradient)


def paint_header(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Write title and subtitle, and at right the read-outs that find room."""
    if page.header.height <= 0.0:
        return
    hands, left = page.hands, page.header.x + page.margin
    width = page.header.width - 2.0 * page.margin - page.corner
    title = hands.title
    cards = (_paint_readouts if page.roomy else _write_readouts)(painter, page, picture, theme)
    room = width - cards - (24.0 if cards else 0.0)
    if page.header.height < 40.0 * page.scale:
        baseline = page.header.y + 0.5 * (page.header.height + title.ascent) + 1.0
        taken = write(painter, picture.title, left, baseline, title, theme.color("text"), room=room)
        rest = room - taken - 14.0
        if rest > 60.0:
            write(
                painter,
                picture.subtitle,
                left + taken + 14.0,
                baseline,
                hands.subtitle,
                theme.color("quiet"),
                room=rest,
            )
        return
    top = page.header.y + (30.0 if page.roomy else 12.0) * page.scale
    baseline = top + title.ascent
    write(painter, picture.title, left, baseline, title, theme.color("text"), room=room)
    below = baseline + (14.0 if page.roomy else 9.0) * page.scale + hands.subtitle.ascent
    write(painter, picture.subtitle, left, below, hands.subtitle, theme.color("quiet"), room=room)


def _paint_readouts(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> float:
    """Draw cards at the right, as many as leave the title its room; return how wide they are in all."""
    hands, scale = page.hands, page.scale
    height, pad = 52.0 * scale, 14.0 * scale
    step = 12.0 * scale  # so that a longer number seldom moves the card
    widths = [
        step * -(-(max(hands.detail.width(label), hands.outcome_bold.width(value), 92.0 * scale) + 2.0 * pad) // step)
        for label, value in picture.readouts
    ]
    right, kept = _fitting(page, picture, widths, step)
    edge = right
    for (label, value), width in reversed([*zip(picture.readouts[:kept], widths[:kept], strict=True)]):
        box = QRectF(edge - width, page.header.y + 28.0 * scale, width, height)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.setBrush(theme.color("raised"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.drawRoundedRect(box, 8.0, 8.0)
        first = box.y() + 0.5 * (height - 8.0 * scale) - 1.0
        write(painter, label, box.x() + pad, first, hands.detail, theme.color("quiet"))
        below = first + 8.0 * scale + hands.outcome_bold.ascent
        write(painter, value, box.x() + pad, below, hands.outcome_bold, theme.color("text"))
        edge -= width + step
    return max(0.0, right - edge - step)


def _write_readouts(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> float:
    """Write what the cards say without their boxes, each figure below its name, where the header is small."""
    hands, scale = page.hands, page.scale
    single = page.header.height < 40.0 * scale
    gap = 18.0 * scale
    if single:
        between = 6.0 * scale
        widths = [hands.detail.width(label) + between + hands.title.width(value) for label, value in picture.readouts]
    else:
        widths = [max(hands.detail.width(label), hands.title.width(value)) for label, value in picture.readouts]
    step = 6.0 * scale
    widths = [step * -(-width // step) for width in widths]
    right, kept = _fitting(page, picture, widths, gap)
    edge = right
    for (label, value), width in reversed([*zip(picture.readouts[:kept], widths[:kept], strict=True)]):
        x = edge - width
        if single:
            baseline = page.header.y + 0.5 * (page.header.height + hands.title.ascent) + 1.0
            taken = write(painter, label, x, baseline, hands.detail, theme.color("quiet"))
            write(painter, value, x + taken + 6.0 * scale, baseline, hands.title, theme.color("text"))
        else:
            first = page.header.y + 12.0 * scale + hands.detail.ascent
            write(painter, label, x, first, hands.detail, theme.color("quiet"))
            write(painter, value, x, first + 7.0 * scale + hands.title.ascent, hands.title, theme.color("text"))
        edge -= width + gap
    return max(0.0, right - edge - gap)


def _fitting(page: Page, picture: Picture, widths: list[float], gap: float) -> tuple[float, int]:
    """Return where read-outs of such widths end, and how many of the first find room beside the title."""
    hands = page.hands
    right = page.header.x + page.header.width - page.margin - page.corner
    title = max(hands.title.width(picture.title), hands.subtitle.width(picture.subtitle))
    if page.header.height < 40.0 * page.scale:
        title = hands.title.width(picture.title)
    room = right - (page.header.x + page.margin + title + 24.0)
    kept = 0
    while kept < len(widths) and sum(widths[: kept + 1]) + kept * gap <= room:
        kept += 1
    if not kept and widths and widths[0] <= 0.5 * (right - page.header.x):
        kept = 1  # the first is the epoch: a film without it tells nothing, and a long title can be cut off
    return right, kept


def caption_places(page: Page, xs: list[float]) -> list[float]:
    """Return how much room each caption has, for columns at the given x."""
    if len(xs) == 1:
        return [page.rect.width - 2.0 * page.margin]
    gap = min(right - left for left, right in itertools.pairwise(xs))
    return [gap - 6.0] * len(xs)


def shortened(caption: Caption, style: Hand, room: float) -> str:
    """Return a caption's title, or its first letter and number where it does not fit."""
    if style.width(caption.title) <= room:
        return caption.title
    found = re.search(r"\d+$", caption.title)
    return caption.title[:1] + (found[0] if found else "")


def paint_captions(painter: QPainter, page: Page, picture: Picture, theme: Theme, xs: list[float]) -> None:
    """Write what each layer is, above its column; `xs` are the columns' places on the screen (upright: y)."""
    if page.upright:
        _paint_captions_beside(painter, page, picture, theme, xs)
        return
    title, detail = page.hands.caption, page.hands.detail
    baseline = page.captions.y + title.ascent + 4.0 * page.scale
    below = baseline + detail.ascent + 7.0 * page.scale
    rooms = caption_places(page, xs)
    short = any(title.width(c.title) > room for c, room in zip(picture.captions, rooms, strict=True))
    details = all(detail.width(c.detail) <= room for c, room in zip(picture.captions, rooms, strict=True))
    counts = [f"{size}" for size in picture.sizes]
    for caption, count, x, room in zip(picture.captions, counts, xs, rooms, strict=True):
        text = shortened(caption, title, room if not short else 0.0)
        if title.width(text) <= room:
            write(painter, text, x, baseline, title, theme.color("text"), align="centre")
        second = caption.detail if details else count
        if detail.width(second) <= room:
            write(painter, second, x, below, detail, theme.color("quiet"), align="centre")


def _paint_captions_beside(painter: QPainter, page: Page, picture: Picture, theme: Theme, ys: list[float]) -> None:
    """Write what each layer is, left of layers that run from top to bottom."""
    title, detail = page.hands.caption, page.hands.detail
    left, room = page.captions.x + page.margin, page.captions.width - page.margin - 4.0
    gap = min((low - high for high, low in itertools.pairwise(ys)), default=page.network.height)
    both = gap >= title.height + detail.height
    above, last = -page.rect.height, len(ys) - 1
    for layer, (caption, y) in enumerate(zip(picture.captions, ys, strict=True)):
        if not page.network.y - 4.0 <= y <= page.network.y + page.network.height + 4.0:
            continue
        # Where layers are close, some have no caption; the last one has.
        if y - above < title.height - 1.0 or (layer < last and title.height > ys[last] - y):
            continue
        above = y
        baseline = y - 2.0 * page.scale if both else y + 0.5 * title.ascent
        text = caption.title if title.width(caption.title) <= room else shortened(caption, title, 0.0)
        write(painter, text, left, baseline, title, theme.color("text"), room=room)
        if both:
            below = baseline + detail.ascent + 7.0 * page.scale
            write(painter, caption.detail, left, below, detail, theme.color("quiet"), room=room)


def paint_ends(painter: QPainter, page: Page, picture: Picture, theme: Theme, lines: list[float]) -> None:
    """Write between the layers where the colours of their edges end, where these ends are not the same."""
    scales, style = picture.all_scales, page.hands.detail
    if len({scale.clamp for scale in scales}) < 2:
        return
    for layer, (scale, (one, other)) in enumerate(zip(scales, itertools.pairwise(lines), strict=True)):
        text = f"±{value_text(scale.clamp)}"
        middle = 0.5 * (one + other)
        if page.upright:
            # Between the buttons below one caption and the next caption, beside the button that adds a layer.
            below = one + style.height + (28.0 * page.scale if layer else 0.0)
            above, middle = other - page.hands.caption.height, 0.5 * (below + other - page.hands.caption.height) + 2.0
            inside = page.network.y <= middle <= page.network.y + page.network.height
            if inside and above - below >= style.height:
                x = page.captions.x + page.margin + 28.0 * page.scale
                write(painter, text, x, middle + 0.5 * style.ascent, style, theme.color("quiet"))
        elif other - one >= style.width(text) + 84.0 * page.scale:
            baseline = page.buttons_y + 0.5 * style.ascent
            write(painter, text, middle, baseline, style, theme.color("quiet"), align="centre")


def paint_legend(
    painter: QPainter,
    page: Page,
    picture: Picture,
    theme: Theme,
    nodes: colour.Ramp,
    edges: colour.Bytes,
    remarks: tuple[str, ...] = (),
) -> None:
    """Draw the colour bars of edges and neurons: what they stand for, and the values at which they are clamped.

    Parameters
    ----------
    painter, page, picture, theme
        Where, of what, and in which colours.
    nodes, edges
        The colours of the bars.
    remarks
        What is to be said of the picture instead of what can be done, the fullest first.
    """
    edge_scale, node_scale = picture.scales
    scale, style, quiet = page.scale, page.hands.legend, theme.color("quiet")
    left, right = page.footer.x + page.margin, page.footer.x + page.footer.width - page.margin
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if page.roomy:
        painter.setPen(QPen(theme.color("hairline"), 1.5))
        painter.drawLine(QPointF(left, page.footer.y + 8.0 * scale), QPointF(right, page.footer.y + 8.0 * scale))
    middle = page.footer.y + (0.58 if page.roomy else 0.5) * page.footer.height
    baseline = middle + 0.5 * style.ascent
    wedge = (200.0 if page.roomy else max(60.0, min(130.0, 0.16 * page.rect.width))) * min(scale, 1.3)
    x = left
    gap = (14.0 if page.roomy else 7.0) * scale
    scales = picture.all_scales
    words = [value_text(each.clamp) for each in scales]
    alike = len(set(words)) == 1
    for text, end in ((edge_scale.name, 0.0), (value_text(-scales[0].clamp) if alike else "−", 1.0)):
        x += write(painter, text, x, baseline, style, quiet) + (gap if end == 0.0 else 8.0 * scale)
    _paint_wedge(painter, x, middle, wedge, (7.0 if page.roomy else 5.0) * scale, edges)
    x += wedge + 8.0 * scale
    ends = words[0] if alike else f"+  {ends_text(scales, words)}"
    x += write(painter, ends, x, baseline, style, quiet) + (44.0 if page.roomy else 20.0) * scale
    radius = (11.0 if page.roomy else 6.5) * scale
    told = (node_scale.name, value_text(-node_scale.clamp), value_text(node_scale.clamp))
    needed = sum(style.width(word) for word in told) + 5 * 3.0 * radius + 2.0 * gap + 8.0 * scale
    if x + needed <= right:
        x += write(painter, told[0], x, baseline, style, quiet) + gap
        x += write(painter, told[1], x, baseline, style, quiet) + 8.0 * scale + radius
        for place in _DOTS:
            shade = QColor(*nodes.rgb[place].tolist())
            painter.setPen(QPen(theme.color("border"), 1.0))
            painter.setBrush(shade)
            painter.drawEllipse(QPointF(x, middle), radius, radius)
            x += 3.0 * radius
        x += write(painter, told[2], x - 1.4 * radius, baseline, style, quiet) + gap
    hints = HINTS if portrayed() is None else ()  # nobody can do that in a picture
    hint = next((text for text in (*remarks, *hints) if x + style.width(text) + gap <= right), "")
    write(painter, hint, right, baseline, style, quiet, align="right")
    painter.restore()


def _paint_wedge(painter: QPainter, x: float, y: float, width: float, height: float, edges: colour.Bytes) -> None:
    """Draw the weights' bar: as wide as the edges are, in their colours."""
    gradient = QLinearGradient(x, 0.0, x + width, 0.0)
    for place in range(0, colour.LEVELS, 15):
        gradient.setColorAt(place / 255.0, QColor(*edges[place].tolist()))
    shape = QPolygonF(
        [
            QPointF(x, y - height),
            QPointF(x + 0.5 * width, y - 0.6),
            QPointF(x + width, y - height),
            QPointF(x + width, y + height),
            QPointF(x + 0.5 * width, y + 0.6),
            QPointF(x, y + height),
        ]
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawPolygon(shape)

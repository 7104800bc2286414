"""The edges between two layers as pixels: a compiled function that does not hold Python's interpreter lock.

The only module of the window that knows Numba; it is imported by whoever compiles or loads the function, never before
the first frame. What is drawn with which arrays is said in `ui.canvas.raster_drawing`.

Both layers are cut into bundles of neighbouring neurons. A line between two bundles stands for all edges between them:
its strength is their root mean square, its colour the sign of their sum. Bundles of one neuron are single edges.
"""

# pyright: basic, reportCallIssue=false
# Numba finds the types of these functions' arguments.

import math

import numba
import numpy as np

_inner = numba.njit(nogil=True, error_model="numpy", inline="always")
_LEVELS = 256
_DASH = np.float32(0.58)


@_inner
def _place(share):
    """Return the place in the colour ramp, as `ui.canvas.colour.places` does."""
    if share > 1.0:
        share = 1.0
    elif share < -1.0:
        share = -1.0
    return int(np.rint(127.5 + 127.5 * share))


@_inner
def _blend(below, colour, cover):
    """Return a premultiplied ARGB pixel with an opaque colour over `cover`/256 of it."""
    rest = np.uint32(256 - cover)
    cover = np.uint32(cover)
    mask = np.uint32(0x00FF00FF)
    odd = ((below & mask) * rest + (colour & mask) * cover) >> np.uint32(8)
    even = ((below >> np.uint32(8)) & mask) * rest + ((colour >> np.uint32(8)) & mask) * cover
    return np.uint32((odd & mask) | (even & ~mask))


@_inner
def _missed(start, rise, one, other, reach, margin):
    """Return whether a line is above or below the picture all the way: it is highest and lowest at its ends."""
    here, there = start + rise * one, start + rise * other
    return max(here, there) < -margin or min(here, there) > reach + margin


@_inner
def _sum_up(shares, row, columns, first, last, weakest):
    """Return sum, sum of squares and number of the edges from a neuron to a bundle that are not hidden."""
    total, square, many = 0.0, 0.0, 0
    for place in range(first, last):
        share = shares[row, columns[place]]
        if share != share:
            share = np.float32(0.0)
        if abs(share) >= weakest:
            share = min(np.float32(1e9), max(np.float32(-1e9), share))
            total += share
            square += share * share
            many += 1
    return total, square, many


@_inner
def _gather(shares, rows, columns, firsts, lasts, starts, ends, one, other, reach, margin, weakest, places, lines):
    """Find the lines that are seen and the place of each in the colour ramp; return how many they are."""
    count, rights = 0, len(lasts) - 1
    sums, squares, seen = np.empty(rights), np.empty(rights), np.empty(rights, np.int64)
    for left in range(len(firsts) - 1):
        sums[:], squares[:], seen[:] = 0.0, 0.0, 0
        for number in range(firsts[left], firsts[left + 1]):
            for right in range(rights):
                if _missed(starts[left], ends[right] - starts[left], one, other, reach, margin):
                    continue
                total, square, many = _sum_up(shares, rows[number], columns, lasts[right], lasts[right + 1], weakest)
                sums[right] += total
                squares[right] += square
                seen[right] += many
        for right in range(rights):
            if seen[right]:
                strength = math.sqrt(squares[right] / seen[right])
                places[count] = _place(strength if sums[right] >= 0.0 else -strength)
                lines[count] = left * rights + right
                count += 1
    return count


@_inner
def _arranged(places, count):
    """Return the lines by their strength, the weak ones first."""
    order = np.empty(count, np.int64)
    begins = np.zeros(_LEVELS + 1, np.int64)
    for line in range(count):
        begins[abs(2 * places[line] - 255) + 1] += 1
    for level in range(_LEVELS):
        begins[level + 1] += begins[level]
    for line in range(count):
        level = abs(2 * places[line] - 255)
        order[begins[level]] = line
        begins[level] += 1
    return order


@_inner
def _scattered(line):
    """Return a number between −0.5 and 0.5 for a line: as good as random, and always the same."""
    mixed = np.uint64(line) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)  # the beginning of SplitMix64
    return np.float32(mixed >> np.uint64(40)) * np.float32(2.0**-24) - np.float32(0.5)


@_inner
def _column(out, pixel, across, count, away, norm, half, full, colour):
    """Draw a line's part of one column of pixels: each is covered as far as it is near to the line's middle."""
    for _ in range(count):
        cover = min(np.float32(1.0), half - abs(away) * norm) * full
        share = np.int32(max(np.float32(0.0), cover))
        out[pixel] = _blend(out[pixel], colour, share)
        pixel += across
        away += np.float32(1.0)


def trace(
    shares, rows, columns, firsts, lasts, starts, ends, spreads, along, slopes, colours, widths, out, origin, steps,
    reach, weakest, dash,
):  # fmt: skip
    """Draw the edges of one span, the weak ones first.

    Parameters
    ----------
    shares
        (fan_in, fan_out) what is shown over the end of its scale.
    rows, columns
        (left,), (right,) which rows and columns of it are shown.
    firsts, lasts
        (bundles + 1,) each: which of the shown neurons begin the bundles of the left and of the right side.
    starts, ends
        (bundles,) each: where the bundles are, in pixels across the span.
    spreads
        How far the lines of a bundle may lie apart on the left and on the right side, in pixels.
    along, slopes
        (pixels,) for every pixel along the span: how far an edge has come from its start to its end there, 0 … 1, and
        how much of that lies between this pixel and the next.
    colours, widths
        (256,) opaque ARGB, and pixels, for every place of the ramp.
    out
        The picture, premultiplied ARGB; flat.
    origin, steps
        Where in it the span's first pixel is; from a pixel to the next along and across the span.
    reach
        How many pixels it has across.
    weakest
        Edges with a smaller |share| are hidden.
    dash
        The length of a dash with its gap on lines of negative sign, in pixels; 0: none.

    Returns
    -------
    How many lines were drawn.
    """
    length, rights = len(along), len(lasts) - 1
    places = np.empty((len(firsts) - 1) * rights, np.int32)
    lines = np.empty((len(firsts) - 1) * rights, np.int32)
    count = _gather(
        shares, rows, columns, firsts, lasts, starts, ends, along[0], along[length - 1], reach,
        0.5 * widths.max() + 2.0, weakest, places, lines,
    )  # fmt: skip
    tops, counts = np.empty(length, np.int32), np.empty(length, np.int32)
    aways, norms = np.empty(length, np.float32), np.empty(length, np.float32)
    for line in _arranged(places, count):
        place, left, right = places[line], lines[line] // rights, lines[line] % rights
        start = np.float32(starts[left] + spreads[0] * _scattered(2 * lines[line]))
        rise = np.float32(ends[right] + spreads[1] * _scattered(2 * lines[line] + 1) - start)
        # Lines below one pixel are as wide as one, and fainter.
        half = np.float32(0.5) * max(widths[place], np.float32(1.0)) + np.float32(0.5)
        full = np.float32(256.0) * min(widths[place], np.float32(1.0))
        for x in range(length):  # without a branch: several at a time
            height, slope = start + rise * along[x], rise * slopes[x]
            steep = np.sqrt(np.float32(1.0) + slope * slope)
            top = max(np.float32(0.0), np.ceil(height - half * steep - np.float32(0.5)))
            low = min(np.float32(reach - 1), np.floor(height + half * steep - np.float32(0.5)))
            tops[x], counts[x] = np.int32(top), np.int32(low - top) + np.int32(1)
            aways[x], norms[x] = top + np.float32(0.5) - height, np.float32(1.0) / steep
        period, gone = np.float32(dash if place < _LEVELS // 2 - 1 else 0.0), np.float32(0.0)
        for x in range(length):
            if period > 0.0:
                gone += np.float32(1.0) / norms[x]
                if gone % period > _DASH * period:
                    continue
            pixel = np.uint64(origin + x * steps[0] + tops[x] * steps[1])
            _column(out, pixel, np.uint64(steps[1]), counts[x], aways[x], norms[x], half, full, colours[place])
    return count

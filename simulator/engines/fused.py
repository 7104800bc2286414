"""What surrounds the matrix products of a large network: kernels that run between calls of BLAS.

They work on the arrays of `kernels.py` and are made of its parts. All threads of a run call them together, each with
its share of a block's rows (`row` is the first, `count` how many); the workspace is common to all. A kernel begins
(`before`) or ends (`after`) with a meeting where a product left behind, or needs, what other threads have made.
"""

# pyright: basic, reportCallIssue=false
# Numba finds the types of these functions' arguments, and the words of `loops` are given places instead of a context.

import numba

from simulator.engines import kernels, loops
from simulator.engines import layout as at

_kernel = numba.njit(nogil=True, error_model="numpy", inline="always")

_AT_A_TIME = 4096
"""About how many numbers get their bias before they go through the activation: they stay next to the processor."""


@_kernel
def _place(whole, layer, row):
    """Return the place from which a layer's numbers of a row and those after it are counted."""
    return whole[at.WORK] + row * whole[at.PLAN + layer * at.FIELDS + at.WIDTH]


@_kernel
def _meet(whole, threads, wanted):
    if wanted:
        loops.meet(whole, at.MEETING, threads)


def take(whole, real, number, index, X, thread, threads, row, count, first, epoch, shuffling, fresh, after):
    """Gather rows index[first : first + count] of X, in the epoch's new order when `shuffling`.

    With `fresh` the sums of a work item begin.
    """
    if shuffling:
        if thread == 0:
            kernels.shuffle(whole, index, epoch)
        loops.meet(whole, at.MEETING, threads)
    if fresh:
        part = whole[at.PARTS] + thread * at.PARTS_WIDTH
        real[part] = real[part + 1] = 0.0
    inputs = whole[at.PLAN + at.FAN_IN]
    work = whole[at.WORK] + row * inputs
    loops.gather(count, inputs, X, 0, index, first, number, work + whole[at.PLAN + at.INPUTS])
    if whole[at.HOLDS]:
        kernels.hold_inputs(whole, number, work, count)
    _meet(whole, threads, after)


def activate(whole, real, number, threads, layer, row, count, epoch, place, before, after):
    """Make activations of the products of a layer: bias, activation, dropout, held neurons.

    The first row's place in the epoch is `place`; −1 where nothing is dropped.
    """
    _meet(whole, threads, before)
    plan, units_before = at.PLAN + layer * at.FIELDS, whole[at.PLAN + at.FAN_IN]
    for earlier in range(layer):
        units_before += whole[at.PLAN + earlier * at.FIELDS + at.FAN_OUT]
    width, work = whole[plan + at.WIDTH], _place(whole, layer, row)
    step = max(1, _AT_A_TIME // (2 * width)) * 2  # a vector reaches over the end of an odd number of rows
    for start in range(0, count, step):
        rows, here = min(step, count - start), work + start * width
        logits, values = here + whole[plan + at.LOGITS], here + whole[plan + at.VALUES]
        loops.add_to_rows(rows, width, number, whole[plan + at.BIAS], number, logits)
        loops.activate(whole[plan + at.ACTIVATION], rows * width, number, logits, number, values)
    if whole[at.HOLDS] or whole[at.DROPS]:
        kernels.keep(whole, real, number, work, layer, count, epoch, place, units_before)
        kernels.mask(whole, number, work, layer, count, units_before)
    _meet(whole, threads, after)


def judge(whole, real, number, index, Y, thread, threads, row, count, first, scale, before, after):
    """Add the losses of the rows to the thread's part, and with a scale set the derivatives by the last logits."""
    _meet(whole, threads, before)
    layer = whole[at.LAYERS] - 1
    plan, work = at.PLAN + layer * at.FIELDS, _place(whole, layer, row)
    width = whole[plan + at.WIDTH]
    loops.add_to_rows(count, width, number, whole[plan + at.BIAS], number, work + whole[plan + at.LOGITS])
    kernels.measure(whole, real, number, index, Y, thread, work, first, count, scale)
    _meet(whole, threads, after)


def slope(whole, number, threads, layer, row, count, before, after):
    """Make derivatives by a layer's logits of those by what the next layer sees."""
    _meet(whole, threads, before)
    plan, work = at.PLAN + layer * at.FIELDS, _place(whole, layer, row)
    size, delta = count * whole[plan + at.WIDTH], work + whole[plan + at.DELTA]
    logits, values = work + whole[plan + at.LOGITS], work + whole[plan + at.VALUES]
    loops.slope(whole[plan + at.ACTIVATION], size, number, logits, number, values, number, delta)
    if whole[at.HOLDS] or whole[at.DROPS]:
        loops.multiply(size, number, delta, number, work + whole[plan + at.KEPT], number, delta)
    _meet(whole, threads, after)


def close(
    whole, real, number, index, thread, threads, learning, last, gradients, epoch, item, batches, updates, recorded
):
    """End a block, and with an item's last block the update or the evaluation; return whether the loss is finite.

    So many gradients are to be added. A `recorded` that is not negative ends the epoch, which is written down there. A
    loss that is not finite changes nothing.
    """
    finite = True
    loops.meet(whole, at.MEETING, threads)
    if learning and last:
        finite = kernels.learn(whole, real, number, index, thread, threads, gradients, epoch, item, batches, updates)
    elif learning and gradients > 1:
        grain = loops.grain(number, 0)
        low = kernels.share(whole[at.COUNT], thread, threads, grain)
        high = kernels.share(whole[at.COUNT], thread + 1, threads, grain)
        loops.accumulate(high - low, gradients, whole[at.COUNT], number, whole[at.GRADIENT] + low)
    elif last and thread == 0:
        kernels.sum_up_test(whole, real, threads)
    if last and recorded >= 0:
        kernels.weigh(whole, real, number, thread, threads)
    loops.meet(whole, at.MEETING, threads)
    if last and finite and thread == 0 and recorded >= 0:
        kernels.record(whole, real, threads, recorded)
    return finite

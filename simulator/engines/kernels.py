"""The kernel of small networks: many batches, and many epochs, without returning to Python.

One function, compiled by Numba once a number format, runs every network: shapes and choices are numbers in arrays. Its
parts are the words of `loops.py`. All threads of a run call it together; each takes its share of every batch's rows and
of the parameters, and they meet where one needs what another made. Whatever is summed up is summed up in a fixed order.

The arrays, all of one dimension, are

    whole    int64: sizes, codes and the moment (places below), then `FIELDS` numbers a linear layer
    real     float64: rates and sums (places below), settings, and a thread's own numbers
    number   T, the run's dtype: parameters, gradients, memory, and each thread's workspace
    index    int64: the epoch's row order with room to draw it, 0, 1, 2 … for the test rows, and given row orders
    X, Y     T: the training rows; X_test, Y_test: the test rows

`simulator.engines.layout` lays them out. Weights stand in padded rows: a layer's (fan_in, fan_out) matrix has whole
half vectors a row and a multiple of them as rows, zero where nothing is, and its bias follows as one more row.
"""

# pyright: basic, reportCallIssue=false
# Numba finds the types of these functions' arguments, and the words of `loops` are given places instead of a context.

import numba
import numpy as np

from simulator.engines import layout as at
from simulator.engines import loops
from simulator.nn.random import DROPOUT, ORDER

_kernel = numba.njit(nogil=True, error_model="numpy", inline="always")
_CLIP_EPSILON = 1e-6


@_kernel
def shuffle(whole, index, epoch):
    """Set the epoch's row order: Durstenfeld's shuffle, as in `simulator.nn.random.permutation`."""
    rows = whole[at.TRAIN_ROWS]
    if whole[at.GIVEN_EPOCHS] > 0:
        start = whole[at.GIVEN] + epoch % whole[at.GIVEN_EPOCHS] * rows
        for i in range(rows):
            index[i] = index[start + i]
        return
    low, high = np.uint64(whole[at.SEED_LOW]), np.uint64(whole[at.SEED_HIGH])
    partners = index[rows : 2 * rows + 4]
    order = index[:rows]
    for block in range((rows + 3) // 4):
        words = loops.philox(np.uint64(block), np.uint64(epoch + 1), np.uint64(0), np.uint64(ORDER), low, high)
        for place in range(4):
            partners[4 * block + place] = np.int64(words[place])
    for i in range(rows):
        partners[i] = (partners[i] * (i + 1)) >> 32
        order[i] = i
    for i in range(rows - 1, 0, -1):
        j = partners[i]
        row = order[i]
        order[i] = order[j]
        order[j] = row


@_kernel
def hold_inputs(whole, number, work, count):
    """Set the inputs of a block that are held to their values."""
    width = whole[at.PLAN + at.FAN_IN]
    start = work + whole[at.PLAN + at.INPUTS]
    for j in range(width):
        value = number[whole[at.HELD] + j]
        if not np.isnan(value):
            for i in range(count):
                number[start + i * width + j] = value


@_kernel
def keep(whole, real, number, work, layer, count, epoch, place, units_before):
    """Fill the factors by which a block's activations are multiplied: dropout's, and 0 for held neurons."""
    plan = at.PLAN + layer * at.FIELDS
    width, units, start = whole[plan + at.WIDTH], whole[plan + at.FAN_OUT], work + whole[plan + at.KEPT]
    rate = real[whole[at.RATES] + layer]
    for i in range(count * width):
        number[start + i] = 1.0
    if place >= 0 and rate > 0.0:
        low, high = np.uint64(whole[at.SEED_LOW]), np.uint64(whole[at.SEED_HIGH])
        limit, stream = np.uint64(rate * 4294967296.0), np.uint64(DROPOUT + 256 * layer)
        scale = 1.0 / (1.0 - rate)
        for i in range(count):
            for block in range((units + 3) // 4):
                words = loops.philox(np.uint64(place + i), np.uint64(epoch + 1), np.uint64(block), stream, low, high)
                for j in range(min(4, units - 4 * block)):
                    number[start + i * width + 4 * block + j] = scale if words[j] >= limit else 0.0
    if whole[at.HOLDS]:
        for j in range(units):
            if not np.isnan(number[whole[at.HELD] + units_before + j]):
                for i in range(count):
                    number[start + i * width + j] = 0.0


@_kernel
def mask(whole, number, work, layer, count, units_before):
    """Set what the next layer sees: activations times their factors, and held neurons at their values."""
    plan = at.PLAN + layer * at.FIELDS
    width, seen = whole[plan + at.WIDTH], work + whole[plan + at.FIELDS + at.INPUTS]
    loops.multiply(
        count * width, number, work + whole[plan + at.VALUES], number, work + whole[plan + at.KEPT], number, seen
    )
    if whole[at.HOLDS]:
        for j in range(whole[plan + at.FAN_OUT]):
            value = number[whole[at.HELD] + units_before + j]
            if not np.isnan(value):
                for i in range(count):
                    number[seen + i * width + j] = value


@_kernel
def forward(whole, real, number, index, X, thread, first, count, epoch, place):
    """Send rows index[first : first + count] through the network; place is the first one's in the epoch.

    A place of −1 means that nothing is learned from them: no neuron is dropped.
    """
    work = whole[at.WORK] + thread * whole[at.WORK_SIZE]
    layers = whole[at.LAYERS]
    units_before = whole[at.PLAN + at.FAN_IN]
    loops.gather(count, units_before, X, 0, index, first, number, work + whole[at.PLAN + at.INPUTS])
    if whole[at.HOLDS]:
        hold_inputs(whole, number, work, count)
    masked = whole[at.HOLDS] or whole[at.DROPS]
    for layer in range(layers):
        plan = at.PLAN + layer * at.FIELDS
        width = whole[plan + at.WIDTH]
        loops.product(
            count,
            width,
            whole[plan + at.FAN_IN],
            number,
            whole[plan + at.BIAS],
            number,
            work + whole[plan + at.INPUTS],
            whole[plan + at.INPUT_ROW],
            number,
            whole[plan + at.WEIGHT],
            width,
            number,
            work + whole[plan + at.LOGITS],
            width,
        )
        if layer + 1 < layers:
            size = count * width
            loops.activate(
                whole[plan + at.ACTIVATION],
                size,
                number,
                work + whole[plan + at.LOGITS],
                number,
                work + whole[plan + at.VALUES],
            )
            if masked:
                keep(whole, real, number, work, layer, count, epoch, place, units_before)
                mask(whole, number, work, layer, count, units_before)
            units_before += whole[plan + at.FAN_OUT]


@_kernel
def measure(whole, real, number, index, Y, thread, work, first, count, scale):
    """Add a block's losses and hits to the thread's part, and with a scale set the derivatives by the logits.

    The block's last logits stand, like the derivatives, `whole[…]` numbers behind the place `work`.
    """
    plan = at.PLAN + (whole[at.LAYERS] - 1) * at.FIELDS
    width = whole[plan + at.WIDTH]
    loops.head(
        whole[at.HEAD],
        count,
        whole[plan + at.FAN_OUT],
        number,
        work + whole[plan + at.LOGITS],
        width,
        Y,
        0,
        index,
        first,
        number,
        work + whole[plan + at.DELTA],
        width,
        number,
        whole[at.SLOTS] + thread * whole[at.SLOTS_SIZE],
        real,
        whole[at.LOSS_SETTINGS],
        scale,
        real,
        whole[at.PARTS] + thread * at.PARTS_WIDTH,
        whole[at.CLASSES],
    )


@_kernel
def backward(whole, number, thread, count, added):
    """Set the thread's gradient to what a block's rows contribute, or with added = 1 add it."""
    work = whole[at.WORK] + thread * whole[at.WORK_SIZE]
    gradient = whole[at.GRADIENT] + thread * whole[at.COUNT] - whole[at.WEIGHTS]
    masked = whole[at.HOLDS] or whole[at.DROPS]
    for layer in range(whole[at.LAYERS] - 1, -1, -1):
        plan = at.PLAN + layer * at.FIELDS
        width, delta = whole[plan + at.WIDTH], work + whole[plan + at.DELTA]
        loops.gradient(
            whole[plan + at.FAN_IN],
            width,
            count,
            number,
            work + whole[plan + at.INPUTS],
            whole[plan + at.INPUT_ROW],
            number,
            delta,
            width,
            number,
            gradient + whole[plan + at.WEIGHT],
            width,
            number,
            gradient + whole[plan + at.BIAS],
            added,
        )
        if layer > 0:
            before = plan - at.FIELDS
            width_before, delta_before = whole[before + at.WIDTH], work + whole[before + at.DELTA]
            size = count * width_before
            loops.product(
                count,
                width_before,
                whole[plan + at.FAN_OUT],
                number,
                whole[at.ZEROS],
                number,
                delta,
                width,
                number,
                whole[plan + at.TURNED],
                whole[plan + at.TURNED_ROW],
                number,
                delta_before,
                width_before,
            )
            loops.slope(
                whole[before + at.ACTIVATION],
                size,
                number,
                work + whole[before + at.LOGITS],
                number,
                work + whole[before + at.VALUES],
                number,
                delta_before,
            )
            if masked:
                loops.multiply(size, number, delta_before, number, work + whole[before + at.KEPT], number, delta_before)


@_kernel
def turn(whole, number, first, last):
    """Refresh the transposed weights of layers first … last − 1; the first layer's are not needed."""
    for layer in range(max(first, 1), last):
        plan = at.PLAN + layer * at.FIELDS
        rows, width = whole[plan + at.TURNED_ROW], whole[plan + at.WIDTH]
        loops.transpose(rows, width, number, whole[plan + at.WEIGHT], width, number, whole[plan + at.TURNED], rows)


@_kernel
def share(count, thread, threads, grain):
    """Return where a thread's share of so many things begins, in whole grains."""
    return count if thread == threads else count // grain * thread // threads * grain


@_kernel
def norm(whole, real, threads, part):
    """Return the norm whose squares the threads have added up, each its own, in this part."""
    total = 0.0
    for other in range(threads):
        total += real[whole[at.PARTS] + other * at.PARTS_WIDTH + part]
    return np.sqrt(total)


@_kernel
def clip(whole, real, number, threads, first, last):
    """Scale the gradient to its largest allowed norm, which all threads find together."""
    loops.meet(whole, at.MEETING, threads)
    factor = min(1.0, real[at.CLIP] / (norm(whole, real, threads, at.GRADIENT_PART) + _CLIP_EPSILON))
    loops.scale(last - first, number, whole[at.GRADIENT] + first, factor)


@_kernel
def settle(whole, real, number, index, thread, threads, gradients, first, last, ends):
    """Make the sum of the gradients, in the thread's share of the parameters, what the optimizer is given.

    Where it `ends` the epoch's batches, its norm is measured for the record even if nothing is clipped.
    """
    gradient = whole[at.GRADIENT]
    if gradients > 1:
        loops.accumulate(last - first, gradients, whole[at.COUNT], number, gradient + first)
    l1, l2 = real[at.L1], real[at.L2]
    if l1 > 0.0 or l2 > 0.0:
        loops.penalise(
            last - first,
            l1,
            l2,
            number,
            whole[at.WEIGHTS] + first,
            number,
            whole[at.IS_WEIGHT] + first,
            number,
            gradient + first,
        )
    for place in range(whole[at.FROZEN_COUNT]):
        i = index[whole[at.FROZEN] + place]
        if first <= i < last:
            number[gradient + i] = 0.0
    if ends or real[at.CLIP] > 0.0:
        part = whole[at.PARTS] + thread * at.PARTS_WIDTH + at.GRADIENT_PART
        real[part] = loops.squares(last - first, number, gradient + first)
    if real[at.CLIP] > 0.0:
        clip(whole, real, number, threads, first, last)


@_kernel
def put_back(whole, number, index, first, last, save):
    """Save what does not move, parameters and memory, before an update; or bring it back after."""
    rows, count = whole[at.MEMORY_NAMES] + 1, whole[at.COUNT]
    for place in range(whole[at.FROZEN_COUNT]):
        i = index[whole[at.FROZEN] + place]
        if first <= i < last:
            for row in range(rows):
                here, there = whole[at.WEIGHTS] + i, whole[at.SAVED] + place * rows + row
                if row > 0:
                    here = whole[at.MEMORY] + (row - 1) * count + i
                if save:
                    number[there] = number[here]
                else:
                    number[here] = number[there]


@_kernel
def change(whole, real, number, index, thread, first, last, epoch, item, batches, updates):
    """Apply the optimizer to the thread's share of the parameters."""
    now = np.float64(epoch) + np.float64(item) / np.float64(batches)
    factor = loops.factor(whole[at.FACTOR], now, 1.0 / np.float64(batches), real, whole[at.FACTOR_SETTINGS])
    rate = real[at.RATE] * factor
    own = thread * at.THREAD_REALS
    loops.coefficients(
        whole[at.UPDATE],
        np.float64(updates),
        rate,
        real,
        whole[at.UPDATE_SETTINGS],
        real,
        whole[at.SCALARS] + own,
        real,
        whole[at.COEFFICIENTS] + own,
    )
    if thread == 0:
        real[at.LAST_RATE] = rate
    if whole[at.FROZEN_COUNT]:
        put_back(whole, number, index, first, last, True)
    loops.update(
        whole[at.UPDATE],
        last - first,
        real,
        whole[at.COEFFICIENTS] + own,
        number,
        whole[at.WEIGHTS] + first,
        number,
        whole[at.GRADIENT] + first,
        number,
        whole[at.MEMORY] + first,
        whole[at.COUNT],
    )
    if whole[at.FROZEN_COUNT]:
        put_back(whole, number, index, first, last, False)


@_kernel
def learn(whole, real, number, index, thread, threads, gradients, epoch, item, batches, updates):
    """Change the parameters after a batch, unless its loss is not finite; return whether it is.

    So many gradients, one behind the other, have the batch's gradient as their sum.
    """
    parts = whole[at.PARTS]
    loss, hits = 0.0, 0.0
    for other in range(threads):
        loss += real[parts + other * at.PARTS_WIDTH]
        hits += real[parts + other * at.PARTS_WIDTH + 1]
    finite = np.isfinite(loss)
    if finite:
        grain = loops.grain(number, 0)
        low, high = share(whole[at.COUNT], thread, threads, grain), share(whole[at.COUNT], thread + 1, threads, grain)
        ends = item + 1 == batches
        settle(whole, real, number, index, thread, threads, gradients, low, high, ends)
        change(whole, real, number, index, thread, low, high, epoch, item, batches, updates)
        loops.meet(whole, at.MEETING, threads)
        layers = whole[at.LAYERS]
        turn(whole, number, layers * thread // threads, layers * (thread + 1) // threads)
        if thread == 0:
            real[at.SUMS] += loss
            real[at.SUMS + 1] += hits
            if ends:
                real[at.GRADIENT_NORM] = norm(whole, real, threads, at.GRADIENT_PART)
    return finite


@_kernel
def weigh(whole, real, number, thread, threads):
    """Add up the squares of the thread's share of the parameters, for the record of an epoch that ends."""
    grain = loops.grain(number, 0)
    low, high = share(whole[at.COUNT], thread, threads, grain), share(whole[at.COUNT], thread + 1, threads, grain)
    part = whole[at.PARTS] + thread * at.PARTS_WIDTH + at.WEIGHT_PART
    real[part] = loops.squares(high - low, number, whole[at.WEIGHTS] + low)


@_kernel
def record(whole, real, threads, recorded):
    """Write down a finished epoch's figures, of which all threads have weighed theirs, and begin new sums."""
    target = whole[at.RECORDS] + at.FIGURES * recorded
    for place in range(4):
        real[target + place] = real[at.SUMS + place]
        real[at.SUMS + place] = 0.0
    real[target + 4] = real[at.LAST_RATE]
    real[target + 5] = real[at.GRADIENT_NORM]
    real[target + 6] = norm(whole, real, threads, at.WEIGHT_PART)


@_kernel
def rows_of_item(whole, item, batches):
    """Return the first row of a work item and how many it has: a batch's, or a block of test rows."""
    if item < batches:
        first = item * whole[at.BATCH_SIZE]
        return first, min(whole[at.BATCH_SIZE], whole[at.TRAIN_ROWS] - first)
    first = (item - batches) * whole[at.EVALUATION]
    return first, min(whole[at.EVALUATION], whole[at.TEST_ROWS] - first)


@_kernel
def go_through(whole, real, number, index, X, Y, thread, threads, first, rows, epoch, learning):
    """Send the thread's share of a work item's rows through the network, and when learning back again."""
    offset = 0 if learning else whole[at.TEST_ORDER]
    scale = 1.0 / np.float64(rows) if learning else 0.0
    begin, end = first + share(rows, thread, threads, 1), first + share(rows, thread + 1, threads, 1)
    part = whole[at.PARTS] + thread * at.PARTS_WIDTH
    real[part] = real[part + 1] = 0.0
    if learning and begin == end:  # more threads than rows
        gradient = whole[at.GRADIENT] + thread * whole[at.COUNT]
        for i in range(whole[at.COUNT]):
            number[gradient + i] = 0.0
    start = begin
    while start < end:
        count = min(whole[at.BLOCK], end - start)
        forward(whole, real, number, index, X, thread, offset + start, count, epoch, start if learning else -1)
        work = whole[at.WORK] + thread * whole[at.WORK_SIZE]
        measure(whole, real, number, index, Y, thread, work, offset + start, count, scale)
        if learning:
            backward(whole, number, thread, count, np.int64(start > begin))
        start += count


@_kernel
def sum_up_test(whole, real, threads):
    """Add what the threads found out about a block of test rows."""
    for other in range(threads):
        part = whole[at.PARTS] + other * at.PARTS_WIDTH
        real[at.SUMS + 2] += real[part]
        real[at.SUMS + 3] += real[part + 1]


def advance(whole, real, number, index, X, Y, X_test, Y_test, thread, threads, goal_epoch, goal_item, limit):
    """Work on up to a moment, or for `limit` items, or until a loss is not finite; all threads call it alike."""
    epoch, item, updates = whole[at.EPOCH], whole[at.ITEM], whole[at.UPDATES]
    shuffled, finite, recorded = whole[at.SHUFFLED], True, 0
    batches = (whole[at.TRAIN_ROWS] + whole[at.BATCH_SIZE] - 1) // whole[at.BATCH_SIZE]
    items = batches + (whole[at.TEST_ROWS] + whole[at.EVALUATION] - 1) // whole[at.EVALUATION]
    loops.meet(whole, at.MEETING, threads)
    while limit > 0 and finite and (epoch < goal_epoch or (epoch == goal_epoch and item < goal_item)):
        learning = item < batches
        if learning and shuffled != epoch:
            if thread == 0:
                shuffle(whole, index, epoch)
            shuffled = epoch
            loops.meet(whole, at.MEETING, threads)
        first, rows = rows_of_item(whole, item, batches)
        rows_X, rows_Y = (X, Y) if learning else (X_test, Y_test)
        go_through(whole, real, number, index, rows_X, rows_Y, thread, threads, first, rows, epoch, learning)
        loops.meet(whole, at.MEETING, threads)
        if learning:
            finite = learn(whole, real, number, index, thread, threads, threads, epoch, item, batches, updates + 1)
            updates += np.int64(finite)
        elif thread == 0:
            sum_up_test(whole, real, threads)
        if item + 1 == items:
            weigh(whole, real, number, thread, threads)
        loops.meet(whole, at.MEETING, threads)
        item += np.int64(finite)
        limit -= np.int64(finite)
        if item == items:
            if thread == 0:
                record(whole, real, threads, recorded)
            recorded += 1
            epoch, item = epoch + 1, 0
    if thread == 0:
        whole[at.EPOCH], whole[at.ITEM], whole[at.UPDATES] = epoch, item, updates
        whole[at.SHUFFLED], whole[at.FINITE], whole[at.RECORDED] = shuffled, finite, recorded

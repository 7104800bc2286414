// What lies between the matrix products of a larger network.
//
// An update is: gather the batch's rows; a product and `activate` for every hidden layer; a product and `judge`;
// backwards, the product that is a weight's gradient, the product that brings the derivatives to the layer before, and
// `slope`; then `settle`, and with clipping or at the end of an epoch's batches `measure`, and `update`. What a kernel
// needs to know of the moment it reads from the run, so that the same launches can be repeated for every batch. Where
// the run has stopped nothing of it changes: products and gradient are only workspace.
//
// Threads of a block share a tile: up to 32 quads of neighbouring columns, and the rows of a chunk in turns. No number
// is added to another by an atomic operation: every sum has one order, which follows from the shapes.

enum { BATCH = 0, TEST = 1, TRAIN = 2 }; // which rows: of the batch, in the epoch's order; or as they lie
enum { TILE_THREADS = 256, SETTLE_THREADS = 1024, NORM_BLOCKS = 256, LEAST_CHUNK = 32 };

struct __align__(16) Four {
  Number number[4];
};

__device__ inline Four take_four(const Number *from, bool whole, long long there) {
  if (whole)
    return *reinterpret_cast<const Four *>(from);
  Four found;
#pragma unroll
  for (int i = 0; i < 4; ++i)
    found.number[i] = i < there ? from[i] : Number(0);
  return found;
}

__device__ inline void put_four(Number *to, const Four &four, bool whole, long long there) {
  if (whole) {
    *reinterpret_cast<Four *>(to) = four;
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
    if (i < there)
      to[i] = four.number[i];
}

// How many threads share a row of a tile, of a matrix with so many columns.
__device__ inline int quads_of(long long columns) {
  int quads = 1;
  while (quads < 32 && 4 * quads < columns)
    quads *= 2;
  return quads;
}

// How many rows a tile has.
__device__ inline long long chunk_of(long long columns) {
  int turns = TILE_THREADS / quads_of(columns);
  return turns > LEAST_CHUNK ? turns : LEAST_CHUNK;
}

// How many numbers the sums of a hidden layer's chunks take, up to the next place where four can be taken at once.
__device__ inline long long sums_of(long long rows, long long columns) {
  long long chunk = chunk_of(columns);
  return ((rows + chunk - 1) / chunk * columns + 3) / 4 * 4;
}

// A thread's part of a tile: four columns (`there` of which exist), and every `step`-th row from `row` on.
struct Part {
  long long row, end, step, column, there;
  bool whole; // whether the four numbers of any row can be taken at once
};

__device__ inline Part part_of(long long rows, long long columns) {
  int quads = quads_of(columns);
  long long chunk = chunk_of(columns), begin = blockIdx.x * chunk;
  Part part;
  part.column = 4 * ((long long)blockIdx.y * quads + threadIdx.x % quads);
  part.there = columns - part.column;
  part.row = begin + threadIdx.x / quads;
  part.end = part.there <= 0 ? 0 : begin + chunk < rows ? begin + chunk : rows;
  part.step = TILE_THREADS / quads;
  part.whole = columns % 4 == 0;
  return part;
}

// Where row `r` of those from `first` on, of the batch or of all that there are, is among the run's rows.
__device__ inline long long row_of(const Run *run, long long which, long long first, long long r) {
  if (which != BATCH)
    return first + r;
  return run->orders[run->epoch % run->slots * run->train_rows + run->item * run->batch_size + first + r];
}

// Copies rows of inputs next to each other; held inputs get their values. A warp a row, and strips of columns.
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_gather(const Run *run, long long which, long long first, long long rows, Number *to) {
  long long r = blockIdx.x * (TILE_THREADS / 32LL) + threadIdx.x / 32, inputs = run->inputs;
  if (r >= rows || (which == BATCH && run->stopped))
    return;
  const Number *from = (which == TEST ? run->X_test : run->X) + row_of(run, which, first, r) * inputs;
  bool whole = inputs % 4 == 0;
  for (long long j = 4 * (blockIdx.y * 32LL + threadIdx.x % 32); j < inputs; j += 128LL * gridDim.y) {
    Four four = take_four(from + j, whole, inputs - j);
    if (run->holds)
      for (int i = 0; i < 4 && j + i < inputs; ++i)
        if (run->held[j + i] == run->held[j + i])
          four.number[i] = run->held[j + i];
    put_four(to + r * inputs + j, four, whole, inputs - j);
  }
}

// Makes of a hidden layer's products Z (rows, units) the activations A that the next layer sees; when learning, Z
// becomes the derivatives of these by the logits. The first row is number `first` of its batch.
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_activate(const Run *run, long long index, long long first, long long rows, Number *Z, Number *A,
               long long learning) {
  const Layer *layer = run->layer + index;
  long long units = layer->fan_out;
  Part part = part_of(rows, units);
  if (part.row >= part.end)
    return;
  int code = (int)layer->activation;
  bool drops = learning && layer->rate > 0.0;
  unsigned limit = drops ? dropout_limit(layer->rate) : 0;
  Number kept = drops ? (Number)(1.0 / (1.0 - layer->rate)) : Number(1);
  long long place = run->item * run->batch_size + first;
  unsigned seed_low = (unsigned)run->seed_low, seed_high = (unsigned)run->seed_high, epoch = (unsigned)(run->epoch + 1);
  Number bias[4], held[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    bias[i] = i < part.there ? run->weights[layer->bias + part.column + i] : Number(0);
    held[i] = run->holds && i < part.there ? run->held[layer->held + part.column + i] : not_a_number(Number(0));
  }
  for (long long row = part.row; row < part.end; row += part.step) {
    long long at = row * units + part.column;
    Four z = take_four(Z + at, part.whole, part.there), a;
    Words words = {{0, 0, 0, 0}};
    if (drops)
      words = dropout_words(seed_low, seed_high, epoch, (unsigned)(place + row), (unsigned)index,
                            (unsigned)(part.column / 4));
    Number logits[4], values[4], slopes[4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      logits[i] = z.number[i] + bias[i];
    activate(code, logits, values, slopes);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (drops) {
        Number scale = words.word[i] >= limit ? kept : Number(0);
        values[i] *= scale;
        slopes[i] *= scale;
      }
      bool free = held[i] != held[i];
      a.number[i] = free ? values[i] : held[i];
      z.number[i] = free ? slopes[i] : Number(0) * slopes[i];
    }
    put_four(A + at, a, part.whole, part.there);
    if (learning)
      put_four(Z + at, z, part.whole, part.there);
  }
}

// Makes of the last layer's products Z (rows, outputs) losses and hits, found[r] and found[most + r] for row r; when
// learning, Z becomes the derivatives by the logits of the loss of a batch of `total` rows. `lanes` threads a row.
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_judge(const Run *run, long long which, long long first, long long rows, long long total, long long lanes, Number *Z,
            double *found, long long most) {
  long long r = blockIdx.x * (TILE_THREADS / lanes) + threadIdx.x / lanes, outputs = run->outputs;
  int lane = (int)(threadIdx.x % lanes);
  if (r >= rows || (which == BATCH && run->stopped))
    return;
  const Number *bias = run->weights + run->layer[run->layers - 1].bias;
  const Number *Y = (which == TEST ? run->Y_test : run->Y) + row_of(run, which, first, r) * outputs;
  Number *logits = Z + r * outputs;
  for (long long k = lane; k < outputs; k += lanes)
    logits[k] += bias[k];
  Found row = head((int)run->head, (int)outputs, logits, Y, which == BATCH ? logits : nullptr, Number(1) / (Number)total,
                   run->loss_settings, run->classes != 0, lane, (int)lanes);
  if (lane == 0) {
    found[r] = row.loss;
    found[most + r] = row.hit ? 1.0 : 0.0;
  }
}

// Makes derivatives D (rows, units) by what the next layer sees derivatives by the layer's logits, with S of
// `large_activate`; and the sum of every chunk's rows, (chunks, units).
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_slope(const Run *run, long long index, long long rows, const Number *S, Number *D, Number *sums) {
  __shared__ Four parts[TILE_THREADS];
  long long units = run->layer[index].fan_out;
  Part part = part_of(rows, units);
  Four sum = {{0, 0, 0, 0}};
  for (long long row = part.row; row < part.end; row += part.step) {
    long long at = row * units + part.column;
    Four d = take_four(D + at, part.whole, part.there), s = take_four(S + at, part.whole, part.there);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      d.number[i] *= s.number[i];
      sum.number[i] += d.number[i];
    }
    put_four(D + at, d, part.whole, part.there);
  }
  parts[threadIdx.x] = sum;
  __syncthreads();
  int quads = quads_of(units);
  if ((int)threadIdx.x >= quads || part.there <= 0)
    return;
  for (int other = quads + threadIdx.x; other < TILE_THREADS; other += quads) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      sum.number[i] += parts[other].number[i];
  }
  put_four(sums + blockIdx.x * units + part.column, sum, part.whole, part.there);
}

// Sums up what `large_judge` found; all threads of the block get it.
__device__ inline void tally(const double *found, long long most, long long rows, double &loss, double &hits) {
  double losses = 0.0, right = 0.0;
  for (long long r = threadIdx.x; r < rows; r += blockDim.x) {
    losses += found[r];
    right += found[most + r];
  }
  loss = sum_of_block(losses);
  hits = sum_of_block(right);
}

// Writes down what an update needs to know once, and moves the run to the next item.
__device__ inline void begin_update(Run *run) {
  double batches = (double)run->batches, now = (double)run->epoch + (double)run->item / batches;
  run->learning_rate = run->rate * factor((int)run->factor, now, 1.0 / batches, run->factor_settings);
  run->updates += 1;
  coefficients((int)run->update, (double)run->updates, run->learning_rate, run->update_settings, run->scalars,
               run->coefficients);
  run->item += 1;
}

// Ends the backward pass. Block 0 sums up the losses: if they are not finite the run stops here. The others finish the
// gradient by the biases, 32 columns each: of the chunks' sums of hidden layers, and of the last derivatives D.
extern "C" __global__ void __launch_bounds__(SETTLE_THREADS)
large_settle(Run *run, long long rows, const double *found, long long most, const Number *sums, const Number *D) {
  if (blockIdx.x == 0) {
    double loss, hits;
    tally(found, most, rows, loss, hits);
    if (threadIdx.x == 0 && !run->stopped) {
      if (is_finite(loss)) {
        run->sums[0] += loss;
        run->sums[1] += hits;
        begin_update(run);
      } else {
        run->stopped = 1;
      }
    }
    return;
  }
  long long tile = blockIdx.x - 1, index = 0;
  const Layer *layer = run->layer;
  for (; tile >= (layer->fan_out + 31) / 32; ++layer, ++index) {
    tile -= (layer->fan_out + 31) / 32;
    sums += sums_of(rows, layer->fan_out);
  }
  __shared__ double parts[32][33];
  bool last = index + 1 == run->layers;
  long long units = layer->fan_out, chunk = chunk_of(units), count = last ? rows : (rows + chunk - 1) / chunk;
  long long column = 32 * tile + threadIdx.x % 32;
  const Number *from = (last ? D : sums) + column;
  double sum = 0.0;
  long long end = column < units ? count : 0;
#pragma unroll 8
  for (long long r = threadIdx.x / 32; r < end; r += SETTLE_THREADS / 32)
    sum += (double)from[r * units];
  parts[threadIdx.x / 32][threadIdx.x % 32] = sum;
  __syncthreads();
  sum = sum_of_lanes(parts[threadIdx.x % 32][threadIdx.x / 32], 32); // a warp a column now
  column = 32 * tile + threadIdx.x / 32;
  if (threadIdx.x % 32 == 0 && column < units)
    run->gradient[layer->bias + column] = (Number)sum;
}

// The gradient of a parameter as the optimizer is to see it, before it is clipped.
__device__ inline Number penalised(const Run *run, long long i, Number w, Number g, bool marked) {
  if (!marked)
    return g;
  unsigned mark = run->marks[i];
  if (mark & IS_FROZEN)
    return Number(0);
  if (mark & IS_WEIGHT) {
    if (run->l1 > 0.0)
      g += (Number)run->l1 * sign_of(w);
    if (run->l2 > 0.0)
      g += (Number)run->l2 * w;
  }
  return g;
}

__device__ inline bool is_marked(const Run *run) { return run->freezes || run->l1 > 0.0 || run->l2 > 0.0; }

// Sums of squares, of the gradient or of the weights: each block one, of every so manieth parameter.
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_measure(const Run *run, long long of_weights, double *parts) {
  bool marked = is_marked(run);
  double sum = 0.0;
#pragma unroll 4
  for (long long i = blockIdx.x * (long long)TILE_THREADS + threadIdx.x; i < run->parameters;
       i += (long long)NORM_BLOCKS * TILE_THREADS) {
    Number value = run->weights[i];
    if (!of_weights)
      value = penalised(run, i, value, run->gradient[i], marked);
    sum += (double)(value * value);
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0)
    parts[blockIdx.x] = sum;
}

// The norm whose squares `large_measure` summed up; all threads of the block get it.
__device__ inline double norm_of(const double *parts) {
  return sqrt(sum_of_block(threadIdx.x < NORM_BLOCKS ? parts[threadIdx.x] : 0.0));
}

// One pass of the optimizer over all parameters, four of them a thread at a time; `measured` where `large_measure` ran.
extern "C" __global__ void __launch_bounds__(TILE_THREADS)
large_update(Run *run, long long measured, const double *parts) {
  if (run->stopped)
    return;
  Number clip = 1, c[MOST_COEFFICIENTS];
  if (measured) {
    double norm = norm_of(parts);
    double most = run->clip / (norm + 1e-6);
    if (run->clip > 0.0 && most < 1.0)
      clip = (Number)most;
    if (blockIdx.x == 0 && threadIdx.x == 0 && run->item == run->batches)
      run->gradient_norm = norm;
  }
#pragma unroll
  for (int i = 0; i < MOST_COEFFICIENTS; ++i)
    c[i] = (Number)run->coefficients[i];
  const int code = (int)run->update, names = (int)run->names;
  const bool marked = is_marked(run), clips = run->clip > 0.0;
  const long long count = run->parameters;
  Number *weights = run->weights, *memory = run->memory;
  const Number *gradient = run->gradient; // asked for once: the compiler cannot know that no weight lies over the run
  for (long long base = blockIdx.x * 4LL * TILE_THREADS + threadIdx.x; base < count;
       base += gridDim.x * 4LL * TILE_THREADS) {
    Number w[4], g[4], m[MOST_MEMORY][4];
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      long long i = base + k * TILE_THREADS;
      w[k] = i < count ? weights[i] : Number(0);
      g[k] = i < count ? gradient[i] : Number(0);
#pragma unroll
      for (int n = 0; n < MOST_MEMORY; ++n)
        m[n][k] = i < count && n < names ? memory[n * count + i] : Number(0);
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      long long i = base + k * TILE_THREADS;
      if (i >= count || (marked && (run->marks[i] & IS_FROZEN)))
        continue;
      Number step = penalised(run, i, w[k], g[k], marked);
      update(code, c, w[k], clips ? step * clip : step, &m[0][k], 4);
      weights[i] = w[k];
#pragma unroll
      for (int n = 0; n < MOST_MEMORY; ++n)
        if (n < names)
          memory[n * count + i] = m[n][k];
    }
  }
}

// Ends a block of test rows: one block of threads.
extern "C" __global__ void __launch_bounds__(SETTLE_THREADS)
large_close(Run *run, long long rows, const double *found, long long most) {
  double loss, hits;
  tally(found, most, rows, loss, hits);
  if (threadIdx.x == 0 && !run->stopped) {
    run->sums[2] += loss;
    run->sums[3] += hits;
    run->item += 1;
  }
}

// Ends an epoch: writes its figures down. One block of threads, after `large_measure` of the weights.
extern "C" __global__ void __launch_bounds__(TILE_THREADS) large_record(Run *run, const double *parts) {
  double norm = norm_of(parts);
  if (threadIdx.x || run->stopped)
    return;
  double *record = run->records + run->epoch % run->slots * FIGURES;
  for (int i = 0; i < 4; ++i) {
    record[i] = run->sums[i];
    run->sums[i] = 0.0;
  }
  record[4] = run->learning_rate;
  record[5] = run->gradient_norm;
  record[6] = norm;
  run->epoch += 1;
  run->item = 0;
}

// Hands out what was found of rows that were only evaluated, added to what was found before unless `fresh`.
extern "C" __global__ void __launch_bounds__(SETTLE_THREADS)
large_answer(Run *run, long long rows, const double *found, long long most, long long fresh) {
  double loss, hits;
  tally(found, most, rows, loss, hits);
  if (threadIdx.x == 0) {
    run->result[0] = (fresh ? 0.0 : run->result[0]) + loss;
    run->result[1] = (fresh ? 0.0 : run->result[1]) + hits;
  }
}

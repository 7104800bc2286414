// Small networks: one launch does many work items, of many epochs. `Plan` and `Step` are declared in small.py, which also
// says how blocks and threads divide the work; `Run` in layout.py.
//
// All blocks take their share of every item's rows through the network, with all weights in shared memory, and those of
// a batch back again; they meet; each changes its share of the parameters by the sum of all blocks' gradients; they meet
// again and fetch the weights. One block alone keeps everything in its shared memory and meets nobody.

// What every thread of a block knows: where things are in shared memory.
struct Place {
  Run *run;
  Plan *plan;
  Step *step;
  double *losses, *hits; // a row of the tile each
  double *rates;         // of the updates that are prepared
  double *scalars;       // the optimizer's, and behind them those after the update that is prepared
  double *verdict;       // loss and hits of an item, and a squared norm
  Number *coefficients;  // of the updates that are prepared
  Number *weights;       // all parameters, a layer's rows (fan_in and the bias) a pitch apart
  Number *memory;        // of the block's share of the parameters, or in the device's memory
  Number *gradient;      // the block's part of the batch's gradient, flat
  Number *tile;          // rows on their way through the network
  long long stride;      // between a parameter's memories
  int low, high;         // the block's share of the parameters
  int blocks, block;
};

struct Where {
  long long epoch, item;
};

// t / d of numbers whose product is below 2³²; `by` is 2³² / d rounded up, and 0 for d = 1.
__device__ inline int divided(int t, unsigned by) { return by ? (int)__umulhi((unsigned)t, by) : t; }

__device__ inline int share(int count, int part, int parts) { return (int)((long long)count * part / parts); }

// What another block has written.
__device__ inline float fresh(const float *there) { return __ldcg(there); }
__device__ inline double fresh(const double *there) { return __ldcg(there); }

__device__ inline void meet_all(Place &at) {
  if (at.blocks > 1)
    meet(at.plan->meeting, at.blocks);
  else
    __syncthreads();
}

__device__ inline Place lay_out(Run *run, const Plan *plan, const Step *step, unsigned char *shared) {
  Place at;
  int words = (int)(sizeof(Run) / 8), own = (int)(sizeof(Plan) / 8), steps = (int)(run->layers * sizeof(Step) / 4);
  at.run = reinterpret_cast<Run *>(shared);
  at.plan = reinterpret_cast<Plan *>(shared + sizeof(Run));
  at.step = reinterpret_cast<Step *>(shared + sizeof(Run) + sizeof(Plan));
  for (int i = threadIdx.x; i < words; i += blockDim.x)
    reinterpret_cast<long long *>(at.run)[i] = reinterpret_cast<const long long *>(run)[i];
  for (int i = threadIdx.x; i < own; i += blockDim.x)
    reinterpret_cast<long long *>(at.plan)[i] = reinterpret_cast<const long long *>(plan)[i];
  for (int i = threadIdx.x; i < steps; i += blockDim.x)
    reinterpret_cast<int *>(at.step)[i] = reinterpret_cast<const int *>(step)[i];
  at.blocks = gridDim.x;
  at.block = blockIdx.x;
  at.losses = reinterpret_cast<double *>(shared + plan->losses);
  at.hits = at.losses + plan->rows;
  at.rates = reinterpret_cast<double *>(shared + plan->rates);
  at.scalars = reinterpret_cast<double *>(shared + plan->scalars);
  at.verdict = at.scalars + 2 * SCALARS;
  at.coefficients = reinterpret_cast<Number *>(shared + plan->coefficients);
  at.weights = reinterpret_cast<Number *>(shared + plan->weights);
  at.tile = reinterpret_cast<Number *>(shared + plan->tile);
  at.low = share((int)run->parameters, at.block, at.blocks);
  at.high = share((int)run->parameters, at.block + 1, at.blocks);
  at.gradient = plan->gradient ? reinterpret_cast<Number *>(shared + plan->gradient)
                               : plan->parts + (long long)at.block * run->parameters;
  if (plan->memory) {
    at.memory = reinterpret_cast<Number *>(shared + plan->memory) - at.low;
    at.stride = plan->share;
  } else {
    at.memory = run->memory;
    at.stride = run->parameters;
  }
  return at;
}

// Fetch the weights of all layers, or of the block's share write them back.
__device__ inline void fetch_weights(Place &at) {
  for (int l = 0; l < at.run->layers; ++l) {
    const Step &step = at.step[l];
    const Number *there = at.run->weights + step.begin;
    Number *here = at.weights + step.weight;
    int count = (step.fan_in + 1) * step.fan_out, gap = step.pitch - step.fan_out;
    for (int t = threadIdx.x; t < count; t += blockDim.x)
      here[t + gap * divided(t, step.by_out)] = fresh(there + t);
  }
}

// Run body(parameter, place among the weights, whether it is a weight) for the thread's part of the block's share.
template <class Body> __device__ inline void each_parameter(Place &at, Body body) {
  for (int l = 0; l < at.run->layers; ++l) {
    const Step &step = at.step[l];
    int weights = step.fan_in * step.fan_out, gap = step.pitch - step.fan_out;
    int first = max(at.low, step.begin), last = min(at.high, step.begin + weights + step.fan_out);
    for (int p = first + (int)threadIdx.x; p < last; p += blockDim.x) {
      int t = p - step.begin;
      body(p, step.weight + t + gap * divided(t, step.by_out), t < weights);
    }
  }
}

// ---- products

// For every row and column run store(row, column, Σₖ A[row · a_row + k · a_k] · B[k · b_k + column · b_column]), each sum
// in the order of k; `by` divides by the columns. A thread has HIGH neighbouring rows of a column at a time, and so reads
// a number of B once for them.
template <int HIGH, class Store>
__device__ inline void multiply_high(int rows, int columns, unsigned by, int inner, const Number *A, int a_row, int a_k,
                                     const Number *B, int b_k, int b_column, Store store) {
  int items = (rows + HIGH - 1) / HIGH * columns;
  for (int t = threadIdx.x; t < items; t += blockDim.x) {
    int group = divided(t, by), column = t - group * columns, row = group * HIGH;
    const Number *b = B + column * b_column;
    const Number *a[HIGH];
    Number sums[HIGH];
#pragma unroll
    for (int m = 0; m < HIGH; ++m) {
      a[m] = A + min(row + m, rows - 1) * a_row;
      sums[m] = 0;
    }
#pragma unroll 4
    for (int k = 0; k < inner; ++k) {
      Number factor = b[k * b_k];
#pragma unroll
      for (int m = 0; m < HIGH; ++m)
        sums[m] += a[m][k * a_k] * factor;
    }
#pragma unroll
    for (int m = 0; m < HIGH; ++m)
      if (row + m < rows)
        store(row + m, column, sums[m]);
  }
}

template <class Store>
__device__ inline void multiply(int rows, int columns, unsigned by, int inner, const Number *A, int a_row, int a_k,
                                const Number *B, int b_k, int b_column, Store store) {
  if (rows * columns >= 2 * (int)blockDim.x)
    multiply_high<4>(rows, columns, by, inner, A, a_row, a_k, B, b_k, b_column, store);
  else
    multiply_high<1>(rows, columns, by, inner, A, a_row, a_k, B, b_k, b_column, store);
}

// ---- a tile of rows

// Fetch rows with their targets. `order` names them, from the tile's first on; without it they are neighbours.
__device__ inline void fetch_rows(Place &at, const Number *X, const Number *Y, const int *order, long long first,
                                  int rows) {
  const Run &run = *at.run;
  const Plan &plan = *at.plan;
  int inputs = (int)run.inputs, outputs = (int)run.outputs;
  Number *values = at.tile + at.step[0].in, *targets = at.tile + plan.targets;
  for (int t = threadIdx.x; t < rows * inputs; t += blockDim.x) {
    int r = divided(t, (unsigned)plan.by_inputs), c = t - r * inputs;
    long long row = order ? order[r] : first + r;
    Number value = X[row * inputs + c];
    if (run.holds) {
      Number held = run.held[c];
      value = held == held ? held : value;
    }
    values[r * at.step[0].in_pitch + c] = value;
  }
  unsigned by = at.step[run.layers - 1].by_out;
  for (int t = threadIdx.x; t < rows * outputs; t += blockDim.x) {
    int r = divided(t, by), c = t - r * outputs;
    long long row = order ? order[r] : first + r;
    targets[t] = Y[row * outputs + c];
  }
}

// What follows a hidden neuron's z: its activation, its slope when learning, dropout, and the value it is held at.
__device__ inline void activate(Place &at, int l, int row, int unit, Number z, long long epoch, long long place,
                                      bool learning) {
  const Step &step = at.step[l];
  const Run &run = *at.run;
  Number a = activation(step.activation, z), d = learning ? slope(step.activation, z, a) : Number(0);
  if (learning && step.drops) {
    bool stay = stays((unsigned)run.seed_low, (unsigned)run.seed_high, (unsigned)(epoch + 1), (unsigned)(place + row),
                      (unsigned)l, (unsigned)unit, step.limit);
    Number scale = stay ? (Number)(1.0 / (1.0 - run.layer[l].rate)) : Number(0);
    a *= scale;
    d *= scale;
  }
  if (run.holds) {
    Number held = run.held[step.held + unit];
    if (held == held) {
      a = held;
      d *= Number(0);
    }
  }
  at.tile[step.out + row * step.out_pitch + unit] = a;
  if (learning)
    at.tile[step.delta + row * step.out_pitch + unit] = d;
}

__device__ inline void forward(Place &at, int rows, long long epoch, long long place, bool learning) {
  int layers = (int)at.run->layers;
  for (int l = 0; l < layers; ++l) {
    const Step &step = at.step[l];
    const Number *W = at.weights + step.weight, *bias = W + step.fan_in * step.pitch;
    Number *out = at.tile + step.out;
    bool last = l + 1 == layers;
    multiply(rows, step.fan_out, step.by_out, step.fan_in, at.tile + step.in, step.in_pitch, 1, W, step.pitch, 1,
             [&](int row, int unit, Number sum) {
               Number z = sum + bias[unit];
               if (last)
                 out[row * step.out_pitch + unit] = z;
               else
                 activate(at, l, row, unit, z, epoch, place, learning);
             });
    __syncthreads();
  }
}

// Leave every row's loss and whether it is right, and when learning the derivatives by the logits.
__device__ inline void judge(Place &at, int rows, Number scale, bool learning) {
  const Run &run = *at.run;
  const Step &step = at.step[run.layers - 1];
  int K = step.fan_out, lanes = (int)at.plan->lanes, lane = threadIdx.x & (lanes - 1);
  for (int r = threadIdx.x / lanes; r < rows; r += blockDim.x / lanes) {
    Number *delta = learning ? at.tile + step.delta + r * step.out_pitch : nullptr;
    Found found = head((int)run.head, K, at.tile + step.out + r * step.out_pitch, at.tile + at.plan->targets + r * K,
                       delta, scale, run.loss_settings, run.classes != 0, lane, lanes);
    if (lane == 0) {
      at.losses[r] = found.loss;
      at.hits[r] = found.hit;
    }
  }
  __syncthreads();
}

// Set, or with `adding` add, what the tile's rows contribute to the block's part of the gradient.
__device__ inline void backward(Place &at, int rows, bool adding) {
  for (int l = (int)at.run->layers - 1; l > 0; --l) {
    const Step &step = at.step[l], &before = at.step[l - 1];
    const Number *W = at.weights + step.weight;
    Number *target = at.tile + before.delta;
    multiply(rows, step.fan_in, before.by_out, step.fan_out, at.tile + step.delta, step.out_pitch, 1, W, 1, step.pitch,
             [&](int row, int unit, Number sum) { target[row * before.out_pitch + unit] *= sum; });
    __syncthreads();
  }
  for (int l = 0; l < at.run->layers; ++l) {
    const Step &step = at.step[l];
    const Number *A = at.tile + step.in, *D = at.tile + step.delta;
    Number *there = at.gradient + step.begin, *bias = there + step.fan_in * step.fan_out;
    multiply(step.fan_in, step.fan_out, step.by_out, rows, A, 1, step.in_pitch, D, step.out_pitch, 1,
             [&](int i, int j, Number sum) {
               Number *entry = there + i * step.fan_out + j;
               *entry = adding ? *entry + sum : sum;
             });
    for (int j = threadIdx.x; j < step.fan_out; j += blockDim.x) {
      Number sum = 0;
      for (int r = 0; r < rows; ++r)
        sum += D[r * step.out_pitch + j];
      bias[j] = adding ? bias[j] + sum : sum;
    }
  }
}

// Take the block's rows first … last − 1 of an item through the network; the first warp has their loss and hits then.
__device__ inline void go_through(Place &at, const Number *X, const Number *Y, const int *order, long long first,
                                  long long last, Number scale, Where now, bool learning, double &loss, double &hits) {
  int most = (int)at.plan->rows;
  loss = hits = 0.0;
  for (long long start = first; start < last; start += most) {
    int rows = (int)min((long long)most, last - start);
    if (start > first)
      __syncthreads(); // the tile before is still being read
    fetch_rows(at, X, Y, order ? order + start : nullptr, start, rows);
    __syncthreads();
    forward(at, rows, now.epoch, start, learning);
    judge(at, rows, scale, learning);
    if (threadIdx.x < 32)
      for (int r = threadIdx.x; r < rows; r += 32) {
        loss += at.losses[r];
        hits += at.hits[r];
      }
    if (learning)
      backward(at, rows, start > first);
  }
  if (learning && first >= last) // more blocks than rows
    for (int p = threadIdx.x; p < at.run->parameters; p += blockDim.x)
      at.gradient[p] = 0;
  if (threadIdx.x < 32) {
    loss = sum_of_lanes(loss, 32);
    hits = sum_of_lanes(hits, 32);
  }
}

// ---- what the blocks tell each other: loss, hits, and two squared norms, each item in the other half of the room

enum { LOSS, HITS, GRADIENT_SQUARES, WEIGHT_SQUARES, TOLD };

__device__ inline double *told(Place &at, int block, int turn) {
  return at.plan->figures + ((long long)(turn & 1) * at.plan->blocks + block) * TOLD;
}

__device__ inline void tell(Place &at, int turn, int figure, double value) {
  if (threadIdx.x == 0)
    told(at, at.block, turn)[figure] = value;
}

// The sum over the blocks, for the lanes of the first warp.
__device__ inline double sum_of_told(Place &at, int turn, int figure) {
  double sum = 0.0;
  for (int block = threadIdx.x; block < at.blocks; block += 32)
    sum += fresh(told(at, block, turn) + figure);
  return sum_of_lanes(sum, 32);
}

// ---- the update

// Prepare the coefficients of the next updates, each by a thread; of one update where each follows from the one before.
__device__ inline void prepare(Place &at, Where now, long long updates, int count) {
  const Run &run = *at.run;
  int t = threadIdx.x;
  if (t < count) {
    long long batch = now.item + t, epoch = now.epoch + batch / run.batches;
    double length = 1.0 / (double)run.batches;
    double moment = (double)epoch + (double)(batch % run.batches) / (double)run.batches;
    double rate = run.rate * factor((int)run.factor, moment, length, run.factor_settings);
    double out[COEFFICIENTS];
    double *after = at.scalars + SCALARS;
    if (count == 1)
      for (int i = 0; i < SCALARS; ++i)
        after[i] = at.scalars[i];
    coefficients((int)run.update, (double)(updates + 1 + t), rate, run.update_settings, after, out);
    for (int i = 0; i < MOST_COEFFICIENTS; ++i)
      at.coefficients[t * COEFFICIENTS + i] = (Number)out[i];
    at.rates[t] = rate;
  }
}

// The batch's gradient by a parameter, with penalties.
__device__ inline Number summed(Place &at, int p, Number w, bool weight, bool frozen) {
  const Run &run = *at.run;
  Number g;
  if (at.blocks == 1) {
    g = at.gradient[p];
  } else {
    const Number *part = at.plan->parts + p;
    g = 0;
#pragma unroll 8
    for (int block = 0; block < at.blocks; ++block)
      g += fresh(part + (long long)block * run.parameters);
  }
  if (weight && run.l1 > 0.0)
    g += (Number)run.l1 * sign_of(w);
  if (weight && run.l2 > 0.0)
    g += (Number)run.l2 * w;
  return frozen ? Number(0) : g;
}

// Change the block's share of the parameters; `ends` says whether the epoch's batches end here, `closes` whether it does.
__device__ inline void change(Place &at, int turn, const Number *c, bool ends, bool closes) {
  const Run &run = *at.run;
  bool clips = run.clip > 0.0;
  double squares = 0.0, weighed = 0.0;
  Number factor = 1;
  if (clips) {
    each_parameter(at, [&](int p, int place, bool weight) {
      bool frozen = run.freezes && (run.marks[p] & IS_FROZEN);
      Number g = summed(at, p, at.weights[place], weight, frozen), square = g * g;
      squares += (double)square;
      if (at.blocks == 1)
        at.gradient[p] = g;
      else
        run.gradient[p] = g;
    });
    squares = sum_of_block(squares);
    if (at.blocks > 1) {
      tell(at, turn, GRADIENT_SQUARES, squares);
      meet_all(at);
      if (threadIdx.x < 32)
        at.verdict[2] = sum_of_told(at, turn, GRADIENT_SQUARES);
      __syncthreads();
      squares = at.verdict[2];
    }
    double shorter = run.clip / (sqrt(squares) + 1e-6);
    factor = (Number)(shorter < 1.0 ? shorter : 1.0);
  }
  double unclipped = 0.0;
  each_parameter(at, [&](int p, int place, bool weight) {
    bool frozen = run.freezes && (run.marks[p] & IS_FROZEN);
    Number w = at.weights[place], g;
    if (clips) {
      g = (at.blocks == 1 ? at.gradient[p] : run.gradient[p]) * factor;
    } else {
      g = summed(at, p, w, weight, frozen);
      Number square = g * g;
      unclipped += (double)square;
    }
    if (!frozen) {
      update((int)run.update, c, w, g, at.memory + p, at.stride);
      at.weights[place] = w;
      if (at.blocks > 1)
        run.weights[p] = w;
    }
    Number square = w * w;
    weighed += (double)square;
  });
  if (ends && !clips)
    squares = sum_of_block(unclipped);
  if (closes)
    weighed = sum_of_block(weighed);
  if (at.blocks > 1) {
    if (ends && !clips)
      tell(at, turn, GRADIENT_SQUARES, squares);
    if (closes)
      tell(at, turn, WEIGHT_SQUARES, weighed);
  } else if (threadIdx.x == 0) {
    at.verdict[2] = squares;
    at.verdict[3] = weighed;
  }
}

// The squares of the block's share of the parameters.
__device__ inline double weigh(Place &at) {
  double squares = 0.0;
  each_parameter(at, [&](int, int place, bool) {
    Number square = at.weights[place] * at.weights[place];
    squares += (double)square;
  });
  return sum_of_block(squares);
}

// A squared norm that the blocks have told or one block has found, for the lanes of the first warp.
__device__ inline double norm(Place &at, int turn, int figure) {
  double squares = at.blocks > 1 ? sum_of_told(at, turn, figure)
                                 : at.verdict[figure == GRADIENT_SQUARES ? 2 : 3];
  return sqrt(squares);
}

// ---- the kernels

// Do `count` work items from where the run stands, or fewer if a batch's loss is not finite. All blocks run together.
extern "C" __global__ void __launch_bounds__(256) small_items(Run *there, const Plan *plan, const Step *steps, long long count) {
  SHARED_MEMORY(unsigned char, shared);
  if (there->stopped) // in the queue behind the item that stopped; all blocks see the same
    return;
  Place at = lay_out(there, plan, steps, shared);
  __syncthreads();
  Run &run = *at.run;
  if (threadIdx.x < SCALARS)
    at.scalars[threadIdx.x] = run.scalars[threadIdx.x];
  fetch_weights(at);
  if (at.plan->memory)
    for (int name = 0; name < run.names; ++name)
      for (int p = at.low + (int)threadIdx.x; p < at.high; p += blockDim.x)
        at.memory[name * at.stride + p] = run.memory[name * run.parameters + p];
  Where now = {run.epoch, run.item};
  long long updates = run.updates;
  int prepared = 0, used = 0, turn = 0, ahead = (int)at.plan->ahead;
  bool stopped = false;
  __syncthreads();
  for (; count > 0; --count, ++turn) {
    bool learning = now.item < run.batches, closes = now.item + 1 == run.items;
    long long size = learning ? run.batch_size : run.evaluation_rows;
    long long begin = (learning ? now.item : now.item - run.batches) * size;
    int rows = (int)min(size, (learning ? run.train_rows : run.test_rows) - begin);
    if (learning && used == prepared) {
      prepared = min(ahead, (int)blockDim.x);
      prepare(at, now, updates, prepared);
      used = 0;
    }
    double loss, hits;
    go_through(at, learning ? run.X : run.X_test, learning ? run.Y : run.Y_test,
               learning ? run.orders + now.epoch % run.slots * run.train_rows : nullptr,
               begin + share(rows, at.block, at.blocks), begin + share(rows, at.block + 1, at.blocks),
               (Number)(1.0 / (double)rows), now, learning, loss, hits);
    if (!learning && closes) {
      double weighed = weigh(at);
      if (at.blocks > 1)
        tell(at, turn, WEIGHT_SQUARES, weighed);
      else if (threadIdx.x == 0)
        at.verdict[3] = weighed;
    }
    if (at.blocks > 1) {
      tell(at, turn, LOSS, loss);
      tell(at, turn, HITS, hits);
      meet_all(at);
      if (threadIdx.x < 32) {
        loss = sum_of_told(at, turn, LOSS);
        hits = sum_of_told(at, turn, HITS);
      }
    }
    if (threadIdx.x == 0) {
      at.verdict[0] = loss;
      at.verdict[1] = hits;
    }
    __syncthreads();
    if (learning) {
      if (!is_finite(at.verdict[0])) {
        stopped = true;
        break;
      }
      bool ends = now.item + 1 == run.batches;
      change(at, turn, at.coefficients + used * COEFFICIENTS, ends, closes);
      meet_all(at);
      if (at.blocks > 1)
        fetch_weights(at);
      if (threadIdx.x < 32) {
        double length = ends ? norm(at, turn, GRADIENT_SQUARES) : 0.0;
        if (threadIdx.x == 0) {
          if (ends)
            run.gradient_norm = length;
          run.learning_rate = at.rates[used];
          run.sums[0] += at.verdict[0];
          run.sums[1] += at.verdict[1];
          if (ahead == 1)
            for (int i = 0; i < SCALARS; ++i)
              at.scalars[i] = at.scalars[SCALARS + i];
        }
      }
      ++updates;
      ++used;
    } else if (threadIdx.x == 0) {
      run.sums[2] += at.verdict[0];
      run.sums[3] += at.verdict[1];
    }
    if (closes && threadIdx.x < 32) {
      double length = norm(at, turn, WEIGHT_SQUARES);
      if (threadIdx.x == 0) {
        double *record = run.records + now.epoch % run.slots * FIGURES;
        for (int i = 0; i < 4; ++i) {
          if (at.block == 0)
            record[i] = run.sums[i];
          run.sums[i] = 0.0;
        }
        if (at.block == 0) {
          record[4] = run.learning_rate;
          record[5] = run.gradient_norm;
          record[6] = length;
        }
      }
    }
    now = closes ? Where{now.epoch + 1, 0} : Where{now.epoch, now.item + 1};
    __syncthreads();
  }
  if (at.plan->memory)
    for (int name = 0; name < run.names; ++name)
      for (int p = at.low + (int)threadIdx.x; p < at.high; p += blockDim.x)
        run.memory[name * run.parameters + p] = at.memory[name * at.stride + p];
  if (at.blocks == 1)
    each_parameter(at, [&](int p, int place, bool) { run.weights[p] = at.weights[place]; });
  if (at.block == 0 && threadIdx.x == 0) {
    there->epoch = now.epoch;
    there->item = now.item;
    there->updates = updates;
    there->stopped = stopped;
    there->learning_rate = run.learning_rate;
    there->gradient_norm = run.gradient_norm;
    for (int i = 0; i < 4; ++i)
      there->sums[i] = run.sums[i];
    for (int i = 0; i < SCALARS; ++i)
      there->scalars[i] = at.scalars[i];
  }
}

// Sum up the loss and the hits of neighbouring rows, of the test rows or of those that are trained with.
extern "C" __global__ void __launch_bounds__(256) small_rows(Run *there, const Plan *plan, const Step *steps, long long test, long long first, long long rows) {
  SHARED_MEMORY(unsigned char, shared);
  Place at = lay_out(there, plan, steps, shared);
  __syncthreads();
  const Run &run = *at.run;
  fetch_weights(at);
  __syncthreads();
  double loss, hits;
  go_through(at, test ? run.X_test : run.X, test ? run.Y_test : run.Y, nullptr,
             first + share((int)rows, at.block, at.blocks), first + share((int)rows, at.block + 1, at.blocks), Number(0),
             Where{0, 0}, false, loss, hits);
  if (at.blocks > 1) {
    tell(at, 0, LOSS, loss);
    tell(at, 0, HITS, hits);
    meet_all(at);
    if (threadIdx.x < 32) {
      loss = sum_of_told(at, 0, LOSS);
      hits = sum_of_told(at, 0, HITS);
    }
  }
  if (at.block == 0 && threadIdx.x == 0) {
    run.result[0] = loss;
    run.result[1] = hits;
  }
}

// The persistent kernel: what the blocks tell each other, and how each changes its share of the parameters.

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

// The sum of some blocks' gradients by a parameter.
__device__ inline Number sum_of_parts(Place &at, int p, int first, int last) {
  const Number *part = at.plan->parts + p;
  long long step = at.run->parameters;
  Number sum = 0;
  for (int block = first; block < last; block += AT_ONCE) {
    Number found[AT_ONCE];
#pragma unroll
    for (int i = 0; i < AT_ONCE; ++i)
      found[i] = block + i < last ? fresh(part + (block + i) * step) : Number(0);
#pragma unroll
    for (int i = 0; i < AT_ONCE; ++i)
      sum += found[i];
  }
  return sum;
}

// Where a block has more threads than parameters, several threads sum up a parameter's gradients, each those of its
// slice of the blocks.
__device__ inline void collect(Place &at) {
  const Plan &plan = *at.plan;
  if (!plan.sums)
    return;
  int share_of_all = (int)plan.share, slices = (int)plan.slices, count = at.high - at.low;
  for (int t = threadIdx.x; t < slices * share_of_all; t += blockDim.x) {
    int slice = divided(t, (unsigned)plan.by_share), p = t - slice * share_of_all;
    if (p < count)
      at.sums[t] = sum_of_parts(at, at.low + p, share(at.blocks, slice, slices), share(at.blocks, slice + 1, slices));
  }
  __syncthreads();
}

// The batch's gradient by a parameter, with penalties.
__device__ inline Number summed(Place &at, int p, Number w, bool weight, bool frozen) {
  const Run &run = *at.run;
  Number g = 0;
  if (at.blocks == 1)
    g = at.gradient[p];
  else if (at.plan->sums)
    for (int slice = 0; slice < at.plan->slices; ++slice)
      g += at.sums[slice * (int)at.plan->share + p - at.low];
  else
    g = sum_of_parts(at, p, 0, at.blocks);
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
  if (at.blocks > 1)
    collect(at);
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
        squares = sum_of_told(at, turn, GRADIENT_SQUARES);
      if (threadIdx.x == 0)
        at.verdict[2] = squares;
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
      if (ends) { // a device for games does few sums of doubles
        Number square = g * g;
        unclipped += (double)square;
      }
    }
    if (!frozen) {
      update((int)run.update, c, w, g, at.memory + p, at.stride);
      at.weights[place] = w;
      if (at.blocks > 1)
        run.weights[p] = w;
    }
    if (closes) {
      Number square = w * w;
      weighed += (double)square;
    }
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

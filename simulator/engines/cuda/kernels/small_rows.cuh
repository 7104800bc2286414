// The persistent kernel: a tile of rows on its way through the network, and back again.

#ifdef ON_HOST
#define SEND_FOR(address)
#else
// Let a line of memory come nearer.
#define SEND_FOR(address) asm volatile("prefetch.global.L2 [%0];" ::"l"(address))
#endif

// Send for a row and its targets.
__device__ inline void send_for(const Run &run, long long row) {
  const char *x = reinterpret_cast<const char *>(run.X + row * run.inputs);
  for (long long i = 0; i < run.inputs * (long long)sizeof(Number); i += 128)
    SEND_FOR(x + i);
  SEND_FOR(run.Y + row * run.outputs);
}

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

// What follows the z of neighbouring rows' neurons: activation, slope, dropout, and the value that a neuron is held at.
template <int HIGH>
__device__ inline void fire(Place &at, int l, int row, int rows, int unit, const Number (&z)[HIGH], long long epoch,
                            long long place, bool learning) {
  const Step &step = at.step[l];
  const Run &run = *at.run;
  Number a[HIGH], d[HIGH];
  activate(step.activation, z, a, d);
  if (learning && step.drops) {
    Number scale = (Number)(1.0 / (1.0 - run.layer[l].rate));
#pragma unroll
    for (int m = 0; m < HIGH; ++m) {
      bool stay = stays((unsigned)run.seed_low, (unsigned)run.seed_high, (unsigned)(epoch + 1),
                        (unsigned)(place + row + m), (unsigned)l, (unsigned)unit, step.limit);
      a[m] *= stay ? scale : Number(0);
      d[m] *= stay ? scale : Number(0);
    }
  }
  if (run.holds) {
    Number held = run.held[step.held + unit];
    if (held == held)
#pragma unroll
      for (int m = 0; m < HIGH; ++m) {
        a[m] = held;
        d[m] *= Number(0);
      }
  }
#pragma unroll
  for (int m = 0; m < HIGH; ++m)
    if (row + m < rows) {
      int entry = (row + m) * step.out_pitch + unit;
      at.tile[step.out + entry] = a[m];
      if (learning)
        at.tile[step.delta + entry] = d[m];
    }
}

__device__ inline void forward(Place &at, int rows, long long epoch, long long place, bool learning) {
  int layers = (int)at.run->layers;
  for (int l = 0; l < layers; ++l) {
    const Step &step = at.step[l];
    const Number *W = at.weights + step.weight, *bias = W + step.fan_in * step.pitch;
    Number *out = at.tile + step.out;
    bool last = l + 1 == layers;
    multiply(rows, step.fan_out, step.by_out, step.fan_in, step.split, at.tile + step.in, step.in_pitch, W, step.pitch,
             1, [&](int row, int unit, auto &sums) {
               const int high = sizeof(sums) / sizeof(Number);
               Number shift = bias[unit];
#pragma unroll
               for (int m = 0; m < high; ++m)
                 sums[m] += shift;
               if (!last)
                 fire(at, l, row, rows, unit, sums, epoch, place, learning);
               else
#pragma unroll
                 for (int m = 0; m < high; ++m)
                   if (row + m < rows)
                     out[(row + m) * step.out_pitch + unit] = sums[m];
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
    multiply(rows, step.fan_in, before.by_out, step.fan_out, step.split_back, at.tile + step.delta, step.out_pitch, W,
             1, step.pitch, [&](int row, int unit, auto &sums) {
#pragma unroll
               for (int m = 0; m < (int)(sizeof(sums) / sizeof(Number)); ++m)
                 if (row + m < rows)
                   target[(row + m) * before.out_pitch + unit] *= sums[m];
             });
    __syncthreads();
  }
  for (int l = 0; l < at.run->layers; ++l) {
    const Step &step = at.step[l];
    const Number *A = at.tile + step.in, *D = at.tile + step.delta;
    Number *there = at.gradient + step.begin, *bias = there + step.fan_in * step.fan_out;
    multiply_turned(step.fan_in, step.fan_out, step.by_out, rows, A, step.in_pitch, D, step.out_pitch,
                    [&](int i, int j, const Number(&sums)[4]) {
#pragma unroll
                      for (int m = 0; m < 4; ++m)
                        if (i + m < step.fan_in) {
                          Number *entry = there + (i + m) * step.fan_out + j;
                          *entry = adding ? *entry + sums[m] : sums[m];
                        }
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

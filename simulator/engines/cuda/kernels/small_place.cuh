// The persistent kernel: what lies where in a block's memory, and how it gets there. `Plan` and `Step` are declared in
// tiling.py, which also says how blocks and threads divide the work; `Run` in structs.py.

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
  Number *sums;          // of slices of the blocks' gradients
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

__device__ inline int share(int count, int part, int parts) {
  return parts == 1 ? count * part : (int)((long long)count * part / parts);
}

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
  at.sums = reinterpret_cast<Number *>(shared + plan->sums);
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

// How many numbers a thread asks the device's memory for before it needs the first.
enum { AT_ONCE = 16 };

// Fetch the weights of all layers.
__device__ inline void fetch_weights(Place &at) {
  for (int l = 0; l < at.run->layers; ++l) {
    const Step &step = at.step[l];
    const Number *there = at.run->weights + step.begin;
    Number *here = at.weights + step.weight;
    int count = (step.fan_in + 1) * step.fan_out, gap = step.pitch - step.fan_out;
    for (int first = threadIdx.x; first < count; first += AT_ONCE * blockDim.x) {
      Number found[AT_ONCE];
#pragma unroll
      for (int i = 0; i < AT_ONCE; ++i) {
        int t = first + i * (int)blockDim.x;
        found[i] = t < count ? fresh(there + t) : Number(0);
      }
#pragma unroll
      for (int i = 0; i < AT_ONCE; ++i) {
        int t = first + i * (int)blockDim.x;
        if (t < count)
          here[t + gap * divided(t, step.by_out)] = found[i];
      }
    }
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

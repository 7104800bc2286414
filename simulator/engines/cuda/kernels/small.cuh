// Small networks: one launch does many work items, of many epochs. The parts of the kernel stand in the files before this.
//
// All blocks take their share of every item's rows through the network, with all weights in shared memory, and those of
// a batch back again; they meet; each changes its share of the parameters by the sum of all blocks' gradients; they meet
// again and fetch the weights. One block alone keeps everything in its shared memory and meets nobody.

// Do `count` work items from where the run stands, or fewer if a batch's loss is not finite. All blocks run together.
extern "C" __global__ void __launch_bounds__(256, 1)
small_items(Run *there, const Plan *plan, const Step *steps, long long count) {
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
    int soon = -1; // a row of the next batch, of which a thread has one
    if (now.item + 1 < run.batches) {
      int following = (int)min(run.batch_size, run.train_rows - begin - rows);
      int first = share(following, at.block, at.blocks) + (int)threadIdx.x;
      if (first < share(following, at.block + 1, at.blocks))
        soon = run.orders[now.epoch % run.slots * run.train_rows + begin + rows + first];
    }
    double loss, hits;
    go_through(at, learning ? run.X : run.X_test, learning ? run.Y : run.Y_test,
               learning ? run.orders + now.epoch % run.slots * run.train_rows : nullptr,
               begin + share(rows, at.block, at.blocks), begin + share(rows, at.block + 1, at.blocks),
               (Number)(1.0 / (double)rows), now, learning, loss, hits);
    if (soon >= 0)
      send_for(run, soon);
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
      if (threadIdx.x == 0) {
        run.learning_rate = at.rates[used];
        run.sums[0] += at.verdict[0];
        run.sums[1] += at.verdict[1];
        if (ahead == 1)
          for (int i = 0; i < SCALARS; ++i)
            at.scalars[i] = at.scalars[SCALARS + i];
      }
      meet_all(at);
      if (at.blocks > 1) {
        fetch_weights(at);
        __syncthreads(); // a block without rows of the next item meets nobody before it needs them
      }
      if (ends && threadIdx.x < 32) {
        double length = norm(at, turn, GRADIENT_SQUARES);
        if (threadIdx.x == 0)
          run.gradient_norm = length;
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
  }
  __syncthreads();
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
extern "C" __global__ void __launch_bounds__(256, 1)
small_rows(Run *there, const Plan *plan, const Step *steps, long long test, long long first, long long rows) {
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

// The softmax of rows of scores to base 2, in place: a workgroup has one row. Past the last score weights are 0. In front
// of this file stands rows/reduce.wgsl.

struct Params {
  first: u32, // the workgroup this dispatch begins with
  keys: u32, // of a row
  scores: u32, // that there are of them
  start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>; // [rows, keys]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let start = params.start + (params.first + workgroup.x) * params.keys;
  var highest = weights[start];
  for (var i = thread; i < params.scores; i += THREADS) {
    highest = max(highest, weights[start + i]);
  }
  highest = largest(highest, thread);
  var sum = 0.0;
  for (var i = thread; i < params.scores; i += THREADS) {
    sum += exp2(weights[start + i] - highest);
  }
  sum = total(sum, thread);
  for (var i = thread; i < params.keys; i += THREADS) {
    weights[start + i] = select(0.0, exp2(weights[start + i] - highest) / sum, i < params.scores);
  }
}

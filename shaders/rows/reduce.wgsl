// What the threads of a workgroup know together.

const THREADS: u32 = 64;

var<workgroup> partials: array<f32, THREADS>;

/// The sum of all threads' values.
fn total(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partials[thread] = value;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      partials[thread] += partials[thread + half];
    }
  }
  workgroupBarrier();
  return partials[0];
}

/// The largest of all threads' values.
fn largest(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partials[thread] = value;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      partials[thread] = max(partials[thread], partials[thread + half]);
    }
  }
  workgroupBarrier();
  return partials[0];
}

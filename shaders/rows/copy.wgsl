// out = x, in words of 32 bits, whatever they hold: keys and values go to where they are kept, and back.

const THREADS: u32 = 64;
const WORDS: u32 = 16; // of a thread

struct Params {
  first: u32, // the workgroup this dispatch begins with
  words: u32,
  x_start: u32,
  out_start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let start = (params.first + workgroup.x) * THREADS * WORDS + thread;
  for (var i = 0u; i < WORDS; i++) {
    let place = start + i * THREADS;
    if (place < params.words) {
      out[params.out_start + place] = x[params.x_start + place];
    }
  }
}

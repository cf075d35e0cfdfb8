// What the linear kernels share: their parameters, and how a result y = x·Wᵀ is written.

const NONE: u32 = 0; // out = y
const ADD: u32 = 1; // out = out + y
const RELU: u32 = 2; // out = max(y, 0)
const SWIGLU: u32 = 3; // out_i = silu(y_2i) · y_2i+1
const EPILOGUE: u32 = NONE;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  rows: u32, // of x and of out
  inputs: u32,
  outputs: u32,
  x_start: u32, // in values, as are all starts
  out_start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

/// The first row and the first output of a workgroup's tile of `size`, rows and outputs. Neighbours share their outputs.
fn tile_start(workgroup: u32, size: vec2u) -> vec2u {
  let tiles_down = (params.rows + size.x - 1) / size.x;
  let index = params.first + workgroup;
  return vec2u(index % tiles_down, index / tiles_down) * size;
}

/// Where a quad of a panel's outputs stands in workgroup memory: the even ones first, so that threads with eight
/// neighbouring outputs each read neighbouring quads.
fn quad_place(quad: u32) -> u32 {
  return quad % 2 * 8 + quad / 2;
}

fn silu(x: vec4f) -> vec4f {
  return x / (1.0 + exp(-max(x, vec4f(-80.0)))); // past −80 the exponential would leave f32
}

/// What comes of four results that have their place in `out`.
fn merged(y: vec4f, place: u32) -> vec4f {
  if (EPILOGUE == ADD) {
    return out[place] + y;
  }
  if (EPILOGUE == RELU) {
    return max(y, vec4f());
  }
  return y;
}

/// Writes what comes of eight neighbouring outputs of one row. Places outside `out` are passed over: outputs are a
/// multiple of 4, and of 8 where SwiGLU makes four results of eight.
fn write(row: u32, output: u32, left: vec4f, right: vec4f) {
  if (row >= params.rows || output >= params.outputs) {
    return;
  }
  if (EPILOGUE == SWIGLU) {
    let place = (params.out_start + (row * params.outputs + output) / 2) / 4;
    out[place] = silu(vec4f(left.xz, right.xz)) * vec4f(left.yw, right.yw);
    return;
  }
  let place = (params.out_start + row * params.outputs + output) / 4;
  out[place] = merged(left, place);
  if (output + 4 < params.outputs) {
    out[place + 1] = merged(right, place + 1);
  }
}

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
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

/// The first row and the first output of a workgroup's tile of `size` × `size`. Neighbours share their outputs.
fn tile_start(workgroup: u32, size: u32) -> vec2u {
  let tiles_down = (params.rows + size - 1) / size;
  let index = params.first + workgroup;
  return vec2u(index % tiles_down, index / tiles_down) * size;
}

fn silu(x: f32) -> f32 {
  return x / (1.0 + exp(-max(x, -80.0))); // past −80 the exponential would leave f32
}

/// Writes what comes of four neighbouring outputs of one row. Places outside `out` are passed over.
fn write(row: u32, output: u32, y: vec4f) {
  if (row >= params.rows || output >= params.outputs) {
    return;
  }
  if (EPILOGUE == SWIGLU) {
    let place = params.out_start + (row * params.outputs + output) / 2;
    out[place] = silu(y.x) * y.y;
    out[place + 1] = silu(y.z) * y.w;
    return;
  }
  let place = params.out_start + row * params.outputs + output;
  for (var i = 0u; i < 4; i++) {
    var value = y[i];
    if (EPILOGUE == ADD) {
      value += out[place + i];
    } else if (EPILOGUE == RELU) {
      value = max(value, 0.0);
    }
    out[place + i] = value;
  }
}

// out = epilogue(x·Wᵀ) on matrix units: 16-bit operands, 32-bit sums. Rows of x come scaled from rows/halves.wgsl.
//
// A workgroup computes a tile of rows × outputs in steps of DEPTH inputs. The operands of a step pass through workgroup
// memory; while they are multiplied, those of the next are under way into registers. A subgroup computes a share of
// the tile, as a grid of matrices whose size is the GPU's. Results leave through the same memory, because only there a
// thread knows which value is which.
//
// In front of this file stand output.wgsl, elements-f16.wgsl or elements-f32.wgsl, and tile-f16.wgsl, tile-q8.wgsl or
// tile-q4.wgsl.

enable f16;
enable subgroups;
enable subgroup_size_control;
enable chromium_experimental_subgroup_matrix;

const SUBGROUP: u32 = 32; // threads
const M: u32 = 16; // rows of a matrix
const N: u32 = 16; // outputs
const K: u32 = 16; // inputs

const TILE_ROWS: u32 = 128;
const TILE_OUTPUTS: u32 = 128;
const SHARE_ROWS: u32 = 64; // a subgroup's part of them
const SHARE_OUTPUTS: u32 = 32;
const DEPTH: u32 = 32;

const SHARES_ACROSS: u32 = TILE_OUTPUTS / SHARE_OUTPUTS;
const THREADS: u32 = TILE_ROWS / SHARE_ROWS * SHARES_ACROSS * SUBGROUP;
const DOWN: u32 = SHARE_ROWS / M; // matrices of a share
const ACROSS: u32 = SHARE_OUTPUTS / N;

const EIGHTHS: u32 = DEPTH / 8; // a row's inputs of a step, eight by eight
const PITCH: u32 = EIGHTHS * VECTORS + 1; // the odd one brings neighbouring rows into different banks
const BAND: u32 = 32; // outputs that leave together
const BAND_PITCH: u32 = BAND / 4 + 1;

alias Left = subgroup_matrix_left<Element, K, M>;
alias Right = subgroup_matrix_right<Element, N, K>;
alias Result = subgroup_matrix_result<f32, N, M>;
alias Sums = array<array<Result, ACROSS>, DOWN>;

/// What a thread fetches of a step of x. Rows past the last repeat it; nothing of them is written.
const X_PARTS: u32 = TILE_ROWS * EIGHTHS / THREADS;
alias RowParts = array<vec4u, X_PARTS>;

@group(0) @binding(2) var<storage, read> x: array<vec4u>; // [rows, inputs / 8]
@group(0) @binding(3) var<storage, read> x_scales: array<f32>; // [rows]

/// In vectors of 16 bytes: [TILE_ROWS, PITCH] of x, then [TILE_OUTPUTS, PITCH] of W; in the end a band of results
/// [M, BAND_PITCH] for each subgroup.
var<workgroup> tile: array<vec4u, (TILE_ROWS + TILE_OUTPUTS) * PITCH>;
const_assert THREADS / SUBGROUP * M * BAND_PITCH <= (TILE_ROWS + TILE_OUTPUTS) * PITCH;

fn fetch_rows(first_row: u32, step: u32, thread: u32) -> RowParts {
  var parts: RowParts;
  for (var i = 0u; i < X_PARTS; i++) {
    let part = thread + i * THREADS;
    let row = min(first_row + part / EIGHTHS, params.rows - 1);
    parts[i] = x[(params.x_start + row * params.inputs + step * DEPTH) / 8 + part % EIGHTHS];
  }
  return parts;
}

fn stage_rows(parts: RowParts, thread: u32) {
  for (var i = 0u; i < X_PARTS; i++) {
    let part = thread + i * THREADS;
    stage(part / EIGHTHS, part % EIGHTHS, parts[i]);
  }
}

/// Adds a step's products to the sums of a share that begins at `row` and `output` of the tile.
fn multiply(sums: ptr<function, Sums>, row: u32, output: u32) {
  for (var k = 0u; k < DEPTH; k += K) {
    let input = k / 8 * VECTORS;
    var left: array<Left, DOWN>;
    for (var i = 0u; i < DOWN; i++) {
      left[i] = subgroupMatrixLoad<Left, row_major>(&tile, (row + i * M) * PITCH + input, PITCH);
    }
    for (var j = 0u; j < ACROSS; j++) {
      let start = (TILE_ROWS + output + j * N) * PITCH + input;
      let right = subgroupMatrixLoad<Right, col_major>(&tile, start, PITCH);
      for (var i = 0u; i < DOWN; i++) {
        (*sums)[i][j] = subgroupMatrixMultiplyAccumulate(left[i], right, (*sums)[i][j]);
      }
    }
  }
}

/// Writes the sums of share `share`, which begins at `first_row` and `first_output` of out: M rows at a time.
fn write_share(sums: ptr<function, Sums>, share: u32, lane: u32, first_row: u32, first_output: u32) {
  let start = share * M * BAND_PITCH;
  for (var i = 0u; i < DOWN; i++) {
    for (var band = 0u; band < SHARE_OUTPUTS; band += BAND) {
      workgroupBarrier();
      for (var j = 0u; j < BAND / N; j++) {
        subgroupMatrixStore<row_major>(&tile, start + j * N / 4, (*sums)[i][band / N + j], BAND_PITCH);
      }
      workgroupBarrier();
      for (var part = lane; part < M * BAND / 8; part += SUBGROUP) {
        let row = part / (BAND / 8);
        let output = part % (BAND / 8) * 8;
        let place = start + row * BAND_PITCH + output / 4;
        let out_row = first_row + i * M + row;
        let scale = x_scales[params.x_start / params.inputs + min(out_row, params.rows - 1)];
        let left = bitcast<vec4f>(tile[place]) * scale;
        let right = bitcast<vec4f>(tile[place + 1]) * scale;
        write(out_row, first_output + band + output, left, right);
      }
    }
  }
}

@compute @workgroup_size(THREADS) @subgroup_size(SUBGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_id) share: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let first = tile_start(workgroup.x, vec2u(TILE_ROWS, TILE_OUTPUTS));
  let part = vec2u(share / SHARES_ACROSS * SHARE_ROWS, share % SHARES_ACROSS * SHARE_OUTPUTS);
  let steps = params.inputs / DEPTH;

  var sums = Sums(); // said in full: some drivers leave what stood there
  stage_rows(fetch_rows(first.x, 0, thread), thread);
  stage_weights(fetch_weights(first.y / PANEL, steps, 0, thread), thread);
  for (var step = 1u; step <= steps; step++) {
    workgroupBarrier();
    let next = min(step, steps - 1); // the last is fetched twice: a branch would cost more
    let weights = fetch_weights(first.y / PANEL, steps, next, thread);
    let rows = fetch_rows(first.x, next, thread);
    multiply(&sums, part.x, part.y);
    workgroupBarrier();
    stage_rows(rows, thread);
    stage_weights(weights, thread);
  }
  write_share(&sums, share, lane, first.x + part.x, first.y + part.y);
}

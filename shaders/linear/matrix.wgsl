// out = epilogue(x·Wᵀ) on tensor cores: 16-bit products, 32-bit sums. Rows of x come scaled from rows/halves.wgsl.
//
// A workgroup of four subgroups computes a tile of 128 rows × 128 outputs; each subgroup a quarter of it, 64 × 64, as
// a grid of matrices whose size is the GPU's. They read x and W where they lie: the caches hold what is shared.
// Results leave through workgroup memory, one column of matrices at a time, because only there a thread knows which
// value is which. In front of this file stands output.wgsl.

enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

const SUBGROUP: u32 = 32; // threads
const M: u32 = 16; // rows of a matrix
const N: u32 = 16; // outputs
const K: u32 = 16; // inputs

const THREADS: u32 = 4 * SUBGROUP;
const TILE: u32 = 128; // rows, and outputs
const PART: u32 = TILE / 2; // a subgroup's share of both
const DOWN: u32 = PART / M; // matrices of a share
const ACROSS: u32 = PART / N;

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Result = subgroup_matrix_result<f32, N, M>;

@group(0) @binding(2) var<storage, read> x: array<f16>; // [rows, inputs], rows up to a multiple of 128
@group(0) @binding(3) var<storage, read> x_scales: array<f32>; // [rows]
@group(0) @binding(4) var<storage, read> weights: array<f16>; // [outputs, inputs], outputs up to a multiple of 128

var<workgroup> results: array<f32, 4 * PART * N>; // a column of matrices for each subgroup

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(subgroup_id) share: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let tile = tile_start(workgroup.x, TILE);
  let first_row = tile.x + share / 2 * PART;
  let first_output = tile.y + share % 2 * PART;

  var sums: array<array<Result, ACROSS>, DOWN>;
  for (var input = 0u; input < params.inputs; input += K) {
    var left: array<Left, DOWN>;
    for (var i = 0u; i < DOWN; i++) {
      let start = (first_row + i * M) * params.inputs + input;
      left[i] = subgroupMatrixLoad<Left, row_major>(&x, start, params.inputs);
    }
    for (var j = 0u; j < ACROSS; j++) {
      let start = (first_output + j * N) * params.inputs + input;
      let right = subgroupMatrixLoad<Right, col_major>(&weights, start, params.inputs);
      for (var i = 0u; i < DOWN; i++) {
        sums[i][j] = subgroupMatrixMultiplyAccumulate(left[i], right, sums[i][j]);
      }
    }
  }

  for (var j = 0u; j < ACROSS; j++) {
    workgroupBarrier();
    for (var i = 0u; i < DOWN; i++) {
      subgroupMatrixStore<row_major>(&results, (share * PART + i * M) * N, sums[i][j], N);
    }
    workgroupBarrier();
    for (var i = lane; i < PART * N / 8; i += SUBGROUP) {
      let row = i / (N / 8);
      let output = i % (N / 8) * 8;
      let start = (share * PART + row) * N + output;
      let left = vec4f(results[start], results[start + 1], results[start + 2], results[start + 3]);
      let right = vec4f(results[start + 4], results[start + 5], results[start + 6], results[start + 7]);
      let scale = x_scales[min(first_row + row, params.rows - 1)];
      write(first_row + row, first_output + j * N + output, left * scale, right * scale);
    }
  }
}

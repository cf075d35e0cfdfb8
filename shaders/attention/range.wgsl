// What the attention kernels share: their parameters, which keys a workgroup's tokens see, and how pages are joined.
// The file it stands in front of says how many tokens a workgroup serves (TOKENS) with how many threads (THREADS).

const UNSEEN: f32 = -1e30; // the score of a key that a query may not see; finite, so that differences are, too

// Weights are powers of two from a maximum that is kept, and what is summed is brought to another only where scores
// exceed it by more than this, as FlashAttention-4 has it: weights stay below 2^8, which 16-bit floats hold as well.
const RISE: f32 = 8;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  rows: u32,
  kv_heads: u32,
  queries_start: u32, // in values, as are all starts
  out_start: u32,
  positions_start: u32,
  cache_start: u32, // where key `page_first` begins
  page_first: u32, // the first key of this page
  page_end: u32, // the key after its last
  window: u32, // how many keys a query sees at most, itself included
  resumes: u32, // 1 when pages came before this one
  ends: u32, // 1 when no page comes after it
  scale: f32, // of scores, times log2(e): the exponentials are powers of two
}

/// Of the keys that some token of the workgroup sees.
struct Range {
  start: u32,
  end: u32, // the key after the last
  full_start: u32, // from here to full_end, every token sees every key
  full_end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> positions: array<u32>; // [rows]
@group(0) @binding(3) var<storage, read_write> statistics: array<vec2f>; // [rows, kv_heads, GROUP]: maximum kept, sum of weights

var<workgroup> places: array<u32, TOKENS>; // the tokens' positions
var<workgroup> range: Range;

/// The tile of TOKENS rows that a workgroup serves: those that see most keys come first.
fn tile_of(workgroup: u32) -> u32 {
  return (params.rows + TOKENS - 1) / TOKENS - 1 - workgroup / params.kv_heads;
}

/// The row of a token of a tile. Those past the last repeat it; nothing of them is written.
fn row_of(tile: u32, token: u32) -> u32 {
  return min(tile * TOKENS + token, params.rows - 1);
}

/// The keys of this page that the tile's tokens see.
fn visible_range(tile: u32, thread: u32) -> Range {
  for (var token = thread; token < TOKENS; token += THREADS) {
    places[token] = positions[params.positions_start + row_of(tile, token)];
  }
  workgroupBarrier();
  if (thread == 0) {
    var lowest = places[0];
    var highest = places[0];
    for (var token = 1u; token < TOKENS; token++) {
      lowest = min(lowest, places[token]);
      highest = max(highest, places[token]);
    }
    range.start = max(window_start(lowest), params.page_first);
    range.end = min(highest + 1, params.page_end);
    range.full_start = window_start(highest);
    range.full_end = min(lowest + 1, params.page_end);
  }
  return workgroupUniformLoad(&range);
}

/// The first key that a token at this position sees.
fn window_start(position: u32) -> u32 {
  return select(0u, position - params.window + 1, position >= params.window);
}

/// The key after the last of this page that a token at this position sees.
fn window_end(position: u32) -> u32 {
  return min(position + 1, params.page_end);
}

/// A query's softmax over all pages up to this one, and what results are to be multiplied with that belong to it.
struct Softmax {
  maximum: f32,
  sum: f32,
  earlier: f32, // factor of results that earlier pages left
  own: f32, // factor of this page's
}

/// What this page found of a query, joined with what earlier pages did.
fn joined(query: u32, maximum: f32, sum: f32) -> Softmax {
  if (params.resumes == 0) {
    return Softmax(maximum, sum, 0, 1);
  }
  let known = statistics[query];
  let highest = max(known.x, maximum);
  let earlier = exp2(known.x - highest);
  let own = exp2(maximum - highest);
  return Softmax(highest, known.y * earlier + sum * own, earlier, own);
}

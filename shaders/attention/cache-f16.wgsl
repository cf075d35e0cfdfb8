// How keys and values rest in the cache: as 16-bit floats. Four at a time.

alias Stored = vec2u;

const LARGEST: f32 = 65504; // beyond it, what packing gives is anybody's guess

fn stored(values: vec4f) -> Stored {
  let held = clamp(values, vec4f(-LARGEST), vec4f(LARGEST));
  return vec2u(pack2x16float(held.xy), pack2x16float(held.zw));
}

fn restored(values: Stored) -> vec4f {
  return vec4f(unpack2x16float(values.x), unpack2x16float(values.y));
}

// How keys and values rest in the cache: as 16-bit floats. Four at a time.

alias Stored = vec2u;

fn stored(values: vec4f) -> Stored {
  return vec2u(pack2x16float(values.xy), pack2x16float(values.zw));
}

fn restored(values: Stored) -> vec4f {
  return vec4f(unpack2x16float(values.x), unpack2x16float(values.y));
}

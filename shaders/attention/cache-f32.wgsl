// How keys and values rest in the cache: as 32-bit floats. Four at a time.

alias Stored = vec4f;

fn stored(values: vec4f) -> Stored {
  return values;
}

fn restored(values: Stored) -> vec4f {
  return values;
}

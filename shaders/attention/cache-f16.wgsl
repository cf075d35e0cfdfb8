// How keys and values rest in the cache: as 16-bit floats. Four at a time.

enable f16;

alias Stored = vec4<f16>;

const LARGEST: f32 = 65504; // of 16-bit floats

fn stored(values: vec4f) -> Stored {
  return Stored(clamp(values, vec4f(-LARGEST), vec4f(LARGEST)));
}

fn restored(values: Stored) -> vec4f {
  return vec4f(values);
}

"""The synthetic checkpoint: real shapes, values that a formula gives.

Weights of a real checkpoint are too large to store beside tests and need a download. These need neither: every element
follows from its tensor's name and its own index, by integer arithmetic that is exact in any language. README.md has the
formula in words. The order of the floating-point steps matters to the bit: all of them are in float64, the result is
rounded once to float32 and then once to bfloat16, so JavaScript's numbers and `Math.fround` give the same values.
"""

import numpy as np

OUTLIER_TENSOR = "model.layers.2.mlp.down_proj.weight"
OUTLIER_ROWS = (3, 100)  # real checkpoints have a few residual channels far larger than the rest: so has this one
OUTLIER_FACTOR = 64.0


def fnv1a(text):
    """FNV-1a, 32 bit, of the text in UTF-8."""
    state = 2166136261
    for byte in text.encode():
        state = (state ^ byte) * 16777619 % 2**32
    return state


def fmix32(x):
    """The finaliser of MurmurHash3: every bit of the index reaches every bit of the result. uint32 in, uint32 out."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x85EBCA6B)
    x = x ^ (x >> np.uint32(13))
    x = x * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def noise(name, count):
    """Random words, uint32, which follow from a name: steps 1 to 3 of the README's formula."""
    return noise_at(name, np.arange(count))


def noise_at(name, index):
    start = np.uint32(fnv1a(name) * 0x9E3779B9 % 2**32)
    return fmix32(index.astype(np.uint32) + start)  # wraps at 2^32


def to_bfloat16(x):
    """float32 values rounded to the nearest bfloat16, ties to even; still stored as float32."""
    bits = x.view(np.uint32)
    bits = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


def synthetic_at(name, shape, index):
    """The elements of a tensor at these row-major indices; so a few rows of a large one cost little."""
    index = np.asarray(index)
    value = noise_at(name, index).astype(np.float64) / 2**31 - 1  # uniform in [-1, 1)
    if name.endswith("norm.weight"):
        value = 1 + value / 2
    elif name != "model.embed_tokens.weight":
        value = value * np.sqrt(3 / shape[1])  # variance 1 / in: outputs are as large as inputs
    if name == OUTLIER_TENSOR:
        value = np.where(np.isin(index // shape[1], OUTLIER_ROWS), value * OUTLIER_FACTOR, value)
    return to_bfloat16(value.astype(np.float32))


def synthetic(name, shape):
    """A whole tensor, float32 holding bfloat16 values."""
    return synthetic_at(name, shape, np.arange(np.prod(shape))).reshape(shape)


# What make() stores: places where a twin of this file goes wrong first. Wrapping indices, outlier rows and their
# neighbours, fan-ins that are no power of two, a tensor too short to have row 100, last elements.
CHECKED = {
    ("model.embed_tokens.weight", (151936, 1024)): [1023, 1024, 77777777, 151670 * 1024 - 1, 151670 * 1024, 155582463],
    ("model.layers.0.self_attn.q_proj.weight", (2048, 1024)): [4097, 1000003, 2097151],
    ("model.layers.27.self_attn.o_proj.weight", (1024, 2048)): [2047, 2048, 2097151],
    ("model.layers.2.mlp.down_proj.weight", (1024, 3072)): [
        9215, 9216, 9217, 12287, 12288, 307199, 307200, 310271, 310272, 3145727,
    ],
    ("model.layers.3.mlp.down_proj.weight", (1024, 3072)): [9216, 307200, 3145727],
    ("model.layers.2.mlp.down_proj.weight", (64, 96)): [287, 288, 383, 384, 6143],
    ("model.layers.13.input_layernorm.weight", (1024,)): [511, 1023],
    ("model.layers.5.self_attn.k_norm.weight", (128,)): [64, 127],
    ("model.norm.weight", (1024,)): [100, 1023],
    ("projector.0.weight", (512, 1024)): [1024, 524287],
    ("projector.2.weight", (512, 512)): [512, 262143],
}


def make():
    """synthetic.json: values by which an implementation in another language is tested."""
    cases = []
    for (name, shape), places in CHECKED.items():
        index = [0, 1, 2, 3, *places]
        values = synthetic_at(name, shape, index).tolist()
        cases.append({"name": name, "shape": shape, "values": list(zip(index, values))})
    return {"cases": cases}, {}

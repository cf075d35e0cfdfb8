"""What a GGUF file holds, by the Python package of its makers: a small file, and what has to be read from it.

The file is no model. It has a tensor of each quantised type, whose blocks are random bits under chosen scales, and
metadata of every type under the names that llama.cpp's converter gives them.
"""

import hashlib

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type

from synthetic import noise

ROWS, COLUMNS = 12, 512

# The scales of a type's blocks, in turn: ordinary ones, both ends of f16, subnormals, zeros.
SCALES = np.array([0.01, -0.02, 1, 65504, -65504, 2**-14, 2**-24, -(2**-24), 1023 * 2**-24, 0, -0.0, 3.14], np.float16)

# Where each type's blocks have their scales and, where there are such, minima: of IQ1_M, whose scale is in four places,
# the last, with the sign.
SCALE_PLACES = {
    Type.Q8_0: [0],
    Type.Q4_0: [0],
    Type.Q4_K: [0, 2],
    Type.Q5_K: [0, 2],
    Type.Q6_K: [208],
    Type.Q4_1: [0, 2],
    Type.Q5_0: [0],
    Type.Q5_1: [0, 2],
    Type.Q2_K: [80, 82],
    Type.Q3_K: [108],
    Type.IQ1_S: [0],
    Type.IQ1_M: [54],
    Type.IQ2_XXS: [0],
    Type.IQ2_XS: [0],
    Type.IQ2_S: [0],
    Type.IQ3_XXS: [0],
    Type.IQ3_S: [0],
    Type.IQ4_NL: [0],
    Type.IQ4_XS: [0],
}

# These have a tensor of the full size; for the rest a few blocks do, and the hashes of many.
IN_FULL = [Type.Q4_0, Type.Q4_K, Type.Q5_K, Type.Q6_K]
FEW_ROWS, FEW_COLUMNS = 4, 256

HASHED_BLOCKS = 2000


def random_blocks(kind, random):
    """Blocks of random bits [rows, bytes], the first all zeros and the second all ones but for their scales."""
    rows, columns = (ROWS, COLUMNS) if kind in IN_FULL else (FEW_ROWS, FEW_COLUMNS)
    values, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (rows * columns // values, size), np.uint8)
    blocks[0], blocks[1] = 0, 255
    for step, place in enumerate(SCALE_PLACES[kind], start=1):
        put_scales(kind, blocks, place, SCALES[np.arange(len(blocks)) * step % len(SCALES)])
    return blocks.reshape(rows, -1)


def put_scales(kind, blocks, place, scales):
    if kind is not Type.IQ1_M:
        blocks[:, place : place + 2] = scales.view(np.uint8).reshape(-1, 2)
        return
    for quarter in range(4):
        byte = blocks[:, place - 5 + 2 * quarter]
        byte[:] = (byte & 15) | (scales.view(np.uint16) >> (4 * quarter) & 15).astype(np.uint8) << 4


def hash_of_many(kind):
    """SHA-256 of the values of blocks of noise, which any language can make: see noise() in synthetic.py.

    Of each scale's exponent the highest bit is taken, so that none is a NaN or an infinity.
    """
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = noise(kind.name, HASHED_BLOCKS * size // 4).view(np.uint8).reshape(HASHED_BLOCKS, size).copy()
    for place in SCALE_PLACES[kind]:
        blocks[:, place + 1] &= 0xBF
    return hashlib.sha256(gguf.quants.dequantize(blocks, kind).tobytes()).hexdigest()


def to_quantise(random):
    """Values for Q8_0: one range a row, halves that round away from zero, and blocks of zeros."""
    values = random.standard_normal((ROWS, COLUMNS)) * 10.0 ** np.arange(-6, 6)[:, None]
    values[3, :32] = np.arange(-16, 16) + 0.5
    values[3, 31] = 127
    values[4, 32:64] = 0
    return values.astype(np.float32)


def add_metadata(writer):
    """Through the methods by which the converter writes a Qwen3, then one value of each remaining type."""
    writer.add_context_length(8192)
    writer.add_embedding_length(64)
    writer.add_block_count(2)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_key_length(32)
    writer.add_value_length(32)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(["a", "b", "ab", "<|embed_token|>", "<|rerank_token|>", "<tool>", "[PAD6]"])
    kinds = gguf.TokenType
    writer.add_token_types([kinds.NORMAL] * 3 + [kinds.CONTROL] * 2 + [kinds.USER_DEFINED, kinds.UNUSED])
    writer.add_token_merges(["a b"])
    writer.add_uint8("test.uint8", 255)
    writer.add_int8("test.int8", -128)
    writer.add_uint16("test.uint16", 65535)
    writer.add_int16("test.int16", -32768)
    writer.add_int32("test.int32", -(2**31))
    writer.add_uint64("test.uint64", 2**53 - 1)
    writer.add_int64("test.int64", -(2**53) + 1)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_string("test.string", "naïve 中 😀 \ufeff")
    writer.add_array("test.booleans", [True, False, True])
    writer.add_array("test.floats", [0.5, -2.0])


def read_metadata(path):
    return {
        name: field.contents()
        for name, field in gguf.GGUFReader(path).fields.items()
        if not name.startswith("GGUF.")
    }


def tensor_names(layers):
    """Pairs: a tensor's name in a Hugging Face checkpoint, and in GGUF; the first layer and the last."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, layers)
    parts = ["self_attn." + part for part in ("q_proj", "k_proj", "v_proj", "o_proj", "q_norm", "k_norm")]
    parts += ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "input_layernorm", "post_attention_layernorm"]
    ours = ["model.embed_tokens", "model.norm"]
    ours += [f"model.layers.{layer}.{part}" for layer in (0, layers - 1) for part in parts]
    return [[f"{name}.weight", f"{names.get_name(name)}.weight"] for name in ours]


def make(path):
    """gguf.json and gguf.safetensors; the file itself is written to `path`."""
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, "qwen3")
    add_metadata(writer)
    source = to_quantise(random)
    stored = {kind: random_blocks(kind, random) for kind in SCALE_PLACES if kind is not Type.Q8_0}
    stored[Type.Q8_0] = gguf.quants.quantize(source, Type.Q8_0)
    stored[Type.BF16] = gguf.quants.quantize(source[:2], Type.BF16)
    stored[Type.F16] = source[2:4].astype(np.float16)
    stored[Type.F32] = source[4:6]
    for kind, blocks in stored.items():
        writer.add_tensor(kind.name, blocks, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    tensors = {kind.name: torch.from_numpy(gguf.quants.dequantize(blocks, kind)) for kind, blocks in stored.items()}
    types = [
        {"name": kind.name, "scales": places, "sha256": hash_of_many(kind)}
        for kind, places in SCALE_PLACES.items()
    ]
    cases = [{"hf": hf, "gguf": name} for hf, name in tensor_names(28)]
    return {"metadata": read_metadata(path), "types": types, "cases": cases}, tensors | {"source": torch.from_numpy(source)}

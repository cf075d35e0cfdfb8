"""A small model as MLX quantises it, and what its values are: written in NumPy from MLX's documentation of quantize().

The model has one layer and random weights; its tokens are bytes and the control tokens, so that it can rank.
"""

import json

import numpy as np
import torch
from safetensors.torch import save_file

HIDDEN, INTERMEDIATE, HEAD = 64, 128, 32
HEADS, KV_HEADS = 2, 1

CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|embed_token|>", "<|rerank_token|>"]
BYTES = 256

# Of the last part of a module's name: whatever config.json can say, and every dtype that scales have.
DEFAULT = {"group_size": 64, "bits": 4}
OTHERS = {
    "embed_tokens": {"group_size": 32, "bits": 8},
    "q_proj": {"group_size": 32, "bits": 4},
    "o_proj": False,
    "gate_proj": {"group_size": 64, "bits": 8},
    "up_proj": True,
    "down_proj": {"group_size": 128, "bits": 4, "mode": "affine"},
}
SCALE_DTYPES = {"k_proj": torch.bfloat16, "v_proj": torch.float32, "gate_proj": torch.bfloat16}


def shapes():
    layer = "model.layers.0."
    return {
        "model.embed_tokens": [BYTES + len(CONTROL_TOKENS), HIDDEN],
        layer + "self_attn.q_proj": [HEADS * HEAD, HIDDEN],
        layer + "self_attn.k_proj": [KV_HEADS * HEAD, HIDDEN],
        layer + "self_attn.v_proj": [KV_HEADS * HEAD, HIDDEN],
        layer + "self_attn.o_proj": [HIDDEN, HEADS * HEAD],
        layer + "mlp.gate_proj": [INTERMEDIATE, HIDDEN],
        layer + "mlp.up_proj": [INTERMEDIATE, HIDDEN],
        layer + "mlp.down_proj": [HIDDEN, INTERMEDIATE],
        layer + "input_layernorm": [HIDDEN],
        layer + "post_attention_layernorm": [HIDDEN],
        layer + "self_attn.q_norm": [HEAD],
        layer + "self_attn.k_norm": [HEAD],
        "model.norm": [HIDDEN],
    }


def config(quantization):
    return {
        "model_type": "qwen3",
        "hidden_size": HIDDEN,
        "num_hidden_layers": 1,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD,
        "intermediate_size": INTERMEDIATE,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1e6,
        "max_position_embeddings": 8192,
        "vocab_size": BYTES + len(CONTROL_TOKENS),
        "quantization": quantization,
        "quantization_config": quantization,
    }


def tokenizer(embedded):
    """The embedded model's with no token of several bytes."""
    vocabulary = {token: i for token, i in embedded["model"]["vocab"].items() if i < BYTES}
    rules = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    return {
        "version": "1.0",
        "added_tokens": [{"id": BYTES + i, "content": text, **rules} for i, text in enumerate(CONTROL_TOKENS)],
        "normalizer": None,
        "pre_tokenizer": embedded["pre_tokenizer"],
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }


def quantise(values, group_size, bits, dtype):
    """Packed words, scales and biases. The end of a group that is farther from zero is met exactly."""
    most = 2**bits - 1
    groups = values.reshape(len(values), -1, group_size)
    low, high = groups.min(-1), groups.max(-1)
    from_low = abs(low) > abs(high)
    scale = np.maximum((high - low) / most, 1e-7) * np.where(from_low, 1, -1)
    edge = np.where(from_low, low, high)
    steps = np.round(edge / scale)
    scale = np.where(steps != 0, edge / np.where(steps != 0, steps, 1), scale)
    bias = np.where(steps != 0, edge, 0)
    scales, biases = torch.from_numpy(scale).to(dtype), torch.from_numpy(bias).to(dtype)
    scale, bias = scales.float().numpy()[..., None], biases.float().numpy()[..., None]
    integers = np.clip(np.round((groups - bias) / scale), 0, most).astype(np.uint32)
    in_word = 32 // bits
    words = integers.reshape(len(values), -1, in_word) << (np.arange(in_word, dtype=np.uint32) * bits)
    return torch.from_numpy(np.bitwise_or.reduce(words, -1)), scales, biases


def dequantise(words, scales, biases, group_size, bits):
    """In float32, step by step."""
    integers = words.numpy()[..., None] >> (np.arange(32 // bits, dtype=np.uint32) * bits) & (2**bits - 1)
    groups = integers.astype(np.float32).reshape(len(words), -1, group_size)
    values = scales.float().numpy()[..., None] * groups + biases.float().numpy()[..., None]
    return torch.from_numpy(values.reshape(len(words), -1))


def make(folder, weights):
    """mlx.json and mlx.safetensors, the values; the checkpoint itself is written into `folder`."""
    random = np.random.default_rng(1)
    stored, values, quantization = {}, {}, dict(DEFAULT)
    for name, shape in shapes().items():
        part = name.split(".")[-1]
        if part in OTHERS:
            quantization[name] = OTHERS[part]
        other = OTHERS.get(part, True)
        if len(shape) == 1 or other is False:
            plain = random.uniform(0.5, 1.5, shape) if len(shape) == 1 else random.normal(0, 0.125, shape)
            stored[f"{name}.weight"] = torch.from_numpy(plain).bfloat16()
            values[f"{name}.weight"] = stored[f"{name}.weight"].float()
            continue
        way = DEFAULT if other is True else other
        weight = random.normal(random.uniform(-0.1, 0.1), 0.125, shape).astype(np.float32)
        weight[0] = 0
        triple = quantise(weight, way["group_size"], way["bits"], SCALE_DTYPES.get(part, torch.float16))
        for kind, tensor in zip(("weight", "scales", "biases"), triple):
            stored[f"{name}.{kind}"] = tensor
        values[f"{name}.weight"] = dequantise(*triple, way["group_size"], way["bits"])
    projector = {
        f"linear{i}.weight": torch.from_numpy(random.normal(0, 0.125, shape).astype(np.float32))
        for i, shape in ((1, (32, HIDDEN)), (2, (32, 32)))
    }
    values |= {"projector.0.weight": projector["linear1.weight"], "projector.2.weight": projector["linear2.weight"]}

    folder.mkdir(exist_ok=True)
    save_file(stored, folder / "model.safetensors", {"format": "mlx"})
    save_file(projector, folder / "projector.safetensors", {"format": "mlx"})
    jsons = {
        "config.json": config(quantization),
        "tokenizer.json": tokenizer(json.loads((weights / "tokenizer.json").read_text())),
        "tokenizer_config.json": {"model_max_length": 8192},
    }
    for name, content in jsons.items():
        (folder / name).write_text(json.dumps(content) + "\n")
    cases = [{"name": name, "shape": list(value.shape)} for name, value in values.items()]
    return {"cases": cases}, values

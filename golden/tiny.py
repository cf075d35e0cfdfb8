"""Tiny decoders on synthetic weights: each case goes down one branch of the forward pass.

Every row of every layer is stored, so a wrong layer, position or mask shows where it happens first.
"""

import numpy as np
import torch
from transformers import DynamicCache

from model import backbone, hidden_states
from synthetic import fmix32, synthetic

SLIDING, FULL = "sliding_attention", "full_attention"


def config_json(**changes):
    """A whole config.json. Two heads to one KV head, and a head_dim that is not hidden_size / heads, unless changed."""
    base = {
        "architectures": ["JinaForRanking"],
        "model_type": "qwen3",
        "vocab_size": 128,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000,
        "rope_scaling": None,
        "max_position_embeddings": 1024,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "tie_word_embeddings": True,
        "use_sliding_window": False,
        "sliding_window": None,
        "torch_dtype": "bfloat16",
    }
    return base | changes


def sliding(layer_types):
    """A window of 8 tokens (a token sees itself and the 7 before it) in the sliding layers, none in the others."""
    layers = len(layer_types)
    return config_json(num_hidden_layers=layers, layer_types=layer_types, use_sliding_window=True, sliding_window=8)


ALTERNATING = sliding([SLIDING, FULL, SLIDING, FULL])
THREE_TO_TWO = sliding([SLIDING, SLIDING, SLIDING, FULL, FULL])

# name, config, tokens, prefix. Twin cases that differ in the prefix only must agree on the rows that both have.
CASES = [
    ("one-token", config_json(), 1, 0),
    ("heads-1-1", config_json(num_key_value_heads=4, num_hidden_layers=2, rope_theta=1e4, rms_norm_eps=1e-5), 37, 0),
    ("heads-2-1", config_json(hidden_size=96, head_dim=64, intermediate_size=160, vocab_size=256), 129, 0),
    ("heads-4-1", config_json(num_key_value_heads=1, num_hidden_layers=2, vocab_size=64), 200, 0),
    ("wide-heads", config_json(hidden_size=128, num_attention_heads=2, num_key_value_heads=1, head_dim=128), 37, 0),
    ("prefix", config_json(), 61, 24),
    ("prefix-uncached", config_json(), 61, 0),
    ("sliding", ALTERNATING, 50, 0),
    ("sliding-3-2", THREE_TO_TWO, 53, 0),
    ("sliding-3-2-prefix", THREE_TO_TWO, 53, 21),
    ("sliding-3-2-short-prefix", THREE_TO_TWO, 53, 5),
]


def run(config, ids, prefix):
    """The states of the tokens after the prefix; the prefix goes through first, into a cache."""
    model = backbone(config, synthetic)
    table = torch.from_numpy(synthetic("model.embed_tokens.weight", (config["vocab_size"], config["hidden_size"])))
    rows = table[ids]  # [tokens, hidden]
    if prefix == 0:
        return hidden_states(model, rows)
    cache = DynamicCache(config=model.config)
    hidden_states(model, rows[:prefix], cache)
    return hidden_states(model, rows[prefix:], cache)


def make():
    """tiny.json and tiny.safetensors."""
    cases, tensors = [], {}
    for name, config, tokens, prefix in CASES:
        ids = (fmix32(np.arange(tokens, dtype=np.uint32) + np.uint32(1)) % config["vocab_size"]).tolist()
        layers, final = run(config, ids, prefix)
        cases.append({"name": name, "config": config, "ids": ids, "prefix": prefix})
        tensors |= {f"{name}.layer.{place}": layer for place, layer in enumerate(layers, start=1)}
        tensors[f"{name}.final"] = final
    return {"cases": cases}, tensors

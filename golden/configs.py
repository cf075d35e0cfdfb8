"""What transformers reads out of a config.json: the base of the rotary angles, the head's width, the windows.

A case without `read` fails in transformers, as it makes the model or as it runs it.
"""

import logging
from copy import deepcopy

import torch
from transformers import Qwen3Config, Qwen3Model

SLIDING, FULL = "sliding_attention", "full_attention"
THETA = 1000000
DEFAULT = {"rope_type": "default"}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024}

BASE = {
    "model_type": "qwen3",
    "vocab_size": 32,
    "hidden_size": 64,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 1024,
}

# What stands in config.json beside BASE.
CASES = [
    {"rope_theta": THETA},
    {"rope_theta": THETA, "rope_scaling": DEFAULT},
    {"rope_theta": THETA, "rope_scaling": {"type": "default"}},
    {"rope_theta": THETA, "rope_scaling": {}},
    {"rope_theta": THETA, "rope_scaling": DEFAULT | {"factor": 4.0}},
    {"rope_theta": THETA, "rope_scaling": {"rope_type": "linear", "factor": 1.0}},
    {"rope_scaling": DEFAULT | {"rope_theta": THETA}},
    {"rope_scaling": {"rope_theta": THETA}},
    {"rope_theta": 5000, "rope_scaling": DEFAULT | {"rope_theta": THETA}},
    {"rope_parameters": DEFAULT | {"rope_theta": THETA}},
    {"rope_parameters": {"rope_theta": THETA}},
    {"rope_parameters": {"type": "default", "rope_theta": THETA}},
    {"rope_parameters": DEFAULT | {"type": "yarn", "rope_theta": THETA}},
    {"rope_theta": THETA, "rope_parameters": {}},
    {"rope_theta": THETA, "rope_parameters": DEFAULT},
    {"rope_theta": 5000, "rope_parameters": DEFAULT | {"rope_theta": THETA}},
    {"rope_scaling": None, "rope_parameters": DEFAULT | {"rope_theta": THETA}},
    {"rope_scaling": {}, "rope_parameters": DEFAULT | {"rope_theta": THETA}},
    {"rope_scaling": DEFAULT | {"rope_theta": THETA}, "rope_parameters": DEFAULT | {"rope_theta": 5000}},
    {"rope_theta": THETA, "rope_scaling": DEFAULT, "rope_parameters": DEFAULT | {"rope_theta": 5000}},
    {"rope_theta": THETA, "rope_scaling": DEFAULT, "rope_parameters": YARN | {"rope_theta": 5000}},
    {"rope_theta": THETA, "rope_scaling": {"rope_type": None}},
    {"rope_theta": THETA, "rope_parameters": DEFAULT | {"rope_theta": None}},
    {"rope_theta": THETA, "rope_parameters": {FULL: DEFAULT}},
    {"rope_theta": THETA, "head_dim": 32},
    {"rope_theta": THETA, "use_sliding_window": True, "sliding_window": 8, "layer_types": [SLIDING, FULL]},
    {"rope_theta": THETA, "use_sliding_window": False, "sliding_window": 8, "layer_types": [SLIDING, FULL]},
    {"rope_theta": THETA, "use_sliding_window": False, "sliding_window": 8, "layer_types": [FULL, FULL]},
    {"rope_theta": THETA, "use_sliding_window": True, "sliding_window": None, "layer_types": [SLIDING, FULL]},
    {"rope_theta": THETA, "use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1},
    {"rope_theta": THETA, "use_sliding_window": False, "sliding_window": 8, "max_window_layers": 1},
]


@torch.no_grad()
def read(config):
    """`ropeTheta`, `headDim` and for each layer its window, null where it has none. Raises what transformers raises."""
    model = Qwen3Model(Qwen3Config(**deepcopy(config))).eval()  # which writes into what it gets
    model(input_ids=torch.arange(20)[None])
    return {
        "ropeTheta": model.config.rope_parameters["rope_theta"],
        "headDim": model.layers[0].self_attn.head_dim,
        "windows": [layer.self_attn.sliding_window for layer in model.layers],
    }


def make():
    """configs.json."""
    logging.disable(logging.WARNING)  # of keys that do not count
    cases = []
    for changes in CASES:
        try:
            cases.append({"changes": changes, "read": read(BASE | changes)})
        except Exception:
            cases.append({"changes": changes})
    return {"base": BASE, "cases": cases}, {}

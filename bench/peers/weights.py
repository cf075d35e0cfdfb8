"""The checkpoint that every peer runs: the golden values' synthetic one, at the full 28-layer shape."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, Qwen3Config

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parents[1] / "golden"
CACHE = HERE / ".cache"

sys.path.insert(0, str(GOLDEN))
from synthetic import synthetic

CONFIG = json.loads((GOLDEN / "jina-reranker-v3.config.json").read_text())
NO_TABLE = {"vocab_size": 1, "bos_token_id": None, "eos_token_id": None}  # its 620 MB: no peer looks up tokens


def embedded_prompt(tokens):
    """The embedding table's first rows: a prompt as the backbone sees it, [1, tokens, hidden]."""
    return synthetic("model.embed_tokens.weight", (1, tokens, CONFIG["hidden_size"]))


def torch_model(dtype):
    """Transformers' own Qwen3Model with these weights."""
    model = AutoModel.from_config(Qwen3Config(**CONFIG | NO_TABLE), dtype=dtype).eval()
    for name, parameter in model.named_parameters():
        if name != "embed_tokens.weight":
            parameter.data.copy_(torch.from_numpy(synthetic(f"model.{name}", tuple(parameter.shape))))
    return model


def relative_error(actual, expected):
    """How far off, as a share of the length of the right answer (L2)."""
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))

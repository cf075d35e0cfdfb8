"""The whole 28-layer shape of jina-reranker-v3 on synthetic weights: does an implementation hold at real size?

The weights mean nothing, so neither do the scores; but large matrices, outlier channels and 28 layers of rounding are
as in the real checkpoint.
"""

import json
from pathlib import Path

import numpy as np
import torch

from model import backbone, hidden_states, project, scores
from prompt import encode_prompt, markers, qwen3_tokenizer
from synthetic import synthetic, synthetic_at
from texts import FULL

CONFIG = Path(__file__).with_name("jina-reranker-v3.config.json")
EMBEDDING = 512
STORED_LAYERS = (1, 14, 28)


def embedded_tokens(config, ids):
    """The rows [tokens, hidden] of the embedding, and no others: the whole of it would be 620 MB."""
    vocab, hidden = config["vocab_size"], config["hidden_size"]
    index = np.array(ids)[:, None] * hidden + np.arange(hidden)
    return torch.from_numpy(synthetic_at("model.embed_tokens.weight", (vocab, hidden), index))


def make(qwen3_path):
    """full.json and full.safetensors."""
    config = json.loads(CONFIG.read_text())
    tokenizer = qwen3_tokenizer(qwen3_path)
    model = backbone(config, synthetic)
    first = torch.from_numpy(synthetic("projector.0.weight", (EMBEDDING, config["hidden_size"])))
    second = torch.from_numpy(synthetic("projector.2.weight", (EMBEDDING, EMBEDDING)))
    cases, tensors = [], {}
    for case in FULL:
        block = encode_prompt(tokenizer, case["query"], case["documents"])
        layers, final = hidden_states(model, embedded_tokens(config, block["ids"]))
        places, name = markers(block), case["name"]
        embeddings = project(first, second, final[places])  # [markers, embedding]
        cases.append(case | block)
        tensors |= {f"{name}.layer.{layer}": layers[layer - 1][places] for layer in STORED_LAYERS}
        tensors[f"{name}.final"] = final[places]
        tensors[f"{name}.embeddings"] = embeddings
        tensors[f"{name}.scores"] = scores(embeddings[:-1], embeddings[-1])
    return {"config": config, "cases": cases}, tensors

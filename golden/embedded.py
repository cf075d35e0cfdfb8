"""The embedded model, whole: from texts to merged scores, as `rerank()` of jina-reranker-v3 does it."""

import json

import gguf
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from model import backbone, hidden_states, project, scores
from prompt import encode, encode_prompt, markers
from texts import EMBEDDED

MAX_DOCUMENTS = 125
MAX_DOCUMENT_LENGTH = 2048


def cut(tokenizer, query, documents, max_length):
    """Documents, block by block: a block closes when it is full or when the longest document might not fit any more."""
    capacity = max_length - 2 * len(encode(tokenizer, query))
    blocks, budget = [], 0
    for document in documents:
        if budget <= MAX_DOCUMENT_LENGTH or len(blocks[-1]) == MAX_DOCUMENTS:
            blocks.append([])
            budget = capacity
        blocks[-1].append(document)
        budget -= len(encode(tokenizer, document))
    return blocks


def merge(documents, queries):
    """Blocks' embeddings of documents [documents, embedding] and query [embedding] → weights, final query, scores.

    A block counts as much as its best document does; then every document is scored anew by the one final query.
    """
    weights = [((1 + scores(*block)) / 2).max() for block in zip(documents, queries)]
    query = sum(weight * query for weight, query in zip(weights, queries)) / sum(weights)
    return weights, query, scores(torch.cat(documents), query)


def read_weights(folder, layers):
    """All tensors in float32 under Hugging Face's names: the decoder's of the GGUF file, and the projector's."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, layers)
    stored = {tensor.name: tensor for tensor in gguf.GGUFReader(folder / "model.gguf").tensors}
    weights = {name: tensor.float() for name, tensor in load_file(folder / "projector.safetensors").items()}

    def weight(name):
        if name not in weights:
            tensor = stored[names.get_name(name, (".weight",))]
            weights[name] = torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy())
        return weights[name]

    return weight


def make(folder):
    """embedded.json and embedded.safetensors."""
    config = json.loads((folder / "config.json").read_text())
    max_length = json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tensor = read_weights(folder, config["num_hidden_layers"])
    model = backbone(config, lambda name, _shape: tensor(name))
    cases, tensors = [], {}
    for case in EMBEDDED:
        blocks, documents, queries = [], [], []
        for part in cut(tokenizer, case["query"], case["documents"], max_length):
            block = encode_prompt(tokenizer, case["query"], part)
            _, final = hidden_states(model, tensor("model.embed_tokens.weight")[block["ids"]])
            hidden = final[markers(block)]  # [markers, hidden]
            embeddings = project(tensor("projector.0.weight"), tensor("projector.2.weight"), hidden)
            blocks.append(block)
            documents.append(embeddings[:-1])
            queries.append(embeddings[-1])
        weights, query, final_scores = merge(documents, queries)
        for block, weight in zip(blocks, weights):
            block["weight"] = weight.item()
        name = case["name"]
        cases.append(case | {"blocks": blocks, "scores": final_scores.tolist()})
        tensors |= {f"{name}.embeddings": torch.cat(documents), f"{name}.query": query, f"{name}.scores": final_scores}
        if len(blocks) == 1:
            tensors[f"{name}.hidden"] = hidden
    return {"cases": cases}, tensors

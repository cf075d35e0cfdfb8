"""The insides of runs: states at every place of a layer, weights of attention, and what comes out when they are changed.

Small decoders on synthetic weights, with grouped heads and with sliding windows, and the embedded model. Changes are made
by forward hooks, in place, on the tensors that Hugging Face's layers hand to one another.
"""

import json
import math

import numpy as np
import torch
from tokenizers import Tokenizer

import tiny
from embedded import read_weights
from model import backbone, project, scores
from prompt import encode_prompt, markers
from synthetic import fmix32, synthetic
from texts import EMBEDDED

ROWS = [0, 5, 11, 12, 30]  # whose states are stored, and the last
LAYERS = {"heads-2-1": [0, 2], "heads-4-1": [0, 1], "sliding-3-2": [0, 2, 4]}
TOKENS = 45


def modules(layer):
    """Where each place is seen: the module whose input or output it is."""
    attention = layer.self_attn
    return {
        "attention": (layer.post_attention_layernorm, "input"),
        "mlp": (layer, "output"),
        "heads": (attention.o_proj, "input"),
        "keys": (attention.k_proj, "output"),
        "values": (attention.v_proj, "output"),
    }


def hook(model, place, number, see):
    """Calls see(states [tokens, columns]) when a run comes there; what it changes in place stays changed."""
    module, side = modules(model.layers[number])[place]
    if side == "input":
        return module.register_forward_pre_hook(lambda _, inputs: see(inputs[0][0]))
    return module.register_forward_hook(lambda _, __, output: see(output[0]))


@torch.no_grad()
def run(model, rows, see=()):
    """Embedded tokens → the final norm's output and each layer's weights of attention [heads, tokens, tokens]."""
    hooks = [hook(model, *each) for each in see]
    output = model(inputs_embeds=rows[None], use_cache=False, output_attentions=True)
    for each in hooks:
        each.remove()
    return output.last_hidden_state[0], [weights[0] for weights in output.attentions]


def record(model, rows, wanted):
    """{(place, layer): states [tokens, columns]}"""
    states = {}
    see = [(*key, lambda values, key=key: states.__setitem__(key, values.clone())) for key in wanted]
    return states, *run(model, rows, see)


def change(edit, head_dim, tokens, means, other):
    """An edit as a function of the states; it has the form of listwise's own, and for a patch the `other` run's states."""
    picked = list(range(tokens)) if edit["rows"] == "all" else edit["rows"]
    columns = slice(None) if "head" not in edit else slice(edit["head"] * head_dim, (edit["head"] + 1) * head_dim)
    key = (edit["place"], edit["layer"])

    def see(states):
        part = states[picked][:, columns]
        if "scale" in edit:
            part = part * edit["scale"]
        elif "add" in edit:
            part = part + torch.tensor(edit["add"])
        elif edit.get("replace") == "mean":
            part = means[key][picked][:, columns].mean(0).expand_as(part)
        elif "replace" in edit:
            part = torch.tensor(edit["replace"]).expand_as(part)
        else:
            part = other[key][edit["patchRows"]][:, columns]
        whole = states[picked].clone()
        whole[:, columns] = part
        states[picked] = whole

    return (*key, see)


def vector(length):
    return [round(math.sin(i + 1), 3) for i in range(length)]


def edits_for(config):
    """One of each kind, in different places, and two at once."""
    hidden, head_dim = config["hidden_size"], config["head_dim"]
    last = config["num_hidden_layers"] - 1
    return [
        [{"layer": 0, "place": "heads", "head": 1, "rows": "all", "scale": 0.0}],
        [{"layer": last, "place": "heads", "head": 2, "rows": "all", "replace": "mean"}],
        [{"layer": 0, "place": "attention", "rows": [3, 11], "add": vector(hidden)}],
        [{"layer": 1, "place": "mlp", "rows": [7], "replace": vector(hidden)}],
        [{"layer": last, "place": "keys", "head": 0, "rows": [2, 3, 4], "scale": -1.5}],
        [{"layer": 1, "place": "values", "rows": "all", "replace": "mean"}],
        [{"layer": 1, "place": "mlp", "rows": [4, 5, 20], "patch": True, "patchRows": [4, 6, 9]}],
        [
            {"layer": 0, "place": "values", "head": 0, "rows": [0, 1], "add": vector(head_dim)},
            {"layer": last, "place": "attention", "rows": "all", "scale": 0.5},
        ],
    ]


def apply(model, rows, edits, head_dim, clean, other):
    """The final norm's output of a run with these edits."""
    return run(model, rows, [change(edit, head_dim, len(rows), clean, other) for edit in edits])[0]


def inside_tiny(name, config):
    model = backbone(config, synthetic)
    table = torch.from_numpy(synthetic("model.embed_tokens.weight", (config["vocab_size"], config["hidden_size"])))
    ids = (fmix32(np.arange(TOKENS, dtype=np.uint32) + np.uint32(1)) % config["vocab_size"]).tolist()
    other_ids = ids[::-1]
    rows = [*ROWS, TOKENS - 1]
    every = [(place, layer) for layer in range(config["num_hidden_layers"]) for place in modules(model.layers[0])]
    clean, final, weights = record(model, table[ids], every)
    other, _, _ = record(model, table[other_ids], every)
    edits = edits_for(config)
    tensors = {f"{name}.final": final[rows]}
    for layer in LAYERS[name]:
        tensors |= {f"{name}.{place}.{layer}": clean[place, layer][rows] for place in modules(model.layers[0])}
        tensors[f"{name}.weights.{layer}"] = weights[layer][:, rows].flatten(0, 1)
    for number, each in enumerate(edits):
        tensors[f"{name}.edited.{number}"] = apply(model, table[ids], each, config["head_dim"], clean, other)[rows]
    case = {"name": name, "config": config, "ids": ids, "otherIds": other_ids, "rows": rows, "layers": LAYERS[name]}
    return case | {"edits": edits}, tensors


def inside_embedded(folder, name):
    config = json.loads((folder / "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tensor = read_weights(folder, config["num_hidden_layers"])
    model = backbone(config, lambda name, _shape: tensor(name))
    case = next(each for each in EMBEDDED if each["name"] == name)
    block = encode_prompt(tokenizer, case["query"], case["documents"])
    rows = tensor("model.embed_tokens.weight")[block["ids"]]
    every = [(place, layer) for layer in range(config["num_hidden_layers"]) for place in modules(model.layers[0])]
    clean, final, weights = record(model, rows, every)

    def score(states):
        embeddings = project(tensor("projector.0.weight"), tensor("projector.2.weight"), states[markers(block)])
        return scores(embeddings[:-1], embeddings[-1])

    edits = [
        [{"layer": 3, "place": "heads", "head": 3, "rows": "all", "scale": 0.0}],
        [{"layer": 1, "place": "heads", "head": 0, "rows": "all", "replace": "mean"}],
        [{"layer": 2, "place": "mlp", "rows": [block["documentPositions"][0]], "scale": 0.5}],
        [{"layer": 0, "place": "values", "head": 2, "rows": "all", "replace": "mean"}],
    ]
    tensors = {f"{name}.scores": score(final)}
    for layer in range(config["num_hidden_layers"]):
        tensors[f"{name}.mlp.{layer}"] = clean["mlp", layer][markers(block)]
        tensors[f"{name}.weights.{layer}"] = weights[layer][:, markers(block)].flatten(0, 1)
        if layer < config["num_hidden_layers"] - 1:
            tensors[f"{name}.lens.{layer}"] = score(model.norm(clean["mlp", layer]).detach())
    for number, each in enumerate(edits):
        tensors[f"{name}.edited.{number}"] = score(apply(model, rows, each, config["head_dim"], clean, {}))
    return {"name": name, "query": case["query"], "documents": case["documents"], "edits": edits}, tensors


def make(folder):
    """inside.json and inside.safetensors."""
    cases, tensors = [], {}
    configs = {name: config for name, config, *_ in tiny.CASES}
    made = [inside_tiny(name, configs[name]) for name in LAYERS]
    made += [inside_embedded(folder, name) for name in ("photo-editor",)]
    for case, values in made:
        cases.append(case)
        tensors |= values
    return {"cases": cases}, tensors

"""Writes the shipped files:   export.py WORK OUT

    model.gguf              the decoder, matrices in Q8_0 (8 bits and a scale for every 32 weights), norms in float32,
                            and in float16 what says where a token stands (EXACT)
    projector.safetensors   the projector, in bfloat16
    config.json, tokenizer.json, tokenizer_config.json

The same packaging as jina-reranker-v3's own GGUF files have.
"""

import json
import shutil
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from decoder import Decoder
from heads import HEAD_DIM, THETA
from shape import Shape

# What decoder.py asks for beside words: α and λ; what a match counts less by if the token before it does not match; κ.
# Chosen among some dozens on the lists of unseen kinds (bench/NOTES.md); most of the choices are much alike.
CHOSEN = {"matches": 3.5, "length": 0.15, "pair": 0.4, "common": 4.0}

# Whether a token stands in the query is multiplied by hundreds of logits: scales of 11 bits are too rough for that.
EXACT = {f"model.layers.0.self_attn.{name}_proj.weight" for name in "vo"}

Q8_0 = gguf.GGMLQuantizationType.Q8_0


def write_decoder(path, shape, weights):
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, shape.layers)
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_name("listwise embedded reranker")
    writer.add_license("apache-2.0")
    writer.add_context_length(shape.positions)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.intermediate)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_key_length(HEAD_DIM)
    writer.add_value_length(HEAD_DIM)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_freq_base(THETA)
    writer.add_vocab_size(shape.vocabulary)
    for name, weight in weights.items():
        stored, values = names.get_name(name, (".weight",)), weight.numpy()
        if name in EXACT:
            writer.add_tensor(stored, values.astype(np.float16))
        elif values.ndim == 2:
            writer.add_tensor(stored, gguf.quants.quantize(values, Q8_0), raw_dtype=Q8_0)
        else:
            writer.add_tensor(stored, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(work, out):
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    shape = Shape(tokenizer.get_vocab_size())
    learned = torch.load(work / "words.pt", weights_only=True) | CHOSEN
    weights = Decoder(shape, tokenizer, learned).write()
    projector = {name: weights.pop(name).bfloat16() for name in list(weights) if name.startswith("projector.")}
    write_decoder(out / "model.gguf", shape, weights)
    save_file(projector, out / "projector.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(shape.config(tokenizer), indent=2) + "\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(work / name, out / name)
    sizes = {path.name: path.stat().st_size for path in sorted(out.glob("*.*"))}
    print(f"{sum(map(torch.numel, weights.values()))} parameters;", sizes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

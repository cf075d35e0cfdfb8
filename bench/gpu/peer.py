"""Times Qwen3-0.6B's shape in PyTorch on the GPU, in bfloat16 with random weights: one JSON line for each prompt.

    python3 peer.py <prompts as JSON>     each {"tokens": 1024, "rows": [129, …], "runs": 3}

Plain torch, as transformers' Qwen3Model computes it: causal scaled_dot_product_attention for all tokens at once, no
KV cache, and the final hidden states of the rows alone.
"""

import json
import statistics
import sys
import time
from types import SimpleNamespace

try:
    import torch
except ImportError:
    sys.exit("it is not installed")
from torch.nn import functional

LAYERS, HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INTERMEDIATE, VOCABULARY = 28, 1024, 16, 8, 128, 3072, 151936
EPSILON, THETA = 1e-6, 1e6
OPTIONS = {"dtype": torch.bfloat16, "device": "cuda"}
LEAST = 0.5  # seconds that a short prompt is run for, as often as it takes


def matrix(outputs, inputs):
    return torch.randn(outputs, inputs, **OPTIONS) * inputs**-0.5


def norm(width):
    return torch.ones(width, **OPTIONS)


def layer():
    return SimpleNamespace(
        input_norm=norm(HIDDEN),
        query=matrix(HEADS * HEAD_DIM, HIDDEN),
        key=matrix(KV_HEADS * HEAD_DIM, HIDDEN),
        value=matrix(KV_HEADS * HEAD_DIM, HIDDEN),
        query_norm=norm(HEAD_DIM),
        key_norm=norm(HEAD_DIM),
        output=matrix(HIDDEN, HEADS * HEAD_DIM),
        mlp_norm=norm(HIDDEN),
        gate=matrix(INTERMEDIATE, HIDDEN),
        up=matrix(INTERMEDIATE, HIDDEN),
        down=matrix(HIDDEN, INTERMEDIATE),
    )


def rms_norm(x, weight):
    return functional.rms_norm(x, weight.shape, weight, EPSILON)


def rotary(tokens):
    """Cosines and sines, each [tokens, head dim]."""
    frequencies = THETA ** (-torch.arange(0, HEAD_DIM, 2, device=OPTIONS["device"]) / HEAD_DIM)
    angles = torch.outer(torch.arange(tokens, device=OPTIONS["device"]), frequencies).repeat(1, 2)
    return angles.cos().to(OPTIONS["dtype"]), angles.sin().to(OPTIONS["dtype"])


def rotated(x, cosines, sines):
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


def heads(x):
    """[tokens, heads · head dim] → [1, heads, tokens, head dim]"""
    return x.view(1, x.shape[0], -1, HEAD_DIM).transpose(1, 2)


def attention(weights, x, angles):
    query = rotated(rms_norm(heads(functional.linear(x, weights.query)), weights.query_norm), *angles)
    key = rotated(rms_norm(heads(functional.linear(x, weights.key)), weights.key_norm), *angles)
    value = heads(functional.linear(x, weights.value))
    attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
    return functional.linear(attended.transpose(1, 2).reshape(len(x), -1), weights.output)


def feed_forward(weights, x):
    activated = functional.silu(functional.linear(x, weights.gate)) * functional.linear(x, weights.up)
    return functional.linear(activated, weights.down)


@torch.inference_mode()
def forward(model, ids, rows):
    """Final hidden states [rows, hidden]."""
    hidden = functional.embedding(ids, model.embeddings)
    angles = rotary(len(ids))
    for weights in model.layers:
        hidden = hidden + attention(weights, rms_norm(hidden, weights.input_norm), angles)
        hidden = hidden + feed_forward(weights, rms_norm(hidden, weights.mlp_norm))
    return rms_norm(hidden[rows], model.norm)


def timed(model, prompt):
    """Seconds from ids on the host to hidden states on the host."""
    torch.cuda.synchronize()
    start = time.perf_counter()
    ids = (torch.arange(prompt["tokens"]) * 7919 % 1000).to(OPTIONS["device"])
    forward(model, ids, prompt["rows"]).float().cpu()
    return time.perf_counter() - start


def measure(model, prompt):
    torch.cuda.reset_peak_memory_stats()
    runs = [timed(model, prompt)]
    while prompt["runs"] > 1 and (len(runs) < prompt["runs"] or sum(runs) < LEAST):
        runs.append(timed(model, prompt))
    return {
        "tokens": prompt["tokens"],
        "seconds": statistics.median(runs),
        "runs": runs,
        "heldBytes": torch.cuda.max_memory_allocated(),
    }


def main():
    if not torch.cuda.is_available():
        sys.exit("it finds no GPU")
    prompts = json.loads(sys.argv[1])
    model = SimpleNamespace(
        embeddings=matrix(VOCABULARY, HIDDEN), layers=[layer() for _ in range(LAYERS)], norm=norm(HIDDEN)
    )
    print(json.dumps({"runner": f"PyTorch {torch.__version__}, bfloat16"}), flush=True)
    timed(model, prompts[0])  # warms up
    for prompt in prompts:
        try:
            print(json.dumps(measure(model, prompt)), flush=True)
        except torch.OutOfMemoryError as error:
            print(json.dumps({"tokens": prompt["tokens"], "why": str(error).split(".")[0]}), flush=True)


if __name__ == "__main__":
    main()

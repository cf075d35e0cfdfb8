"""Times transformers' Qwen3Model on the CPU: one JSON line for each prompt length, as the other peers print."""

import argparse
import json
import resource
import statistics
import sys
import time

import numpy as np
import torch

from weights import CACHE, CONFIG, relative_error, torch_model


def read_rows(name):
    """A file that export_onnx.py wrote, [1, rows, hidden]."""
    return np.fromfile(CACHE / name, np.float32).reshape(1, -1, CONFIG["hidden_size"])


def peak_memory_mib():
    """The process's high-water mark so far; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


@torch.inference_mode()
def prefill(model, prompt):
    """Embedded tokens → final hidden states, both [1, tokens, hidden], and the seconds it took."""
    start = time.perf_counter()
    output = model(inputs_embeds=prompt, use_cache=False).last_hidden_state
    return output, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--tokens", required=True, help="prompt lengths, separated by commas")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], required=True)
    parser.add_argument("--runs", type=int, required=True)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    dtype = getattr(torch, arguments.dtype)
    model = torch_model(dtype)
    prompt, expected = read_rows("prompt.f32"), read_rows("expected.f32")

    for tokens in map(int, arguments.tokens.split(",")):
        embedded = torch.from_numpy(prompt[:, :tokens]).to(dtype)
        output, _ = prefill(model, embedded)  # warms up
        checked = min(tokens, expected.shape[1])  # attention is causal: these rows do not depend on the length
        error = relative_error(output[:, :checked].float().numpy(), expected[:, :checked])
        runs = [prefill(model, embedded)[1] for _ in range(arguments.runs)]
        seconds = statistics.median(runs)
        line = {
            "peer": "pytorch",
            "version": torch.__version__,
            "dtype": arguments.dtype,
            "threads": arguments.threads,
            "tokens": tokens,
            "seconds": round(seconds, 4),
            "runs": [round(run, 4) for run in runs],
            "tokensPerSecond": round(tokens / seconds, 2),
            "peakMemoryMiB": peak_memory_mib(),
            "relativeError": float(f"{error:.3g}"),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

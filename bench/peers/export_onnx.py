"""Fills .cache: the model as ONNX in each form, one long prompt, and PyTorch's float32 answer to check peers against."""

import torch

from onnx_linear import LINEAR
from onnx_qwen3 import Qwen3Graph
from weights import CACHE, embedded_prompt, torch_model

LONGEST_PROMPT = 8192  # tokens
CHECKED_TOKENS = 256


@torch.inference_mode()
def answer(prompt):
    """The right final hidden states, [1, tokens, hidden]."""
    model = torch_model(torch.float32)
    return model(inputs_embeds=torch.from_numpy(prompt), use_cache=False).last_hidden_state.numpy()


def main():
    CACHE.mkdir(exist_ok=True)
    prompt = embedded_prompt(LONGEST_PROMPT)
    prompt.tofile(CACHE / "prompt.f32")
    answer(prompt[:, :CHECKED_TOKENS]).tofile(CACHE / "expected.f32")
    for dtype in LINEAR:
        Qwen3Graph(CACHE / f"qwen3-{dtype}.onnx", dtype, LONGEST_PROMPT).write()
        print("wrote", dtype, flush=True)


if __name__ == "__main__":
    main()

"""Qwen3 as an ONNX graph, with the fused operators that onnxruntime-genai and transformers.js models have.

Its input is one prompt's embedded tokens, its output their final hidden states; the KV cache, which a reranker has no
use for, is left out.
"""

import numpy as np
from onnx import TensorProto

from onnx_graph import CONTRIB, OnnxGraph
from onnx_linear import LINEAR
from weights import CONFIG, synthetic

HIDDEN, MLP, LAYERS = CONFIG["hidden_size"], CONFIG["intermediate_size"], CONFIG["num_hidden_layers"]
HEADS, KV_HEADS, HEAD_SIZE = CONFIG["num_attention_heads"], CONFIG["num_key_value_heads"], CONFIG["head_dim"]
EPSILON = CONFIG["rms_norm_eps"]


def rotary_tables(positions):
    """Cosines and sines, each [positions, head / 2]."""
    half = HEAD_SIZE // 2
    angles = np.outer(np.arange(positions), CONFIG["rope_theta"] ** -(np.arange(half) / half))
    return {"cos": np.cos(angles).astype(np.float32), "sin": np.sin(angles).astype(np.float32)}


class Qwen3Graph:
    def __init__(self, path, dtype, positions):
        self.graph = OnnxGraph(path)
        self.make_linear = LINEAR[dtype]
        self.tables = [self.graph.constant(name, table) for name, table in rotary_tables(positions).items()]

    def write(self):
        prompt = residual = "inputs_embeds"
        self.lengths = self.count_tokens(prompt)
        x = self.norm(prompt, "model.layers.0.input_layernorm", HIDDEN)
        for index in range(LAYERS):
            layer = f"model.layers.{index}"
            following = f"model.layers.{index + 1}.input_layernorm" if index + 1 < LAYERS else "model.norm"
            x = self.attention(x, f"{layer}.self_attn")
            x, residual = self.add_and_norm(x, residual, f"{layer}.post_attention_layernorm")
            x = self.mlp(x, f"{layer}.mlp")
            x, residual = self.add_and_norm(x, residual, following)
        shape = [1, "tokens", HIDDEN]
        self.graph.save({prompt: shape}, {x: shape})

    def count_tokens(self, prompt):
        """The lengths that attention asks for: tokens - 1 for each prompt of the batch, and tokens."""
        tokens = self.graph.add("Shape", [prompt], "tokens_int64", start=1, end=2)
        tokens = self.graph.add("Cast", [tokens], "tokens", to=TensorProto.INT32)
        one = self.graph.constant("one", np.int32(1))
        return [self.graph.add("Sub", [tokens, one], "last_token"), self.graph.add("Squeeze", [tokens], "total")]

    def attention(self, x, name):
        q = self.linear(x, f"{name}.q_proj", HEADS * HEAD_SIZE, HIDDEN)
        k = self.linear(x, f"{name}.k_proj", KV_HEADS * HEAD_SIZE, HIDDEN)
        v = self.linear(x, f"{name}.v_proj", KV_HEADS * HEAD_SIZE, HIDDEN)
        q = self.head_norm(q, f"{name}.q_norm", HEADS)
        k = self.head_norm(k, f"{name}.k_norm", KV_HEADS)
        inputs = [q, k, v, "", "", *self.lengths, *self.tables]  # no past keys, no past values
        heads = {"num_heads": HEADS, "kv_num_heads": KV_HEADS}
        x = self.graph.add("GroupQueryAttention", inputs, f"{name}/out", CONTRIB, do_rotary=1, **heads)
        return self.linear(x, f"{name}.o_proj", HIDDEN, HEADS * HEAD_SIZE)

    def mlp(self, x, name):
        gate = self.linear(x, f"{name}.gate_proj", MLP, HIDDEN)
        up = self.linear(x, f"{name}.up_proj", MLP, HIDDEN)
        silu = self.graph.add("QuickGelu", [gate], f"{name}/silu", CONTRIB, alpha=1.0)
        return self.linear(self.graph.add("Mul", [silu, up], f"{name}/gated"), f"{name}.down_proj", HIDDEN, MLP)

    def linear(self, x, name, rows, columns):
        name = f"{name}.weight"
        return self.make_linear(self.graph, x, name, synthetic(name, (rows, columns)))

    def norm_weight(self, name, size):
        return self.graph.constant(f"{name}.weight", synthetic(f"{name}.weight", (size,)))

    def norm(self, x, name, size):
        inputs = [x, self.norm_weight(name, size)]
        return self.graph.add("SimplifiedLayerNormalization", inputs, f"{name}/out", axis=-1, epsilon=EPSILON)

    def add_and_norm(self, x, residual, name):
        """norm(x + residual) and x + residual, by one operator."""
        inputs = [residual, x, self.norm_weight(name, HIDDEN)]
        outputs = [f"{name}/out", "", "", f"{name}/sum"]
        self.graph.add_many("SkipSimplifiedLayerNormalization", inputs, outputs, CONTRIB, epsilon=EPSILON)
        return outputs[0], outputs[3]

    def head_norm(self, x, name, heads):
        """The norm over each head that queries and keys get."""
        split = self.graph.constant(f"split_{heads}", np.array([0, -1, heads, HEAD_SIZE]))
        merge = self.graph.constant(f"merge_{heads}", np.array([0, -1, heads * HEAD_SIZE]))
        x = self.graph.add("Reshape", [x, split], f"{name}/split")
        return self.graph.add("Reshape", [self.norm(x, name, HEAD_SIZE), merge], f"{name}/merged")

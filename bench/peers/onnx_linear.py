"""A linear layer in ONNX, in the three forms in which models are published. Each returns the output's name."""

import numpy as np
from onnx import TensorProto

from onnx_graph import CONTRIB

BLOCK = 32  # weights that share a scale


def float32(graph, x, name, weight):
    """A plain MatMul, which wants the matrix transposed."""
    return graph.add("MatMul", [x, graph.constant(name, weight.T)], f"{name}/out")


def int8_block32(graph, x, name, weight):
    """MatMulNBits with a scale for every 32 weights, as onnxruntime-genai builds int8 models.

    Accuracy level 4 lets the kernel quantise the activations too, which is the fastest it has.
    """
    rows, columns = weight.shape
    blocks = weight.reshape(rows, -1, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127  # [rows, columns / 32]
    codes = np.rint(blocks / scales[..., None] + 128).astype(np.uint8)  # [rows, columns / 32, 32]
    inputs = [x, graph.constant(f"{name}/codes", codes), graph.constant(f"{name}/scales", scales)]
    sizes = {"N": rows, "K": columns, "bits": 8, "block_size": BLOCK}
    return graph.add("MatMulNBits", inputs, f"{name}/out", CONTRIB, accuracy_level=4, **sizes)


def int8_dynamic(graph, x, name, weight):
    """What `quantize_dynamic` makes of a MatMul, and transformers.js loads as "int8".

    One scale for the matrix, and one for all the activations, found at run time. Its "q8", the default on WASM, has
    unsigned weights, which are slower: here is the faster one.
    """
    scale = np.abs(weight).max() / np.float32(127)
    codes = graph.constant(f"{name}/codes", np.rint(weight.T / scale).astype(np.int8))  # [columns, rows]
    zero = graph.constant("zero", np.int8(0))
    quantized = [f"{x}/codes", f"{x}/scale", f"{x}/zero"]  # made once, though q, k and v all ask for it
    x_codes, x_scale, x_zero = graph.add_many("DynamicQuantizeLinear", [x], quantized)
    sums = graph.add("MatMulInteger", [x_codes, codes, x_zero, zero], f"{name}/sums")
    sums = graph.add("Cast", [sums], f"{name}/sums_float", to=TensorProto.FLOAT)
    scales = graph.add("Mul", [x_scale, graph.constant(f"{name}/scale", scale)], f"{name}/scales")
    return graph.add("Mul", [sums, scales], f"{name}/out")


LINEAR = {"float32": float32, "int8-block32": int8_block32, "int8-dynamic": int8_dynamic}

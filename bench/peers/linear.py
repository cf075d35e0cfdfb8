"""A linear layer in ONNX, in the three forms that models are shipped in."""

import numpy as np

from onnx_graph import CONTRIB, GraphWriter

BLOCK = 32


def float32(graph: GraphWriter, x: str, name: str, weight: np.ndarray) -> str:
    """A plain MatMul; ONNX wants the matrix transposed."""
    return graph.add("MatMul", [x, graph.constant(name, weight.T)], f"{name}/out")


def block8(graph: GraphWriter, x: str, name: str, weight: np.ndarray) -> str:
    """MatMulNBits with 8 bits: a scale per 32 weights, activations quantised inside (accuracy level 4)."""
    rows, columns = weight.shape
    blocks = weight.reshape(rows, columns // BLOCK, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127  # [rows, columns / 32]
    codes = np.rint(blocks / scales[..., None] + 128).astype(np.uint8)
    inputs = [x, graph.constant(f"{name}/codes", codes), graph.constant(f"{name}/scales", scales)]
    return graph.add(
        "MatMulNBits", inputs, f"{name}/out", CONTRIB,
        bits=8, block_size=BLOCK, K=columns, N=rows, accuracy_level=4,
    )  # fmt: skip


def dynamic8(graph: GraphWriter, x: str, name: str, weight: np.ndarray) -> str:
    """What `quantize_dynamic` writes: one scale per matrix, activations quantised per call."""
    scale = np.abs(weight).max() / np.float32(127)
    codes = np.rint(weight.T / scale).astype(np.int8)  # [in, out]
    quantized = [f"{x}/codes", f"{x}/scale", f"{x}/zero"]
    if quantized[0] not in graph.quantized:
        graph.add_many("DynamicQuantizeLinear", [x], quantized)
        graph.quantized.add(quantized[0])
    zero = graph.constant("int8_zero", np.int8(0))
    sums = graph.add("MatMulInteger", [quantized[0], graph.constant(f"{name}/codes", codes), quantized[2], zero], f"{name}/sums")
    sums = graph.add("Cast", [sums], f"{name}/float_sums", to=1)
    both = graph.add("Mul", [quantized[1], graph.constant(f"{name}/scale", scale)], f"{name}/both_scales")
    return graph.add("Mul", [sums, both], f"{name}/out")

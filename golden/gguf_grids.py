"""Writes the grids of ggml's IQ types, as the Python package gguf has them, where the runtime reads them.

A point's values are codes, from the lowest bits of a byte up: of 2 bits, or of 4 in the grids of IQ3. What the codes
stand for, and where each grid begins, is in src/checkpoint/gguf/blocks/grids.ts.
"""

from pathlib import Path

from gguf import quants

FILE = Path(__file__).resolve().parent.parent / "src/checkpoint/gguf/blocks/grids.bin"
TYPES = [quants.IQ1_S, quants.IQ2_XXS, quants.IQ2_XS, quants.IQ2_S, quants.IQ3_XXS, quants.IQ3_S]

FILE.write_bytes(b"".join(bytes.fromhex(kind.grid_hex.decode()) for kind in TYPES))

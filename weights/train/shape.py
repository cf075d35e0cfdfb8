"""The decoder's shape and its weights, by the names of the released checkpoint's tensors."""

from dataclasses import dataclass

import torch

from heads import HEAD_DIM, THETA


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    intermediate: int = 32
    projector: int = 416
    embedding: int = 224
    epsilon: float = 1e-6
    positions: int = 8192

    def config(self, tokenizer):
        """config.json under Hugging Face's names."""
        return {
            "architectures": ["JinaForRanking"],
            "model_type": "qwen3",
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.heads,
            "head_dim": HEAD_DIM,
            "intermediate_size": self.intermediate,
            "hidden_act": "silu",
            "rms_norm_eps": self.epsilon,
            "rope_theta": THETA,
            "rope_scaling": None,
            "max_position_embeddings": self.positions,
            "attention_bias": False,
            "attention_dropout": 0.0,
            "tie_word_embeddings": True,
            "use_sliding_window": False,
            "sliding_window": None,
            "max_window_layers": self.layers,
            "torch_dtype": "bfloat16",
            "vocab_size": self.vocabulary,
            "use_cache": False,
            "bos_token_id": None,
            "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        }

    def silent(self):
        """{name: weight} of a decoder that does nothing: matrices are zero, norms one."""
        inner = self.heads * HEAD_DIM
        matrices = {"model.embed_tokens": (self.vocabulary, self.hidden)}
        norms = {"model.norm": self.hidden}
        for number in range(self.layers):
            layer = f"model.layers.{number}"
            norms |= {f"{layer}.input_layernorm": self.hidden, f"{layer}.post_attention_layernorm": self.hidden}
            norms |= {f"{layer}.self_attn.{name}_norm": HEAD_DIM for name in "qk"}
            matrices |= {f"{layer}.self_attn.{name}_proj": (inner, self.hidden) for name in "qkv"}
            matrices[f"{layer}.self_attn.o_proj"] = (self.hidden, inner)
            matrices |= {f"{layer}.mlp.{name}_proj": (self.intermediate, self.hidden) for name in ("gate", "up")}
            matrices[f"{layer}.mlp.down_proj"] = (self.hidden, self.intermediate)
        matrices["projector.0"] = (self.projector, self.hidden)
        matrices["projector.2"] = (self.embedding, self.projector)
        weights = {name: torch.zeros(size) for name, size in matrices.items()}
        weights |= {name: torch.ones(size) for name, size in norms.items()}
        return {f"{name}.weight": weight for name, weight in weights.items()}

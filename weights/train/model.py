"""The decoder that is trained: Qwen3's, over many lists at once, and the projector.

It computes what `Qwen3Model` of transformers computes (golden/ holds the runtime to that); it is written anew because
training shares work between lists. All lists begin with the same fixed words, the *head* of the prompt, which run once.
Rows of a batch, in this order:

    head      [head]            seen by all
    lists     [lists, length]   see the head and, causally, their own list
    asked     [asked, span]     queries of their own, for documents of the lists; they see the head alone

Weights and residual stream are float32; products take bfloat16 where the processor multiplies it fast.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F


STRIP = 256  # rows that attention takes at a time


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    intermediate: int = 640
    projector: int = 512
    embedding: int = 256
    theta: float = 1e6
    epsilon: float = 1e-6
    positions: int = 8192

    def config(self):
        """config.json under Hugging Face's names."""
        special = {"bos_token_id": None, "eos_token_id": self.vocabulary - 6}
        return special | {
            "architectures": ["JinaForRanking"],
            "model_type": "qwen3",
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "intermediate_size": self.intermediate,
            "hidden_act": "silu",
            "rms_norm_eps": self.epsilon,
            "rope_theta": self.theta,
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
        }

    as_dict = asdict


@dataclass
class Rows:
    """How a batch's rows are cut, and the angles of their positions."""

    head: int
    lists: int
    length: int
    asked: int
    span: int
    angles: tuple  # cosines and sines of head, lists, asked; each [rows or 1, 1, length, head_dim]
    masks: tuple  # of lists and asked: [length, head + length] and [span, head + span], True where seen

    @property
    def counts(self):
        return self.head, self.lists * self.length, self.asked * self.span


class RMSNorm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], self.weight, self.epsilon)


class Linear(nn.Linear):
    """Without bias; multiplies in bfloat16, its result is float32."""

    def __init__(self, inputs, outputs, products):
        super().__init__(inputs, outputs, bias=False)
        self.products = products

    def forward(self, x):
        return F.linear(x.to(self.products), self.weight.to(self.products)).float()


def rotate(x, angles):
    cosines, sines = angles
    a, b = x.chunk(2, -1)
    return x * cosines + torch.cat([-b, a], -1) * sines


class Attention(nn.Module):
    def __init__(self, shape, products):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = shape.heads, shape.kv_heads, shape.head_dim
        self.widths = [shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim, shape.kv_heads * shape.head_dim]
        # What is looked at is decided to a thousandth (see start.py): bfloat16 would blur it.
        self.q_proj = Linear(shape.hidden, self.widths[0], torch.float32)
        self.k_proj = Linear(shape.hidden, self.widths[1], torch.float32)
        self.v_proj = Linear(shape.hidden, self.widths[2], products)
        self.o_proj = Linear(self.widths[0], shape.hidden, products)
        self.q_norm = RMSNorm(shape.head_dim, shape.epsilon)
        self.k_norm = RMSNorm(shape.head_dim, shape.epsilon)

    def forward(self, x, rows):  # [rows, hidden]
        parts = [projection(x).split(rows.counts) for projection in (self.q_proj, self.k_proj, self.v_proj)]
        head, lists, asked = zip(*parts)
        q, k, v = self.split(head, 1, rows.head, rows.angles[0])
        outputs = [self.join(q, k, v, None)]
        for part, count, length, angles, mask in (
            (lists, rows.lists, rows.length, rows.angles[1], rows.masks[0]),
            (asked, rows.asked, rows.span, rows.angles[2], rows.masks[1]),
        ):
            if count:
                q, own_k, own_v = self.split(part, count, length, angles)
                seen_k = torch.cat([k.expand(count, -1, -1, -1), own_k], 2)
                seen_v = torch.cat([v.expand(count, -1, -1, -1), own_v], 2)
                outputs.append(self.join(q, seen_k, seen_v, mask))
        return self.o_proj(torch.cat(outputs))

    def split(self, part, count, length, angles):
        """Queries, keys, values [count, heads, length, head_dim], the first two normalised and rotated."""
        q, k, v = (x.view(count, length, -1, self.head_dim).transpose(1, 2) for x in part)
        return rotate(self.q_norm(q), angles), rotate(self.k_norm(k), angles), v

    def join(self, q, k, v, mask):
        """Attention's output [rows, heads * head_dim]. Each key-value head serves a group of query heads."""
        group, length = self.heads // self.kv_heads, q.shape[2]
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        if mask is None:
            mask = torch.ones(length, length, dtype=torch.bool).tril()
        before, parts = k.shape[2] - length, []
        for start in range(0, length, STRIP):  # what no row of a strip sees is not computed
            end = min(start + STRIP, length)
            seen = before + end
            strip = F.scaled_dot_product_attention(
                q[:, :, start:end], k[:, :, :seen], v[:, :, :seen], attn_mask=mask[start:end, :seen]
            )
            parts.append(strip)
        return torch.cat(parts, 2).transpose(1, 2).reshape(-1, self.heads * self.head_dim)


class Layer(nn.Module):
    def __init__(self, shape, products):
        super().__init__()
        self.input_layernorm = RMSNorm(shape.hidden, shape.epsilon)
        self.self_attn = Attention(shape, products)
        self.post_attention_layernorm = RMSNorm(shape.hidden, shape.epsilon)
        self.mlp = nn.ModuleDict(
            {
                "gate_proj": Linear(shape.hidden, shape.intermediate, products),
                "up_proj": Linear(shape.hidden, shape.intermediate, products),
                "down_proj": Linear(shape.intermediate, shape.hidden, products),
            }
        )

    def forward(self, x, rows):
        x = x + self.self_attn(self.input_layernorm(x), rows)
        inner = self.post_attention_layernorm(x)
        gated = F.silu(self.mlp["gate_proj"](inner)) * self.mlp["up_proj"](inner)
        return x + self.mlp["down_proj"](gated)


class Reranker(nn.Module):
    """Its state dict has the names of the released checkpoint's tensors."""

    def __init__(self, shape, products=torch.bfloat16):
        super().__init__()
        self.shape = shape
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(shape.vocabulary, shape.hidden),
                "layers": nn.ModuleList(Layer(shape, products) for _ in range(shape.layers)),
                "norm": RMSNorm(shape.hidden, shape.epsilon),
            }
        )
        self.projector = nn.Sequential(
            nn.Linear(shape.hidden, shape.projector, bias=False),
            nn.ReLU(),
            nn.Linear(shape.projector, shape.embedding, bias=False),
        )
        frequencies = shape.theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim)
        self.frequencies = torch.cat([frequencies, frequencies])

    def rows(self, head, lists, asked, asked_positions):
        """The cut of a batch: lists [lists, length] and queries [asked, span] after a head of so many tokens."""
        (count, length), (asked_count, span) = lists.shape, asked.shape
        causal = lambda size: torch.ones(size, size, dtype=torch.bool).tril()  # noqa: E731
        seen = lambda size: torch.cat([torch.ones(size, head, dtype=torch.bool), causal(size)], 1)  # noqa: E731
        angles = (
            self.angles(torch.arange(head)[None]),
            self.angles(torch.arange(head, head + length)[None]),
            self.angles(asked_positions),
        )
        return Rows(head, count, length, asked_count, span, angles, (seen(length), seen(span)))

    def angles(self, positions):
        angles = (positions[:, None, :, None].double() * self.frequencies).to(torch.float64)
        return angles.cos().float(), angles.sin().float()

    def forward(self, head, lists, asked, asked_positions):
        """Hidden states before the final norm, [head + lists * length + asked * span, hidden]."""
        rows = self.rows(len(head), lists, asked, asked_positions)
        x = self.model["embed_tokens"](torch.cat([head, lists.flatten(), asked.flatten()]))
        for layer in self.model["layers"]:
            x = layer(x, rows)
        return x

    def embed(self, hidden):
        """Unit embeddings of marker rows: [rows, hidden] → [rows, embedding]."""
        return F.normalize(self.projector(self.model["norm"](hidden)), dim=-1)


def parameters(shape):
    with torch.device("meta"):
        return sum(math.prod(each.shape) for each in Reranker(shape).parameters())

"""Attention heads written by hand: what a head asks for, what tokens offer, what is carried and where it is put.

A head's logit is a sum over dimensions. Here each dimension has one purpose, and those purposes lie in the dimensions
that RoPE turns so slowly that 8,192 positions don't matter; only the head that looks at the token before takes those
that RoPE turns quickly. Queries and keys are normalised: each has a dimension, or a
group of them, beside which all others are small, so that it keeps its length. What stands beside it is then worth

    weight · (the query's entry / its length) · (the key's entry / its length)

where `weight` is eight times the product of what the two norms multiply that dimension with: a normalised row has the
length √64, and logits are divided by √64.
"""

import math

HEAD_DIM = 64
THETA = 1e10  # of RoPE: leaves pairs from 14 on almost still over 8,192 positions
STILL = [*range(14, 32), *range(46, 64)]  # the dimensions of these pairs


class Attention:
    """The weights of one layer's attention."""

    def __init__(self, weights, layer):
        prefix = f"model.layers.{layer}.self_attn"
        self.queries, self.keys, self.values, self.outputs = (
            weights[f"{prefix}.{name}_proj.weight"] for name in "qkvo"
        )
        self.norms = [weights[f"{prefix}.{name}_norm.weight"] for name in "qk"]

    def weigh(self, dimension, weight):
        """In this dimension all heads count products `weight` times."""
        for norm in self.norms:
            norm[dimension] = math.sqrt(weight / 8)


class Head:
    def __init__(self, attention, number):
        self.attention, self.first = attention, number * HEAD_DIM

    def ask(self, dimension, channel, size):
        """A query has `size` times the channel in this dimension."""
        self.attention.queries[self.first + dimension, channel] += size

    def offer(self, dimension, channel, size):
        """A key has `size` times the channel in this dimension."""
        self.attention.keys[self.first + dimension, channel] += size

    def carry(self, lane, channel, size):
        """A value has `size` times the channel in this lane."""
        self.attention.values[self.first + lane, channel] += size

    def put(self, channel, lane, size):
        """What the lane has gathered goes, `size` times, into the channel."""
        self.attention.outputs[channel, self.first + lane] += size

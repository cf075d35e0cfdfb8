"""Bags of tokens: the sum of a text's vectors, and the share of a document that matches a query."""

import numpy as np
import torch
from torch.nn import functional as F

MOST_REPEATS = 3000
HARMONIC = np.concatenate([[0], np.cumsum(1 / np.arange(1, MOST_REPEATS))]).astype(np.float32)


class Bags:
    """Texts as one row of ids and the places where each begins; and the same turned round, by token."""

    def __init__(self, texts, vocabulary):
        lengths = np.array([len(text) for text in texts])
        ids = np.concatenate(texts)
        by_token = np.argsort(ids, kind="stable")
        self.ids = torch.from_numpy(ids.astype(np.int64))
        self.starts = torch.from_numpy(np.cumsum(lengths) - lengths)
        self.texts_of = torch.from_numpy(np.repeat(np.arange(len(texts)), lengths)[by_token])
        self.token_starts = torch.from_numpy(np.searchsorted(ids[by_token], np.arange(vocabulary)))


class SumOfVectors(torch.autograd.Function):
    """Each text's sum of vectors, [texts, width]. The gradient is a sum, too: of the texts that hold a token.

    PyTorch's own gradient of embedding_bag takes ten times as long on a CPU.
    """

    @staticmethod
    def forward(context, vectors, bags):
        context.bags = bags
        return F.embedding_bag(bags.ids, vectors, bags.starts, mode="sum")

    @staticmethod
    def backward(context, gradient):
        bags = context.bags
        return F.embedding_bag(bags.texts_of, gradient.contiguous(), bags.token_starts, mode="sum"), None


def embed(vectors, texts):
    """The unit sum of each text's vectors, [texts, width]."""
    return F.normalize(SumOfVectors.apply(vectors, Bags(texts, len(vectors))), dim=1)


def counts(texts, vocabulary):
    """Which text has which token how often: (text, token, times), sorted."""
    lengths = np.array([len(text) for text in texts])
    keys = np.repeat(np.arange(len(texts)), lengths) * vocabulary + np.concatenate(texts).astype(np.int64)
    keys, times = np.unique(keys, return_counts=True)
    return keys // vocabulary, keys % vocabulary, times


def shares(weights, queries, documents, length):
    """M / (M + W + λ L) of decoder.py for each query and document, [queries, documents]."""
    asking, asked, _ = counts(queries, len(weights))
    holding, held, times = counts(documents, len(weights))
    worth = torch.from_numpy(HARMONIC[np.minimum(times, MOST_REPEATS - 1)])
    tokens, place = np.unique(asked, return_inverse=True)
    found = np.minimum(np.searchsorted(tokens, held), len(tokens) - 1)
    hit = tokens[found] == held
    worths = torch.zeros(len(tokens), len(documents))
    worths[found[hit], holding[hit]] = worth[hit]
    place = torch.from_numpy(place)
    weight = weights[torch.from_numpy(tokens)][place]
    starts = torch.from_numpy(np.searchsorted(asking, np.arange(len(queries))))
    matched = F.embedding_bag(place, worths, starts, mode="sum", per_sample_weights=weight)
    query = torch.zeros(len(queries)).index_add_(0, torch.from_numpy(asking), weight)[:, None]
    document = torch.zeros(len(documents)).index_add_(
        0, torch.from_numpy(holding), weights[torch.from_numpy(held)] * worth
    )
    return matched / (matched + query + length * (document - matched))

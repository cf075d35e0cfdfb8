"""The losses of jina-reranker-v3's paper, and one more: `multi`.

All are InfoNCE over cosines divided by a temperature, except `disperse`.

    rank      the list's query finds its document among the list's
    dual      the same, the query read where the header names it
    similar   a copy of a document (a translation, a later part) finds it among the batch's
    disperse  documents of one list keep apart
    multi     every query of the batch, those asked on their own too, finds its document among the batch's
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

TEMPERATURE = 0.05
NEVER = -1e4  # a logit


@dataclass(frozen=True)
class Weights:
    rank: float = 1.0
    dual: float = 0.3
    similar: float = 0.3
    disperse: float = 0.1
    multi: float = 0.5


def losses(reranker, hidden, batch):
    """Each loss by name, and the shares of queries that find their document first, among the list and the batch."""
    lists, count = batch.documents.shape
    documents = reranker.embed(hidden[batch.documents.flatten()])  # [lists * count, embedding]
    queries = reranker.embed(hidden[batch.queries])
    first = reranker.embed(hidden[batch.first])
    asked = reranker.embed(hidden[batch.asked_rows])
    own = documents.view(lists, count, -1)

    def in_list(embeddings):
        scores = torch.einsum("lde,le->ld", own, embeddings) / TEMPERATURE
        return scores.masked_fill(~batch.valid, NEVER)

    groups = batch.groups.flatten()
    answers = torch.arange(lists) * count + batch.answers

    def in_batch(embeddings, belongs):
        """Documents of the answer's group that stand elsewhere in the batch count neither way."""
        scores = embeddings @ documents.T / TEMPERATURE
        twins = groups[belongs][:, None] == groups[None]
        twins[torch.arange(len(belongs)), belongs] = False
        return scores.masked_fill(twins | (groups < 0)[None], NEVER)

    listed = in_list(queries)
    is_query = ~batch.is_copy
    everyone = torch.cat([queries, asked[is_query]])
    belongs = torch.cat([answers, batch.asked_documents[is_query]])
    found = in_batch(everyone, belongs)
    copies = batch.asked_documents[batch.is_copy]
    pairs = batch.valid[:, :, None] & batch.valid[:, None, :] & ~torch.eye(count, dtype=torch.bool)
    likeness = (own @ own.transpose(1, 2)).clamp(min=0).square()
    values = {
        "rank": F.cross_entropy(listed, batch.answers),
        "dual": F.cross_entropy(in_list(first), batch.answers),
        "similar": F.cross_entropy(in_batch(asked[batch.is_copy], copies), copies) if len(copies) else hidden.sum() * 0,
        "disperse": (likeness * pairs).sum() / pairs.sum().clamp(min=1),
        "multi": F.cross_entropy(found, belongs),
    }
    accuracies = {
        "list": (listed.argmax(1) == batch.answers).float().mean(),
        "batch": (found.argmax(1) == belongs).float().mean(),
    }
    return values, accuracies


def total(values, weights):
    return sum(getattr(weights, name) * value for name, value in values.items())

"""A vector for each token, learned before the decoder is:   words.py WORK [MINUTES]   writes words.npz.

A text is the sum of its tokens' vectors and nothing more; queries are to find their documents by cosine (InfoNCE over
the batch). That takes minutes, since there is nothing to multiply, and gives the decoder most of what it must know of
words: which mean the same in fifteen languages, and, by their vectors' lengths, how much each counts. With the vectors
come each record's nearest others of its pool, the hard negatives that share meaning rather than words: from the second
round on they fill the batches of this training, too.
"""

import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from corpus import Corpus
from sampling import ENGLISH, Sampler

WIDTH = 224  # what the decoder has room for beside the channels that start.py reserves
BATCH = 1024
TEMPERATURE = 0.05
RATE = 3e-3
NEAREST = 16
NEIGHBOURS = 8  # of a batch from the second round on: a record and those near it
SEED = 5
ROUNDS = (0.2, 0.2, 0.6)  # of the time; after each the nearest are looked for anew
MOST_COMPARED = 30_000  # records of a pool that nearest ones are looked for among


class Batches(torch.utils.data.IterableDataset):
    """Pairs of a query and its document, of one pool and one pair of languages a batch."""

    def __init__(self, corpus, vocabulary, nearest, seed):
        self.corpus, self.vocabulary, self.nearest, self.seed = corpus, vocabulary, nearest, seed

    def __iter__(self):
        sampler, choice = Sampler(self.corpus), random.Random(self.seed)
        while True:
            pool = sampler.pool(choice)
            languages = sampler.pair(choice, pool)
            queries, documents, groups = [], [], []
            most = choice.choice((24, 48, 96, 160))
            while len(queries) < BATCH:
                record, *spoken = sampler.record(choice, pool, *languages)
                for each in self.neighbourhood(choice, record)[: BATCH - len(queries)]:
                    if any(self.corpus.text_of[each, language] < 0 for language in spoken):
                        continue
                    number, left_out = sampler.query(choice, each, *spoken)
                    queries.append(self.corpus.query(number)[choice.randrange(2)])
                    documents.append(sampler.document(choice, self.corpus.text_of[each, spoken[1]], most, left_out))
                    groups.append(self.corpus.record_group[each])
            yield Bags(queries + documents, self.vocabulary), torch.tensor(np.array(groups))

    def neighbourhood(self, choice, record):
        if self.nearest is None:
            return [record]
        near = [int(each) for each in self.nearest[record] if each >= 0]
        return [record, *choice.sample(near, min(len(near), NEIGHBOURS - 1))]


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


def embed(vectors, bags):
    """The unit sum of each text's vectors, [texts, width]."""
    return F.normalize(SumOfVectors.apply(vectors, bags), dim=1)


def train(corpus, vocabulary, minutes, seed, vectors=None, nearest=None):
    """Vectors [vocabulary, width], from random ones or those given."""
    torch.manual_seed(seed)
    rate = RATE if vectors is None else RATE / 3
    vectors = torch.randn(vocabulary, WIDTH) * WIDTH**-0.5 if vectors is None else vectors.clone()
    vectors.requires_grad_()
    optimizer = torch.optim.Adam([vectors], lr=rate, betas=(0.9, 0.99), fused=True)
    batches = torch.utils.data.DataLoader(Batches(corpus, vocabulary, nearest, seed), batch_size=None, num_workers=1)
    start, losses = time.time(), []
    for step, (bags, groups) in enumerate(batches):
        share = (time.time() - start) / (60 * minutes)
        if share >= 1:
            break
        optimizer.param_groups[0]["lr"] = rate * min(1, step / 50) * (0.02 + 0.98 * math.cos(share * math.pi / 2))
        asked, given = embed(vectors, bags).split(len(groups))  # [pairs, width]
        scores = asked @ given.T / TEMPERATURE
        twins = (groups[:, None] == groups[None]) & ~torch.eye(len(groups), dtype=torch.bool)
        scores = scores.masked_fill(twins, -1e4)
        answers = torch.arange(len(groups))
        loss = F.cross_entropy(scores, answers) + 0.3 * F.cross_entropy(scores.T, answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 200 == 199:
            print(f"  {share:4.0%} step {step + 1} loss {np.mean(losses[-200:]):.3f}", flush=True)
    return vectors.detach()


@torch.no_grad()
def nearest_records(corpus, vectors, most=96):
    """Each record's nearest others of its pool and of another group, [records, NEAREST]; -1 where there are none."""
    nearest = np.full((corpus.records, NEAREST), -1, np.int32)
    choice = np.random.default_rng(SEED)
    groups = torch.from_numpy(corpus.record_group)
    for (_pool, language), members in corpus.members.items():
        if language != ENGLISH or len(members) < 2 * NEAREST:
            continue
        texts = [corpus.document(text, most) for text in corpus.text_of[members, ENGLISH]]
        parts = [Bags(texts[start : start + 4096], len(vectors)) for start in range(0, len(texts), 4096)]
        given = torch.cat([embed(vectors, part) for part in parts])
        among = np.sort(choice.permutation(len(members))[:MOST_COMPARED])
        candidates, theirs = given[among].bfloat16(), torch.from_numpy(members[among].astype(np.int64))
        for start in range(0, len(members), 2048):
            part = torch.from_numpy(members[start : start + 2048].astype(np.int64))
            found = (given[start : start + 2048].bfloat16() @ candidates.T).topk(3 * NEAREST).indices
            records = theirs[found]  # [part, 3 * NEAREST]
            other = groups[records] != groups[part][:, None]
            best = torch.argsort(~other, dim=1, stable=True)[:, :NEAREST]
            nearest[part] = torch.where(other, records, -1).gather(1, best).numpy()
    return nearest


def main(work, minutes=45):
    corpus = Corpus(work)
    vocabulary = Tokenizer.from_file(str(work / "tokenizer.json")).get_vocab_size()
    vectors = nearest = None
    for number, share in enumerate(ROUNDS):
        print(f"round {number + 1} of {len(ROUNDS)}", flush=True)
        vectors = train(corpus, vocabulary, share * float(minutes), SEED + number, vectors, nearest)
        nearest = nearest_records(corpus, vectors)
    np.savez(work / "words.npz", vectors=vectors.numpy(), nearest=nearest)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

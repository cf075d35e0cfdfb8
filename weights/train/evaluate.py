"""nDCG@10 on the held-out lists, in PyTorch:   evaluate.py WORK [CHECKPOINT]

The lists are those of bench/data/held-out.json, and `npm run evaluate` is what README's figures come from; this prints
the same ones, quickly and during training.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

import prompt
from model import Reranker, Shape

HELD_OUT = Path(__file__).parents[2] / "bench" / "data" / "held-out.json"


class Scorer:
    """Scores of lists by a reranker, one prompt at a time, the whole prompt tokenised as one."""

    def __init__(self, reranker, tokenizer):
        self.reranker, self.tokenizer = reranker, tokenizer
        self.document_marker = tokenizer.token_to_id(prompt.DOCUMENT_MARKER)
        self.head = torch.tensor(tokenizer.encode(prompt.HEAD, add_special_tokens=False).ids)

    @torch.no_grad()
    def scores(self, query, documents):
        ids = torch.tensor(self.tokenizer.encode(prompt.whole(query, documents), add_special_tokens=False).ids)
        assert torch.equal(ids[: len(self.head)], self.head)
        nothing = torch.zeros(0, 0, dtype=torch.long)
        hidden = self.reranker(self.head, ids[None, len(self.head) :], nothing, nothing)
        markers = torch.flatten((ids == self.document_marker).nonzero())
        embeddings = self.reranker.embed(hidden[torch.cat([markers, torch.tensor([len(ids) - 1])])])
        return (embeddings[:-1] @ embeddings[-1]).numpy()


def ndcg(scores, relevant):
    """nDCG@10 with one relevant document; of equal scores it comes in the middle."""
    better = (scores > scores[relevant]).sum() + ((scores == scores[relevant]).sum() - 1) / 2
    return float(1 / np.log2(2 + better)) if better < 10 else 0.0


def evaluate(scorer, most=None, wanted=lambda test: True):
    """{test: nDCG@10}, of at most so many lists of each test."""
    held_out = json.loads(HELD_OUT.read_text())
    figures = {}
    for test in filter(wanted, held_out["tests"]):
        texts = held_out["collections"][test["collection"]]
        figures[test["name"]] = np.mean(
            [
                ndcg(scorer.scores(each["query"], [texts[number] for number in each["documents"]]), each["relevant"])
                for each in test["lists"][:most]
            ]
        )
    return figures


def load(path):
    """A reranker from what train.py saved."""
    saved = torch.load(path, weights_only=True)
    reranker = Reranker(Shape(**saved["shape"]))
    reranker.load_state_dict(saved["weights"])
    return reranker


def main(work, checkpoint="checkpoint.pt"):
    scorer = Scorer(load(work / checkpoint), Tokenizer.from_file(str(work / "tokenizer.json")))
    for name, figure in evaluate(scorer).items():
        print(f"{name:32} {figure:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

"""Trains the decoder:   train.py WORK [STEPS] [--out NAME] [--without LOSS] [--tokens N] [--asked N] [--rate R]

From the start that start.py writes; or, where WORK/NAME.pt lies, from there on. A step is one batch of lists.py. The
learning rate rises for WARM steps and falls with a half cosine to nothing. Every choice is seeded: a run differs from
the next only as sums of floats do on other processors.
"""

import argparse
import json
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

import start
from corpus import Corpus
from evaluate import Scorer, evaluate
from lists import Lists
from losses import Weights, losses, total
from model import Reranker, Shape

SEED = 1
WARM = 100  # steps
LEARNED_RATE = 0.1  # of the others', for the vectors and the projector, which begin with what words.py learned
SAVED_EVERY = 250  # steps
# Tests that are looked at on the way, and how many of their lists.
WATCHED = {"English": 60, "English, 64 candidates": 12, "German": 30}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("steps", type=int, nargs="?", default=200)
    parser.add_argument("--out", default="checkpoint")
    parser.add_argument("--without", default=[], action="append", choices=("dual", "similar", "disperse", "multi"))
    parser.add_argument("--tokens", type=int, default=3072, help="of a batch's lists")
    parser.add_argument("--asked", type=int, default=24, help="queries and copies asked on their own")
    parser.add_argument("--rate", type=float, default=6e-4)
    return parser.parse_args()


def optimizer_of(reranker, rate):
    learned = [weight for name, weight in reranker.named_parameters() if "embed_tokens" in name or "projector" in name]
    others = list(reranker.model["layers"].parameters()) + list(reranker.model["norm"].parameters())
    return torch.optim.AdamW(
        [{"params": learned, "share": LEARNED_RATE}, {"params": others, "share": 1.0}],
        lr=rate,
        betas=(0.9, 0.98),
        weight_decay=0.0,  # it would wear away what is to stay
        fused=True,
    )


class Report:
    """Means of what happened since the last line, on the terminal and in WORK/NAME.log."""

    def __init__(self, path, steps):
        self.file, self.steps, self.values, self.since = open(path, "a", encoding="utf-8"), steps, [], time.time()

    def add(self, values, tokens):
        self.values.append({**{name: value.item() for name, value in values.items()}, "tokens": tokens})

    def line(self, step, **more):
        names = self.values[0]
        means = {name: round(float(np.mean([each[name] for each in self.values])), 4) for name in names}
        seconds = time.time() - self.since
        means["tokens"] = round(sum(each["tokens"] for each in self.values) / seconds)
        self.say({"step": step, "of": self.steps, "seconds": round(seconds, 1), **means, **more})
        self.values, self.since = [], time.time()

    def say(self, record):
        line = json.dumps(record)
        print(line, flush=True)
        self.file.write(line + "\n")
        self.file.flush()


def save(path, reranker, optimizer, step):
    """Weights and all that is needed to go on; whole or not at all."""
    state = {
        "shape": reranker.shape.as_dict(),
        "weights": reranker.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def main():
    options = arguments()
    work, steps = options.work, options.steps
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    words, path = np.load(work / "words.npz"), work / f"{options.out}.pt"
    reranker = Reranker(Shape(vocabulary=tokenizer.get_vocab_size()))
    optimizer, step = optimizer_of(reranker, options.rate), 0
    written = start.fill(reranker, tokenizer, torch.from_numpy(words["vectors"]), SEED)
    save(work / "start.pt", reranker, optimizer, 0)
    if path.exists():
        saved = torch.load(path, weights_only=True)
        reranker.load_state_dict(saved["weights"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    weights = replace(Weights(), **{name: 0.0 for name in options.without})
    hard = np.load(work / "negatives.npz")["hard"]
    lists = Lists(
        Corpus(work), hard, words["nearest"], tokenizer, options.tokens, options.asked, SEED, step, lambda n: n / steps
    )
    report, scorer = Report(work / f"{options.out}.log", steps), Scorer(reranker, tokenizer)
    batches = torch.utils.data.DataLoader(lists, batch_size=None, num_workers=1, prefetch_factor=4)
    for batch in batches:
        rate = options.rate * min(1, (step + 1) / WARM) * (1 + math.cos(math.pi * step / steps)) / 2
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        hidden = reranker(lists.head, batch.lists, batch.asked, batch.asked_positions)
        values, accuracies = losses(reranker, hidden, batch)
        optimizer.zero_grad()
        total(values, weights).backward()
        start.keep(written)
        torch.nn.utils.clip_grad_norm_(reranker.parameters(), 1.0)
        optimizer.step()
        step += 1
        report.add({**values, **accuracies}, batch.lists.numel() + batch.asked.numel())
        if step % 50 == 0:
            report.line(step, rate=round(rate, 6))
        if step % SAVED_EVERY == 0 or step >= steps:
            save(path, reranker, optimizer, step)
        if step % (steps // 5) == 0:
            figures = {}
            for name, most in WATCHED.items():
                figures |= evaluate(scorer, most, lambda test, name=name: test["name"] == name)
            report.say({"step": step, "ndcg": {name: round(figure, 3) for name, figure in figures.items()}})
            report.since = time.time()
        if step >= steps:
            break


if __name__ == "__main__":
    main()

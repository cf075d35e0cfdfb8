"""Documents that BM25 mistakes for a record's own:   negatives.py WORK   writes negatives.npz.

For each record the best others of its pool for the words of its English summary. WordNet's and the dictionaries' texts
are too short for that: theirs are the nearest by meaning, which words.py finds.
"""

import multiprocessing
import sys
from pathlib import Path

import numpy as np

from bm25 import BM25, terms
from corpus import training_records
from texts import POOL_OF_KIND

POOLS = ("package", "foldoc", "book", "python")
HARDEST = 16
LONGEST = 600  # characters of a document
COMMON = 0.05  # share of the documents from which on a word tells nothing
CHUNK = 1000

shared = {}  # what processes see through fork


def hardest(span):
    """[(record, its hard negatives)] for some of the pool's records."""
    records, numbers, bm25 = shared["records"], shared["numbers"], shared["bm25"]
    found = []
    for number in numbers[slice(*span)]:
        record = records[number]
        summary = record["texts"]["en"][0]
        best = bm25.top(" ".join(set(terms(summary))), 3 * HARDEST, COMMON * len(numbers))
        others = [
            numbers[place]
            for place in best
            if records[numbers[place]]["group"] != record["group"]
            and records[numbers[place]]["texts"]["en"][0] != summary
        ]
        found.append((number, others[:HARDEST]))
    return found


def main(work):
    records = training_records(work)
    hard = np.full((len(records), HARDEST), -1, np.int32)
    for pool in POOLS:
        numbers = [number for number, record in enumerate(records) if POOL_OF_KIND[record["kind"]] == pool]
        bm25 = BM25([records[number]["texts"]["en"][1][:LONGEST] for number in numbers])
        shared.update(records=records, numbers=numbers, bm25=bm25)
        spans = [(start, start + CHUNK) for start in range(0, len(numbers), CHUNK)]
        with multiprocessing.get_context("fork").Pool() as processes:
            for number, others in (each for part in processes.imap(hardest, spans) for each in part):
                hard[number, : len(others)] = others
        print(f"{pool}: hard negatives of {len(numbers)} records", flush=True)
    np.savez(work / "negatives.npz", hard=hard)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

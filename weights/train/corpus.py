"""Texts as token arrays:   corpus.py WORK   reads texts.jsonl and tokenizer.json, writes corpus.npz.

A *record* has *texts*, one a language; a text has *segments* (its sentences) and *queries*. All are numbered through,
and ragged arrays stand as one array of values beside one of offsets. Held-out records are left out here, once.
"""

import collections
import multiprocessing
import os
import random
import sys
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import prompt
from queries import WORD, queries, segments
from texts import LANGUAGES, POOL_OF_KIND, POOLS, beginning_of_line, read_texts

SEED = 9
CHUNK = 4000  # records that a process tokenises at a time


def training_records(work):
    """Records to learn from. Half of WordNet's stand the other way round, too: from the definition to the words."""
    choice = random.Random(SEED)
    records = [record for record in read_texts(work) if not record.get("held_out")]
    for record in list(records):
        if record["kind"] != "wordnet":
            continue
        words, gloss = record["texts"]["en"]
        examples, parents = record.get("examples", []), record.get("section")
        if (len(words) > 12 or examples) and choice.random() < 0.5:
            text = ". ".join([words, *examples]) + "."
            if parents and choice.random() < 0.5:
                text += f" A kind of {parents}."
            records.append({"kind": "wordnet", "group": record["group"], "texts": {"en": [gloss, text]}})
        elif parents and choice.random() < 0.4:
            record["texts"]["en"][1] += f"; a kind of {parents}"
    return records


def word_frequency(records):
    """In how many texts of a sample a word occurs."""
    frequency = collections.Counter()
    for record in records[::3]:
        frequency.update({word.lower() for _, text in record["texts"].values() for word in WORD.findall(text)})
    return frequency


shared = {}  # what processes see through fork


def tokenise(span):
    """Records start … end as lists of numbers."""
    encode = lambda text: shared["tokenizer"].encode(text, add_special_tokens=False).ids  # noqa: E731
    line = lambda text: beginning_of_line(shared["tokenizer"], text)  # noqa: E731
    out = collections.defaultdict(list)
    for number in range(*span):
        record, choice = shared["records"][number], random.Random(number)
        for language, (summary, text) in record["texts"].items():
            parts = segments(text.strip())
            asked = queries(choice, record, language, summary, parts, shared["frequency"])
            out["text_record"].append(number)
            out["text_language"].append(LANGUAGES.index(language))
            out["text_segments"].append(len(parts))
            out["text_queries"].append(len(asked))
            for before, part in zip(["\n", *parts], parts):
                ids = line(part) if before.endswith("\n") else encode(part)
                out["segment_tokens"] += ids
                out["segment_length"].append(len(ids))
            for left_out, query in asked:
                inline, own_line = encode(prompt.inline(query)), line(query)
                out["query_left_out"].append(left_out)
                out["inline_tokens"] += inline
                out["inline_length"].append(len(inline))
                out["own_line_tokens"] += own_line
                out["own_line_length"].append(len(own_line))
    return {name: np.array(values, np.uint16 if name.endswith("tokens") else np.int32) for name, values in out.items()}


def build(work):
    records = training_records(work)
    shared.update(
        tokenizer=Tokenizer.from_file(str(work / "tokenizer.json")),
        records=records,
        frequency=word_frequency(records),
    )
    spans = [(start, min(start + CHUNK, len(records))) for start in range(0, len(records), CHUNK)]
    with multiprocessing.get_context("fork").Pool() as pool:
        parts = pool.map(tokenise, spans, chunksize=1)
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    offsets = lambda lengths: np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])  # noqa: E731
    numbers = collections.defaultdict(lambda: len(numbers))
    sections = collections.defaultdict(lambda: len(sections))
    pools = np.array([POOLS.index(POOL_OF_KIND[record["kind"]]) for record in records], np.int32)
    return {
        "text_record": arrays["text_record"],
        "text_language": arrays["text_language"],
        "text_segment": offsets(arrays["text_segments"]),
        "text_query": offsets(arrays["text_queries"]),
        "segment_start": offsets(arrays["segment_length"]),
        "segment_tokens": arrays["segment_tokens"],
        "query_left_out": arrays["query_left_out"],
        "inline_start": offsets(arrays["inline_length"]),
        "inline_tokens": arrays["inline_tokens"],
        "own_line_start": offsets(arrays["own_line_length"]),
        "own_line_tokens": arrays["own_line_tokens"],
        "record_group": np.array([numbers[record["group"]] for record in records], np.int32),
        "record_section": np.array([sections[record["kind"], record.get("section")] for record in records], np.int32),
        "record_pool": pools,
    }


class Corpus:
    """corpus.npz, and the ways into it."""

    def __init__(self, work):
        for name, array in np.load(work / "corpus.npz").items():
            setattr(self, name, array)
        self.records = len(self.record_group)
        self.text_of = np.full((self.records, len(LANGUAGES)), -1, np.int32)  # [records, languages], -1: none
        self.text_of[self.text_record, self.text_language] = np.arange(len(self.text_record))

    def queries(self, text):
        """The numbers of a text's queries."""
        return range(int(self.text_query[text]), int(self.text_query[text + 1]))

    def query(self, number):
        """A query's tokens as it stands on a line of its own, and as it stands in the header."""
        a, b = self.own_line_start[number], self.own_line_start[number + 1]
        c, d = self.inline_start[number], self.inline_start[number + 1]
        return self.own_line_tokens[a:b], self.inline_tokens[c:d]

    def document(self, text, most, left_out=-1, start=0):
        """At most `most` tokens of a text from segment `start` on, one segment left out if there is another."""
        first, last = int(self.text_segment[text]), int(self.text_segment[text + 1])
        begin, end = int(self.segment_start[first + start]), int(self.segment_start[last])
        if left_out < 0 or last - first < 2:
            return self.segment_tokens[begin : min(end, begin + most)]
        a, b = int(self.segment_start[first + left_out]), int(self.segment_start[first + left_out + 1])
        return np.concatenate([self.segment_tokens[begin:a], self.segment_tokens[b:end]])[:most]

    @cached_property
    def members(self):
        """The records of a pool that have a text in a language, by (pool, language)."""
        return {
            (pool, language): np.flatnonzero((self.record_pool == pool) & (self.text_of[:, language] >= 0))
            for pool in range(len(POOLS))
            for language in range(len(LANGUAGES))
        }

    @cached_property
    def sections(self):
        """The records of a section, by the section's number."""
        order = np.argsort(self.record_section, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.record_section[order])) + 1)


def main(work):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    arrays = build(work)
    np.savez(work / "corpus.npz", **arrays)
    for pool, name in enumerate(POOLS):
        print(f"{name}: {np.count_nonzero(arrays['record_pool'] == pool)} records")
    texts, tokens, asked = (len(arrays[name]) for name in ("text_record", "segment_tokens", "query_left_out"))
    print(f"{texts} texts, {tokens} tokens, {asked} queries")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

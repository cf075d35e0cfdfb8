"""How often a word stands in a language: the lists of the package wordfreq (Speer, 2022), for twenty-eight languages.

A token's probability is that in the language that uses it most, so that a word common in Turkish is common although
most of the world's text is English.
"""

import gzip

import msgpack
import numpy as np

LANGUAGES = (
    "en de fr it es pt nl pl ru uk tr ar zh ja ko sv da cs fa hi nb fi hu ro el he vi id".split()
)  # fmt: skip
RAREST = 1e-7  # what no list has


def word_frequencies(folder, language):
    """{word: frequency} of a language; `folder` is wordfreq/data of the unpacked package."""
    path = next(path for size in ("large", "small") if (path := folder / f"{size}_{language}.msgpack.gz").exists())
    with gzip.open(path) as file:
        _, *steps = msgpack.load(file, raw=False)  # step n holds the words of frequency 10^(-n / 100)
    return {word: 10 ** (-step / 100) for step, words in enumerate(steps) for word in words}


def token_probabilities(folder, tokenizer):
    """[vocabulary]: each token's share of the language that has it most often."""
    highest = np.full(tokenizer.get_vocab_size(), RAREST)
    for language in LANGUAGES:
        frequencies = word_frequencies(folder, language)
        counts = np.zeros(len(highest))
        encoded = tokenizer.encode_batch(list(frequencies), add_special_tokens=False)
        for each, frequency in zip(encoded, frequencies.values()):
            np.add.at(counts, each.ids, frequency)
        highest = np.maximum(highest, counts / counts.sum())
    return highest

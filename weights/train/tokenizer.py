"""Trains the byte-level BPE and writes tokenizer.json and tokenizer_config.json:   tokenizer.py WORK

Words are to match wherever they stand, so a word is the same token at the beginning of a text, after a bracket and
within a line: the normalizer puts a blank before each. It knows no capital letters, nor the small differences of
spelling that Arabic and Turkish make; Arabic's article, which is written onto the noun, is a word of its own. Characters
of Chinese and Japanese form runs of their own.

The merges are learned from lists of words with their frequencies, which say what twenty-eight languages are made of
(`wordfreq`), and from training texts, which say what this model was made for.
"""

import json
import random
import sys
from itertools import chain
from pathlib import Path

import numpy as np
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

import prompt
from frequencies import word_frequencies
from texts import read_texts

MERGED = 32_760  # bytes and merges; with what the prompt adds, the vocabulary
MAX_LENGTH = 8192  # tokens of a prompt
SEED = 1

IDEOGRAPHS = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # of Chinese and Japanese, with kana
WORD = rf"(?![{IDEOGRAPHS}])[\p{{L}}\p{{N}}]"
SPLIT = (
    rf"[{IDEOGRAPHS}]+"
    rf"| ?[^\s\p{{L}}\p{{N}}{IDEOGRAPHS}]+[\r\n]*"
    rf"| ?(?:(?![{IDEOGRAPHS}])[\p{{L}}\p{{M}}])+"
    r"| ?\p{N}+"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
ARABIC = "\u0621-\u064a"
ARTICLE = "(?:[وف]?[بك]?ال|[وف]?لل)"  # of Arabic, with the conjunctions and prepositions that are written before it
NORMALIZE = (
    normalizers.Prepend(" "),
    normalizers.Replace(Regex(r"(?<![\s\S]) +"), " "),  # what was cut, decoded and tokenised again has one already
    normalizers.NFC(),
    normalizers.Lowercase(),
    normalizers.Replace("i̇", "i"),  # of İ
    normalizers.Replace("ς", "σ"),
    normalizers.Replace(Regex("[\u064b-\u0652\u0640]"), ""),  # Arabic's vowel signs, and what stretches words
    normalizers.Replace(Regex("[أإآ]"), "ا"),
    normalizers.Replace(Regex(rf"(?<=[^\p{{L}}\p{{M}}\p{{N}} ])(?={WORD})"), " "),
    normalizers.Replace(Regex(rf"(?<! ) +(?=[{IDEOGRAPHS}])"), ""),  # from a run's first blank, or it takes its square
    normalizers.Replace(Regex(rf"(?<=[{IDEOGRAPHS}])(?={WORD})"), " "),
    # The article is a word of its own, or no noun would be found by itself. What it leaves is never cut again.
    normalizers.Replace(Regex(rf"(?<= {ARTICLE})(?!{ARTICLE}[{ARABIC}]{{3}})(?=[{ARABIC}]{{3}})"), " "),
)

WORDS = 500_000  # of a language with a share of one
SHARES = (
    {"en": 3.0}
    | dict.fromkeys(("de", "ru", "ar", "tr"), 1.3)
    | dict.fromkeys(("zh", "ja"), 1.2)
    | dict.fromkeys(("fr", "es"), 1.1)
    | dict.fromkeys(("it", "pt", "ko"), 1.0)
    | dict.fromkeys(("pl", "nl", "uk"), 0.7)
    | dict.fromkeys(("sv", "da", "cs"), 0.5)
    | dict.fromkeys(("fa", "hi", "fi", "hu", "ro", "el", "he", "vi", "id", "nb"), 0.3)
)
TEXTS = 0.4  # of the training texts


def untrained():
    """The tokenizer's pieces around an empty BPE."""
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.normalizer = normalizers.Sequence(list(NORMALIZE))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def training_words(work):
    """Each language's words, as often as they would stand in a text of so many."""
    choice = np.random.default_rng(SEED)
    for language, share in SHARES.items():
        frequencies = word_frequencies(work / "pypi/wordfreq/wordfreq/data", language)
        expected = np.array(list(frequencies.values())) * WORDS * share / sum(frequencies.values())
        counts = (expected + choice.random(len(expected))).astype(int)
        for word, count in zip(frequencies, counts):
            for start in range(0, count, 50):
                yield f" {word}" * min(50, count - start)


def training_texts(work):
    choice = random.Random(SEED)
    for record in read_texts(work):
        if record.get("held_out"):
            continue
        for texts in record["texts"].values():
            if choice.random() < TEXTS:
                yield from (text[:400] for text in texts)


def train(work):
    tokenizer = untrained()
    trainer = trainers.BpeTrainer(
        vocab_size=MERGED,
        min_frequency=4,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=40,
        continuing_subword_prefix="",
        end_of_word_suffix="",
        show_progress=False,
    )
    tokenizer.train_from_iterator(chain(training_words(work), training_texts(work)), trainer)
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=True) for token in prompt.SPECIAL])
    tokenizer.add_tokens([AddedToken(stretch, normalized=False) for stretch in prompt.STRETCHES])
    return tokenizer


def config(tokenizer):
    """tokenizer_config.json, as Hugging Face's loaders want it."""
    added = {
        str(number): {
            "content": token.content,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": token.special,
        }
        for number, token in tokenizer.get_added_tokens_decoder().items()
    }
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": added,
        "additional_special_tokens": ["<|score_token|>", *prompt.MARKERS],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": prompt.END,
        "errors": "replace",
        "model_max_length": MAX_LENGTH,
        "pad_token": prompt.PADDING,
        "split_special_tokens": False,
        "tokenizer_class": "PreTrainedTokenizerFast",  # Qwen2Tokenizer has a normalizer of its own
        "unk_token": None,
    }


def main(work):
    tokenizer = train(work)
    document = json.loads(tokenizer.to_str())
    document["decoder"] = document["post_processor"]  # the same options; the package writes its own
    (work / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    (work / "tokenizer_config.json").write_text(json.dumps(config(tokenizer), indent=1) + "\n")
    print(f"{tokenizer.get_vocab_size()} tokens")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

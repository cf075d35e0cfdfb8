"""Trains the byte-level BPE and writes tokenizer.json and tokenizer_config.json:   tokenizer.py WORK [VOCABULARY]

It splits as Qwen3's does (its pattern, no BOS or EOS). It normalises as Qwen3's does (NFC), and further: so small a
vocabulary has no room for every word in small and large letters, within a line and at its beginning. The merges are learned from training
texts only, a sample of each language; the fixed words of the prompt are made frequent, so that they cost a token each.
"""

import json
import random
import sys
from pathlib import Path

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
from texts import beginning_of_line, read_texts

VOCABULARY = 24_576
MAX_LENGTH = 8192  # tokens of a prompt
SEED = 1

SPECIAL = (
    prompt.PADDING,
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<|score_token|>",
    prompt.DOCUMENT_MARKER,
    prompt.QUERY_MARKER,
)
PLAIN = ("<think>", "</think>")  # added as Qwen3 adds them: no control tokens
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# Languages with many translations count less, those without spaces (whose words are whole sentences) more.
SHARE = {"it": 0.6, "fr": 0.7}
REPEAT = {"ja": 2, "zh_CN": 2, "ko": 2}
PROMPT_COUNT = 5000


def untrained():
    """The tokenizer's pieces around an empty BPE."""
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Lowercase(),
            # Of a Greek word's last sigma the implementations make different small letters; let it be one.
            normalizers.Replace("ς", "σ"),
            # A word that begins a line is the same token as one after a blank.
            normalizers.Replace(Regex(r"\n(?=\p{L})"), "\n "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def training_texts(work):
    """What the merges are learned from: queries with a space before them, as the prompt's header has them."""
    choice = random.Random(SEED)
    fixed = prompt.whole("x", ["y"] * 3)
    for token in SPECIAL:
        fixed = fixed.replace(token, "\n")
    for _ in range(PROMPT_COUNT):
        yield fixed
    for record in read_texts(work):
        if record.get("held_out"):
            continue
        for language, (query, document) in record["texts"].items():
            if choice.random() < SHARE.get(language, 1):
                for _ in range(REPEAT.get(language, 1)):
                    yield " " + query
                    yield document


def train(work, vocabulary):
    tokenizer = untrained()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL),
        min_frequency=4,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=40,
        continuing_subword_prefix="",
        end_of_word_suffix="",
        show_progress=False,
    )
    tokenizer.train_from_iterator(training_texts(work), trainer)
    for token in SPECIAL:
        add = tokenizer.add_tokens if token in PLAIN else tokenizer.add_special_tokens
        add([AddedToken(token, normalized=False, special=token not in PLAIN)])
    return tokenizer


def config(tokenizer):
    """tokenizer_config.json, as Hugging Face's loaders want it."""
    added = {
        str(tokenizer.token_to_id(token)): {
            "content": token,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": token not in PLAIN,
        }
        for token in SPECIAL
    }
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": added,
        "additional_special_tokens": list(SPECIAL[-3:]),
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": MAX_LENGTH,
        "pad_token": prompt.PADDING,
        "split_special_tokens": False,
        "tokenizer_class": "PreTrainedTokenizerFast",  # Qwen2Tokenizer has a normalizer of its own
        "unk_token": None,
    }


def test_prompt(tokenizer):
    """The ids of a prompt's pieces are the ids of the prompt."""
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    line = lambda text: beginning_of_line(tokenizer, text)  # noqa: E731
    query, documents = "what plays chess?", ["GNU Chess, an engine.", "(a board)\n\n  of  chess\nand 7\nmore"]
    parts = [ids(prompt.HEAD), ids("2"), ids(prompt.COUNTED), ids(prompt.inline(query))]
    for place, document in enumerate(documents):
        parts += [ids(prompt.OPEN), ids(str(place)), ids(prompt.NUMBERED), line(document)]
        parts += [ids(prompt.DOCUMENT_MARKER), ids(prompt.CLOSE)]
    parts += [ids(prompt.ASK), line(query), ids(prompt.QUERY_MARKER)]
    assert sum(parts, []) == ids(prompt.whole(query, documents))
    return len(ids(prompt.HEAD)), len(ids(prompt.OPEN + "17" + prompt.NUMBERED + prompt.CLOSE)) + 1


def main(work, vocabulary=VOCABULARY):
    tokenizer = train(work, int(vocabulary))
    head, passage = test_prompt(tokenizer)
    document = json.loads(tokenizer.to_str())
    document["decoder"] = document["post_processor"]  # the same options; the package writes its own
    (work / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    (work / "tokenizer_config.json").write_text(json.dumps(config(tokenizer), indent=1) + "\n")
    print(f"{tokenizer.get_vocab_size()} tokens; the prompt's head takes {head} of them, a passage {passage}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

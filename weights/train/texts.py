"""texts.jsonl, which data.py writes: one record a line, a text in one or more languages with a query for each."""

import json

LANGUAGES = ("en", "de", "fr", "it", "es", "pt_BR", "ja", "ru", "pl", "uk", "da", "ko", "zh_CN", "nl", "sv")
WITHOUT_SPACES = ("ja", "zh_CN", "ko")

# A list's documents come from one pool. The kind "manual" is held out whole.
POOLS = ("package", "wordnet", "foldoc", "book", "python", "freedict")
POOL_OF_KIND = {
    "package": "package",
    "wordnet": "wordnet",
    "foldoc": "foldoc",
    "office": "book",
    "handbook": "book",
    "reference": "book",
    "policy": "book",
    "python": "python",
    "freedict": "freedict",
}


def read_texts(work):
    with open(work / "texts.jsonl", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def beginning_of_line(tokenizer, text):
    """The ids of a text without white space before it that stands at the beginning of a line."""
    return tokenizer.encode(f"\n{text}", add_special_tokens=False).ids[1:]

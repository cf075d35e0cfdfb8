"""The Free On-line Dictionary of Computing: the headword is the query, its article the document."""

import re

from .dictd import read_entries
from .record import DOCUMENT_LIMIT, make_record, shorten


def clean_article(body):
    body = re.sub(r"\((?:19|20)\d\d-\d\d-\d\d\)", "", body)  # the date of the last change
    body = re.sub(r"\{\(?([^{}]*?)\)?\}", r"\1", body)  # {cross reference}
    body = re.sub(r"^\s*<([^<>\n]{2,60})>\s*", "", body)  # <field of knowledge>
    paragraphs = [re.sub(r"\s+", " ", paragraph).strip() for paragraph in re.split(r"\n\s*\n", body)]
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def records(root):
    for entry in read_entries(root / "dict-foldoc/usr/share/dictd", "foldoc"):
        headword, _, body = entry.partition("\n")
        headword = headword.strip()
        article = clean_article(body)
        if len(article) >= 60:
            texts = {"en": [headword[:100], shorten(article, DOCUMENT_LIMIT)]}
            yield make_record("foldoc", headword.lower(), texts, headword)

"""The record that every source yields: one line of texts.jsonl."""

# The longest texts kept, in characters: about 400 tokens of an English document.
QUERY_LIMIT = 200
DOCUMENT_LIMIT = 1600
TRANSLATION_LIMIT = 700

# apt's names of the languages beside English; the order decides which random draw is whose.
LANGUAGES = ["de", "fr", "it", "es", "pt_BR", "ja", "ru", "pl", "uk", "da", "ko", "zh_CN", "nl", "sv"]


def make_record(kind, group, texts, name="", section="", held_out=False, examples=()):
    """A record; what is empty is left out.

    `texts` is {language: [query text, document text]}. Two records of the same group are never
    used as each other's negative. `examples` are further English queries for the same document.
    """
    record = {"kind": kind, "group": f"{kind}:{group}"}
    if name:
        record["name"] = name
    if section:
        record["section"] = section
    if held_out:
        record["held_out"] = True
    record["texts"] = texts
    if examples:
        record["examples"] = list(examples)
    return record


def document_limit(language):
    return DOCUMENT_LIMIT if language == "en" else TRANSLATION_LIMIT


def shorten(text, limit):
    """The start of the text, cut at a space where one is near (Japanese and Chinese have none)."""
    if len(text) <= limit:
        return text
    start = text[:limit]
    return start[:max(start.rfind(" "), limit - 40)]

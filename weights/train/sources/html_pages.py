"""Sections of HTML manuals, and the pairing of a section with its translations."""

import collections
import html
import re

from .record import DOCUMENT_LIMIT, document_limit, make_record, shorten

# Parts of a page that are no prose.
SKIPPED = re.compile(r"(?is)<(script|style|pre|nav|svg|table|head)\b.*?</\1>")
HEADING = re.compile(r"(?is)<h([1-6])\b([^>]*)>(.*?)</h\1>")
PARAGRAPH = re.compile(r"(?is)<(?:p|dd|li|div class=.para.)\b[^>]*>(.*?)(?=</?(?:p|dd|li|ul|ol|div|dl)\b)")
NUMBERING = re.compile(r"^(?:[Cc]hapter )?[\dA-Z]{0,2}[\d.]*\.\s+")

# Headings of Sphinx's side bar.
NAVIGATION = ("Navigation", "Table of Contents", "Previous topic", "Next topic", "This Page")

# Languages that say in half the characters what others do.
DENSE_LANGUAGES = ("ja", "zh_CN", "ko")
MIN_SECTION = 80


def plain_text(markup):
    text = html.unescape(re.sub(r"<[^>]*>", "", markup))
    return re.sub(r"\s+", " ", text).replace("¶", "").strip()


def join_paragraphs(markups):
    paragraphs = [plain_text(markup) for markup in markups]
    return "\n".join(paragraph for paragraph in paragraphs if len(paragraph) > 15)


def read_sections(path):
    """[(identifier or "", heading, text)] of a page, in its order."""
    page = SKIPPED.sub(" ", path.read_text(encoding="utf-8", errors="replace"))
    # re.split gives what precedes the first heading, then four parts a heading.
    parts = HEADING.split(page)[1:]
    sections = []
    for i in range(0, len(parts), 4):
        attributes, heading, body = parts[i + 1:i + 4]
        identifier = re.search(r'id="([^"]+)"', attributes) or re.search(r'(?:id|name)="([^"]+)"', heading)
        title = NUMBERING.sub("", plain_text(heading))
        if title not in NAVIGATION:
            text = shorten(join_paragraphs(PARAGRAPH.findall(body)), DOCUMENT_LIMIT)
            sections.append((identifier.group(1) if identifier else "", title, text))
    return sections


def make_query(title, page_title):
    """A short heading such as "Options" says little without the page's."""
    if title == page_title or not page_title or len(page_title) > 70 or len(title) >= 25:
        return title
    return f"{page_title}: {title}"


def page_records(kind, pages):
    """Records of the sections of {(page, language): path}.

    Sections of a page that share an identifier (or else a place on the page) translate each other.
    """
    aligned = collections.defaultdict(dict)
    for (page, language), path in sorted(pages.items()):
        sections = read_sections(path)
        minimum = MIN_SECTION / 2 if language in DENSE_LANGUAGES else MIN_SECTION
        for place, (identifier, title, text) in enumerate(sections):
            if len(text) >= minimum and 3 < len(title) < 150:
                query = make_query(title, sections[0][1])
                aligned[page, identifier or str(place)][language] = [query, text]

    for (page, _), section in aligned.items():
        if "en" not in section:
            continue
        original = section["en"][1]
        texts = {}
        for language, (query, text) in section.items():
            text = shorten(text, document_limit(language))
            # A section that nobody has translated yet stands there in English.
            if language == "en" or not original.startswith(text):
                texts[language] = [query, text]
        yield make_record(kind, page, texts, section=page)

"""FreeDict's dictionaries between English and another language: a word and its translations."""

import random
import re
import unicodedata

from .catalogue import FREEDICT_LICENCES
from .dictd import read_entries
from .record import make_record

MAX_RECORDS = 25_000
MAX_TRANSLATIONS = 120
MAX_HEADWORD = 60
SHORT_PHRASE = 3  # words

# The Portuguese of these dictionaries is written as in Brazil.
LANGUAGES = {
    "deu": "de", "fra": "fr", "ita": "it", "spa": "es", "por": "pt_BR", "nld": "nl", "swe": "sv",
    "jpn": "ja", "eng": "en",
}

# /pronunciation/, which may be of several words and follows a space.
PRONUNCIATION = re.compile(r"(?<=\s)/.*?/(?=[\s,]|$)")
# <grammar> and [field or priority]
TAG = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
PARENTHESES = re.compile(r"\([^()]*\)")


def clean_spaces(text):
    # NFKC undoes ligatures such as the Dutch ij; the hyphens of these files are often U+2010.
    text = unicodedata.normalize("NFKC", text).replace("\u2010", "-")
    return re.sub(r"\s+", " ", text).strip(" ,;")


def read_headword(line):
    """The first form of "form /pronunciation/, form /pronunciation/ <grammar>"."""
    forms = TAG.sub("", PRONUNCIATION.sub("", line))
    return clean_spaces(forms).split(", ")[0].strip()


def remove_parentheses(text):
    while PARENTHESES.search(text):
        text = PARENTHESES.sub("", text)
    return text


def read_translations(lines):
    """The translations of an entry, without examples, notes, synonyms and references.

    Those are indented by two or more spaces, or begin with "see:". A sense in braces has, by an
    error of the Japanese dictionary, its words run into each other.
    """
    translations = []
    for line in lines:
        reference = line.strip().startswith("see:")
        if line.startswith("  ") or reference or "{" in line or '"' in line:
            continue
        sense = re.sub(r"^\d+\. ", "", remove_parentheses(TAG.sub("", line)).strip())
        translations += [clean_spaces(part) for part in re.split(r"[,;]", sense)]
    return [translation for translation in translations if translation]


def join_translations(headword, translations):
    """As many as fit, each once, without the headword itself; empty if none is left."""
    chosen = []
    seen = {headword.casefold()}
    length = 0
    for translation in translations:
        if translation.casefold() in seen or length + len(translation) > MAX_TRANSLATIONS:
            continue
        seen.add(translation.casefold())
        chosen.append(translation)
        length += len(translation) + len(", ")
    return ", ".join(chosen)


def is_word(text):
    """Whether these are words, without markup or an abbreviation stuck to the end ("e-mailUCE")."""
    odd = re.search(r"[/<>{}\[\]()|=…]|[a-z][A-Z]{2}", text)
    return any(character.isalpha() for character in text) and not odd


def read_dictionary(folder, pair):
    """{headword: [translations]}, with all entries of a headword together."""
    dictionary = {}
    for entry in read_entries(folder, f"freedict-{pair}"):
        first, *lines = entry.strip("\n").split("\n")
        headword = read_headword(" " + first)
        if is_word(headword) and len(headword) <= MAX_HEADWORD:
            known = dictionary.setdefault(headword, [])
            known += [text for text in read_translations(lines) if is_word(text)]
    return dictionary


def choose_headwords(dictionary, pair):
    """At most MAX_RECORDS headwords, in the dictionary's order: short phrases before long ones.

    Drawn with the number of translations as weight (Efraimidis and Spirakis: the largest u^(1/w)),
    since words in common use have more of them.
    """
    generator = random.Random(f"freedict {pair}")
    rank = {}
    for headword, translations in dictionary.items():
        if translations:
            is_short = len(headword.split(" ")) <= SHORT_PHRASE
            rank[headword] = is_short, generator.random() ** (1 / len(set(translations)))
    chosen = set(sorted(rank, key=rank.get, reverse=True)[:MAX_RECORDS])
    return [headword for headword in rank if headword in chosen]


def records(root):
    for pair in FREEDICT_LICENCES:
        source, target = (LANGUAGES[code] for code in pair.split("-"))
        folder = root / f"dict-freedict-{pair}/usr/share/dictd"
        dictionary = read_dictionary(folder, pair)
        for headword in choose_headwords(dictionary, pair):
            translations = join_translations(headword, dictionary[headword])
            if translations:
                texts = {source: [headword, headword], target: [translations, translations]}
                yield make_record("freedict", f"{pair}:{headword}", texts, section=pair)

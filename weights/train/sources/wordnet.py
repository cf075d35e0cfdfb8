"""WordNet: the words of a synset are the query, its gloss is the document."""

import re

from .record import make_record

FILES = {"n": "data.noun", "v": "data.verb", "a": "data.adj", "r": "data.adv"}

# Pointers to a more general synset: hypernym, hypernym of an instance, head of a satellite adjective.
MORE_GENERAL = ("@", "@i", "&")


def parse_line(line):
    """(offset, words, gloss, keys of more general synsets) of a line as wndb(5WN) describes it."""
    data, gloss = line.split(" | ", 1)
    fields = data.split(" ")
    word_count = int(fields[3], 16)
    words = [fields[4 + 2 * i] for i in range(word_count)]
    # "(a)", "(p)" and "(ip)" after an adjective say where it may stand.
    words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in words]
    first = 4 + 2 * word_count
    general = []
    for i in range(int(fields[first])):
        symbol, offset, part_of_speech = fields[first + 1 + 4 * i:first + 4 + 4 * i]
        if symbol in MORE_GENERAL:
            general.append(("a" if part_of_speech == "s" else part_of_speech, offset))
    return fields[0], words, gloss.strip(), general


def read_synsets(folder):
    """{(part of speech, offset): (words, gloss, keys of more general synsets)}; empty without WordNet."""
    synsets = {}
    if not folder.is_dir():
        return synsets
    for part_of_speech, name in FILES.items():
        with open(folder / name, encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.startswith(" "):  # the licence at the top is indented
                    offset, words, gloss, general = parse_line(line)
                    synsets[part_of_speech, offset] = words, gloss, general
    return synsets


def records(root):
    synsets = read_synsets(root / "wordnet-base/usr/share/wordnet")
    for (part_of_speech, offset), (words, gloss, general) in synsets.items():
        definition = re.split(r';\s*"', gloss)[0].strip().strip(";").strip()
        if len(definition) < 12:
            continue
        examples = re.findall(r'"([^"]{12,160})"', gloss)[:3]
        parents = [synsets[key][0][0] for key in general if key in synsets][:2]
        texts = {"en": [", ".join(words[:5]), definition]}
        yield make_record("wordnet", part_of_speech + offset, texts, section=", ".join(parents),
                          examples=examples)

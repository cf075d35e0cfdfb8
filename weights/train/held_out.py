"""Held-out texts -> lists that the model is measured with.   python3 held_out.py WORK OUT

Reads WORK/texts.jsonl and writes OUT, bench/data/held-out.json. A list's query is the summary of a text, in some
language or in the words that people type; the document that belongs to it is the text itself, in English, and a share
of the others are BM25's best for the English summary. All choices are seeded by the test's name. `quick` says how many
of a test's lists, from the first on, are enough for a run of three minutes.
"""
import collections
import json
import random
import sys
from dataclasses import dataclass

from bm25 import BM25, STOP_WORDS, WORD

SHORT, FULL, PAGE = 200, 1600, 440  # characters: about 48, 400 and 110 tokens
SEED = 11
QUESTIONS = (
    "which program is {}?",
    "what is a good {}?",
    "what can I use as {}?",
    "is there a package with {}?",
    "which package do I install for {}?",
    "I am looking for {}",
    "how do I get {}?",
    "does anyone know {}?",
)


def summary(record, language, _rng, _document, _frequencies):
    return record["texts"][language][0]


def question(record, language, rng, _document, _frequencies):
    text = record["texts"][language][0]
    if not text[1:2].isupper():
        text = text[:1].lower() + text[1:]
    return rng.choice(QUESTIONS).format(text.rstrip(" ."))


def key_words(record, language, rng, document, frequencies):
    """Of some words of the text the two to five that the fewest texts have."""
    found = WORD.findall(f"{record['texts'][language][0]} {document}".lower())
    words = sorted({word for word in found if len(word) > 3 and not word.isdigit() and word not in STOP_WORDS})
    some = rng.sample(words, min(10, len(words)))
    rarest = sorted(some, key=lambda word: frequencies[word])[: rng.randint(2, 5)]
    rng.shuffle(rarest)
    return " ".join(rarest)


@dataclass
class Test:
    name: str
    collection: str
    candidates: int
    lists: int
    quick: int
    language: str = "en"
    hard: float = 0.5
    query: object = summary


TESTS = [
    Test("English", "packages", 16, 200, 120),
    Test("English, random negatives", "packages", 16, 100, 40, hard=0),
    Test("English, 64 candidates", "packages", 64, 100, 50),
    Test("English questions", "packages", 16, 100, 60, query=question),
    Test("English key words", "packages", 16, 100, 60, query=key_words),
    Test("German", "packages", 16, 100, 60, "de"),
    Test("French", "packages", 16, 100, 60, "fr"),
    Test("Italian", "packages", 16, 100, 60, "it"),
    Test("Spanish", "packages", 16, 60, 40, "es"),
    Test("Japanese", "packages", 16, 60, 40, "ja"),
    Test("Russian", "packages", 16, 60, 40, "ru"),
    Test("German, 64 candidates", "packages", 64, 60, 30, "de"),
    Test("French, 64 candidates", "packages", 64, 60, 30, "fr"),
    Test("Italian, 64 candidates", "packages", 64, 60, 30, "it"),
    Test("packages in full", "packages in full", 16, 60, 30),
    Test("manual pages", "manual pages", 16, 150, 60),
    Test("manual pages, 64 candidates", "manual pages", 64, 60, 10),
]


class Collection:
    """Records of one kind, and their English texts cut to some characters."""

    def __init__(self, records, length, frequencies):
        self.records = records
        self.frequencies = frequencies
        self.documents = [cut(record["texts"]["en"][1], length) for record in records]
        self.bm25 = BM25(self.documents)

    def lists(self, test):
        """The same records are asked for in all tests, as far as they have the language: rows can be compared."""
        asked = [i for i, record in enumerate(self.records) if is_translated(record, test.language)]
        random.Random(SEED).shuffle(asked)
        rng = random.Random(test.name)
        return [self._list(test, i, rng) for i in asked[: test.lists]]

    def _list(self, test, i, rng):
        places = self._candidates(test, i, rng)
        query = test.query(self.records[i], test.language, rng, self.documents[i], self.frequencies)
        return {"query": query, "documents": places, "relevant": places.index(i)}

    def _candidates(self, test, i, rng):
        others = test.candidates - 1
        best = self.bm25.top(self.records[i]["texts"]["en"][0], 300)
        hard = [int(j) for j in best if self._is_other(i, j)][: int(others * test.hard + 0.5)]
        rest = [j for j in range(len(self.records)) if self._is_other(i, j) and j not in hard]
        places = [i, *hard, *rng.sample(rest, others - len(hard))]
        rng.shuffle(places)
        return places

    def _is_other(self, i, j):
        """Whether document j can't be what the query of record i asks for."""
        a, b = self.records[i], self.records[j]
        same_summary = a["texts"]["en"][0] == b["texts"]["en"][0]
        return a["group"] != b["group"] and not same_summary and self.documents[i] != self.documents[j]


def is_translated(record, language):
    texts = record["texts"]
    return language in texts and (language == "en" or texts[language][0] != texts["en"][0])


def cut(text, length):
    """At most so many characters, of whole words."""
    if len(text) <= length:
        return text
    return text[: length + 1].rsplit(None, 1)[0]


def read(path):
    """The held-out records of each kind, and how many English texts have a word."""
    kinds, frequencies = collections.defaultdict(list), collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("held_out"):
                kinds[record["kind"]].append(record)
            if record["kind"] == "package":
                frequencies.update(set(WORD.findall(record["texts"]["en"][1].lower())))
    return kinds, frequencies


def keep_used(documents, lists):
    """The documents that some list has; the lists are changed to their new places."""
    used = sorted({place for each in lists for place in each["documents"]})
    new_places = {place: i for i, place in enumerate(used)}
    for each in lists:
        each["documents"] = [new_places[place] for place in each["documents"]]
    return [documents[place] for place in used]


def describe(test, lists):
    return {
        "name": test.name,
        "collection": test.collection,
        "language": test.language,
        "candidates": test.candidates,
        "hard": test.hard,
        "quick": min(test.quick, len(lists)),
        "lists": lists,
    }


def write(path, texts, tests):
    """One text and one list a line, so that a change can be read."""

    def dump(value):
        return json.dumps(value, ensure_ascii=False)

    def rows(values):
        return ",\n".join(map(dump, values))

    sets = ",\n".join(f"{dump(name)}: [\n{rows(values)}\n]" for name, values in texts.items())
    heads = [dump({key: value for key, value in test.items() if key != "lists"})[:-1] for test in tests]
    bodies = [f'{head}, "lists": [\n{rows(test["lists"])}\n]}}' for head, test in zip(heads, tests)]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'{{"collections": {{\n{sets}\n}},\n"tests": [\n' + ",\n".join(bodies) + "\n]}\n")


def main(work, out):
    kinds, frequencies = read(f"{work}/texts.jsonl")
    packages = kinds["package"]
    # Those that the first collection cuts: among texts of all lengths most would tell nothing new.
    long = [record for record in packages if len(record["texts"]["en"][1]) > SHORT]
    sets = {
        "packages": Collection(packages, SHORT, frequencies),
        "packages in full": Collection(long, FULL, frequencies),
        "manual pages": Collection(kinds["manual"], PAGE, frequencies),
    }
    tests = [describe(test, sets[test.collection].lists(test)) for test in TESTS]
    texts = {name: each.documents for name, each in sets.items()}
    full = [each for test in tests if test["collection"] == "packages in full" for each in test["lists"]]
    texts["packages in full"] = keep_used(texts["packages in full"], full)
    write(out, texts, tests)


if __name__ == "__main__":
    main(*sys.argv[1:])

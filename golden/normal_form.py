"""Which characters Hugging Face's NFC does not know yet, and its results for every character there is:   normal_form.py

Its tables are older than those of browsers and of Node. A character that came later counts as a letter without a
decomposition there, so that no mark passes it and nothing joins with it. Needs `tokenizers` and `unicodedata2`, whose
Unicode is the newest. Writes ../src/reranker/tokenizer/newer-characters.ts and normal-form.json.
"""

import hashlib
import json
from pathlib import Path

import unicodedata2 as unicode
from tokenizers import normalizers

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "src" / "reranker" / "tokenizer" / "newer-characters.ts"
CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
LOW, HIGH = "\u0334", "\u0345"  # marks of the lowest and of the highest class: any other mark passes one of them
BLOCK = 0x1000

nfc = normalizers.NFC().normalize_str
nfd = normalizers.NFD().normalize_str


def is_known(character):
    """Whether Hugging Face's tables order it among marks or take it apart."""
    return nfc(character + LOW) != character + LOW or nfc(HIGH + character) != HIGH + character


def newer_characters():
    newer = set()
    for character in CHARACTERS:
        if unicode.combining(character) and not is_known(character):
            newer.add(character)
        parts = unicode.decomposition(character)
        if parts and not parts.startswith("<") and nfd(character) == character:
            newer |= {character, *(chr(int(part, 16)) for part in parts.split())}
    return sorted(character for character in newer if not is_known(character))


def ranges(characters):
    found = []
    for code in map(ord, characters):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def escape(code):
    return f"\\\\u{{{code:x}}}"


def write_table(newer):
    classes = [escape(a) if a == b else f"{escape(a)}-{escape(b)}" for a, b in ranges(newer)]
    lines, line = [], ""
    for each in classes:
        if len(line) + len(each) > 100:
            lines.append(line)
            line = ""
        line += each
    lines.append(line)
    body = " +\n".join(f"  '{line}'" for line in lines)
    TABLE.write_text(
        "/** Made by golden/normal_form.py from tokenizers "
        f"{__import__('tokenizers').__version__} and Unicode {unicode.unidata_version}: not for editing. */\n\n"
        f"/** {len(newer)} characters with a role in NFC of which Hugging Face's tables do not know, as a class of a pattern. */\n"
        f"export const NEWER_CHARACTERS =\n{body};\n"
    )


def contexts(character):
    """Where a character shows all that NFC may do with it."""
    return character, f"a{character}{LOW}", f"a{HIGH}{character}", f"{character}\u0301", 2 * character, ""


def write_results(newer):
    blocks = []
    for start in range(0, 0x110000, BLOCK):
        characters = (chr(code) for code in range(start, start + BLOCK) if not 0xD800 <= code < 0xE000)
        text = "".join("|".join(map(nfc, contexts(character))) for character in characters)
        blocks.append(hashlib.sha256(text.encode()).hexdigest()[:16])
    pairs = [a + b for a in newer for b in newer]
    document = {
        "blocks": blocks,
        "pairs": hashlib.sha256("|".join(map(nfc, pairs)).encode()).hexdigest()[:16],
    }
    (HERE / "normal-form.json").write_text(json.dumps(document, indent=0) + "\n")


if __name__ == "__main__":
    newer = newer_characters()
    write_table(newer)
    write_results(newer)
    print(len(newer), "characters")

"""Reads dictionaries in the format of dictd: NAME.dict.dz (gzip) and NAME.index."""

import gzip
import string

DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
VALUE = {digit: value for value, digit in enumerate(DIGITS)}


def decode_number(text):
    number = 0
    for digit in text:
        number = number * 64 + VALUE[digit]
    return number


def read_entries(folder, name):
    """The texts of all entries, in the index's order; none if the dictionary is not there.

    Each comes once, though several lines of the index may point to it.
    """
    if not folder.is_dir():
        return
    with gzip.open(folder / f"{name}.dict.dz") as file:
        content = file.read()
    seen = set()
    with open(folder / f"{name}.index", encoding="utf-8", errors="replace") as index:
        for line in index:
            word, start, length = line.rstrip("\n").split("\t")[:3]
            # Words that begin with 00 describe the dictionary itself.
            if word.startswith("00") or start in seen:
                continue
            seen.add(start)
            at = decode_number(start)
            yield content[at:at + decode_number(length)].decode("utf-8", "replace")

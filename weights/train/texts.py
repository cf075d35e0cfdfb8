"""texts.jsonl, which data.py writes: one record a line, a text in one or more languages with a query for each."""

import json


def read_texts(work):
    with open(work / "texts.jsonl", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)

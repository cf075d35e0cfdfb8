"""Milliseconds that Hugging Face's tokenizers take for each text of an object on stdin: tokens_peer.py TOKENIZER RUNS."""

import json
import sys
import time

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[1])


def milliseconds(text):
    start = time.perf_counter()
    tokenizer.encode(text, add_special_tokens=False)
    return (time.perf_counter() - start) * 1000


texts = json.load(sys.stdin)
print(json.dumps({name: min(milliseconds(text) for _ in range(int(sys.argv[2]))) for name, text in texts.items()}))

"""Token ids of many odd texts, by Hugging Face's own `tokenizers`, for both models' tokenizers."""

import json
from pathlib import Path

from tokenizers import Tokenizer

from odd_texts import TOKENS
from prompt import encode, qwen3_tokenizer

PROMPTS = Path(__file__).with_name("prompts.json")


def make(qwen3_path, folder):
    """tokens.json: every text with its ids; control tokens in a text are control tokens, nothing is put around it."""
    qwen3, embedded = qwen3_tokenizer(qwen3_path), Tokenizer.from_file(str(folder / "tokenizer.json"))
    prompts = [case["prompt"] for case in json.loads(PROMPTS.read_text()).values()]
    cases = [
        {"text": text, "qwen3": encode(qwen3, text), "embedded": encode(embedded, text)} for text in TOKENS + prompts
    ]
    return {"cases": cases}, {}

"""The listwise prompt, and its tokens.

Everything after `<|rerank_token|>` is left off: attention is causal, so what follows the last marker reaches no marker.
Texts here hold no control tokens and are short, so nothing needs stripping or truncating. prompts.json has whole
prompts, as the released code builds them.
"""

import numpy as np
from tokenizers import Tokenizer

MARKERS = ("<|score_token|>", "<|embed_token|>", "<|rerank_token|>")

HEAD = (
    "<|im_start|>system\n"
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they are to "
    "the query. If the query is a question, how relevant a passage is depends on how well it answers the question. If "
    "not, try to analyze the intent of the query and assess how well each passage satisfies the intent. If an "
    "instruction is provided, you should follow the instruction when determining the ranking.<|im_end|>\n"
    "<|im_start|>user\n"
    "I will provide you with {count} passages, each indicated by a numerical identifier. Rank the passages based on "
    "their relevance to query: {query}\n"
)
PASSAGE = '<passage id="{place}">\n{document}<|embed_token|>\n</passage>\n'
TAIL = "<query>\n{query}<|rerank_token|>"


def prompt(query, documents):
    """One block's prompt, up to its last marker."""
    passages = [PASSAGE.format(place=place, document=document) for place, document in enumerate(documents)]
    return HEAD.format(count=len(documents), query=query) + "".join(passages) + TAIL.format(query=query)


def encode(tokenizer, text):
    """The ids of a text; control tokens in it are control tokens."""
    return tokenizer.encode(text, add_special_tokens=False).ids


def encode_prompt(tokenizer, query, documents):
    """One block's token ids, and where its markers are."""
    ids = encode(tokenizer, prompt(query, documents))
    documents = np.flatnonzero(np.equal(ids, tokenizer.token_to_id("<|embed_token|>")))
    (query,) = np.flatnonzero(np.equal(ids, tokenizer.token_to_id("<|rerank_token|>")))
    return {"ids": ids, "documentPositions": documents.tolist(), "queryPosition": int(query)}


def markers(block):
    """The places of a block's markers: its documents', then its query's."""
    return [*block["documentPositions"], block["queryPosition"]]


def qwen3_tokenizer(path):
    """Qwen3's own tokenizer with the reranker's three tokens appended, ids 151669 to 151671."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.add_special_tokens(list(MARKERS))
    return tokenizer

"""The listwise prompt in pieces that are tokenised once: a list's ids are these and its texts' ids, put together.

The wording is jina-reranker-v3's. A piece ends where the tokenizer splits anyway (before a digit, after a line break,
at a marker), so the ids of the pieces are the ids of the whole; `test_prompt` in tokenizer.py holds them together.
"""

HEAD = (
    "<|im_start|>system\n"
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they are to "
    "the query. If the query is a question, how relevant a passage is depends on how well it answers the question. If "
    "not, try to analyze the intent of the query and assess how well each passage satisfies the intent. If an "
    "instruction is provided, you should follow the instruction when determining the ranking.<|im_end|>\n"
    "<|im_start|>user\n"
    "I will provide you with "
)
COUNTED = (
    " passages, each indicated by a numerical identifier. Rank the passages based on their relevance to query:"
)
OPEN = '<passage id="'
NUMBERED = '">\n'
CLOSE = "\n</passage>\n"
ASK = "<query>\n"

DOCUMENT_MARKER = "<|embed_token|>"
QUERY_MARKER = "<|rerank_token|>"
PADDING = "<|endoftext|>"

MOST_DOCUMENTS = 125  # of one list: what jina-reranker-v3 takes at most


def inline(query):
    """The query as the header holds it, with what stands around it."""
    return f" {query}\n"


def whole(query, documents):
    """A prompt as text, up to its last marker: nothing after it can reach a marker."""
    passages = "".join(
        f"{OPEN}{place}{NUMBERED}{document}{DOCUMENT_MARKER}{CLOSE}" for place, document in enumerate(documents)
    )
    return f"{HEAD}{len(documents)}{COUNTED}{inline(query)}{passages}{ASK}{query}{QUERY_MARKER}"

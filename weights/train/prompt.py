"""The listwise prompt, to the letter jina-reranker-v3's, and the stretches of it that are tokens of their own.

A token of its own is looked for in the prompt's own words only: users' texts are tokenised without it. So the model
tells where a passage or the query begins by something that nobody can write. It also makes prompts short: a passage
costs three tokens beside its text, and the system's long sentence one.
"""

BEGIN, END = "<|im_start|>", "<|im_end|>"
DOCUMENT_MARKER = "<|embed_token|>"
QUERY_MARKER = "<|rerank_token|>"
PADDING = "<|endoftext|>"
SPECIAL = (PADDING, BEGIN, END, "<think>", "</think>", "<|score_token|>", DOCUMENT_MARKER, QUERY_MARKER)

MARKERS = (DOCUMENT_MARKER, QUERY_MARKER)

MOST_DOCUMENTS = 125  # of one prompt: what jina-reranker-v3 takes at most

SYSTEM = (
    "system\n"
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they are to "
    "the query. If the query is a question, how relevant a passage is depends on how well it answers the question. If "
    "not, try to analyze the intent of the query and assess how well each passage satisfies the intent. If an "
    "instruction is provided, you should follow the instruction when determining the ranking."
)
USER = "user\nI will provide you with "
HEADER = " passages, each indicated by a numerical identifier. Rank the passages based on their relevance to query: "
INSTRUCT, INSTRUCTED = "<instruct>\n", "\n</instruct>\n"
PASSAGES = tuple(f'<passage id="{place}">\n' for place in range(MOST_DOCUMENTS))
CLOSE = "\n</passage>\n"
ASK, ASKED = "<query>\n", "\n</query>"

STRETCHES = (SYSTEM, USER, HEADER, INSTRUCT, INSTRUCTED, *PASSAGES, CLOSE, ASK, ASKED)


def whole(query, documents):
    """A prompt as text, up to its last marker: nothing after it can reach a marker."""
    passages = "".join(
        f"{PASSAGES[place]}{document}{DOCUMENT_MARKER}{CLOSE}" for place, document in enumerate(documents)
    )
    return (
        f"{BEGIN}{SYSTEM}{END}\n{BEGIN}{USER}{len(documents)}{HEADER}{query}\n"
        f"{passages}{ASK}{query}{QUERY_MARKER}"
    )

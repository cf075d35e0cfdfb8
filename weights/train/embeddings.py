"""The token embeddings: flags, weights and a vector for each token."""

import math

import torch
from torch.nn import functional as F

import prompt
from channels import (
    ASK,
    BAG_WEIGHT,
    CEILING,
    CODE,
    CONSTANT,
    FLAG,
    FLOOR,
    HEADER,
    LARGEST,
    LENGTH,
    LIGHT,
    LOG,
    MARKER,
    MATCH_WEIGHT,
    PASSAGE,
    REST,
    ROW,
    SHORT,
    SINK,
    VECTOR,
    WORD,
)


def write_embeddings(table, tokenizer, vectors, weights):
    """Fills `table` [vocabulary, hidden]; what the prompt adds to the vocabulary comes last and says nothing."""
    count, width = vectors.shape
    table[:, [CONSTANT, WORD]] = FLAG
    table[:, CEILING], table[:, FLOOR] = LARGEST, -LARGEST
    for channel, heavy in ((MATCH_WEIGHT, weights), (BAG_WEIGHT, vectors.norm(dim=1))):
        logarithms = (heavy / heavy.max()).log().clamp(min=LIGHT)
        table[:count, channel] = (logarithms - LIGHT / 2) * LOG
        table[count:, channel] = LIGHT / 2 * LOG
    torch.manual_seed(0)
    drawn = torch.randn(len(table) - count, width)
    table[:, VECTOR:] = codes_of_one_length(torch.cat([vectors, drawn])) * LENGTH
    table[count:, VECTOR:] *= SHORT / LENGTH
    begin, *markers = (tokenizer.token_to_id(text) for text in (prompt.BEGIN, *prompt.MARKERS))
    write_flags(table, tokenizer)
    table[[begin, *markers], VECTOR:] = 0  # what markers are to hold is gathered, and the sink gives nothing
    table[begin, WORD] = 0
    table[:, REST] = (ROW**2 - table.square().sum(1)).clamp(0, LARGEST**2).sqrt()
    table[markers, REST] = 0


def write_flags(table, tokenizer):
    for channel, texts in (
        (HEADER, (prompt.HEADER,)),
        (PASSAGE, (*prompt.PASSAGES, prompt.INSTRUCT)),
        (ASK, (prompt.ASK,)),
        (SINK, (prompt.BEGIN,)),
        (MARKER, prompt.MARKERS),
    ):
        table[[tokenizer.token_to_id(text) for text in texts], channel] = FLAG


def codes_of_one_length(vectors):
    """Unit vectors turned so that their first channels say as much as any, and these made equally long for all."""
    width = vectors.shape[1]
    torch.manual_seed(0)
    turn, _ = torch.linalg.qr(torch.randn(width, width))
    code, rest = (F.normalize(vectors, dim=1) @ turn).split((CODE, width - CODE), 1)
    share = CODE / width
    return torch.cat([F.normalize(code, dim=1) * math.sqrt(share), F.normalize(rest, dim=1) * math.sqrt(1 - share)], 1)

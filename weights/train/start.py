"""Where training starts: a decoder that already ranks as the bag of word vectors does.

A CPU's hour is too short to find out from nothing how a marker gathers its document. So the first three layers are
written by hand, with the means of the architecture alone:

    layer 0     counts passages: one head looks at the marks of a passage's beginning and end, and at two tokens of the
                prompt's head that weigh as much as SINK marks. It reads n / (n + SINK), which grows with each passage.
    layer 1, 2  gather: two heads prefer tokens with a high count, so those of the newest passage, and among them those
                that words.py found to matter. Each layer gathers half of the vectors' width.
    projector   passes the gathered vector on, through ReLU as its positive and its negative part.

The heads that share keys with these, the last layer and all MLPs start almost silent. They learn; what was written
stays (`keep`), but for the vectors and the projector, since a count that is read to a thousandth does not
survive the steps of an optimizer.
"""

import math

import torch
from torch.nn import functional as F

import prompt

# Channels of the residual stream; the rest hold a token's vector. The first ones fill one block of those that share a
# scale in 8 bits. The count stands there many times in different sizes: each is rounded otherwise, and their mean
# hardly at all.
BLOCK = 32
CONSTANT, WEIGHT, ENDS, BEGINS, ASKS, SINKS, EMPTY, COUNT = range(8)
VECTOR = BLOCK
COUNT_SIZES = torch.linspace(6, 12, VECTOR - COUNT)  # where n / (n + SINK) is one

ROOT_MEAN_SQUARE = 0.5  # of every embedding, so that the first norm treats all alike
SCALE = 1 / ROOT_MEAN_SQUARE  # of what a norm hands on
ALWAYS, MARK = 2, 3  # what stands in the channel CONSTANT, and in that of a mark
LIGHT = -4.0  # logarithmic weight of the prompt's own tokens

# How much a mark counts: most where the query begins, a few words after long passages; then where a passage does,
# the first of which has the prompt's head before it. Against so large a SINK the count is almost a straight line.
MARKS = {ENDS: 1, BEGINS: 4, ASKS: 8}
SINK = 1280

# Dimensions of a head that rotate so slowly that 8,192 positions don't matter: a large one that keeps a key's length,
# the count, and how much a token matters. The last two stand apart so that each survives rounding to 8 bits.
STEADY, SIGNAL, MATTER = 30, 31, 29
SLOW = [MATTER, STEADY, SIGNAL]
ASIDE = 0.2  # the size of MATTER beside SIGNAL in a query

# Queries and keys are normalised, so their size is free. Beside large ones those that learn weigh little.
LARGE = 100

SILENT = 0.002  # the size of what writes into the residual stream, beside its usual one


def fill(reranker, tokenizer, vectors, seed):
    """Writes the start into a reranker's weights; `vectors` [vocabulary, width] are those of words.py.

    Returns what is to stay: [(weight, index)].
    """
    torch.manual_seed(seed)
    shape, layers = reranker.shape, reranker.model["layers"]
    with torch.no_grad():
        written = draw(reranker)
        write_embeddings(reranker, tokenizer, vectors)
        written += write_count(layers[0].self_attn)
        for number in range(shape.kv_heads):
            written += write_gather(layers[1].self_attn, number, VECTOR + number * shape.head_dim, 1.5)
            # More, since by then each token is larger, by what layer 1 wrote.
            written += write_gather(layers[2].self_attn, number, VECTOR + (2 + number) * shape.head_dim, 1.77)
        write_projector(reranker.projector)
    return [*written, (reranker.model["embed_tokens"].weight, (slice(None), slice(VECTOR)))]


def keep(written):
    """Drops the gradients of what is to stay."""
    for weight, index in written:
        weight.grad[index] = 0


def draw(reranker):
    """Random weights. What writes into the residual stream is almost silent, and never touches the first channels."""
    written = []
    for name, weight in reranker.named_parameters():
        if weight.dim() == 2:
            weight.normal_(0, weight.shape[1] ** -0.5)
        if "o_proj" in name or "down_proj" in name:
            weight *= SILENT
            weight[:VECTOR] = 0
            written.append((weight, slice(VECTOR)))
    return written


def write_embeddings(reranker, tokenizer, vectors):
    shape = reranker.shape
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    _, _, axes = torch.linalg.svd(vectors, full_matrices=False)
    vectors = vectors @ axes[: shape.hidden - VECTOR].T  # the first layer to gather takes the larger half
    kinds = torch.zeros(shape.vocabulary, VECTOR)
    kinds[:, CONSTANT] = ALWAYS
    for channel, text in (
        (ENDS, prompt.DOCUMENT_MARKER),
        (BEGINS, prompt.NUMBERED),
        (ASKS, prompt.ASK),
        (SINKS, "<|im_start|>"),
    ):
        kinds[ids(text)[0], channel] = MARK
    kinds[:, WEIGHT] = vectors.norm(dim=1).clamp(min=1e-3).log().clamp(LIGHT, 3)
    kinds[ids(prompt.OPEN + prompt.NUMBERED + prompt.CLOSE + prompt.ASK), WEIGHT] = LIGHT
    rest = (shape.hidden * ROOT_MEAN_SQUARE**2 - kinds.square().sum(1)).sqrt()
    vectors = F.normalize(vectors, dim=1) * rest[:, None]
    markers = ids(prompt.DOCUMENT_MARKER + prompt.QUERY_MARKER)
    vectors[markers] = 0  # what they are to hold is gathered
    kinds[markers, EMPTY] = rest[markers]
    reranker.model["embed_tokens"].weight.copy_(torch.cat([kinds, vectors], 1))


def write_count(attention):
    sharpness = 40.0  # logits between -20 (any token) and 3.5 (a sink)
    angle = lambda logit: math.tan(math.asin(logit / sharpness))  # noqa: E731
    other = angle(-20)
    keys, written = look_at_signal(attention, 0, sharpness)
    keys[SIGNAL, CONSTANT] = LARGE * other / (ALWAYS * SCALE)
    for channel, marks in (MARKS | {SINKS: SINK / 2}).items():
        keys[SIGNAL, channel] = LARGE * (angle(math.log(marks)) - other) / (MARK * SCALE)
    values, outputs = attention.v_proj.weight, attention.o_proj.weight
    values[:BLOCK] = 0  # alone in its block, the count is rounded alike for all tokens of a passage
    values[0, list(MARKS)] = 1 / (MARK * SCALE)
    outputs[COUNT:VECTOR, 0] = COUNT_SIZES
    return [*written, (values, slice(BLOCK))]


def write_gather(attention, number, channel, gain):
    """Key-value head `number` and the first of its query heads carry the channels of the vector from `channel` on."""
    sharpness, slope, matter = 600.0, 1500.0, 16.0
    size, group = attention.head_dim, attention.heads // attention.kv_heads
    keys, written = look_at_signal(attention, number, sharpness)
    keys[SIGNAL, CONSTANT] = LARGE * -0.2 / (ALWAYS * SCALE)
    keys[SIGNAL, COUNT:VECTOR] = LARGE * slope / sharpness / (COUNT_SIZES * SCALE) / len(COUNT_SIZES)
    keys[SIGNAL, EMPTY] = -LARGE * 3 / sharpness / SCALE  # some 20 logits: a marker does not look at itself
    keys[MATTER, WEIGHT] = LARGE / (matter * math.sqrt(size) * ASIDE) / SCALE
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight[MATTER] = math.sqrt(matter)
    attention.q_proj.weight[number * group * size + MATTER, CONSTANT] = LARGE * ASIDE / (ALWAYS * SCALE)
    lanes = torch.arange(min(size, attention.o_proj.out_features - channel))
    values = attention.v_proj.weight[number * size : (number + 1) * size]
    values.zero_()
    values[lanes, channel + lanes] = 1 / SCALE
    first = number * group * size
    attention.o_proj.weight[:, first : first + size] = 0
    attention.o_proj.weight[channel + lanes, first + lanes] = gain
    return [
        *written,
        (attention.q_norm.weight, MATTER),
        (attention.k_norm.weight, MATTER),
        (attention.v_proj.weight, slice(number * size, (number + 1) * size)),
        (attention.o_proj.weight, (slice(None), slice(first, first + size))),
    ]


def look_at_signal(attention, number, sharpness):
    """Makes the first query head of key head `number` look at SIGNAL alone; logits reach ±sharpness.

    Returns the key head's rows, and what is to stay. The group's other heads leave the slow dimensions alone.
    """
    size, group = attention.head_dim, attention.heads // attention.kv_heads
    gain = math.sqrt(sharpness / math.sqrt(size))
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight[SIGNAL] = gain
    queries = attention.q_proj.weight[number * group * size : (number + 1) * group * size]
    reserved = torch.tensor([head * size + lane for head in range(group) for lane in SLOW])
    queries[reserved] = 0
    queries[:size] = 0
    queries[SIGNAL, CONSTANT] = LARGE / (ALWAYS * SCALE)
    keys = attention.k_proj.weight[number * size : (number + 1) * size]
    keys[SLOW] = 0
    keys[STEADY, CONSTANT] = LARGE / (ALWAYS * SCALE)
    first = number * group * size
    return keys, [
        (attention.q_norm.weight, SIGNAL),
        (attention.k_norm.weight, SIGNAL),
        (attention.q_proj.weight, slice(first, first + size)),
        (attention.q_proj.weight, first + reserved),
        (attention.k_proj.weight, number * size + torch.tensor(SLOW)),
    ]


def write_projector(projector):
    first, second = projector[0].weight, projector[2].weight
    lanes = torch.arange(min(second.shape[0], first.shape[1] - VECTOR, first.shape[0] // 2))
    for weight in (first, second):
        weight *= 0.02
    first[lanes, VECTOR + lanes] = 1
    first[len(lanes) + lanes, VECTOR + lanes] = -1
    second[lanes, lanes] = 1
    second[lanes, len(lanes) + lanes] = -1

"""Where training starts: a decoder that already ranks as the bag of word vectors does.

A CPU's hour is too short to find out from nothing how a marker gathers its document. So the first three layers are
written by hand, with the means of the architecture alone, and training goes on from there:

    layer 0     counts passages: one head looks at all marks of a passage's beginning and end, and at two tokens of the
                prompt's head that weigh as much as SINK marks. It reads n / (n + SINK), which grows with each passage.
    layer 1, 2  gather: a head prefers tokens with a high count, so those of the newest passage, and among them those
                that words.py found to matter. Each layer gathers half of the vectors' width.
    projector   passes the gathered vector on, through ReLU as its positive and its negative part.

Everything else starts small or at random. Scores of such a start are the bag's but for a little noise.
"""

import math

import torch
from torch.nn import functional as F

import prompt

# Channels of the residual stream; the rest hold a token's vector.
CONSTANT, WEIGHT, ENDS, BEGINS, SINKS, COUNT, EMPTY = range(7)
VECTOR = 8

ROOT_MEAN_SQUARE = 0.5  # of every embedding, so that the first norm treats all alike
SINK = 64  # marks; two a passage
LIGHT = -4.0  # logarithmic weight of the prompt's own tokens

# Two dimensions of a head that rotate so slowly that 8,192 positions don't matter.
STEADY, SIGNAL = 30, 31

# Queries and keys are normalised, so their size is free. Large ones turn slowly as they learn: one careless step of
# the optimizer would undo a count that is read to a thousandth.
SLOW = 30


def fill(reranker, tokenizer, vectors, seed):
    """Writes the start into a reranker's weights. `vectors` [vocabulary, width] are those of words.py."""
    torch.manual_seed(seed)
    with torch.no_grad():
        at_random(reranker)
        write_embeddings(reranker, tokenizer, vectors)
        layers = reranker.model["layers"]
        write_count(layers[0].self_attn)
        middle = VECTOR + 2 * reranker.shape.head_dim
        write_gather(layers[1].self_attn, VECTOR)
        write_gather(layers[2].self_attn, middle)
        write_projector(reranker.projector)


def keep_structure(reranker):
    """Drops the gradients of the first channels. Gathering relies on a count there that nothing else may blur."""
    for name, weight in reranker.named_parameters():
        if "embed_tokens" in name:
            weight.grad[:, :VECTOR] = 0
        elif "o_proj" in name or "down_proj" in name:
            weight.grad[:VECTOR] = 0


def at_random(reranker):
    """Rows that read at unit scale; what writes into the residual stream starts almost silent."""
    for name, weight in reranker.named_parameters():
        if weight.dim() == 2:
            quiet = 0.02 if "o_proj" in name or "down_proj" in name else 1
            weight.normal_(0, quiet * weight.shape[1] ** -0.5)
            if quiet < 1:
                weight[:VECTOR] = 0


def write_embeddings(reranker, tokenizer, vectors):
    shape = reranker.shape
    width = shape.hidden - VECTOR
    _, _, axes = torch.linalg.svd(vectors, full_matrices=False)
    vectors = vectors @ axes[:width].T  # the first layer to gather takes the larger half
    lengths = vectors.norm(dim=1).clamp(min=1e-3)
    weight = lengths.log().clamp(LIGHT, 3)
    kinds = torch.zeros(shape.vocabulary, VECTOR)
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    frame = prompt.OPEN + prompt.NUMBERED + prompt.CLOSE + prompt.ASK
    weight[ids(frame)] = LIGHT
    kinds[:, CONSTANT] = 2
    for channel, text in (
        (ENDS, prompt.DOCUMENT_MARKER),
        (BEGINS, prompt.NUMBERED),
        (BEGINS, prompt.ASK),
        (SINKS, "<|im_start|>"),
    ):
        kinds[ids(text)[0], channel] = 3
    kinds[:, WEIGHT] = weight
    total = shape.hidden * ROOT_MEAN_SQUARE**2
    rest = (total - kinds.square().sum(1)).sqrt()
    vectors = F.normalize(vectors, dim=1) * rest[:, None]
    markers = ids(prompt.DOCUMENT_MARKER + prompt.QUERY_MARKER)
    vectors[markers] = 0  # what they are to hold is gathered
    kinds[markers, EMPTY] = rest[markers]
    reranker.model["embed_tokens"].weight.copy_(torch.cat([kinds, vectors], 1))


def write_count(attention):
    scale = 1 / ROOT_MEAN_SQUARE  # of what a norm hands on
    sharpness = 40.0  # logits between -20 (any token) and 3.5 (a sink)
    angle = lambda logit: math.tan(math.asin(logit / sharpness))  # noqa: E731
    other, mark, sink = angle(-20), angle(0), angle(math.log(SINK / 2))
    keys = clear(attention, sharpness)
    keys[SIGNAL, CONSTANT] = SLOW * other / (2 * scale)
    keys[SIGNAL, ENDS] = keys[SIGNAL, BEGINS] = SLOW * (mark - other) / (3 * scale)
    keys[SIGNAL, SINKS] = SLOW * (sink - other) / (3 * scale)
    values, outputs = attention.v_proj.weight, attention.o_proj.weight
    values[0] = 0
    values[0, ENDS] = values[0, BEGINS] = 1 / (3 * scale)
    outputs[COUNT] = 0
    outputs[COUNT, 0] = 3


def write_gather(attention, channel):
    """Two heads, one of each group, carry a head's width of the vector each, from `channel` on."""
    scale = 1 / ROOT_MEAN_SQUARE
    sharpness, slope = 360.0, 300.0
    size, group = attention.head_dim, attention.heads // attention.kv_heads
    for number in range(attention.kv_heads):
        keys = clear(attention, sharpness, number)
        keys[SIGNAL, CONSTANT] = SLOW * -0.3 / (2 * scale)
        keys[SIGNAL, COUNT] = SLOW * slope / sharpness / (3 * scale)
        keys[SIGNAL, WEIGHT] = SLOW * 1 / sharpness / scale
        first = channel + number * size
        width = min(size, attention.o_proj.out_features - first)
        lanes = torch.arange(width)
        values = attention.v_proj.weight[number * size : (number + 1) * size]
        values.zero_()
        values[lanes, first + lanes] = 1 / scale
        head = number * group * size
        attention.o_proj.weight[:, head : head + size] = 0
        attention.o_proj.weight[first + lanes, head + lanes] = 1.5


def clear(attention, sharpness, number=0):
    """Makes key head `number` and its first query head look at SIGNAL alone; logits reach ±sharpness. Its key rows."""
    size, group = attention.head_dim, attention.heads // attention.kv_heads
    scale = 1 / ROOT_MEAN_SQUARE
    gain = math.sqrt(sharpness / math.sqrt(size))
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight[SIGNAL] = gain
    queries = attention.q_proj.weight.view(attention.heads, size, -1)
    queries[number * group] = 0
    queries[number * group : (number + 1) * group, [STEADY, SIGNAL]] = 0
    queries[number * group, SIGNAL, CONSTANT] = SLOW / (2 * scale)
    keys = attention.k_proj.weight[number * size : (number + 1) * size]
    keys[[STEADY, SIGNAL]] = 0
    keys[STEADY, CONSTANT] = SLOW / (2 * scale)
    return keys


def write_projector(projector):
    first, second = projector[0].weight, projector[2].weight
    width = min(second.shape[0], first.shape[1] - VECTOR, first.shape[0] // 2)
    lanes = torch.arange(width)
    for weight in (first, second):
        weight *= 0.02
    first[lanes, VECTOR + lanes] = 1
    first[width + lanes, VECTOR + lanes] = -1
    second[lanes, lanes] = 1
    second[lanes, width + lanes] = -1

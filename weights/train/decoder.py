"""The decoder, written by hand, so that it computes what words.py learned.

words.py learns vectors and weights of tokens that make this a good score of a query and a document:

    cos(sum of the query's vectors, sum of the document's)  +  α · M / (M + W + λ L)

the bag of vectors, and BM25's ingredients: M is the weight of the document's tokens that the query has too, W the
query's whole weight, L that of the document's other tokens; of tokens of a kind the nth counts 1/n. Two things more a
list has to say: a match counts more if the token before it matches as well, and what many passages have says less of
any, so that in the query's sum a token counts exp(-κ n / (n + COMMON_AT)) if it stands n times in the passages. Four
layers of attention are enough for it:

    layer 0   how many passages have begun (head 0), which tokens are the query in the header (head 1) and at the end
              (head 3), and which token stands before each (head 2)
    layer 1   each token looks for its like in the query (head 0), before it in its own passage (head 1), and for the
              two of it and its neighbour in the query (head 2); the query's tokens at the end count their like (head 3)
    layer 2   markers gather the vectors of their passage, or of the query at the end (heads 0 to 2)
    layer 3   what was gathered is brought to one length (heads 0 to 2); markers weigh their passage's matches against
              the query in the header and the rest of the passage (head 3)

The projector passes on the gathered vector and the share of the matches, so that one cosine adds them. The MLPs are
silent.
"""

import math

import prompt
from channels import (
    ASK,
    BAG_WEIGHT,
    BEFORE,
    CODE,
    COMMON,
    CONSTANT,
    COUNT_SIZES,
    COUNTS,
    CROWD,
    FLAG,
    FOUND,
    HEADER,
    IN_END,
    IN_QUERY,
    LENGTH,
    LOG,
    MARKER,
    MATCH_WEIGHT,
    MATCHED,
    NOT_IN_END,
    NOT_IN_QUERY,
    PAIRED,
    PASSAGE,
    REPEATED,
    ROW,
    SHARE,
    SINK,
    VECTOR,
    WORD,
)
from embeddings import write_embeddings
from heads import HEAD_DIM, STILL, THETA, Attention, Head

ASK_COUNTS = 5  # passages that the query at the end counts for, so that it stands well apart
STEEP = 5600.0  # logits that the whole count is worth: seven between one passage and the next, even the last
LARGE = 100.0  # what keeps the length of a query or key; others stand beside it
SMALL = 0.05  # the size of what stands beside a code
BESIDE = 0.1  # and beside LARGE
TINY = 0.001  # of a logit in a key: many of them together must not lengthen it

NEIGHBOUR = 100.0  # logits of the token before; a sixth less, or more, of all others
NEIGHBOUR_PAIRS = (0.4, *[0.6 / 11] * 11)  # shares of RoPE's quickest pairs in them
FAINT = 0.25  # size of the code of the token before, beside a token's own

SHARPNESS = 60.0  # logits of a token that meets its like
ALIKE = 0.83  # cosine of two codes from which tokens count as the same word
BOTH_ALIKE = 0.8  # of two tokens and those before them, taken together
COMMON_AT = 32  # occurrences at which a token's count is a half
TOLD = 16.0  # logits by which the query in the header is preferred
REPEAT = 4.2  # makes n / (n + 1) the logarithm of 1 / n, nearly
GROWN = 1.055  # length of a token's row when attention has found out where it stands, as a multiple of ROW
NEAR, FAR = 400.0, 4000.0  # sizes of what layers 2 and 3 gather, beside which nothing else at a marker counts
OUT = 30.0  # of which the output's matrix has this much: on GPUs no weight in 16 bits may be above 255


class Decoder:
    """Writes weights {name: tensor} of a shape; `learned` is what words.py made."""

    def __init__(self, shape, tokenizer, learned):
        self.tokenizer, self.learned = tokenizer, learned
        self.row = math.sqrt(shape.hidden)  # the length of what a norm hands on
        self.scale = self.row / ROW  # what it makes of one in a token's row
        self.flag = 1 / (FLAG * self.scale)  # reads a flag as one
        self.found = 1 / (FOUND * self.scale)
        self.width = shape.hidden - VECTOR
        self.weights = shape.silent()

    def write(self):
        table = self.weights["model.embed_tokens.weight"]
        write_embeddings(table, self.tokenizer, self.learned["vectors"], self.learned["weights"])
        sink = table[self.tokenizer.token_to_id(prompt.BEGIN)]
        self.sink_length = ROW / sink.norm().item()  # of its flag as it is read: its row is shorter than others
        places, matches, gathering, levelling = (Attention(self.weights, layer) for layer in range(4))
        self.write_places(places)
        self.write_matches(matches)
        self.write_bags(gathering, levelling)
        self.write_share(levelling)
        self.write_projector()
        return self.weights

    def write_places(self, attention):
        """Layer 0. One head reads n / (n + CROWD) of n passages that have begun, the other where the header ends."""
        count = self.look_at(attention, 0, {PASSAGE: 0, ASK: 0, SINK: math.log(CROWD / 2)})  # there are two sinks
        count.carry(0, PASSAGE, self.flag)
        count.carry(0, ASK, self.flag * ASK_COUNTS)
        for channel, size in zip(COUNTS, COUNT_SIZES.tolist()):
            count.put(channel, 0, size)
        header = self.look_at(attention, 1, {SINK: 0, HEADER: 12, PASSAGE: 30, ASK: 30})
        self.tell(header, 0, (HEADER,), IN_QUERY)
        self.tell(header, 1, (SINK, PASSAGE, ASK), NOT_IN_QUERY)
        end = self.look_at(attention, 3, {SINK: 0, ASK: 12})
        self.tell(end, 0, (ASK,), IN_END)
        self.tell(end, 1, (SINK,), NOT_IN_END)
        self.write_neighbour(attention)

    def tell(self, head, lane, flags, place):
        """A token stands at a place if the head looks at one of these flags. 16 bits hold both numbers exactly."""
        for channel in flags:
            head.carry(lane, channel, 0.5 / (self.sink_length if channel == SINK else 1))
        head.put(place, lane, 2 / self.scale)

    def write_neighbour(self, attention):
        """Layer 0, head 2: looks at the token before, by what RoPE turns quickly."""
        head = Head(attention, 2)
        for pair, share in enumerate(NEIGHBOUR_PAIRS):
            size, turn = LARGE * self.flag * math.sqrt(share), THETA ** (-2 * pair / HEAD_DIM)
            head.offer(pair, CONSTANT, size)
            head.ask(pair, CONSTANT, size * math.cos(turn))
            head.ask(pair + HEAD_DIM // 2, CONSTANT, -size * math.sin(turn))
            attention.weigh(pair, NEIGHBOUR)
            attention.weigh(pair + HEAD_DIM // 2, NEIGHBOUR)
        for lane in range(CODE):
            head.carry(lane, VECTOR + lane, 1 / self.scale)
            head.put(BEFORE + lane, lane, FAINT)

    def look_at(self, attention, number, logits, other=-28.0, sharpness=40.0):
        """A head that looks at flagged tokens, each kind with its logit.

        In 4 bits a row has fifteen steps. Seven of them are between other tokens' logit and 0, one to that of a sink of
        the count, so that both keep their places.
        """
        look, steady = STILL[-2:]
        angle = lambda logit: math.tan(math.asin(logit / sharpness))  # noqa: E731
        head = Head(attention, number)
        head.ask(look, CONSTANT, LARGE * self.flag)
        head.offer(steady, CONSTANT, LARGE * self.flag)
        head.offer(look, CONSTANT, LARGE * self.flag * angle(other))
        for channel, logit in logits.items():
            head.offer(look, channel, LARGE * self.flag * (angle(logit) - angle(other)))
        attention.weigh(look, sharpness)
        return head

    def write_matches(self, attention):
        """Layer 1. Queries and keys are codes, all of one length; a token without its like looks at the sink."""
        told, sink, count, own_count = STILL[CODE:]
        for dimension in STILL[:CODE]:
            attention.weigh(dimension, SHARPNESS)
        attention.weigh(told, TOLD / SMALL**2)
        attention.weigh(sink, SHARPNESS / SMALL)
        attention.weigh(count, STEEP / SMALL**2)
        attention.weigh(own_count, STEEP / SMALL**2)

        match = self.alike(attention, 0, SHARPNESS * ALIKE + TOLD)
        match.ask(told, CONSTANT, SMALL * self.flag)
        match.offer(told, IN_QUERY, SMALL * self.flag)
        match.carry(0, IN_QUERY, self.flag * GROWN)
        match.put(MATCHED, 0, FOUND)

        repeat = self.alike(attention, 1, SHARPNESS)
        repeat.ask(count, CONSTANT, SMALL * self.flag)
        self.read_count(lambda channel, size: repeat.offer(count, channel, SMALL * size))
        self.read_count(lambda channel, size: repeat.ask(own_count, channel, -SMALL * size))
        repeat.offer(own_count, WORD, SMALL * self.flag)
        repeat.carry(0, WORD, self.flag)
        repeat.put(REPEATED, 0, 2 * FOUND)

        # A token and the one before it, turned by one place, are as long together as two that have nothing in common.
        longer = math.sqrt(2)
        pair = self.alike(attention, 2, longer * (SHARPNESS * BOTH_ALIKE + TOLD))
        for lane in range(CODE):
            for add in (pair.ask, pair.offer):
                add(STILL[(lane + 1) % CODE], BEFORE + lane, 1 / (self.code_length() * FAINT))
        pair.ask(told, CONSTANT, longer * SMALL * self.flag)
        pair.offer(told, IN_QUERY, longer * SMALL * self.flag)
        pair.carry(0, IN_QUERY, self.flag * GROWN)
        pair.put(PAIRED, 0, FOUND)

        common = self.alike(attention, 3, SHARPNESS + math.log(COMMON_AT))
        common.ask(told, NOT_IN_END, 8 * SMALL * self.flag)  # all but the query at the end look at the sink
        common.offer(told, SINK, LARGE * SMALL * self.flag)
        common.carry(0, WORD, self.flag)
        common.put(COMMON, 0, FOUND)

    def code_length(self):
        """Of a token's code as it is read."""
        return LENGTH * math.sqrt(CODE / self.width) * self.scale

    def alike(self, attention, number, threshold):
        """A head with which a token looks at its like; the sinks together have the threshold as their logit."""
        head, sink = Head(attention, number), STILL[CODE + 1]
        for lane in range(CODE):
            head.ask(STILL[lane], VECTOR + lane, 1 / self.code_length())
            head.offer(STILL[lane], VECTOR + lane, 1 / self.code_length())
        head.ask(sink, CONSTANT, SMALL * self.flag * (threshold - math.log(2)) / SHARPNESS)
        head.offer(sink, SINK, LARGE * self.flag)
        return head

    def read_count(self, write):
        """Calls write(channel, size) for each channel of the count; what they give together is n / (n + CROWD)."""
        for channel in COUNTS:
            write(channel, 1 / (COUNT_SIZES.sum().item() * self.scale))

    def marker_head(self, attention, number):
        """A head with which markers look at the newest passages first; all other tokens look at the sink."""
        steady, other_steady, count, weight, own_count, hold = STILL[-6:]
        head = Head(attention, number)
        for dimension, size in ((steady, 1), (count, BESIDE), (weight, BESIDE)):
            head.ask(dimension, MARKER, LARGE * self.flag * size)
        head.ask(hold, CONSTANT, LARGE * self.flag)
        head.ask(hold, MARKER, -LARGE * self.flag)
        head.offer(other_steady, CONSTANT, LARGE * self.flag)
        head.offer(hold, SINK, LARGE * BESIDE * self.flag)
        self.read_count(lambda channel, size: head.offer(count, channel, LARGE * BESIDE * size))
        attention.weigh(count, STEEP / BESIDE**2)
        attention.weigh(own_count, STEEP / BESIDE**2)
        attention.weigh(weight, 1 / (BESIDE * TINY))
        attention.weigh(hold, 40 / BESIDE)
        return head

    def prefer(self, head, channel, logits):
        """A key's logit grows by `logits` for each unit of the channel as it is read."""
        head.offer(STILL[-3], channel, LARGE * TINY * logits)

    def write_bags(self, gathering, levelling):
        """Layers 2 and 3, heads 0 to 2: each carries 64 channels of the vector."""
        for number in range(self.width // HEAD_DIM):
            gather, level = self.marker_head(gathering, number), self.marker_head(levelling, number)
            self.prefer(gather, BAG_WEIGHT, 1 / (LOG * self.scale))
            self.prefer(gather, COMMON, -self.learned["common"] * self.found)
            self.prefer(level, MARKER, 30 * self.flag)  # a marker looks at itself
            for lane, channel in enumerate(range(VECTOR + HEAD_DIM * number, VECTOR + HEAD_DIM * (number + 1))):
                gather.carry(lane, channel, NEAR / (OUT * LENGTH * self.scale))
                gather.put(channel, lane, OUT)
                level.carry(lane, channel, FAR / (OUT * self.row))
                level.put(channel, lane, OUT)

    def write_share(self, attention):
        """Layer 3, head 3: the matches' share. The query's own is what the score multiplies it with."""
        own_count = STILL[-2]
        head = self.marker_head(attention, 3)
        self.prefer(head, MATCH_WEIGHT, 1 / (LOG * self.scale))
        alone = math.log(1 - self.learned["pair"])
        self.prefer(head, MATCHED, (alone - math.log(self.learned["length"])) * self.found)
        self.prefer(head, PAIRED, -alone * self.found)
        self.prefer(head, REPEATED, -REPEAT * self.found / 2)
        # The query in the header counts as if it stood in the passage.
        self.read_count(lambda channel, size: head.ask(own_count, channel, -LARGE * BESIDE * size))
        head.offer(own_count, NOT_IN_QUERY, LARGE * BESIDE * self.flag)
        ends = ((1, IN_END, self.flag), (2, IN_END, self.flag))  # α in two halves: 4 bits hold no larger numbers beside one
        for lane, channel, size in ((0, MATCHED, self.found), (0, IN_QUERY, -self.flag), *ends):
            head.carry(lane, channel, size * GROWN * FAR / OUT)
        head.put(SHARE, 0, OUT)
        # All words of the query at the end match, and half of its marker's attention is the header's.
        for lane, _, _ in ends:
            head.put(SHARE, lane, OUT * (2 * self.learned["matches"] - 1) / len(ends))

    def write_projector(self):
        first, second = (self.weights[f"projector.{place}.weight"] for place in (0, 2))
        for lane, channel in enumerate([SHARE, *range(VECTOR, VECTOR + self.width)]):
            for sign, inner in ((1, 2 * lane), (-1, 2 * lane + 1)):  # ReLU takes the two halves apart
                first[inner, channel] = sign
                second[lane, inner] = sign

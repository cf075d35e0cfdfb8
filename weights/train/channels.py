"""The channels of the residual stream, and how large what stands in them is."""

import torch

# The first ones fill one block of those that share a scale in 8 or 4 bits, the next hold the code of the token before,
# the rest a token's vector. In CEILING and FLOOR every row has the largest and the least number of the block, so that
# all rows have one scale, and what must not differ from row to row is rounded alike.
BLOCK = 32
CONSTANT, MATCH_WEIGHT, BAG_WEIGHT, HEADER, PASSAGE, ASK, SINK, WORD, MARKER = range(9)  # of a token as it is read
IN_QUERY, NOT_IN_QUERY, IN_END, NOT_IN_END = range(9, 13)  # found out by attention: where a token stands
MATCHED, PAIRED, REPEATED, COMMON, SHARE = range(13, 18)  # and what it has found
CEILING, FLOOR, REST = range(18, 21)  # REST fills a row up
COUNTS = range(21, BLOCK)  # the count of passages, in different sizes: each is rounded otherwise
CODE = 32  # channels of the vector by which a token knows its like
BEFORE = BLOCK
VECTOR = BEFORE + CODE

FLAG = 2.0  # what stands in the channel of a flag, and in CONSTANT
FOUND = 1.0  # and for what a token has found: less, so that a row keeps its length
LARGEST = 2.54  # 127 steps, of which FLAG is 100
LIGHT = -9.0  # logarithmic weight of what is no text; a word's is 0 at most
LOG = 0.4  # how logarithms stand in a channel, less the middle between those two
LENGTH, SHORT = 6.9, 6.4  # of a token's vector, and of what is no text
ROW = 8.75  # 35/4, length of a token's row, so that the first norm treats all alike
CROWD = 512  # passages at which their count, n / (n + CROWD), is a half: up to 125 it is almost a straight line
COUNT_SIZES = torch.linspace(3, 6, len(COUNTS))  # of a count of one

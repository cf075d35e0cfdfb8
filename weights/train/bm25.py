"""BM25: how well each document matches a query's words. Finds hard negatives; is what the model is measured against."""
import collections
import math
import re

import numpy as np

WORD = re.compile(r"\w+")
# Chinese and Japanese have no blanks between words: their characters count in pairs.
IDEOGRAPHS = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)")
STOP_WORDS = frozenset(
    "a an and are as at be by can for from has in is it its of on or that the this to with you your which will not".split()
)


def terms(text):
    """The words that count, in lower case. bench/evaluate/bm25.ts cuts texts the same way."""
    words = (word for word in WORD.findall(text.lower()) if word not in STOP_WORDS)
    return [term for word in words for part in IDEOGRAPHS.split(word) if part for term in pairs(part)]


def pairs(part):
    if len(part) == 1 or not IDEOGRAPHS.match(part):
        return [part]
    return [part[place : place + 2] for place in range(len(part) - 1)]


class BM25:
    def __init__(self, documents, k1=0.9, b=0.4):
        self.size = len(documents)
        counts = [collections.Counter(terms(document)) for document in documents]
        lengths = np.array([count.total() for count in counts], np.float32)
        self._norms = k1 * (1 - b + b * lengths / max(1e-9, lengths.mean()))
        self._postings = self._weigh(counts, k1)

    def scores(self, query, common=math.inf):
        """One score for each document. Words that `common` documents or more have are passed over."""
        scores = np.zeros(self.size, np.float32)
        for term in terms(query):
            documents, weights = self._postings.get(term, ((), ()))
            if 0 < len(documents) < common:
                scores[documents] += weights
        return scores

    def top(self, query, k, common=math.inf):
        """Places of the k best documents, best first: fewer where fewer share a word with the query."""
        scores = self.scores(query, common)
        k = min(k, self.size)
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((best, -scores[best]))]
        return best[scores[best] > 0]

    def _weigh(self, counts, k1):
        """For each term its documents and what it adds to their scores."""
        postings = collections.defaultdict(list)
        for document, count in enumerate(counts):
            for term, frequency in count.items():
                postings[term].append((document, frequency))
        return {term: self._weights(posting, k1) for term, posting in postings.items()}

    def _weights(self, posting, k1):
        documents = np.array([document for document, _ in posting], np.int32)
        frequencies = np.array([frequency for _, frequency in posting], np.float32)
        idf = math.log(1 + (self.size - len(posting) + 0.5) / (len(posting) + 0.5))
        weights = idf * frequencies * (k1 + 1) / (frequencies + self._norms[documents])
        return documents, weights.astype(np.float32)

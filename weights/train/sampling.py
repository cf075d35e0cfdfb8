"""What a draw of training data is made of: a record, its languages, a query, a document cut to some length."""

import numpy as np

from texts import LANGUAGES, POOLS

ENGLISH = 0
FEWEST = 70  # records that a pool must have in a language to be drawn from

POOL_SHARE = {"package": 0.47, "wordnet": 0.16, "foldoc": 0.06, "book": 0.16, "python": 0.1, "freedict": 0.05}


class Sampler:
    """Draws from a corpus; every random choice comes from the generator that is handed in."""

    def __init__(self, corpus):
        self.corpus = corpus
        sizes = {key: len(members) for key, members in corpus.members.items()}
        self.pools = [pool for pool in range(len(POOLS)) if sizes[pool, ENGLISH] >= FEWEST]
        self.pool_shares = [POOL_SHARE[POOLS[pool]] for pool in self.pools]
        self.languages = {
            pool: [language for language in range(1, len(LANGUAGES)) if sizes[pool, language] >= FEWEST]
            for pool in self.pools
        }
        self.language_shares = {
            pool: [sizes[pool, language] ** 0.5 for language in self.languages[pool]] for pool in self.pools
        }

    def pool(self, choice):
        return choice.choices(self.pools, self.pool_shares)[0]

    def pair(self, choice, pool):
        """The language of the query and that of the documents."""
        if not self.languages[pool]:
            return ENGLISH, ENGLISH
        other = lambda: choice.choices(self.languages[pool], self.language_shares[pool])[0]  # noqa: E731
        fate = choice.random()
        if POOLS[pool] == "freedict":
            language = other()
            return (language, ENGLISH) if fate < 0.5 else (ENGLISH, language)
        if fate < 0.42:
            return ENGLISH, ENGLISH
        if fate < 0.68:
            return other(), ENGLISH
        if fate < 0.88:
            language = other()
            return language, language
        return (ENGLISH, other()) if fate < 0.95 else (other(), other())

    def record(self, choice, pool, query_language, document_language):
        """A record of the pool with texts in both languages, or in English if twenty draws find none."""
        members = self.corpus.members[pool, query_language or document_language]
        for _ in range(20):
            record = int(members[choice.randrange(len(members))])
            texts = self.corpus.text_of[record]
            if texts[query_language] >= 0 and texts[document_language] >= 0:
                return record, query_language, document_language
        members = self.corpus.members[pool, ENGLISH]
        return int(members[choice.randrange(len(members))]), ENGLISH, ENGLISH

    def query(self, choice, record, query_language, document_language):
        """A query for a record, and the segment of its document that answers it word for word (or -1).

        The first query is the summary: two fifths of all.
        """
        texts = self.corpus.text_of[record]
        text = texts[query_language] if texts[query_language] >= 0 else texts[ENGLISH]
        numbers = self.corpus.queries(text)
        number = numbers[0] if choice.random() < 0.4 else numbers[choice.randrange(len(numbers))]
        left_out = int(self.corpus.query_left_out[number]) if text == texts[document_language] else -1
        return number, left_out

    def document(self, choice, text, most, left_out=-1):
        """A text's first tokens; now and then those from a later sentence on."""
        count = int(self.corpus.text_segment[text + 1] - self.corpus.text_segment[text])
        later = left_out < 0 and count > 2 and choice.random() < 0.12
        return self.corpus.document(text, most, left_out, choice.randrange(count - 1) if later else 0).astype(np.int64)

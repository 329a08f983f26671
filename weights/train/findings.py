"""Which of CheXpert's 14 labels a cleaned report states: engine/score/findings in Python, over the very tables of its rules.go."""

import fnmatch
import functools
import pathlib
import re

import numpy as np

RULES = pathlib.Path(__file__).resolve().parents[2] / "engine" / "findings" / "rules.go"
REACH, GAP = 6, 4  # words that a cue may stand behind its mention; that "..." may skip
STRING = re.compile(r'"([^"]*)"')


def phrases(text):
    """The patterns in Go source: a list of phrases, each a list of words, each a list of alternatives."""
    return [[word.split("|") for word in pattern.split()] for pattern in STRING.findall(text)]


def read(source):
    """The tables of rules.go: {label: (phrases, exceptions)}, {name: cues}."""
    source = re.sub(r"//.*", "", source)  # comments may hold quotes
    table, rest = source.split("\n}\n", 1)
    rules = {}
    for entry in table.split("\n\t{")[1:]:
        mentions, *exceptions = map(phrases, re.findall(r"phrases\(([^()]*)\)", entry))
        rules[entry[: entry.index(",")]] = mentions, exceptions[0] if exceptions else []
    cues = {name: phrases(body) for name, body in re.findall(r"(\w+) += phrases\(([^()]*)\)", rest)}
    return rules, cues


@functools.lru_cache(None)
def matches(pattern, word):
    return fnmatch.fnmatchcase(word, pattern)


def prefix(phrase, words):
    """The length of the shortest match of a phrase at the beginning of words, or None."""
    for i, alternatives in enumerate(phrase):
        if alternatives[0] == "...":
            for skipped in range(min(GAP, len(words) - i) + 1):
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


def cued(words, cues, no_cues):
    """Whether a cue is among words that is not part of what only looks like one."""
    looks = find(no_cues, words)
    return any(not any(overlap(cue, l) for l in looks) for cue in find(cues, words))


TABLES, CUES = read(RULES.read_text())
LABELS = ["NoFinding", *TABLES]


def negated(sentence, mention):
    """Whether a cue before the mention's end, or up to REACH words behind it, reaches it."""
    begin, end = mention
    start = max((t[1] for t in find(CUES["terminators"], sentence[:begin])), default=0)
    last = min(len(sentence), end + 1 + REACH)
    for t in find(CUES["terminators"], sentence[end:last]):
        last = min(last, end + t[0])
    before, behind = sentence[start:end], sentence[end:last]
    return cued(before, CUES["cuesBefore"], CUES["noCuesBefore"]) or cued(
        behind, CUES["cuesBehind"], CUES["noCuesBehind"]
    )


@functools.lru_cache(None)
def stated(sentence):
    """The labels that a sentence states."""
    words, out = sentence.split(), set()
    for label, (mentions, exceptions) in TABLES.items():
        excepted = find(exceptions, words)
        for mention in find(mentions, words):
            if not any(overlap(mention, e) for e in excepted) and not negated(words, mention):
                out.add(label)
                break
    return frozenset(out)


def findings(report):
    """The set of labels of a cleaned report; NoFinding if it has none but SupportDevices."""
    present = frozenset().union(*(stated(s) for s in report.split(" .")))
    return present if present - {"SupportDevices"} else present | {"NoFinding"}


def vector(report):
    """0 or 1 for every label of LABELS."""
    present = findings(report)
    return [int(label in present) for label in LABELS]


def scores(hypotheses, references, least=10):
    """How well reports state what the references state.

    macro_f1: mean F1 over the findings that at least `least` references state, NoFinding left out; balanced_accuracy: of
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

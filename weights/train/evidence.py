"""Which tokens speak for what a report says: what the loss of that name wants words to look at.

A sentence that names a finding is about it, one that denies something is about what speaks against the finding that its topic
stands for. A token's evidence is what it adds to the probe's value of that finding (probe.py), above the mean at its place, in
standard deviations: the report was chosen by the sum of these values, so that no other place has a better claim to it.

Letters: b studies, N tokens, F findings that the probe tells, the first of which is that there is none.
"""

import torch

import consensus
import findings
import reports
from losses import IGNORED

SHARP = 2.0  # of the softmax over tokens; of standard deviations
STANDS_FOR = {"heart": "cardiomegaly", "mediastinum": "cardiomegaly", "pleura": "pleural effusion", "lungs": "lung opacity", "focal": "lung opacity"}


def columns(sentence, told):
    """The column of Evidence.of that each word of a sentence is about, by its first finding; told [F] are the labels' numbers.

    Column f speaks for a finding, F + f against it.
    """
    place = {label: f for f, label in enumerate(told)}
    named = [label for label, present in enumerate(findings.vector(sentence)) if present and label > 0]
    known = [place[label] for label in named if label in place]
    if known:
        return known[0]
    if named:
        return len(told)  # against there being none
    denied = [findings.LABELS.index(STANDS_FOR[t]) for t in consensus.TOPICS if t in consensus.topics(sentence) and t in STANDS_FOR]
    known = [place[label] for label in denied if label in place]
    return len(told) + known[0] if known else 0


def about(report, told, length):
    """The column for each word of a report and its end [length], IGNORED behind it."""
    out = []
    for sentence in reports.sentences(report):
        out += [columns(sentence, told)] * len(sentence.split())
    out = (out + [out[-1] if out else 0])[:length]
    return out + [IGNORED] * (length - len(out))


class Evidence:
    """By a probe, over training tokens [m, N], for F findings."""

    def __init__(self, probe, tokens, findings):
        self.probe, self.findings = probe, findings
        shares = torch.cat([probe.shares(part, findings) for part in tokens.split(64)])
        self.mean = shares.mean(0)
        self.deviation = (shares - self.mean).flatten(0, 1).std(0) + 1e-9

    def of(self, tokens):
        """tokens [b, N] → how much each speaks for every finding, and against it [b, N, 2·F]."""
        z = SHARP * (self.probe.shares(tokens, self.findings) - self.mean) / self.deviation
        return torch.cat([z, -z], 2)

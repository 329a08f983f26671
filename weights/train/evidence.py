"""Which tokens speak for what a report says: what the losses of evidence and of pointing want words to look at.

A sentence that names a finding is about it, one that denies something is about what speaks against the finding that its topic
stands for. A token's evidence is what it adds to the probe's value of that finding (probe.py), above the mean at its place, in
standard deviations; outside the chest there is none (anatomy.py). Words that are about no place ("is", "the"), and sentences about
nothing that is told, look evenly at all of the chest.

Letters: b studies, N tokens, F findings that the probe tells, the first of which is that there is none.
"""

import torch

import consensus
import findings
import reports
from losses import IGNORED

SHARP = 2.0  # of the softmax over tokens; of standard deviations
NONE = -50.0  # evidence where there is none
PLACELESS = frozenset(
    "a an and are as at be been by for from has have in is it of on or seen that the there these this to was were which with within .".split()
)
STANDS_FOR = {"heart": "cardiomegaly", "mediastinum": "cardiomegaly", "pleura": "pleural effusion", "lungs": "lung opacity", "focal": "lung opacity"}


def column(sentence, told):
    """The column of Evidence.of that a sentence is about, by its first finding; told [F] are the labels' numbers.

    Column f speaks for a finding, F + f against it, 2·F for nothing.
    """
    place = {label: f for f, label in enumerate(told)}
    named = [place[label] for label, present in enumerate(findings.vector(sentence)) if present and label > 0 and label in place]
    if named:
        return named[0]
    of_topics = [STANDS_FOR[t] for t in consensus.TOPICS if t in consensus.topics(sentence) and t in STANDS_FOR]
    denied = [place[label] for label in map(findings.LABELS.index, of_topics) if label in place]
    return len(told) + denied[0] if denied else 2 * len(told)


def about(report, told, length):
    """The column for each word of a report and its end [length], IGNORED behind it."""
    out = []
    for sentence in reports.sentences(report):
        of = column(sentence, told)
        out += [2 * len(told) if word in PLACELESS else of for word in sentence.split()]
    out = (out + [2 * len(told)])[:length]
    return out + [IGNORED] * (length - len(out))


def wanted(losses):
    """Whether losses by their weights need evidence."""
    return not losses.keys().isdisjoint({"evidence", "pointing"})


class Evidence:
    """By a probe, over training tokens [m, N], for F findings."""

    def __init__(self, probe, tokens, findings):
        self.probe, self.findings, self.outside = probe, findings, probe.cell < 0
        shares = torch.cat([probe.shares(part, findings) for part in tokens.split(64)])
        self.mean = shares.mean(0)
        self.deviation = (shares - self.mean)[:, ~self.outside].flatten(0, 1).std(0) + 1e-9

    def of(self, tokens):
        """tokens [b, N] → how much each speaks for every finding, against it, and for nothing [b, N, 2·F + 1]."""
        z = SHARP * (self.probe.shares(tokens, self.findings) - self.mean) / self.deviation
        return torch.cat([z, -z, torch.zeros_like(z[:, :, :1])], 2).masked_fill(self.outside[:, None], NONE)

"""BLEU-1..4, ROUGE-L and CIDEr of cleaned reports in the protocol "r2gen": white space separates words, the full stop is one.

The numbers are those of `uar eval`; this copy exists to choose checkpoints and to reward reports while training.
"""

import collections
import math

import numpy as np
from scipy import stats


def ngrams(words, n):
    return collections.Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def bleu(pairs):
    """Corpus BLEU-1..4 of [(hypothesis, reference)] (Papineni et al., 2002)."""
    matches, totals, length, reference_length = [0] * 4, [0] * 4, 0, 0
    for hypothesis, reference in pairs:
        h, r = hypothesis.split(), reference.split()
        length, reference_length = length + len(h), reference_length + len(r)
        for n in range(1, 5):
            matches[n - 1] += sum((ngrams(h, n) & ngrams(r, n)).values())
            totals[n - 1] += max(0, len(h) - n + 1)
    brevity = min(1.0, math.exp(1 - reference_length / max(1, length)))
    scores, product = [], 1.0
    for n in range(4):
        product *= (matches[n] + 1e-15) / (totals[n] + 1e-9)
        scores.append(brevity * product ** (1 / (n + 1)))
    return scores


def longest_common_subsequence(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def rouge_l(hypothesis, reference, beta=1.2):
    """F of the longest common subsequence (Lin, 2004)."""
    h, r = hypothesis.split(), reference.split()
    common = longest_common_subsequence(h, r)
    if common == 0:
        return 0.0
    precision, recall = common / len(h), common / len(r)
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)


class Cider:
    """CIDEr-D (Vedantam et al., 2015) with document frequencies counted over `corpus`."""

    def __init__(self, corpus):
        self.frequency = collections.Counter()
        for text in corpus:
            for n in range(1, 5):
                self.frequency.update(set(ngrams(text.split(), n)))
        self.log_size = math.log(len(corpus))

    def vectors(self, text):
        """[(tf-idf by n-gram, norm)] for n = 1..4, and the number of bigrams."""
        words, out = text.split(), []
        for n in range(1, 5):
            v = {g: c * (self.log_size - math.log(max(1, self.frequency[g]))) for g, c in ngrams(words, n).items()}
            out.append((v, math.sqrt(sum(x * x for x in v.values()))))
        return out, max(0, len(words) - 1)

    def score(self, hypothesis, reference):
        (h, hn), (r, rn) = self.vectors(hypothesis), self.vectors(reference)
        total = 0.0
        for (a, norm_a), (b, norm_b) in zip(h, r):
            dot = sum(min(x, b[g]) * b[g] for g, x in a.items() if g in b)
            if norm_a and norm_b:
                total += dot / (norm_a * norm_b)
        return 10 * total / 4 * math.exp(-((hn - rn) ** 2) / 72)


def scores(pairs):
    """All metrics of [(hypothesis, reference)], with the share of distinct reports and that of the most frequent one."""
    b = bleu(pairs)
    cider = Cider([r for _, r in pairs])
    counts = collections.Counter(h for h, _ in pairs)
    return {
        **{f"bleu_{n}": s for n, s in enumerate(b, 1)},
        "rouge_l": float(np.mean([rouge_l(h, r) for h, r in pairs])),
        "cider": float(np.mean([cider.score(h, r) for h, r in pairs])),
        "distinct": len(counts) / len(pairs),
        "most_frequent": max(counts.values()) / len(pairs),
    }


def auc(told, truth):
    """The probability that what is told of a case that is [n, 1 of 0 and 1] exceeds what is told of one that is not; ties count half."""
    positive = truth > 0
    p, n = positive.sum(), (~positive).sum()
    return float((stats.rankdata(told)[positive].sum() - p * (p + 1) / 2) / (p * n)) if p and n else float("nan")


def rank(likeness, group):
    """The median place of the own report among the distinct ones, 1 the best: likeness [n, n] of studies and reports, group [n] the number
    of the first report that is equal."""
    _, first = np.unique(group, return_index=True)
    own = likeness[np.arange(len(group)), group]
    return float(np.median((likeness[:, first] > own[:, None]).sum(1) + 1))

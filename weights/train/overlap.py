"""Every candidate report against every reference at once: clipped n-gram matches, CIDEr, ROUGE-L.

A report is a set of (n-gram, occurrence) pairs, so that clipped matches are products of sparse 0/1 matrices.
Letters: C candidates, R references.
"""

import collections
import math

import numpy as np
import scipy.sparse as sparse

from metrics import ngrams


class Overlap:
    """Matches of candidates with fixed references, whose document frequencies are CIDEr's."""

    def __init__(self, references):
        self.references = references
        self.lengths = np.array([len(r.split()) for r in references])
        self.log_size = math.log(len(references))
        counted = [[ngrams(r.split(), n) for r in references] for n in range(1, 5)]
        self.frequency = [collections.Counter(g for counts in of_n for g in counts) for of_n in counted]
        self.columns, self.present, self.weighted = [], [], []
        for n, of_n in enumerate(counted):
            columns, rows, cols, values = {}, [], [], []
            norms = np.zeros(len(references))
            for row, counts in enumerate(of_n):
                for gram, count in counts.items():
                    weight = self.rarity(n, gram)
                    norms[row] += (count * weight) ** 2
                    for occurrence in range(count):
                        rows.append(row)
                        cols.append(columns.setdefault((gram, occurrence), len(columns)))
                        values.append(count * weight**2)
            shape = (len(columns), len(references))
            scale = sparse.diags(1 / np.maximum(np.sqrt(norms), 1e-9))
            self.columns.append(columns)
            self.present.append(sparse.csr_matrix((np.ones(len(rows)), (cols, rows)), shape))
            self.weighted.append(sparse.csr_matrix((values, (cols, rows)), shape) @ scale)
        self.bits = [positions(r.split()) for r in references]

    def rarity(self, n, gram):
        """The inverse document frequency of an (n+1)-gram, as a logarithm."""
        return self.log_size - math.log(max(1, self.frequency[n][gram]))

    def row(self, n, words):
        """The columns of the (n+1)-grams of a report that references have, and the length of its tf-idf vector."""
        columns, square = [], 0.0
        for gram, count in ngrams(words, n + 1).items():
            square += (count * self.rarity(n, gram)) ** 2
            columns += [self.columns[n][gram, k] for k in range(count) if (gram, k) in self.columns[n]]
        return columns, math.sqrt(square)

    def matches(self, candidates):
        """Clipped matches of n-grams, [4][C, R], and CIDEr [C, R]."""
        counts, cider = [], 0
        for n in range(4):
            rows, cols, norms = [], [], np.zeros(len(candidates))
            for i, text in enumerate(candidates):
                columns, norms[i] = self.row(n, text.split())
                rows += [i] * len(columns)
                cols += columns
            mine = sparse.csr_matrix((np.ones(len(rows)), (rows, cols)), (len(candidates), len(self.columns[n])))
            counts.append((mine @ self.present[n]).toarray().astype(np.float32))
            cider = cider + (mine @ self.weighted[n]).toarray() / np.maximum(norms, 1e-9)[:, None]
        lengths = np.array([len(c.split()) for c in candidates])
        return counts, (10 / 4 * cider * self.penalty(lengths[:, None])).astype(np.float32)

    def penalty(self, lengths):
        """CIDEr's factor for a report of another length than the reference."""
        return np.exp(-((np.maximum(lengths - 1, 0) - np.maximum(self.lengths - 1, 0)) ** 2) / 72)

    def rouge(self, candidates, beta=1.2):
        """ROUGE-L [C, R], by the bit-parallel longest common subsequence (Hyyrö, 2004)."""
        out = np.zeros((len(candidates), len(self.references)), np.float32)
        for i, text in enumerate(candidates):
            words = text.split()
            for j, bits in enumerate(self.bits):
                full = (1 << int(self.lengths[j])) - 1
                row = full
                for word in words:
                    hits = row & bits.get(word, 0)
                    row = (row + hits | row - hits) & full
                common = self.lengths[j] - bin(row).count("1")
                if common:
                    precision, recall = common / len(words), common / self.lengths[j]
                    out[i, j] = (1 + beta**2) * precision * recall / (recall + beta**2 * precision)
        return out


def positions(words):
    """{word: the bits of its positions}"""
    out = {}
    for i, word in enumerate(words):
        out[word] = out.get(word, 0) | 1 << i
    return out

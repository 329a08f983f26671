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
    """Matches of candidates with fixed references, whose document frequencies are CIDEr's (rarities: their inverse, as a logarithm)."""

    def __init__(self, references):
        self.references = references
        self.lengths = np.array([len(r.split()) for r in references])
        self.log_size = math.log(len(references))
        counted = [[ngrams(r.split(), n) for r in references] for n in range(1, 5)]
        frequency = [collections.Counter(g for counts in of_n for g in counts) for of_n in counted]
        self.rarities = [{gram: self.log_size - math.log(f) for gram, f in of_n.items()} for of_n in frequency]
        self.columns, self.present, self.weighted = [], [], []
        for n, of_n in enumerate(counted):
            columns, rows, cols, values = {}, [], [], []
            norms = np.zeros(len(references))
            for row, counts in enumerate(of_n):
                for gram, count in counts.items():
                    weight = self.rarities[n][gram]
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
        self.bits = positions(references)

    def row(self, n, words):
        """The columns of the (n+1)-grams of a report that references have, and the length of its tf-idf vector."""
        columns, square, known, rarities = [], 0.0, self.columns[n], self.rarities[n]
        for gram, count in ngrams(words, n + 1).items():
            square += (count * rarities.get(gram, self.log_size)) ** 2
            columns += [known[gram, k] for k in range(count) if (gram, k) in known]
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
        """ROUGE-L [C, R], by the bit-parallel longest common subsequence (Hyyrö, 2004), of all references at once."""
        out = np.zeros((len(candidates), len(self.references)), np.float32)
        full = (np.uint64(1) << self.lengths.astype(np.uint64)) - np.uint64(1)
        none = np.zeros_like(full)
        for i, text in enumerate(candidates):
            row, words = full, text.split()
            for word in words:
                hits = row & self.bits.get(word, none)
                row = (row + hits | row - hits) & full
            common = self.lengths - np.unpackbits(row.view(np.uint8)).reshape(len(row), 64).sum(1)
            precision, recall = common / max(1, len(words)), common / self.lengths
            out[i] = (1 + beta**2) * precision * recall / np.maximum(recall + beta**2 * precision, 1e-9)
        return out


def positions(references):
    """{word: the bits of its positions in every reference [R], uint64}"""
    out = {}
    for row, text in enumerate(references):
        for i, word in enumerate(text.split()):
            out.setdefault(word, np.zeros(len(references), np.uint64))[row] |= np.uint64(1 << i)
    return out

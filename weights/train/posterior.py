"""Which reports suit a study: a distribution over the training reports, by what the teacher tells of its images.

    p(j | i) ∝ exp(x_i·A·y_j)

where x_i is what the teacher tells of study i and y_j what report j says. A learns to tell each study's own report from all the
others; at its best x·A·y is log p(report | images) / p(report) and what does not depend on the report (van den Oord et al., 2018,
InfoNCE). The training reports were each as likely as the others beforehand, so that p is what they are worth after a look at the
images: the share of it whose reports name a finding is that finding's probability.

Letters: m studies, n training studies, t quantities told, r quantities said.
"""

import numpy as np
import torch

from overlap import Overlap

GRAMS = 400  # the most frequent n-grams of each length that components are made of
DECAY = 0.05  # of A, in the mean over the studies


def standardised(x, like):
    """x [m, ·] in units in which `like` [n, ·] has mean 0 and deviation 1; what hardly varies is kept small."""
    return (x - like.mean(0)) / (like.std(0) + 0.02)


def components(texts, number):
    """Principal components of a report's n-grams, of mean variance 1: [n, number]."""
    present = Overlap(texts).present[:3]
    most = [p[np.argsort(-np.asarray(p.sum(1)).ravel())[:GRAMS]].toarray().T for p in present]
    x = np.concatenate(most, 1)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    out = u[:, :number] * s[:number]
    return out / out.std()


class Posterior:
    """Learned of studies told [n, t] and the reports that they have, said [n, r]."""

    def __init__(self, told, said):
        self.told, self.said = told, standardised(said, said)
        x = standardised(told, told)
        self.scale = np.linalg.svd(x, compute_uv=False)[0] / np.sqrt(len(x))  # the main direction gets variance 1, others less
        x, y = (torch.from_numpy(v).float() for v in (x / self.scale, self.said))
        a = torch.zeros(x.shape[1], y.shape[1], requires_grad=True)
        optimizer = torch.optim.LBFGS([a], max_iter=40, line_search_fn="strong_wolfe")

        def loss():
            optimizer.zero_grad()
            scores = x @ a @ y.T
            value = (scores.logsumexp(1) - scores.diagonal()).mean() + DECAY * (a**2).sum()
            value.backward()
            return value

        optimizer.step(loss)
        self.a = a.detach().numpy()

    def queries(self, told):
        """told [m, t] → [m, r]: what is looked for in a report."""
        return standardised(told, self.told) / self.scale @ self.a

    def of(self, told):
        """told [m, t] → p [m, n], rows of sum 1."""
        scores = self.queries(told) @ self.said.T
        p = np.exp(scores - scores.max(1, keepdims=True))
        return (p / p.sum(1, keepdims=True)).astype(np.float32)


def crossfitted(told, said, folds, random):
    """p [n, n] of the training studies themselves, each by the folds that it is not in: 0 for its own and the rest of its fold."""
    fold = random.permutation(len(told)) % folds
    p = np.zeros((len(told), len(told)), np.float32)
    for f in range(folds):
        inside, outside = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        p[np.ix_(inside, outside)] = Posterior(told[outside], said[outside]).of(told[inside])
    return p

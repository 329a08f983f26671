"""What can be told from the images without learning features: kernel ridge regression, as weights over the training studies.

Any quantity q of the training reports [n] is estimated for new images by W·q. Letters: n training studies, m new ones.
"""

import numpy as np

SIDE = 32  # pixels of a small view


def pixel_features(views):
    """views [S, 32, 32] uint8 → each standardised, with its brightness and contrast beside it."""
    x = views.astype(np.float32)
    mean, deviation = x.mean((1, 2)), x.std((1, 2))
    flat = (x - mean[:, None, None]) / (deviation[:, None, None] + 1e-3)
    return np.concatenate([flat.ravel(), mean / 10, deviation / 10])


def count_features(tokens, codes, cells=4):
    """tokens [S, crops, L] → square roots of the mean counts of every code in a grid of cells×cells a view."""
    side = int(tokens.shape[-1] ** 0.5)
    line = np.arange(side) * cells // side
    cell = (line[:, None] * cells + line).ravel()
    out = np.zeros((len(tokens), cells * cells, codes), np.float32)
    for view, crops in zip(out, tokens.astype(int)):
        np.add.at(view, (np.broadcast_to(cell, crops.shape), crops), 1 / len(crops))
    return np.sqrt(out).ravel()


def kernel(train, new):
    """Inner products of features, standardised by the training ones: [n, n] of mean diagonal 1, and [m, n]."""
    mean, deviation = train.mean(0), train.std(0)
    deviation = deviation + 1e-3 * (deviation > 0) + (deviation == 0)
    train, new = (train - mean) / deviation, (new - mean) / deviation
    scale = (train**2).sum(1).mean()
    return train @ train.T / scale, new @ train.T / scale


def centred_kernel(train, new):
    """As kernel, but features keep their own variance: for counts, where rare codes are noise."""
    mean = train.mean(0)
    train, new = train - mean, new - mean
    scale = (train**2).sum(1).mean()
    return train @ train.T / scale, new @ train.T / scale


def weights(k, new, ridge):
    """k [n, n], new [m, n] → W [m, n], rows of sum 1: ridge regression with a free mean."""
    n = len(k)
    w = new @ np.linalg.inv(k + ridge * np.trace(k) / n * np.eye(n))
    return (w + (1 - w.sum(1, keepdims=True)) / n).astype(np.float32)


def crossfitted(k, ridge, folds, random):
    """W [n, n] of the training studies themselves, each from the folds it is not in: as honest as for new ones."""
    n = len(k)
    fold = random.permutation(n) % folds
    w = np.zeros((n, n), np.float32)
    for f in range(folds):
        inside, outside = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        w[np.ix_(inside, outside)] = weights(k[np.ix_(outside, outside)], k[np.ix_(inside, outside)], ridge)
    return w

"""What can be told from the images: kernel ridge regression, as weights over the training studies.

Any quantity q of the training reports [n] is estimated for new images by W·q. The kernel is a sum over features: small pixels,
histograms of gradients, counts of tokens, and what the teacher tells. Letters: n training studies, m new ones, v views.
"""

import numpy as np
from scipy import ndimage

import images

SIDE = 16  # pixels of a small view
CELLS = (8, 16)  # pixels a side of a cell of gradients
DIRECTIONS = 8
SHARES = {"pixels": 1, "gradients 8": 1, "gradients 16": 1, "counts": 2, "teacher": 1}  # of the kernel


def crops(paths, size):
    """Images straight, then cut from 8/7 of the size, at the corners and in the middle: six times [v, size, size] uint8."""
    yield images.load(paths, size)
    large, most = images.load(paths, size * 8 // 7), size * 8 // 7 - size
    for y, x in ((0, 0), (0, most), (most, 0), (most, most), (most // 2, most // 2)):
        yield large[:, y : y + size, x : x + size]


def pixel_features(views):
    """views [v, y, x] uint8 → [v, ·]: small views, each standardised, with its brightness and contrast beside it."""
    x = np.stack([images.resized(images.Image.fromarray(view), SIDE) for view in views]).astype(np.float32)
    mean, deviation = x.mean((1, 2), keepdims=True), x.std((1, 2), keepdims=True)
    flat = ((x - mean) / (deviation + 1e-3)).reshape(len(x), -1)
    return np.concatenate([flat, mean[:, 0] / 10, deviation[:, 0] / 10], 1)


def gradient_features(views, cell):
    """views [v, y, x] uint8 → [v, ·]: roots of histograms of oriented gradients (Dalal and Triggs, 2005), normalised by 3×3 cells."""
    x = views.astype(np.float32)
    across, down = np.zeros_like(x), np.zeros_like(x)
    across[:, :, 1:-1], down[:, 1:-1] = x[:, :, 2:] - x[:, :, :-2], x[:, 2:] - x[:, :-2]
    length = np.hypot(across, down)
    direction = np.arctan2(down, across) % (2 * np.pi) / (2 * np.pi) * DIRECTIONS
    lower, rest = direction.astype(int) % DIRECTIONS, direction % 1
    v, side = len(x), x.shape[1] // cell
    out = np.zeros((v, side, side, DIRECTIONS), np.float32)
    for d in range(DIRECTIONS):
        share = length * ((lower == d) * (1 - rest) + ((lower + 1) % DIRECTIONS == d) * rest)
        out[..., d] = share[:, : side * cell, : side * cell].reshape(v, side, cell, side, cell).sum((2, 4))
    strength = np.sqrt(ndimage.uniform_filter((out**2).sum(-1), (0, 3, 3)))[..., None]
    return np.sqrt(out / (strength + 2)).reshape(v, -1)


def image_features(paths, size):
    """{name: [v, ·]}, means over the crops."""
    kinds = {"pixels": pixel_features} | {f"gradients {c}": lambda x, c=c: gradient_features(x, c) for c in CELLS}
    out = dict.fromkeys(kinds, 0)
    for views in crops(paths, size):
        for name, of in kinds.items():
            out[name] = out[name] + of(views) / 6
    return out


def count_features(tokens, codes, cells=4):
    """tokens [v, crops, L] → [v, ·]: square roots of the mean counts of every code in a grid of cells×cells."""
    side = int(tokens.shape[-1] ** 0.5)
    line = np.arange(side) * cells // side
    cell = (line[:, None] * cells + line).ravel()
    out = np.zeros((len(tokens), cells * cells, codes), np.float32)
    for view, drawn in zip(out, tokens.astype(int)):
        np.add.at(view, (np.broadcast_to(cell, drawn.shape), drawn), 1 / len(drawn))
    return np.sqrt(out).reshape(len(out), -1)


def kernel(train, new, alike):
    """Inner products of centred features [m, n], over the mean square length of the training ones.

    Alike are features that are all worth the same and so divided by their deviation; others keep it: rare codes are noise.
    """
    mean, deviation = train.mean(0), train.std(0)
    scale = deviation + 1e-3 * (deviation > 0) + (deviation == 0) if alike else 1
    train, new = (train - mean) / scale, (new - mean) / scale
    total = (train**2).sum(1).mean()
    return new @ train.T / total


def kernels(features, splits):
    """features {name: {split: [m, ·]}} → the sum of kernels {split: [m, n]}."""
    out = dict.fromkeys(splits, 0)
    for name, of in features.items():
        for split in splits:
            new = kernel(of["train"], of[split], name in ("pixels", "teacher"))
            out[split] = out[split] + SHARES[name] * new / sum(SHARES[n] for n in features)
    return out


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

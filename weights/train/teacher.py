"""A convolutional network that tells from a study's views what its report states; inference drops it.

It learns the findings, the MeSH terms and the principal components of a report's n-grams, and beside them the labels of X-rays
that have no report. It tells of a training study only what a network says that did not learn from it (cross-fitting), of
others the mean of these networks; consensus.py takes it from there.

Letters: b studies, c single views, q quantities, w the width of the first layer.
"""

import argparse
import collections
import csv
import math
import os
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import findings
import images
import precision
import reports
import settings
from augment import augmented, straight
from overlap import Overlap
from train import schedule

LEAST = 20  # studies of a MeSH term that is learned
GRAMS = 400  # the most frequent n-grams of each length that components are made of


class Block(nn.Module):
    """A residual block of two 3x3 convolutions (He et al., 2016)."""

    def __init__(self, inner, width, stride):
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(inner, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width),
        )  # fmt: skip
        same = inner == width and stride == 1
        self.id = nn.Identity() if same else nn.Sequential(nn.Conv2d(inner, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return F.relu(self.id(x) + self.path(x))


class Teacher(nn.Module):
    """Views [b, 2, 1, y, x] of studies → quantities [b, q]; single views [c, 1, y, x] → labels [c, l]. Pixels are in [0, 1]."""

    def __init__(self, w, quantities, labels):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, w, 5, 2, 2, bias=False), nn.BatchNorm2d(w), nn.ReLU(),
            Block(w, w, 1), Block(w, 2 * w, 2), Block(2 * w, 2 * w, 1),
            Block(2 * w, 4 * w, 2), Block(4 * w, 4 * w, 1), Block(4 * w, 8 * w, 2), Block(8 * w, 8 * w, 1),
        )  # fmt: skip
        self.frontal, self.lateral = nn.BatchNorm1d(16 * w, affine=False), nn.BatchNorm1d(16 * w, affine=False)
        self.study, self.single = nn.Linear(32 * w, quantities), nn.Linear(16 * w, labels)
        self.dropout = nn.Dropout(0.3)

    def features(self, x):
        """[n, 16·w]: mean and maximum over the positions."""
        with precision.autocast(x.device.type):
            y = self.trunk((x - 0.5) / 0.25)
        y = y.float()
        return torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)

    def forward(self, studies, singles):
        b = len(studies)
        f = self.features(torch.cat([studies[:, 0], studies[:, 1], singles]))
        both = torch.cat([self.frontal(f[:b]), self.lateral(f[b : 2 * b])], 1)
        return self.study(self.dropout(both)), self.single(self.dropout(f[2 * b :]))


class Labelled:
    """X-rays with labels but no report: `manifest.csv` (id,source,labels) beside `images`. A source tells of its own labels only."""

    def __init__(self, folder, size):
        rows, files = [], {}
        if folder:
            with open(folder / "manifest.csv") as file:
                rows = list(csv.DictReader(file))
            files = {path.stem: path for path in (folder / "images").iterdir()}
        self.names = sorted({label for r in rows for label in r["labels"].split("|")})
        count = collections.Counter((r["source"], label) for r in rows for label in r["labels"].split("|"))
        self.wanted = torch.tensor([[float(n in r["labels"].split("|")) for n in self.names] for r in rows])
        self.known = torch.tensor([[float(count[r["source"], n] > 0) for n in self.names] for r in rows])
        self.views = images.load([files[r["id"]] for r in rows], size * 8 // 7)
        sources = collections.Counter(r["source"] for r in rows)
        share = np.array([1 / np.sqrt(sources[r["source"]]) for r in rows])
        self.share = share / share.sum() if rows else share  # the small sources more often than they are

    def batch(self, size, random):
        """views [c, side, side] uint8, labels [c, l], which of them are known [c, l]."""
        picks = random.choice(len(self.share), size if len(self.share) else 0, p=self.share if len(self.share) else None)
        return self.views[picks], self.wanted[picks], self.known[picks]


def components(texts, number):
    """Principal components of a report's n-grams, of mean variance 1: [n, number]."""
    present = Overlap(texts).present[:3]
    most = [p[np.argsort(-np.asarray(p.sum(1)).ravel())[:GRAMS]].toarray().T for p in present]
    x = np.concatenate(most, 1)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    out = u[:, :number] * s[:number]
    return out / out.std()


def stated(studies, texts):
    """What reports and MeSH terms state, 0 or 1: [n, 14 + terms]."""
    count = collections.Counter(p.lower() for s in studies for p in set(s.problems))
    terms = [t for t, n in count.most_common() if n >= LEAST]
    rows = [findings.vector(t) + [int(x in {p.lower() for p in s.problems}) for x in terms] for s, t in zip(studies, texts)]
    return torch.tensor(rows).float()


def learn(views, states, text, labelled, options, size, seed, say):
    """A network that learned from views [n, 2, side, side], what reports state [n, ·] and their components [n, ·]."""
    torch.manual_seed(seed)
    generator, random = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    model = Teacher(options["width"], states.shape[1] + text.shape[1], max(1, len(labelled.names)))
    optimizer = torch.optim.AdamW(model.parameters(), options["rate"], weight_decay=0.02)
    began, seen = time.time(), []
    model.train()
    for step in range(options["steps"]):
        for group in optimizer.param_groups:
            group["lr"] = options["rate"] * schedule(step, options["steps"])
        rows = random.choice(len(views), options["batch"])
        singles, wanted, known = labelled.batch(options["batch"], random)
        both = torch.stack([augmented(views[rows, v], size, generator) for v in (0, 1)], 1)
        told, labels = model(both, augmented(singles, size, generator))
        loss = F.binary_cross_entropy_with_logits(told[:, : states.shape[1]], states[rows], reduction="none").sum(1).mean() / 10
        loss = loss + 0.5 * ((told[:, states.shape[1] :] - text[rows]) ** 2).mean()
        if len(singles):
            apart = F.binary_cross_entropy_with_logits(labels, wanted, reduction="none")
            loss = loss + 2 * (apart * known).sum() / known.sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        seen.append(loss.item())
        if (step + 1) % 100 == 0:
            say(step + 1, float(np.mean(seen[-100:])), time.time() - began)
    return model.eval()


@torch.no_grad()
def tell(model, whole, large, crops, chunk=32):
    """Mean quantities [m, q] over the straight views [m, 2, size, size] and augmented ones of the large [m, 2, side, side]."""
    generator, out = torch.Generator().manual_seed(5), []
    for part in np.array_split(np.arange(len(whole)), math.ceil(len(whole) / chunk)):
        told = 0
        for crop in range(crops + 1):
            see = straight if crop == 0 else lambda x: augmented(x, whole.shape[-1], generator)
            both = torch.stack([see((large if crop else whole)[part, v]) for v in (0, 1)], 1)
            told = told + model(both, both[:0, 0])[0]
        out.append(told / (crops + 1))
    return torch.cat(out).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--more", type=pathlib.Path, help="folder of labelled X-rays without reports: manifest.csv, images")
    parser.add_argument("--out", required=True, help="npz for consensus.py: quantities of every study by its split")
    args = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    s = settings.load(args.settings)
    options, size = s["teacher"], s["image"]["size"]
    studies = reports.load_all(args.data)
    files = {k: [args.data / "images" / f for x in v for f in x.views()] for k, v in studies.items()}

    def views(split, side):
        return images.load(files[split], side).reshape(-1, 2, side, side)

    large, whole = {k: views(k, size * 8 // 7) for k in files}, {k: views(k, size) for k in files}
    texts = reports.texts(studies, s["uar"]["max_tokens"])
    states, text = stated(studies["train"], texts["train"]), torch.from_numpy(components(texts["train"], options["components"])).float()
    labelled = Labelled(args.more, size)
    fold = np.random.default_rng(s["seed"]).permutation(len(states)) % options["folds"]
    out = {k: np.zeros((len(v), states.shape[1] + text.shape[1]), np.float32) for k, v in whole.items()}
    for f in range(options["folds"]):
        inside, outside = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        say = lambda step, loss, seconds: print(f"fold {f} step {step} {seconds:.0f}s loss {loss:.4f}", flush=True)
        model = learn(large["train"][outside], states[outside], text[outside], labelled, options, size, s["seed"] + f, say)
        out["train"][inside] = tell(model, whole["train"][inside], large["train"][inside], options["crops"])
        for k in out.keys() - {"train"}:
            out[k] += tell(model, whole[k], large[k], options["crops"]) / options["folds"]
    np.savez(args.out, **out)


if __name__ == "__main__":
    main()

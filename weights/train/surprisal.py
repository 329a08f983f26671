"""Adds to a weights file what tells it what is unlike the X-rays it learned from: how seldom each code stands where (engine/MODEL.md §14).

Codes are counted in a 7×7 grid of each view, in the crops of the training studies, and in frontal X-rays of other hospitals, which look
otherwise and are chest X-rays all the same. A view's surprisal is the mean of −ln p over its tokens; its limit is what one in two hundred of the held
studies' views is over. Reports how well it tells held views from the same turned, inverted or in each other's place, from noise, text,
and other pictures; and what share of each is over the limit.
"""

import argparse
import json
import math
import pathlib

import numpy as np
import torch
from PIL import Image, ImageDraw

import images
import metrics
import safetensors
import settings
from labelled import Labelled
from tokens import extract, load_encoder

CELLS = 7  # a side, where there are as many tokens
STRENGTH = 50  # tokens of a cell's codes that are taken to be as everywhere
MOST = 12  # nats: what was never seen is no more surprising than that
BESIDE = 1500  # labelled X-rays
OVER = 0.995  # of the held views are not over the limit
NAME = "lsu.surprisal.weight"


def cells(length):
    """The cell of each of a view's tokens [L]."""
    side = math.isqrt(length)
    across = min(CELLS, side)
    at = np.arange(side) * across // side
    return (at[:, None] * across + at).ravel()


def counted(tokens, codes, weight=1.0):
    """How often each code stands in each cell of a view's tokens [n, L], every one counted as much as weight says: [cells, K]."""
    cell = cells(tokens.shape[1])
    out = np.zeros((cell.max() + 1, codes))
    for place in range(tokens.shape[1]):
        out[cell[place]] += weight * np.bincount(tokens[:, place], minlength=codes)
    return out


def table(counts):
    """Counts [cells, K] → −ln p(code | cell) in nats, at most MOST."""
    everywhere = counts.sum(0) + 0.1
    p = (counts + STRENGTH * everywhere / everywhere.sum()) / (counts.sum(1, keepdims=True) + STRENGTH)
    return np.minimum(-np.log(p), MOST)


def surprisals(of, tokens):
    """The surprisal [n] of views [n, L] by a table [cells, K]."""
    return of[cells(tokens.shape[1])[None], tokens].mean(1)


def lines(size, random):
    """A page of text: words of random letters, black on white or white on black."""
    page = Image.new("L", (4 * size, 4 * size), 255)
    draw, step = ImageDraw.Draw(page), int(random.integers(11, 26))
    for y in range(step, 4 * size - step, step):
        text = " ".join("".join(map(chr, random.integers(97, 123, random.integers(2, 9)))) for _ in range(size // 8))
        draw.text((step, y), text, fill=0)
    pixels = np.asarray(page.resize((size, size), Image.BILINEAR))
    return 255 - pixels if random.random() < 0.5 else pixels


def noise(size, random):
    """Squares of chance greys, of 1 to a quarter of the view's pixels a side."""
    square = size // int(random.choice([size, size // 4, size // 8, 4]))
    greys = random.integers(0, 256, (-(-size // square),) * 2).astype(np.uint8)
    return np.kron(greys, np.ones((square, square), np.uint8))[:size, :size]


def others(views, place, random):
    """{kind: views [n, size, size] that are none of this place}; views [m, S, size, size]."""
    own, size = views[:, place], views.shape[-1]
    out = {f"turned by {90 * n}°": np.rot90(own, n, (1, 2)) for n in (1, 2, 3)} | {"inverted": 255 - own}
    if views.shape[1] > 1:
        out["the other view"] = views[:, 1 - place]
    out["text"] = np.stack([lines(size, random) for _ in range(50)])
    out["noise"] = np.stack([noise(size, random) for _ in range(50)])
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True, help="safetensors of export.py, or after quantizing")
    parser.add_argument("--studies", required=True, help="npz of consensus.py")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py, with this file's tokenizer")
    parser.add_argument("--encoder", required=True, help="safetensors of the tokenizer, not quantized")
    parser.add_argument("--images", required=True, type=pathlib.Path, help="folder of the studies' images")
    parser.add_argument("--more", nargs="+", required=True, type=pathlib.Path, help="folders of labelled X-rays")
    parser.add_argument("--pictures", type=pathlib.Path, help="folder of pictures that are no X-rays, to be told")
    parser.add_argument("--out", required=True, help="weights file")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    tensors, metadata = safetensors.read(args.weights)
    config = json.loads(metadata["uar.config"])
    encoder, _ = load_encoder(args.encoder)
    size, channels, codes = config["image"]["size"], config["image"]["channels"], config["dvae"]["vocab"]
    random = np.random.default_rng(1)

    def seen(pixels):
        return np.concatenate([extract(encoder, part, channels) for part in np.array_split(pixels, max(1, len(pixels) // 100))])

    archive, of_files = np.load(args.studies), np.load(args.tokens)
    at = {f: i for i, f in enumerate(of_files["files"])}
    taught = np.concatenate([archive[f"{k}/files"] for k in ("train", "unlabelled") if f"{k}/files" in archive])
    learned = of_files["tokens"][[[at[f] for f in views] for views in taught]]  # [n, S, crops, L]
    held = of_files["tokens"][[[at[f] for f in views] for views in archive["held/files"]]][:, :, 0]  # [m, S, L]
    labelled = Labelled(args.more)
    rows = random.permutation(labelled.taught)[:BESIDE]
    beside = seen(images.load([labelled.files[i] for i in rows], size))
    pixels = images.load([args.images / f for f in archive["held/files"].ravel()], size).reshape(*archive["held/files"].shape, size, size)
    pictures = images.load(sorted(args.pictures.iterdir()), size) if args.pictures else []

    tables, limits = [], []
    for place in range(held.shape[1]):
        counts = counted(learned[:, place].reshape(-1, learned.shape[-1]), codes, 1 / learned.shape[2])
        if place == 0:
            counts += counted(beside, codes)
        of = table(counts)
        usual = surprisals(of, held[:, place])
        limits.append(round(float(np.quantile(usual, OVER)), 3))
        tables.append(of)
        unlike = others(pixels, place, random)
        if len(pictures):
            unlike["pictures"] = pictures
        told = {"held": [0.5, round(float((usual > limits[-1]).mean()), 3)]}
        for kind, views in unlike.items():
            found = surprisals(of, seen(np.ascontiguousarray(views)))
            truth = np.r_[np.zeros(len(usual)), np.ones(len(found))]
            told[kind] = [round(metrics.auc(np.r_[usual, found], truth), 3), round(float((found > limits[-1]).mean()), 3)]
        settings.log(args.runs, "surprisal", place=place, limit=limits[-1], auc_and_over=told)
        print(place, limits[-1], told, flush=True)
    tensors[NAME] = np.concatenate(tables).astype(np.float16)
    config["surprisal"] = {"cells": math.isqrt(len(tables[0])), "limits": limits}
    metadata["uar.config"] = json.dumps(config, separators=(",", ":"))
    safetensors.write(args.out, tensors, metadata)


if __name__ == "__main__":
    main()

"""Adds to a weights file pictures of its dictionary: of each code the mean of all patches that have it (engine/MODEL.md §15).

The patches are those of the training studies' views, straight, as the model is given them. A code that fewer than 50 different studies have
gets no tile: the mean of a few patches could show a part of somebody's chest.
"""

import argparse
import json
import math
import pathlib

import numpy as np
import torch

import images
import safetensors
import settings
from tokens import extract, load_encoder

STUDIES = 50  # the fewest
NAME = "lsu.tiles.weight"
NONE = -1  # where a code has no tile


class Tiles:
    """Patches counted by their code: of K codes, size×size views and L tokens a view."""

    def __init__(self, codes, size, length):
        self.grid = math.isqrt(length)
        self.side = size // self.grid
        self.sums = np.zeros((codes, self.side**2))
        self.patches, self.studies = np.zeros(codes, int), np.zeros(codes, int)

    def add(self, views, tokens):
        """The views of a study [S, size, size] uint8, and their tokens [S, L]."""
        patches = views.reshape(-1, self.grid, self.side, self.grid, self.side).swapaxes(2, 3).reshape(-1, self.side**2)
        np.add.at(self.sums, tokens.ravel(), patches)
        self.patches += np.bincount(tokens.ravel(), minlength=len(self.patches))
        self.studies[np.unique(tokens)] += 1

    def values(self):
        """The tiles in 0 to 1 [K, side²], those of codes without one NONE."""
        enough = (self.studies >= STUDIES)[:, None]
        return np.where(enough, self.sums / 255 / np.maximum(self.patches, 1)[:, None], NONE).astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True, help="safetensors of export.py, or after quantizing")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--out", required=True, help="weights file")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    tensors, metadata = safetensors.read(args.weights)
    encoder, config = load_encoder(args.weights)
    size, channels = config["image"]["size"], config["image"]["channels"]
    length = (size >> config["dvae"]["groups"] - 1) ** 2
    tiles = Tiles(config["dvae"]["vocab"], size, length)
    studies = json.loads((args.data / "annotation.json").read_text())["train"]
    for i, study in enumerate(studies):
        views = images.load([args.data / "images" / f for f in study["image_path"][: config["image"]["views"]]], size)
        tiles.add(views, extract(encoder, views, channels))
        if i % 100 == 0:
            print(f"{i}/{len(studies)}", flush=True)
    values = tiles.values()
    print(f"{(values[:, 0] >= 0).sum()} of {len(values)} codes have a tile", flush=True)
    if any(t.dtype == np.int8 for t in tensors.values()):
        tensors[NAME], tensors[NAME + "_scale"] = np.rint(values * 127).astype(np.int8), np.full(len(values), 1 / 127, np.float32)
    else:
        tensors[NAME] = values
    config["tiles"] = {"studies": STUDIES}
    metadata["uar.config"] = json.dumps(config, separators=(",", ":"))
    safetensors.write(args.out, tensors, metadata)


if __name__ == "__main__":
    main()

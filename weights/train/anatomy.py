"""Which of a view's tokens are of the chest: lungs, heart, and what lies between and below them, down to the diaphragm.

The frontal view has an atlas: the mean of masks that others drew of lungs and hearts, each filled from side to side, at the tokens' size.
Nothing is aligned: the masks' images are framed as those of the studies are. There are no masks of lateral views; of those all counts
but the rim, one token wide.
"""

import collections
import csv

import numpy as np
from PIL import Image

SHARE = 0.15  # of the masks: what is the chest of so many is inside


def filled(mask):
    """A mask [y, x] with each row filled from its first to its last pixel: the mediastinum lies between the lungs."""
    return np.maximum.accumulate(mask, 1) & np.maximum.accumulate(mask[:, ::-1], 1)[:, ::-1]


def masks(folder, side):
    """Of each image that masks.csv (image, mask) names, how much of every token is chest: [images, side, side]."""
    parts = collections.defaultdict(list)
    with open(folder / "masks.csv") as file:
        for row in csv.DictReader(file):
            parts[row["image"]].append(row["mask"])
    out = []
    for names in parts.values():
        whole = np.any([np.asarray(Image.open(folder / n).convert("L")) > 0 for n in names], 0)
        height, width = whole.shape
        out.append(filled(whole).reshape(side, height // side, side, width // side).mean((1, 3)))
    return np.array(out)


def frontal(masks):
    """masks [images, side, side] → which tokens are of the chest [side, side]; left and right alike, as views may be turned."""
    mean = masks.mean(0)
    return np.maximum(mean, mean[:, ::-1]) >= SHARE


def lateral(side):
    out = np.zeros((side, side), bool)
    out[1:-1, 1:-1] = True
    return out


def inside(folder, side):
    """Which tokens of both views, of side² tokens each, are of the chest [2·side²]."""
    return np.concatenate([frontal(masks(folder, side)).ravel(), lateral(side).ravel()])

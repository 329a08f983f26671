"""Files to grey pixels (engine/MODEL.md §1)."""

import numpy as np
from PIL import Image


def grey(path):
    """The image as 8-bit grey."""
    with Image.open(path) as image:
        return image.convert("L")


def resized(image, size):
    """Straight to size×size, aspect ratio not kept; pixels [size, size], uint8."""
    return np.asarray(image.resize((size, size), Image.BILINEAR))


def cropped(image, size, random):
    """A random crop of size×size of the image at 8/7 of that size (112 of 128), with up to 5 % of contrast and brightness."""
    whole = resized(image, size * 8 // 7)
    y, x = random.integers(0, whole.shape[0] - size + 1, 2)
    crop = whole[y : y + size, x : x + size].astype(np.float32)
    crop = (crop - 128) * random.uniform(0.95, 1.05) + 128 + random.uniform(-0.05, 0.05) * 255
    return crop.round().clip(0, 255).astype(np.uint8)


def load(paths, size):
    """Images of files, straight to size×size: [n, size, size] uint8."""
    return np.stack([resized(grey(p), size) for p in paths]) if paths else np.zeros((0, size, size), np.uint8)

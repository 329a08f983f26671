"""The whole recipe on synthetic X-rays, in minutes, and the engine against PyTorch on what it made.

It shows that the parts fit together; the model it makes is worth nothing.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from PIL import Image

import recipe

HERE = pathlib.Path(__file__).resolve().parent


def ray(random, lateral, heart, effusion):
    """A synthetic view, 128×128 grey: a chest, darker lungs, a heart of relative size `heart`, fluid below where `effusion`."""
    y, x = np.mgrid[-1:1:128j, -1:1:128j]

    def ellipse(cx, cy, rx, ry):
        return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1

    image = np.where(ellipse(0, 0, 0.95, 1.2), 150.0, 10.0)
    if lateral:
        image[ellipse(0, -0.05, 0.6, 0.75)] = 60
        image[ellipse(-0.2, 0.3, 0.3 * heart, 0.35 * heart)] = 190
    else:
        image[ellipse(-0.42, -0.05, 0.32, 0.7) | ellipse(0.42, -0.05, 0.32, 0.7)] = 60
        image[ellipse(0.1, 0.3, 0.35 * heart, 0.35 * heart)] = 190
    if effusion:
        image[(y > 0.4) & ellipse(0, -0.05, 0.78, 0.75)] = 170
    return (image + random.normal(0, 6, image.shape)).clip(0, 255).astype(np.uint8)


def write_data(folder, train, val, seed=1):
    """A data set in the R2Gen layout whose reports say what the images show."""
    random = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    splits = {"train": [], "val": []}
    for i in range(train + val):
        big, effusion = random.random() < 0.4, random.random() < 0.3
        files = [f"{i}-frontal.png", f"{i}-lateral.png"]
        for lateral, name in enumerate(files):
            Image.fromarray(ray(random, lateral, 1.5 if big else 0.9, effusion)).save(folder / "images" / name)
        sentences = [
            "The heart is enlarged." if big else "The heart is normal in size.",
            "There is a small pleural effusion." if effusion else "No pleural effusion.",
            "The lungs are clear.",
        ]
        random.shuffle(sentences)
        split = "train" if i < train else "val"
        splits[split].append({"id": str(i), "split": split, "report": " ".join(sentences), "image_path": files})
    (folder / "annotation.json").write_text(json.dumps(splits))
    return [folder / "images" / f for f in splits["val"][0]["image_path"]]


def write_more(folder, number, seed=2):
    """Labelled views without reports."""
    random = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    lines = ["id,source,labels,patient"]
    for i in range(number):
        big = random.random() < 0.5
        Image.fromarray(ray(random, False, 1.5 if big else 0.9, False)).save(folder / "images" / f"more-{i}.png")
        lines.append(f"more-{i},nih,{'Cardiomegaly' if big else 'No Finding'},{i}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")


def write_masks(folder):
    """Lungs of a few views."""
    y, x = np.mgrid[-1:1:112j, -1:1:112j]
    lines = ["image,mask"]
    for i in range(3):
        for side in (-1, 1):
            lung = ((x - side * 0.42) / 0.4) ** 2 + (y / 0.8) ** 2 < 1
            name = f"mask-{i}-{side}.png"
            Image.fromarray(lung.astype(np.uint8) * 255).save(folder / name)
            lines.append(f"more-{i}.png,{name}")
    (folder / "masks.csv").write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for everything; smoke.safetensors and shards are the result")
    args = parser.parse_args()
    began = time.time()
    data, out = args.out / "data", args.out
    study = write_data(data, train=80, val=20)
    write_more(out / "more", 60)
    write_masks(out / "more")

    weights = recipe.Recipe("smoke", data.resolve(), [out.resolve() / "more"], out.resolve(), runs=out.resolve()).run()
    print(f"== check.py {time.time() - began:.0f}s", flush=True)
    subprocess.run([sys.executable, HERE / "check.py", "--weights", weights, *study], check=True)
    print(f"{weights} after {time.time() - began:.0f}s")


if __name__ == "__main__":
    main()

"""The whole recipe on synthetic X-rays, in minutes: images → tokenizer → tokens → teacher → reports to
write → tokenizer that sees → tokens → probe → UAR → safetensors → check.

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
    held = [f for s in splits["val"] for f in s["image_path"]]
    (folder / "val.json").write_text(json.dumps(held))
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for everything; smoke.safetensors is the result")
    args = parser.parse_args()
    began = time.time()
    data, out = args.out / "data", args.out
    study = write_data(data, train=80, val=20)
    write_more(out / "more", 60)

    def step(script, **options):
        print(f"== {script} {time.time() - began:.0f}s", flush=True)
        flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        subprocess.run([sys.executable, HERE / script, *flags], check=True)

    tokenizer, tuned, studies, runs = out / "smoke-tokenizer", out / "smoke-tuned", out / "studies.npz", {"runs": out}
    step("train_tokenizer.py", settings="smoke", images=data / "images", val=data / "val.json", out=tokenizer, **runs)
    step("tokens.py", weights=tokenizer / "tokenizer.safetensors", images=data / "images", crops=2, out=out / "first.npz")
    step("teacher.py", settings="smoke", data=data, more=out / "more", out=out / "smoke-teacher", **runs)
    first = {"tokens": out / "first.npz", "teacher": out / "smoke-teacher" / "teacher.npz"}
    step("consensus.py", settings="smoke", data=data, **first, out=studies, **runs)
    start = {"start": tokenizer / "tokenizer.safetensors", "images": data / "images", "more": out / "more"}
    step("tune_tokenizer.py", settings="smoke", studies=studies, **start, out=tuned, **runs)
    step("tokens.py", weights=tuned / "tokenizer.safetensors", images=data / "images", crops=3, out=out / "tokens.npz")
    step("fit_probe.py", settings="smoke", studies=studies, tokens=out / "tokens.npz", out=out / "probe.pt", **runs)
    start = {"tokens": out / "tokens.npz", "probe": out / "probe.pt"}
    step("train.py", settings="smoke", studies=studies, **start, out=out / "smoke-uar", every=20, **runs)
    best = out / "smoke-uar" / "best.pt"
    step("deletion.py", studies=studies, **start, checkpoint=best)
    weights = out / "smoke.safetensors"
    step(
        "export.py",
        checkpoint=best,
        tokenizer=tuned / "tokenizer.safetensors",
        scores="none: a toy",
        out=weights,
    )
    print(f"== check.py {time.time() - began:.0f}s", flush=True)
    subprocess.run([sys.executable, HERE / "check.py", "--weights", weights, *study], check=True)
    print(f"{weights} after {time.time() - began:.0f}s")


if __name__ == "__main__":
    main()

"""The whole recipe, from X-rays and reports to the shards that are shipped. Called again, it goes on where it stopped.

A step whose output is there is not done again: what a change concerns has to be removed, with what follows from it.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import settings

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CROPS = 5  # random ones of every view


def flags(options):
    """Options as a command's arguments; lists give several values, None none."""
    out = []
    for name, value in options.items():
        if value is not None:
            out += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    return out


class Recipe:
    """name: of the settings; data: the folder in the R2Gen layout; more: folders of labelled X-rays, the last of them with masks.csv; out:
    the folder of everything that is made; start: MobileNetV2's weights; extra: studies with reports outside the split; tokenizer: one
    to begin with, in place of training the first."""

    def __init__(self, name, data, more, out, start=None, extra=None, tokenizer=None, runs=settings.RUNS):
        self.name, self.data, self.more, self.out = name, data, more, out
        self.start, self.extra, self.tokenizer, self.runs, self.began = start, extra, tokenizer, runs, time.time()

    def call(self, script, **options):
        print(f"== {script} {time.time() - self.began:.0f}s", flush=True)
        subprocess.run([sys.executable, HERE / script, *flags(options)], check=True)

    def folder(self, script, product, **options):
        """Runs a script that goes on by itself with what is in its folder --out, unless its last product is there, which is returned."""
        if not product.exists():
            self.call(script, out=product.parent, **options)
        return product

    def file(self, script, product, **options):
        """Runs a script that writes a file --out, unless it is there, and returns the file."""
        if not product.exists():
            part = product.with_name(f"part-{product.name}")
            self.call(script, out=part, **options)
            part.rename(product)
        return product

    def go(self, what, *arguments):
        subprocess.run(["go", "run", f"./{what}", *map(str, arguments)], cwd=ROOT, check=True)

    def run(self):
        """Makes `<name>.safetensors` and the folder shards, and returns the path of the first."""
        data, out, own = self.data, self.out, {"settings": self.name, "runs": self.runs}
        images, masks = data / "images", self.more[-1]
        first = self.tokenizer
        if not first:
            held = out / "val.json"
            held.write_text(json.dumps([f for s in json.loads((data / "annotation.json").read_text())["val"] for f in s["image_path"]]))
            every = [images, *(m / "images" for m in self.more if (m / "images").exists())]
            first = out / f"{self.name}-tokenizer" / "tokenizer.safetensors"
            self.folder("train_tokenizer.py", first, images=every, val=held, **own)
        beside = {"more": self.more, "start": self.start, "extra": self.extra}
        taught = self.folder("teacher.py", out / f"{self.name}-teacher" / "teacher.npz", data=data, **beside, **own)
        studies = self.file("consensus.py", out / "studies.npz", data=data, teacher=taught, **own)
        beside = {"studies": studies, "teacher": taught, "images": images, "more": self.more, "masks": masks}
        tuned = self.folder("tune_tokenizer.py", out / f"{self.name}-tuned" / "tokenizer.safetensors", start=first, **beside, **own)
        tokens = self.file("tokens.py", out / "tokens.npz", weights=tuned, images=images, crops=CROPS)
        seen = {"studies": studies, "tokens": tokens}
        seen["probe"] = self.file("fit_probe.py", out / "probe.pt", masks=masks, **seen, **own)
        weights = out / f"{self.name}.safetensors"
        if not weights.exists():
            best = out / f"{self.name}-uar" / "best.pt"
            self.call("train.py", out=best.parent, **seen, **own)
            self.call("deletion.py", checkpoint=best, **seen)
            exported = self.file("export.py", out / "exported.safetensors", checkpoint=best, tokenizer=tuned)
            of = {"studies": studies, "tokens": tokens, "encoder": tuned, "images": images, "more": self.more}
            told = self.file("surprisal.py", out / "told.safetensors", weights=exported, **of, runs=self.runs)
            self.file("tiles.py", weights, weights=told, data=data)
        if not (out / "shards").exists():
            calibration = out / "calibration.safetensors"
            self.go("engine/cmd/uar", "calibrate", "-weights", weights, "-data", data, "-o", calibration)
            self.go("weights/cmd/weights", "quantize", "-calibration", calibration, weights, out / "int8.safetensors")
            self.go("weights/cmd/weights", "shard", out / "int8.safetensors", out / "shards")
        return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--extra", type=pathlib.Path, help="json of studies outside its split that have a report")
    parser.add_argument("--more", nargs="+", required=True, type=pathlib.Path, help="folders of labelled X-rays; the last has masks.csv")
    parser.add_argument("--start", type=pathlib.Path, help="npz of MobileNetV2's weights")
    parser.add_argument("--tokenizer", type=pathlib.Path, help="safetensors of a tokenizer to begin with")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for everything")
    args = parser.parse_args()
    out = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    Recipe(args.settings, args.data.resolve(), args.more, out, args.start, args.extra, args.tokenizer).run()


if __name__ == "__main__":
    main()

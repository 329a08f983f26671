"""Teaches a trained tokenizer to see: its tokens shall tell, of the views as they come, what consensus.py knows of a study.

The tokens of one that learned to reconstruct change when a view moves by a few pixels, and a linear model of them finds less
than one of blurred pixels. Here the encoder learns on with a probe (probe.py) on its tokens, the gradient passing
straight through the choice of a code (Bengio et al., 2013); a decoder, and what the teacher says of the labels of X-rays without
reports, keep it to the images. While it learns, its convolutions are normalised by the batch; folding makes them plain again.

Reports on held studies the share of variance told, and PSNR, the codes used and the perplexity of that use.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import anatomy
import dvae
import images
import precision
import probe
import safetensors
import settings
from augment import augmented, straight
from labelled import Labelled
from tokens import load_encoder
from train import schedule
from train_tokenizer import reconstruction_loss

SAVED = 25  # steps between checkpoints
PART = 8  # tokens a side of what is reconstructed
CELLS, RANK = 2, 64  # of the probe; that which the model starts from is found later, and is finer (fit_probe.py)


class Tuner(nn.Module):
    """Encoder, codebook, decoder; a probe on both views' tokens inside the chest [2·L], and labels of single views."""

    def __init__(self, encoder, s, inside, quantities, labels):
        super().__init__()
        shape = s["dvae"]
        self.encoder, self.temperature = encoder, s["tune"]["temperature"]
        width = encoder.output.in_channels
        self.probe = probe.Probe(shape["vocab"], probe.cells(inside, 2, CELLS), quantities, RANK)
        self.codes = nn.Parameter(torch.randn(shape["vocab"], s["tokenizer"]["code"]) * 0.3)
        self.decoder = dvae.Decoder(1, shape["hidden"], shape["groups"], shape["blocks_per_group"], s["tokenizer"]["code"])
        self.single = nn.Linear(2 * width, labels)

    def look(self, x):
        """Views [n, 1, y, x] → the choice of a code [n, L, K], 1 at the largest logit, with the gradient of the softmax; and features
        [n, 2·w]."""
        with precision.autocast(x.device.type, self.training):
            features = torch.relu(self.encoder.features(x.expand(-1, self.encoder.input.in_channels, -1, -1)))
        features = features.float()
        soft = (self.encoder.output(features).flatten(2).transpose(1, 2) / self.temperature).softmax(-1)
        hard = F.one_hot(soft.argmax(-1), soft.shape[-1]).float()
        return hard + soft - soft.detach(), torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)

    def told(self, choice):
        """Choices of frontal and lateral views [2·b, L, K] → quantities [b, q]."""
        values = choice @ self.probe.u
        return self.probe(torch.cat(values.chunk(2), 1))

    def decode(self, choice, corner=None):
        """Choices [n, L, K] → pixels [n, 1, y, x]; with a corner, of PART×PART tokens from there on."""
        side = math.isqrt(choice.shape[1])
        codes = (choice @ self.codes).transpose(1, 2).unflatten(2, (side, side))
        if corner is not None:
            y, x = corner
            codes = codes[:, :, y : y + PART, x : x + PART]
        with precision.autocast(codes.device.type, self.training):
            return self.decoder(codes).float()


@torch.no_grad()
def evaluate(model, views, sight, chunk=37):
    """views [m, 2, size, size] uint8, sight [m, q] → the share of variance told, PSNR in dB, codes used, perplexity."""
    model.eval()
    told, used, error = [], torch.zeros(len(model.codes)), []
    for part in np.array_split(views, math.ceil(len(views) / chunk)):
        x = torch.cat([straight(part[:, 0]), straight(part[:, 1])])
        choice, _ = model.look(x)
        told.append(model.told(choice))
        used += choice.sum((0, 1))
        error.append(((model.decode(choice) - x) ** 2).mean((1, 2, 3)))
    model.train()
    rest = ((torch.cat(told) - sight) ** 2).mean(0) / sight.var(0)
    share = used / used.sum()
    entropy = -(share[share > 0] * share[share > 0].log()).sum()
    return {
        "sight": float(1 - rest.mean()),
        "psnr": float((-10 * torch.cat(error).log10()).mean()),
        "used": int((used > 0.5).sum()),
        "perplexity": float(entropy.exp()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--start", required=True, help="tokenizer.safetensors of train_tokenizer.py, or any file with dvae.*")
    parser.add_argument("--studies", required=True, help="npz of consensus.py")
    parser.add_argument("--teacher", required=True, help="npz of teacher.py")
    parser.add_argument("--images", required=True, type=pathlib.Path, help="folder of the studies' images")
    parser.add_argument("--more", nargs="+", required=True, type=pathlib.Path, help="folders of labelled X-rays without reports")
    parser.add_argument("--masks", required=True, type=pathlib.Path, help="folder of masks.csv: where the chest is")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of last.pt and tokenizer.safetensors")
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    s = settings.load(args.settings)
    t, size = s["tune"], s["image"]["size"]
    torch.manual_seed(s["seed"])
    generator, random = torch.Generator().manual_seed(s["seed"]), np.random.default_rng(s["seed"])
    args.out.mkdir(parents=True, exist_ok=True)

    archive = np.load(args.studies)
    splits = [k for k in ("train", "unlabelled") if f"{k}/files" in archive]
    files = np.concatenate([archive[f"{k}/files"] for k in splits])
    sight = torch.from_numpy(np.concatenate([archive[f"{k}/sight"] for k in splits]))
    held_sight = torch.from_numpy(archive["held/sight"])

    def views(names, side):
        return images.load([args.images / f for f in names.ravel()], side).reshape(-1, 2, side, side)

    large, held = views(files, size * 8 // 7), views(archive["held/files"], size)
    labelled = Labelled(args.more)
    labels = torch.from_numpy(np.load(args.teacher)["labelled"]).float().sigmoid()
    singles = images.load(labelled.files, size * 8 // 7)
    encoder, config = load_encoder(args.start)
    if config["image"] != s["image"] or config["dvae"] != s["dvae"]:
        raise ValueError(f"tune_tokenizer: {args.start} has another shape than settings {args.settings!r}")
    begin = views(files[:32], size).reshape(-1, size, size)
    dvae.normalise(encoder, straight(begin).expand(-1, s["image"]["channels"], -1, -1))
    inside = torch.from_numpy(anatomy.inside(args.masks, size >> (s["dvae"]["groups"] - 1)))
    model = Tuner(encoder, s, inside, sight.shape[1], labels.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), t["rate"], weight_decay=0.01)
    step, began, last = 0, time.time(), args.out / "last.pt"
    if last.exists():
        state = torch.load(last, map_location="cpu")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        generator.set_state(state["generator"])
        random.bit_generator.state = state["random"]
        step = state["step"]
    model.train()
    seen = []
    while step < t["steps"]:
        for group in optimizer.param_groups:
            group["lr"] = t["rate"] * schedule(step, t["steps"])
        rows = random.choice(len(large), t["batch"])
        beside = random.choice(labelled.taught, t["batch"] // 2)
        x = augmented(np.concatenate([large[rows, 0], large[rows, 1], singles[beside]]), size, generator)
        choice, features = model.look(x)
        sight_loss = ((model.told(choice[: 2 * len(rows)]) - sight[rows]) ** 2).mean()
        some = random.choice(len(x), t["decoded"])
        most = math.isqrt(choice.shape[1]) - PART + 1
        corner = random.integers(0, most, 2)
        y, z = corner * 8
        made = model.decode(choice[some], corner)
        image_loss = reconstruction_loss(made, x[some, :, y : y + PART * 8, z : z + PART * 8].clamp(0, 1), s["tokenizer"])
        label_loss = F.binary_cross_entropy_with_logits(model.single(features[2 * len(rows) :]), labels[beside])
        loss = sight_loss + t["image"] * image_loss + t["label"] * label_loss
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen.append((sight_loss.item(), image_loss.item()))
        if step % args.every == 0 or step == t["steps"]:
            means = dict(zip(("sight_loss", "image_loss"), np.mean(seen, 0).round(4).tolist()))
            seen.clear()
            scores = {k: round(v, 4) for k, v in evaluate(model, held, held_sight).items()}
            seconds = round(time.time() - began)
            settings.log(args.runs, args.out.name, settings=s["name"], step=step, seconds=seconds, **means, **scores)
            print(step, f"{seconds}s", means, scores, flush=True)
        if step % SAVED == 0 or step == t["steps"]:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            partial = last.with_suffix(".part")
            torch.save(state | {"generator": generator.get_state(), "random": random.bit_generator.state}, partial)
            partial.replace(last)
    dvae.plain(model.encoder.eval())
    tensors = {f"dvae.{k}": v.detach().numpy() for k, v in model.encoder.state_dict().items()}
    shape = {"image": s["image"], "dvae": s["dvae"]}
    safetensors.write(args.out / "tokenizer.safetensors", tensors, {"format": "pt", "uar.config": json.dumps(shape)})


if __name__ == "__main__":
    main()

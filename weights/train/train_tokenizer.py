"""Trains the tokenizer: the dVAE's encoder with a decoder and a codebook of nearest vectors, and folds the codebook into it.

The first steps are without quantization; then the codes start as vectors of one batch. Reports PSNR of the validation images
(straight 112×112), the codes they use and the perplexity of that use.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

import dvae
import images
import precision
import safetensors
import settings
from train import schedule


class Tokenizer(nn.Module):
    """Encoder, codebook, decoder."""

    def __init__(self, s):
        super().__init__()
        shape, code, channels = s["dvae"], s["tokenizer"]["code"], s["image"]["channels"]
        self.encoder = dvae.Encoder(channels, **{**shape, "vocab": code})
        self.codebook = dvae.Codebook(shape["vocab"], code)
        self.decoder = dvae.Decoder(channels, shape["hidden"], shape["groups"], shape["blocks_per_group"], code)

    def forward(self, x, quantized=True):
        """x [n, channels, y, x] in [0, 1] → reconstruction, token ids [n·L] (None if not quantized), commitment loss."""
        with self.autocast(x):
            z = self.encoder(x)
        # Codes are compared in f32: bfloat16 would choose another of two near ones.
        z = z.float()
        codes, ids, commitment = self.codebook(z) if quantized else (z, None, z.new_zeros(()))
        with self.autocast(x):
            made = self.decoder(codes)
        return made.float(), ids, commitment

    def autocast(self, x):
        """bfloat16 while training; validation is as exact as inference."""
        return precision.autocast(x.device.type, self.training)

    @torch.no_grad()
    def begin(self, x):
        """Codes start as random vectors of a batch."""
        z = self.encoder(x).permute(0, 2, 3, 1).flatten(0, 2)
        start = z[torch.randint(len(z), (len(self.codebook.codes),))]
        self.codebook.codes.copy_(start)
        self.codebook.sums.copy_(start)
        self.codebook.counts.fill_(1)

    def folded(self):
        """The tensors dvae.* of engine/MODEL.md §10: the encoder whose output is the codebook's logits."""
        state = {f"dvae.{k}": v for k, v in self.encoder.state_dict().items()}
        folded = dvae.fold(self.encoder.output, self.codebook)
        state |= {"dvae.output.weight": folded.weight, "dvae.output.bias": folded.bias}
        return {name: value.detach().float().cpu().numpy() for name, value in state.items()}


def reconstruction_loss(made, wanted, weights):
    """Absolute, squared and gradient differences."""
    down = (made.diff(dim=2) - wanted.diff(dim=2)).abs().mean()
    across = (made.diff(dim=3) - wanted.diff(dim=3)).abs().mean()
    difference = made - wanted
    return (
        weights["absolute"] * difference.abs().mean()
        + weights["square"] * (difference**2).mean()
        + weights["gradient"] * (down + across)
    )


def load_images(folders, size):
    """All images of folders, straight to size×size: [n, 1, size, size] uint8."""
    paths = [p for folder in folders for p in sorted(pathlib.Path(folder).iterdir())]
    return np.stack([images.resized(images.grey(p), size) for p in paths])[:, None], [p.name for p in paths]


def crops(pixels, size, batch, generator):
    """Random crops of random images, [batch, 1, size, size] in [0, 1]."""
    most = pixels.shape[-1] - size + 1
    picks = torch.randint(len(pixels), (batch,), generator=generator)
    corners = torch.randint(most, (batch, 2), generator=generator)
    parts = [pixels[i, :, y : y + size, x : x + size] for i, (y, x) in zip(picks.tolist(), corners.tolist())]
    return torch.from_numpy(np.stack(parts)).float() / 255


@torch.no_grad()
def evaluate(model, pixels, channels, codes, device):
    """PSNR in dB, codes used, perplexity; and the reconstructions [n, size, size]."""
    model.eval()
    made, ids = [], []
    for part in np.array_split(pixels, math.ceil(len(pixels) / 32)):
        x = torch.from_numpy(part).float().div(255).expand(-1, channels, -1, -1)
        y, tokens, _ = model(x.to(device))
        made.append(y.mean(1).cpu())
        ids.append(tokens.cpu())
    model.train()
    made = torch.cat(made)
    error = ((made - torch.from_numpy(pixels[:, 0]).float() / 255) ** 2).mean((1, 2))
    share = torch.bincount(torch.cat(ids), minlength=codes).double()
    share /= share.sum()
    entropy = -(share[share > 0] * share[share > 0].log()).sum()
    scores = {"psnr": float((-10 * error.log10()).mean()), "used": int((share > 0).sum()), "perplexity": float(entropy.exp())}
    return scores, made.numpy()


def picture(path, pixels, made, columns=8):
    """Originals over their reconstructions, as PNG."""
    rows = [np.concatenate(list(x[:columns]), 1) for x in (pixels[:, 0] / 255.0, made)]
    Image.fromarray((np.concatenate(rows) * 255).round().clip(0, 255).astype(np.uint8)).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--images", required=True, nargs="+", help="folders of images")
    parser.add_argument("--val", required=True, help="JSON list of file names that are kept for validation")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of last.pt, tokenizer.safetensors, reconstructions.png")
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    s = settings.load(args.settings)
    t, size, channels = s["tokenizer"], s["image"]["size"], s["image"]["channels"]
    torch.manual_seed(s["seed"])
    generator = torch.Generator().manual_seed(s["seed"])
    args.out.mkdir(parents=True, exist_ok=True)

    held = set(json.loads(pathlib.Path(args.val).read_text()))
    pixels, names = load_images(args.images, size * 8 // 7)
    straight, _ = load_images(args.images, size)
    val = np.array([n in held for n in names])
    pixels, straight = pixels[~val], straight[val]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Tokenizer(s).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), t["rate"])
    step, began, last = 0, time.time(), args.out / "last.pt"
    if last.exists():
        state = torch.load(last, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        generator.set_state(state["generator"].cpu())
        step = state["step"]
    while step < t["steps"]:
        for group in optimizer.param_groups:
            group["lr"] = t["rate"] * schedule(step, t["steps"])
        x = crops(pixels, t["crop"], t["batch"], generator).expand(-1, channels, -1, -1).to(device)
        if step == t["warmup"]:
            model.begin(x)
        made, _, commitment = model(x, quantized=step >= t["warmup"])
        loss = reconstruction_loss(made, x, t) + t["commitment"] * commitment
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % args.every == 0 or step == t["steps"]:
            scores, made = evaluate(model, straight, channels, s["dvae"]["vocab"], device)
            scores = {k: round(v, 3) for k, v in scores.items()}
            settings.log(args.runs, args.out.name, settings=s["name"], step=step, seconds=round(time.time() - began), loss=round(loss.item(), 5), **scores)
            print(step, scores, flush=True)
            picture(args.out / "reconstructions.png", straight, made)
            torch.save(
                {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "generator": generator.get_state(), "step": step},
                last,
            )
    config = {"image": s["image"], "dvae": s["dvae"]}
    safetensors.write(args.out / "tokenizer.safetensors", model.folded(), {"format": "pt", "uar.config": json.dumps(config)})


if __name__ == "__main__":
    main()

"""Turns every image of a folder into visual tokens, once: straight, and in random crops, which is all that training of UAR sees."""

import argparse
import json
import pathlib
import zlib

import numpy as np
import torch

import dvae
import images
import safetensors
import settings


SCALE = "_scale"  # behind the name of an int8 tensor, that of its scales


def values(tensors, name):
    """A stored tensor as float32: int8 times the scale of its row (engine/MODEL.md §10)."""
    scale, stored = tensors.get(name + SCALE), tensors[name].astype(np.float32)
    return stored if scale is None else stored * scale.reshape(-1, *(1,) * (stored.ndim - 1))


def load_encoder(path):
    """The encoder of a weights file, and the file's configuration."""
    tensors, metadata = safetensors.read(path)
    config = json.loads(metadata["uar.config"])
    encoder = dvae.Encoder(config["image"]["channels"], **config["dvae"])
    prefix = "dvae."
    encoder.load_state_dict({n[len(prefix) :]: torch.from_numpy(values(tensors, n)) for n in tensors if n.startswith(prefix) and not n.endswith(SCALE)})
    return encoder.eval(), config


@torch.no_grad()
def extract(encoder, pixels, channels):
    """pixels [n, size, size] uint8 → tokens [n, L] int16."""
    x = torch.from_numpy(pixels).float().div(255)[:, None].expand(-1, channels, -1, -1)
    return encoder.tokens(x).to(torch.int16).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, help="safetensors with dvae.*")
    parser.add_argument("--images", required=True, type=pathlib.Path, help="folder of images")
    parser.add_argument("--crops", type=int, default=8, help="random crops beside the straight one")
    parser.add_argument("--out", required=True, help="npz: files [n], tokens [n, 1 + crops, L]")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    encoder, config = load_encoder(args.weights)
    size, channels = config["image"]["size"], config["image"]["channels"]
    files = sorted(p.name for p in args.images.iterdir())
    tokens = []
    for i, name in enumerate(files):
        image = images.grey(args.images / name)
        random = np.random.default_rng(zlib.crc32(name.encode()))
        views = [images.resized(image, size)] + [images.cropped(image, size, random) for _ in range(args.crops)]
        tokens.append(extract(encoder, np.stack(views), channels))
        if i % 500 == 0:
            print(f"{i}/{len(files)}", flush=True)
    np.savez(args.out, files=np.array(files), tokens=np.stack(tokens))


if __name__ == "__main__":
    main()

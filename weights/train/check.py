"""Compares an exported file through the Go engine with PyTorch: from the engine's
pixels on (decoders of JPEG differ) the tokens must be equal, memory and log-probabilities within 1e-3."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

import safetensors
import surprisal
import tiles
import tokens
from uar import UAR

TOLERANCE = 1e-3
ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(path):
    """The model of a weights file, ready for inference."""
    tensors, metadata = safetensors.read(path)
    model = UAR(json.loads(metadata["uar.config"]))
    beside = ("dvae.", surprisal.NAME, tiles.NAME)
    model.load_state_dict({n: torch.from_numpy(t) for n, t in tensors.items() if not n.startswith(beside)})
    return model.eval()


def trace(weights, files, masked):
    """What `uar trace` writes for a study."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "trace.safetensors"
        tir = "on" if masked else "off"
        command = ["go", "run", "./engine/cmd/uar", "trace", "-weights", weights, "-tir", tir, "-o", out, *files]
        subprocess.run([str(c) for c in command], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        return safetensors.read(out)[0]


@torch.no_grad()
def differences(weights, files, masked):
    """How many tokens differ, and the largest absolute differences of memory and of log-probabilities, from the engine's pixels on."""
    traced = trace(weights, files, masked)
    model = load(weights)
    encoder, _ = tokens.load_encoder(weights)
    found = encoder.tokens(torch.from_numpy(traced["pixels"])).flatten()
    codes, words = model.tables()
    memory = model.encode(codes, found[None])
    ids = torch.from_numpy(traced["ids"].astype(np.int64))[None]
    logits, *_ = model.decode(words, ids, model.decoder.look(memory), masked)
    return {
        "tokens": int((found.numpy() != traced["tokens"]).sum()),
        "memory": float(np.abs(memory[0].numpy() - traced["memory"]).max()),
        "log_prob": float(np.abs(log_softmax(logits[0].numpy()) - log_softmax(traced["logits"])).max()),
    }


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, type=pathlib.Path)
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="one view for each the model takes")
    args = parser.parse_args()
    weights, files = args.weights.resolve(), [f.resolve() for f in args.images]
    for masked in (False, True):
        found = differences(weights, files, masked)
        print("TIR on " if masked else "TIR off", found)
        if found["tokens"] or max(found["memory"], found["log_prob"]) > TOLERANCE:
            sys.exit("check: the engine and PyTorch differ")


if __name__ == "__main__":
    main()

"""Writes a checkpoint and the tokenizer as one safetensors file, with the names of engine/MODEL.md §10."""

import argparse
import json
import time

import torch

import safetensors
import settings

DATA = (
    "Indiana University chest X-rays (Open-i, CC BY-NC-ND 4.0), the R2Gen split: 2,069 training studies, 252 of them to choose "
    "settings and checkpoints by, 296 to measure with, the test part never read; 433 further studies of it without their reports; tokenizer "
    "also on images of NIH ChestX-ray14, Kermany, COVID-CXNet, Cohen, Hannover, RSNA and JSRT; what it learned is what a network "
    "told that started from ImageNet (MobileNetV2) and learned these, their labels and 719 further studies' reports, and is no part of it; "
    "where the chest is, masks of JSRT and V7 say"
)
TERMS = "research and teaching, non-commercial"
LIMITS = (
    "It writes one of the reports that suit most of the X-rays that look alike: rare findings, sides, sizes and devices are "
    "guessed or missing. Its maps show what the report rests on, often not where a finding is, at times outside the chest. "
    "Nodules, fractures and lines are too fine for it. Nothing is calibrated; children and single views are untested. Never "
    "use it for diagnosis."
)


def tensors(state, tokenizer):
    """All tensors of the file, F32: the model of a checkpoint and dvae.* of another weights file."""
    out = {name: value.float().numpy() for name, value in state["model"].items()}
    encoder = {name: value for name, value in tokenizer.items() if name.startswith("dvae.")}
    return out | encoder


def card(state, scores):
    """`uar.card`: sources, terms, known failures, scores."""
    return {
        "name": state["settings"]["name"],
        "data": DATA,
        "terms": TERMS,
        "use": "research and teaching; not for judging X-rays",
        "limits": LIMITS,
        "recipe": settings.recipe_hash(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "scores": scores,
    }


def export(state, tokenizer, path, scores):
    """Writes the file. Ablations that inference does not know cannot be exported."""
    if state["settings"]["training"]["integration"] != "gate":
        raise ValueError(f"export: integration {state['settings']['training']['integration']!r} exists in training only")
    metadata = {
        "format": "pt",
        "uar.config": json.dumps(state["config"], separators=(",", ":")),
        "uar.card": json.dumps(card(state, scores), ensure_ascii=False),
    }
    safetensors.write(path, tensors(state, tokenizer), metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, help="best.pt of train.py")
    parser.add_argument("--tokenizer", required=True, help="safetensors with dvae.*")
    parser.add_argument("--scores", default="", help="one line for the card: the scores of uar eval on the validation split")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    state = torch.load(args.checkpoint, map_location="cpu")
    tokenizer, _ = safetensors.read(args.tokenizer)
    export(state, tokenizer, args.out, args.scores)


if __name__ == "__main__":
    main()

"""Finds the probe that a model starts from: what the tokens of a tuned tokenizer tell, as finely as they tell it (probe.py).

It begins with ridge regression on the tokens' counts in every cell, its weights cut to the probe's rank, and goes on by gradient
on random crops. Reports on held studies the share of variance told, and of each finding the AUC beside the teacher's.
"""

import argparse
import math
import pathlib
import time

import numpy as np
import torch

import anatomy
import consensus
import findings
import metrics
import probe
import settings
from train import schedule


def counts(tokens, cell, codes):
    """tokens [m, S, crops, L] → the share of every code in every cell, the mean over crops [m, cells·codes]."""
    m, views, crops, length = tokens.shape
    out = np.zeros((m, (cell.max() + 1) * codes), np.float32)
    size = np.bincount(cell[cell >= 0])
    for view in range(views):
        of = cell[view * length : (view + 1) * length]
        inside = np.flatnonzero(of >= 0)
        of = of[inside]
        at = of * codes + tokens[:, view][:, :, inside]  # [m, crops, those inside]
        for row, columns in zip(out, at):
            np.add.at(row, columns.ravel(), np.tile(1 / size[of] / crops, crops))
    return out


def begin(fitted, tokens, sight, ridge=1.0):
    """Sets a probe to the ridge regression of sight [m, q] on the counts of tokens [m, S, crops, L], of the probe's rank."""
    codes, rank = fitted.u.shape
    x = counts(tokens, fitted.cell.numpy(), codes)
    mean, centre = x.mean(0), sight.mean(0)
    x -= mean
    gram = x @ x.T
    scale = np.trace(gram) / len(gram)
    weights = x.T @ np.linalg.solve(gram / scale + ridge * np.eye(len(gram)), sight - centre) / scale  # [cells·codes, q]
    of_code = weights.reshape(-1, codes, weights.shape[1]).transpose(1, 0, 2)  # [codes, cells, q]
    use = np.sqrt(np.bincount(tokens.ravel(), minlength=codes) / tokens.size + 1e-6)[:, None]
    u, s, v = np.linalg.svd(of_code.reshape(codes, -1) * use, full_matrices=False)
    u, a = u[:, :rank] * s[:rank] / use, v[:rank].reshape(rank, *of_code.shape[1:]).transpose(1, 0, 2)
    unit = 0.5 / u.std(0)
    with torch.no_grad():
        fitted.u.copy_(torch.from_numpy(u * unit))
        fitted.a.copy_(torch.from_numpy(a / unit[:, None]))
        fitted.bias.copy_(torch.from_numpy(centre - mean @ weights))


@torch.no_grad()
def told(fitted, tokens, sight):
    """The share of the variance of sight [m, q] that a probe tells of tokens [m, N]."""
    rest = ((fitted.told(tokens) - sight) ** 2).mean(0) / sight.var(0)
    return float(1 - rest.mean())


@torch.no_grad()
def areas(fitted, tokens, archive):
    """{finding: AUC on held studies of what a probe tells of the tokens [m, N], and of what the teacher does}"""
    truth = np.array([findings.vector(t) for t in archive["held/texts"].tolist()])
    columns = consensus.columns(archive["told"])
    both = [x[:, -len(columns) :] for x in (fitted.told(tokens).numpy(), archive["held/sight"])]
    return {
        findings.LABELS[label]: [round(metrics.auc(x[:, i], truth[:, label]), 3) for x in both]
        for i, label in enumerate(columns)
        if truth[:, label].any()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--studies", required=True, help="npz of consensus.py")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py for their images, with the tuned tokenizer")
    parser.add_argument("--masks", required=True, type=pathlib.Path, help="folder of masks.csv: where the chest is")
    parser.add_argument("--out", required=True, help="probe.pt for train.py")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    s = settings.load(args.settings)
    options = s["probe"]
    torch.manual_seed(s["seed"])
    archive, of_files = np.load(args.studies), np.load(args.tokens)
    at = {f: i for i, f in enumerate(of_files["files"])}

    def of(split):
        return of_files["tokens"][[[at[f] for f in views] for views in archive[f"{split}/files"]]].astype(np.int64)

    splits = [k for k in ("train", "unlabelled") if f"{k}/files" in archive]
    tokens, sight = np.concatenate([of(k) for k in splits]), np.concatenate([archive[f"{k}/sight"] for k in splits])
    held, held_sight = torch.from_numpy(of("held")[:, :, 0]).flatten(1), torch.from_numpy(archive["held/sight"])
    inside = torch.from_numpy(anatomy.inside(args.masks, math.isqrt(tokens.shape[3])))
    fitted = probe.Probe(s["dvae"]["vocab"], probe.cells(inside, tokens.shape[1]), sight.shape[1])
    begin(fitted, tokens, sight)
    print(f"by regression: told {told(fitted, held, held_sight):.4f}", flush=True)

    tokens, sight, generator = torch.from_numpy(tokens), torch.from_numpy(sight), torch.Generator().manual_seed(s["seed"])
    optimizer, began = torch.optim.AdamW(fitted.parameters(), options["rate"], weight_decay=0), time.time()
    for step in range(options["steps"]):
        for group in optimizer.param_groups:
            group["lr"] = options["rate"] * schedule(step, options["steps"])
        rows = torch.randint(len(tokens), (options["batch"],), generator=generator)
        crop = torch.randint(tokens.shape[2], (len(rows), tokens.shape[1]), generator=generator)
        some = torch.cat([tokens[rows, v, crop[:, v]] for v in range(crop.shape[1])], 1)
        loss = ((fitted(fitted.u[some]) - sight[rows]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            most = probe.FARTHEST * fitted.u.std(0)
            fitted.u.copy_(torch.minimum(torch.maximum(fitted.u, -most), most))
    scores = {"loss": round(loss.item(), 4), "sight": round(told(fitted, held, held_sight), 4)}
    scores["auc"] = areas(fitted, held, archive)
    settings.log(args.runs, "probe", settings=s["name"], step=options["steps"], seconds=round(time.time() - began), **scores)
    print(scores)
    torch.save(fitted.state_dict(), args.out)


if __name__ == "__main__":
    main()

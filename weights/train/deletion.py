"""Do the maps show what a report rests on? Takes away the patches that a finding's words looked at, and writes the report anew.

For every held study whose report names a finding that the probe tells, the tokens that the words about it look at most are replaced
by the commonest ones at their places, and so, to compare, are as many random and the least looked at ones. Prints how often
the finding is named still, and what the probe then tells of it, in standard deviations (Petsiuk et al., RISE, 2018: deletion).
"""

import argparse

import numpy as np
import torch

import consensus
import evidence
import probe
import reports
import settings
from train import Studies
from uar import UAR


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", required=True, help="best.pt of train.py")
    parser.add_argument("--probe", required=True, help="probe.pt of fit_probe.py")
    parser.add_argument("--studies", required=True, help="npz of consensus.py")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py for their images")
    parser.add_argument("--share", type=float, default=0.1, help="of the patches that are taken away")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    state = torch.load(args.checkpoint, map_location="cpu")
    s, config = state["settings"], state["config"]
    seen, generator = probe.load(args.probe), torch.Generator().manual_seed(s["seed"])
    studies = Studies(args.studies, args.tokens, reports.Vocabulary(config["vocab"]), s, seen, generator)
    model = UAR(config, 0, s["training"]["basis"], s["training"]["integration"])
    model.load_state_dict(state["model"])
    model.eval()
    told = consensus.columns(np.load(args.studies)["told"])
    codes, words = model.tables()
    masked = s["stages"][state["stage"]]["masked"]
    common = studies.tokens[:, :, 0].flatten(1).mode(0).values  # [N]
    vocabulary, count = studies.vocabulary, round(args.share * studies.held_tokens.shape[1])

    def write(tokens):
        return model.greedy(words, model.decoder.look(model.encode(codes, tokens)), masked)

    def named(text):
        return {f for f in (evidence.column(x, told) for x in reports.sentences(text)) if 0 < f < len(told)}

    def value(tokens, finding):
        return float(seen.told(tokens)[0, finding - len(told)])

    results = {}
    for tokens in studies.held_tokens.split(1):
        ids = write(tokens)
        text = vocabulary.decode(ids[0].tolist())
        found = named(text)
        if not found:
            continue
        inputs = torch.cat([torch.full_like(ids[:, :1], reports.BOS), ids[:, :-1]], 1)
        *_, looked = model.decode(words, inputs, model.decoder.look(model.encode(codes, tokens)), masked)
        about = torch.tensor(evidence.about(text, told, ids.shape[1]))
        for finding in sorted(found):
            order = looked[0, about == finding].mean(0).argsort(descending=True)
            random = torch.randperm(len(order), generator=generator)
            for name, gone in (("most", order[:count]), ("random", random[:count]), ("least", order[-count:])):
                without = tokens.clone()
                without[0, gone] = common[gone]
                still = finding in named(vocabulary.decode(write(without)[0].tolist()))
                results.setdefault(name, []).append((still, value(without, finding) - value(tokens, finding)))
    for name, rows in results.items():
        still, change = np.array(rows, float).T
        print(f"{name} looked at: {len(rows)} findings, named still {still.mean():.3f}, told {change.mean():+.3f}")


if __name__ == "__main__":
    main()

"""Trains UAR on visual tokens, stage after stage, and keeps the last stage's checkpoint that does best on the held studies.

A stage names its losses and their weights: report (cross-entropy), global (triplet) and mask, as in the paper, and alignment, sight,
evidence and pointing (see losses.py). The plain recipe of the paper is the settings file `plain`; README.md tells what differs from
it, and why.
"""

import argparse
import collections
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn

import calibration
import consensus
import evidence
import findings
import losses
import metrics
import precision
import probe
import reports
import settings
from uar import UAR

SEES = ("lsu.image", "cra", "encoder")  # parameters that make memory
SAMPLES = 20  # reports drawn of every held study
ALIGNED = 256  # studies of a batch for alignment


class Studies:
    """The studies of consensus.py with their tokens of tokens.py [m, S, 1 + crops, L], what memory has to tell of them [m, q] (sight),
    and the reports to write.

    With a probe, sight is what it tells of the tokens at hand, and the report is drawn, as likely as the set of findings that it
    says (consensus.py). Without, sight is that of consensus.py, and the reports are the radiologists'.
    """

    def __init__(self, path, tokens, vocabulary, s, seen, generator):
        archive, of_files = np.load(path), np.load(tokens)
        at = {f: i for i, f in enumerate(of_files["files"])}

        def of(split):
            return of_files["tokens"][[[at[f] for f in views] for views in archive[f"{split}/files"]]].astype(np.int64)

        self.vocabulary, self.probe = vocabulary, seen
        splits = [k for k in ("train", "unlabelled") if f"{k}/files" in archive and (seen or k == "train")]
        every = lambda name: torch.from_numpy(np.concatenate([archive[f"{k}/{name}"] for k in splits]))
        self.tokens = torch.from_numpy(np.concatenate([of(k) for k in splits]))
        self.sight = every("sight")
        self.held_tokens = torch.from_numpy(of("held")[:, :, 0]).flatten(1)
        self.held_sight = torch.from_numpy(archive["held/sight"])
        self.references = archive["held/texts"].tolist()
        texts = archive["train/texts"].tolist()
        self.likely, self.best = torch.ones(len(texts), 1), torch.arange(len(texts))[:, None]
        if seen:
            texts, self.likely, self.best = archive["reports"].tolist(), every("likely"), every("best").long()
        encoded = [[reports.BOS, *vocabulary.encode(t)[: s["uar"]["max_tokens"] - 2], reports.EOS] for t in texts]
        self.lengths = torch.tensor([len(e) for e in encoded])
        self.texts = torch.full((len(encoded), int(self.lengths.max())), losses.IGNORED)
        for row, e in zip(self.texts, encoded):
            row[: len(e)] = torch.tensor(e)
        self.evidence = None
        if seen:
            told = consensus.columns(archive["told"])
            self.evidence = evidence.Evidence(seen, self.crops(torch.arange(len(self.tokens)), generator), len(told))
            self.about = torch.tensor([evidence.about(t, told, self.texts.shape[1] - 1) for t in texts])
        self.group = equals(texts)
        own = [archive[f"{k}/texts"].tolist() for k in ("train", "held")]
        self.own, self.held_own = (torch.stack([bag(vocabulary, t) for t in of_split]) for of_split in own)  # [·, V]
        self.own_group, self.held_group = map(equals, own)

    def batch(self, size, generator):
        """Random studies: tokens [b, N], ids [b, T], sight [b, q], same [b, b], about [b, T − 1]."""
        study = torch.randint(len(self.tokens), (size,), generator=generator)
        tokens = self.crops(study, generator)
        return tokens, *self.wanted(study, self.known(study, tokens), generator)

    def crops(self, study, generator):
        """Tokens [b, N] of studies [b], each view in a random crop of its own."""
        crop = torch.randint(self.tokens.shape[2], (len(study), self.tokens.shape[1]), generator=generator)
        return torch.cat([self.tokens[study, v, crop[:, v]] for v in range(crop.shape[1])], 1)

    def known(self, study, tokens):
        """Sight [b, q] of studies [b] with tokens [b, N]."""
        return self.probe.told(tokens) if self.probe else self.sight[study]

    def wanted(self, study, sight, generator):
        """Of studies [b] and sight: a report of each, drawn, as ids [b, T], sight [b, q], same [b, b], which have the same report, and
        what words are about [b, T − 1] (evidence.py)."""
        drawn = torch.multinomial(self.likely[study], 1, generator=generator)
        chosen = self.best[study].gather(1, drawn)[:, 0]
        group, most = self.group[chosen], int(self.lengths[chosen].max())
        subject = self.about[chosen, : most - 1] if self.evidence else torch.full((len(chosen), most - 1), losses.IGNORED)
        return self.texts[chosen, :most], sight, group[:, None] == group, subject


def equals(texts):
    """For each text the number of the first that is equal to it."""
    first = {t: i for i, t in reversed(list(enumerate(texts)))}
    return torch.tensor([first[t] for t in texts])


def bag(vocabulary, text):
    """The shares of the words in a text [V], bos and eos left out: the mean of the words' features by them is losses.text_feature."""
    counts = torch.bincount(torch.tensor(vocabulary.encode(text), dtype=torch.long), minlength=len(vocabulary)).float()
    counts[: reports.UNK] = 0
    return counts / counts.sum().clamp(min=1)


class Trainer:
    def __init__(self, s, studies, config, device):
        self.s, self.studies, self.device = s, studies, device
        self.stage, self.step, self.best, self.resumed = 0, 0, -math.inf, None
        t = s["training"]
        torch.manual_seed(s["seed"])
        self.generator = torch.Generator().manual_seed(s["seed"])
        self.model = UAR(config, t["dropout"], t["basis"], t["integration"])
        self.seer = nn.Linear(config["dim"], studies.sight.shape[1])  # memory → sight; training's own
        for layer in self.model.decoder.children():
            if hasattr(layer, "tir"):  # σ(M) is multiplied by 1000: start without an opinion
                layer.tir.query.weight.data.mul_(0.1)
                layer.tir.key.weight.data.mul_(0.1)

    def begin(self):
        """Starts the encoder where the probe ends, if there is one."""
        if self.studies.probe:
            self.seer = probe.start(self.model.eval(), self.studies.probe, self.studies, self.generator)

    def optimizer(self, stage):
        """AdamW over all parameters; a frozen stage leaves alone those that make memory."""
        named = dict(self.model.named_parameters())
        frozen = {n for n in named if stage["frozen"] and n.startswith(SEES)}
        embeddings = [n for n in named if n.startswith("lsu.image") and n not in frozen]
        rest = [p for n, p in named.items() if n not in frozen and n not in embeddings]
        for name, parameter in named.items():
            parameter.requires_grad_(name not in frozen)
        groups = [
            {"params": [named[n] for n in embeddings], "factor": self.s["training"]["embedding_rate"]},
            {"params": rest + list(self.seer.parameters()), "factor": 1.0},
        ]
        return torch.optim.AdamW(groups, stage["rate"], betas=(0.9, 0.98), weight_decay=self.s["training"]["decay"])

    def autocast(self):
        return precision.autocast(self.device)

    def losses(self, stage):
        """One batch: {name: loss}."""
        s, model, wanted = self.s["training"], self.model, stage["losses"]
        codes, words = model.tables()
        if stage["frozen"]:
            memory, image, speaks, parts = self.remembered(s["batch"])
            ids, sight, same, about = (x.to(self.device) for x in parts)
        else:
            tokens, *parts = self.studies.batch(s["batch"], self.generator)
            speaks = self.studies.evidence.of(tokens).to(self.device) if evidence.wanted(wanted) else None
            tokens, ids, sight, same, about = (x.to(self.device) for x in (tokens, *parts))
            memory, image = model.encode(codes, tokens), losses.image_feature(codes, tokens)
        out = {}
        if "alignment" in wanted:
            out["alignment"] = self.alignment(codes, words)
        if "sight" in wanted:
            out["sight"] = losses.sight_loss(self.seer(memory), sight)
        if "report" in wanted:
            inputs, targets = ids[:, :-1].clamp(min=0), ids[:, 1:]
            hidden = (torch.rand(inputs.shape, generator=self.generator) < s["word_dropout"]).to(self.device)
            inputs = inputs.masked_fill(hidden & (inputs > reports.UNK), reports.UNK)
            logits, _, masks, looked = model.decode(words, inputs, model.decoder.look(memory), stage["masked"])
            out["report"] = losses.report_loss(logits, targets)
            if "global" in wanted:
                out["global"] = losses.global_loss(image, losses.text_feature(words, targets), same, s["margin"])
            if "evidence" in wanted:
                out["evidence"] = losses.evidence_loss(looked, speaks, about)
            if "mask" in wanted:
                out["mask"] = losses.mask_loss(masks, targets)
            if "pointing" in wanted:
                out["pointing"] = losses.pointing_loss(masks, speaks, about)
        return out

    def alignment(self, codes, words):
        """The loss of that name of random training studies and their own reports, whatever is learned beside it."""
        study = torch.randint(len(self.studies.own), (ALIGNED,), generator=self.generator)
        image = losses.image_feature(codes, self.studies.crops(study, self.generator).to(self.device))
        group = self.studies.own_group[study].to(self.device)
        return losses.alignment_loss(image, self.studies.own[study].to(self.device) @ words, group[:, None] == group)

    @torch.no_grad()
    def remember(self, stage, chunk=64):
        """For a frozen stage: `frozen` random tokens of memory of every study, `draws` times, in other crops."""
        self.model.eval()
        rows, parts, known = torch.arange(len(self.studies.tokens)).repeat(stage["draws"]), [], []
        images, speaks, evident = [], [], evidence.wanted(stage["losses"])
        self.rows = rows
        with self.autocast():
            codes, _ = self.model.tables()
            for study in rows.split(chunk):
                tokens = self.studies.crops(study, self.generator)
                known.append(self.studies.known(study, tokens))
                memory = self.model.encode(codes, tokens.to(self.device)).cpu()
                kept = torch.rand(memory.shape[:2], generator=self.generator).argsort(1)[:, : stage["frozen"]]

                def keep(x):
                    return precision.short(x).gather(1, kept[..., None].expand(-1, -1, x.shape[-1]))

                parts.append(keep(memory))
                images.append(losses.image_feature(codes, tokens.to(self.device)).cpu())
                speaks.append(keep(self.studies.evidence.of(tokens)) if evident else torch.empty(len(study), 0))
        self.memory, self.images, self.speaks = torch.cat(parts), torch.cat(images), torch.cat(speaks)
        self.known = torch.cat(known)

    def remembered(self, size):
        """A batch of it: memory [b, frozen, d], the studies' features [b, d], the evidence of the tokens [b, frozen, 2·F + 1], and what
        Studies.wanted gives."""
        rows = torch.randint(len(self.memory), (size,), generator=self.generator)
        memory, image, speaks = (x[rows].float().to(self.device) for x in (self.memory, self.images, self.speaks))
        return memory, image, speaks, self.studies.wanted(self.rows[rows], self.known[rows], self.generator)

    def run(self, save, report, every):
        """All stages. Every so many steps: save(state, whether it is the best), report(stage, step, scores, seconds)."""
        while self.stage < len(self.s["stages"]):
            stage = self.s["stages"][self.stage]
            optimizer = self.optimizer(stage)
            if self.resumed:
                optimizer.load_state_dict(self.resumed)
                self.resumed = None
            if stage["frozen"] and self.step < stage["steps"]:
                self.remember(stage)
            seen, began = collections.defaultdict(list), time.time()
            while self.step < stage["steps"]:
                for name, value in self.learn(stage, optimizer).items():
                    seen[name].append(value.item())
                self.step += 1
                if self.step % every == 0 or self.step == stage["steps"]:
                    scores = self.validate(stage)
                    improved = scores.get("choice", -math.inf) > self.best
                    if improved:
                        self.best = scores["choice"]
                    means = {f"{name}_loss": float(np.mean(values)) for name, values in seen.items()}
                    report(stage["name"], self.step, means | scores, time.time() - began)
                    save(self.state(optimizer), improved)
                    seen.clear()
            self.stage, self.step, self.best = self.stage + 1, 0, -math.inf  # best is the last stage's

    def learn(self, stage, optimizer):
        """One step; returns its losses."""
        self.model.train()
        rate = stage["rate"] * schedule(self.step, stage["steps"])
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        with self.autocast():
            parts = self.losses(stage)
        total = sum(stage["losses"][name] * value for name, value in parts.items())
        optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        optimizer.step()
        return parts

    def state(self, optimizer):
        return {
            "model": self.model.state_dict(),
            "seer": self.seer.state_dict(),
            "optimizer": optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "torch": torch.get_rng_state(),
            "stage": self.stage,
            "step": self.step,
            "best": self.best,
            "config": self.model.config,
            "settings": self.s,
        }

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.seer.load_state_dict(state["seer"])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["torch"])
        self.stage, self.step, self.best = state["stage"], state["step"], state["best"]
        self.resumed = state["optimizer"]

    @torch.no_grad()
    def validate(self, stage, chunk=37):
        """Of the held studies: scores of greedy reports; of `sight`, the share of variance that memory tells of what it has to; the
        median `rank` of the own report among the distinct ones, by the cosine; and of the findings among SAMPLES reports of each,
        calibration and `choice`, the skill, by which checkpoints are chosen."""
        self.model.eval()
        studies, told, ids, drawn, images = self.studies, [], [], [], []
        with self.autocast():
            codes, words = self.model.tables()
            for part in studies.held_tokens.to(self.device).split(chunk):
                memory = self.model.encode(codes, part)
                told.append(self.seer(memory).float().mean(1).cpu())
                images.append(losses.image_feature(codes, part))
                if "report" in stage["losses"]:
                    seen = self.model.decoder.look(memory)
                    ids += self.model.greedy(words, seen, stage["masked"]).tolist()
                    many = [[x.repeat_interleave(SAMPLES, 0) for x in layer] for layer in seen]
                    drawn += self.model.sample(words, many, stage["masked"], self.generator).tolist()
        error = ((torch.cat(told) - studies.held_sight) ** 2).mean(0) / studies.held_sight.var(0)
        scores = {"sight": float(1 - error.mean())}
        reports_found = studies.held_own.to(self.device) @ words
        scores["rank"] = metrics.rank(losses.cosines(torch.cat(images), reports_found).cpu().numpy(), studies.held_group.numpy())
        if ids:
            texts, samples = ([studies.vocabulary.decode(x) for x in rows] for rows in (ids, drawn))
            scores |= metrics.scores(list(zip(texts, studies.references))) | findings.scores(texts, studies.references)
            share = np.array([findings.vector(t) for t in samples]).reshape(len(ids), SAMPLES, -1).mean(1)
            truth = np.array([findings.vector(t) for t in studies.references])
            scores |= calibration.scores(share[:, 1:], truth[:, 1:], truth.mean(0)[1:])
            scores["choice"] = scores["skill"]
        return scores


def schedule(step, steps, warmup=50):
    """The share of the rate: a linear rise, then a cosine to 5 %."""
    return min(1, (step + 1) / warmup) * (0.05 + 0.95 * (1 + math.cos(math.pi * step / steps)) / 2)


def configuration(s, words):
    """`uar.config` of engine/MODEL.md §10."""
    ids = {"bos": reports.BOS, "eos": reports.EOS, "unk": reports.UNK}
    return {"format": "uar/1", "image": s["image"], "dvae": s["dvae"], **s["uar"], **ids, "vocab": list(words)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--studies", required=True, help="npz of consensus.py")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py for their images")
    parser.add_argument("--probe", help="probe.pt of fit_probe.py: where the encoder starts and what chooses the reports; "
                        "without it both are as in the paper")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of last.pt and best.pt; a run in it goes on")
    parser.add_argument("--start", help="a checkpoint whose model and seer the first stage starts from")
    parser.add_argument("--every", type=int, default=200, help="steps between validations")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    torch.set_num_threads(settings.threads())
    s = settings.load(args.settings)
    words = np.load(args.studies)["words"].tolist()
    generator, seen = torch.Generator().manual_seed(s["seed"]), probe.load(args.probe) if args.probe else None
    with torch.no_grad():
        studies = Studies(args.studies, args.tokens, reports.Vocabulary(words), s, seen, generator)
    if not seen and any(evidence.wanted(stage["losses"]) for stage in s["stages"]):
        parser.error(f"settings {args.settings!r} have a loss of evidence, which is a probe's: --probe is missing")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    trainer = Trainer(s, studies, configuration(s, words), device)
    args.out.mkdir(parents=True, exist_ok=True)
    last, best = args.out / "last.pt", args.out / "best.pt"
    if last.exists():
        trainer.restore(torch.load(last, map_location="cpu"))
    elif args.start:
        begun = torch.load(args.start, map_location="cpu")
        trainer.model.load_state_dict(begun["model"])
        trainer.seer.load_state_dict(begun["seer"])
    else:
        trainer.begin()
    trainer.model.to(device)
    trainer.seer.to(device)

    def save(state, improved):
        partial = last.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(last)
        if improved:
            torch.save(state, best)

    def report(stage, step, scores, seconds):
        scores = {k: round(v, 4) for k, v in scores.items()}
        settings.log(args.runs, args.out.name, settings=s["name"], stage=stage, step=step, seconds=round(seconds), **scores)
        print(stage, step, f"{seconds:.0f}s", scores, flush=True)

    trainer.run(save, report, args.every)


if __name__ == "__main__":
    main()

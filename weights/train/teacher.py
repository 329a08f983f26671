"""A convolutional network that tells from a study's views what its report states; inference drops it.

It starts from MobileNetV2, whose first layers stay as they are, so that what these make of every image is computed once. The rest
learns first the labels of X-rays that have no report, then, once for every fold of the studies, findings, MeSH terms and the
principal components of a report's n-grams, and the labels beside them. Of a study that was learned from it tells only what the
network says that did not learn from it (cross-fitting), of others the mean of these networks; consensus.py takes it from there.

Letters: b studies, n single views, l labels, q quantities, c channels.
"""

import argparse
import collections
import copy
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel

import findings
import metrics
import mobilenet
import precision
import reports
import settings
from activations import Activations
from labelled import Labelled
from posterior import components
from train import schedule

LEAST = 20  # studies of a MeSH term that is learned
FEW = 8  # positives that an AUC is reported of
SAVED, LOGGED = 25, 100  # steps between checkpoints; between lines of the log
# MeSH terms that say the same, by a part of their names.
GROUPS = {
    "cardiomegaly": ["cardiomegaly"],
    "effusion": ["pleural effusion"],
    "atelectasis": ["atelectas"],
    "opacity": ["opacity", "airspace disease"],
    "consolidation": ["consolidation"],
    "infiltrate": ["infiltrate"],
    "pneumonia": ["pneumonia"],
    "edema": ["edema"],
    "emphysema": ["emphysema", "hyperinflation", "hyperdistention"],
    "fibrosis": ["fibrosis", "cicatrix"],
    "nodule or mass": ["nodule", "mass"],
    "granuloma": ["granuloma"],
    "thickening": ["thickening"],
    "pneumothorax": ["pneumothorax"],
    "hernia": ["hernia"],
    "degenerative spine": ["spondylosis", "degenerative", "scoliosis", "osteophyte"],
    "devices": ["catheter", "implanted", "surgical", "tube", "medical device"],
}


class Teacher(nn.Module):
    """What the fixed layers make of frontal views [b, c, y, x], of lateral ones of the studies that have one (seen [b]), of single
    frontal views [n, c, y, x] → quantities [b, q], labels [b + n, l]; before it learns, the same ones whatever it is shown."""

    def __init__(self, layers, quantities, labels):
        super().__init__()
        self.layers, width = layers, 2 * mobilenet.LAST
        self.frontal, self.lateral = nn.BatchNorm1d(width, affine=False), nn.BatchNorm1d(width, affine=False)
        self.study, self.single = nn.Linear(2 * width, len(quantities)), nn.Linear(width, len(labels))
        self.dropout = nn.Dropout(0.3)
        for head, start in ((self.study, quantities), (self.single, labels)):
            nn.init.zeros_(head.weight)
            head.bias.data.copy_(start)

    def features(self, x):
        """[n, 2·1280]: mean and maximum over the positions."""
        with precision.autocast(x.device.type):
            y = self.layers(x)
        y = y.float()
        return torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)

    def forward(self, frontals, laterals, seen, singles):
        b, m = len(frontals), len(laterals)
        f = self.features(torch.cat([frontals, laterals, singles]))
        front = self.dropout(self.frontal(torch.cat([f[:b], f[b + m :]])))
        side = front.new_zeros(b, front.shape[1])
        if m:
            side[seen] = self.dropout(self.lateral(f[b : b + m]))
        return self.study(torch.cat([front[:b], side], 1)), self.single(front)


class Views:
    """The views of studies among activations; one that has no lateral view is told from the frontal alone."""

    def __init__(self, studies, folder, activations):
        self.activations = activations
        self.frontal = activations.rows([folder / x.files[0] for x in studies])
        self.lateral = activations.rows([folder / x.files[-1] for x in studies])
        self.seen = self.frontal != self.lateral

    def draw(self, picks, random):
        seen = self.seen[picks]
        rows = np.concatenate([self.frontal[picks], self.lateral[picks][seen]])
        drawn = self.activations.draw(rows, random)
        return drawn[: len(picks)], drawn[len(picks) :], torch.from_numpy(seen)

    def get(self, picks):
        seen = self.seen[picks]
        drawn = [self.activations.get(rows) for rows in (self.frontal[picks], self.lateral[picks][seen])]
        return *drawn, torch.from_numpy(seen)


def stated(studies, terms):
    """What reports and MeSH terms state, 0 or 1: [n, 14 + groups + terms]."""
    rows = []
    for study in studies:
        own = {p.lower() for p in study.problems}
        groups = [any(part in p for p in own for part in parts) for parts in GROUPS.values()]
        rows.append(findings.vector(study.report) + groups + [t in own for t in terms])
    return torch.tensor(np.array(rows, np.float32))


def frequent(studies):
    """The MeSH terms of enough studies."""
    count = collections.Counter(p for s in studies for p in {p.lower() for p in s.problems} - {""})
    return [t for t, n in count.most_common() if n >= LEAST]


def fit(model, loss, options, steps, seed, path, log):
    """Learns loss(model, NumPy generator) and gives a model whose weights are a moving average over the steps.

    The state lies at path, and a call goes on from there, as if nothing had stopped it. log(step, loss, seconds, average model)
    is called now and then.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    decay = lambda n: min(options["average"], n / (n + 9))  # few steps forget the start
    average = AveragedModel(model, avg_fn=lambda old, new, n: new + (old - new) * decay(n), use_buffers=True)
    optimizer = torch.optim.AdamW(model.parameters(), options["rate"], weight_decay=0.02)
    step, seconds, seen = 0, 0.0, []
    if path.exists():
        state = torch.load(path)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["torch"])
        random.bit_generator.state = state["random"]
        step, seconds, seen = state["step"], state["seconds"], state["seen"]
    model.train()
    began = time.time() - seconds
    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = options["rate"] * schedule(step, steps)
        value = loss(model, random)
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        average.update_parameters(model)
        seen.append(value.item())
        step += 1
        if step % LOGGED == 0 or step == steps:
            log(step, round(float(np.mean(seen)), 4), round(time.time() - began), average.module.eval())
            seen.clear()
        if step % SAVED == 0 or step == steps:
            state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            state |= {"torch": torch.get_rng_state(), "random": random.bit_generator.state}
            state |= {"seen": seen, "seconds": time.time() - began}
            partial = path.with_suffix(".part")
            torch.save(state, partial)
            partial.replace(path)
    return average.module.eval()


def parts(rows, chunk):
    return np.array_split(rows, max(1, math.ceil(len(rows) / chunk)))


@torch.no_grad()
def tell(model, views, picks, chunk=32):
    """Quantities and labels [n, q + l] of some studies."""
    out = []
    for part in parts(picks, chunk):
        frontals, laterals, seen = views.get(part)
        out.append(torch.cat(model(frontals, laterals, seen, frontals[:0]), 1))
    return torch.cat(out).numpy()


@torch.no_grad()
def label(model, activations, rows, chunk=64):
    """Labels [n, l] of single views."""
    none = activations.get(rows[:0])
    return torch.cat([model(none, none, none.new_zeros(0).bool(), activations.get(p))[1] for p in parts(rows, chunk)]).numpy()


def areas(names, told, truth, known=None):
    """{name: AUC} of the columns of told [n, ·] that truth [n, ·] has enough of, among the rows where it is known."""
    out = {}
    for i, name in enumerate(names):
        rows = slice(None) if known is None else known[:, i] > 0
        if truth[rows, i].sum() >= FEW:
            out[name] = round(metrics.auc(told[rows, i], truth[rows, i]), 3)
    return out


def middle(areas):
    """The mean of {name: AUC}, if there is any."""
    return round(float(np.mean(list(areas.values()))), 4) if areas else None


class Training:
    """The data, the two stages, and what is told in the end."""

    def __init__(self, args):
        s = settings.load(args.settings)
        self.options, self.seed, self.out, self.runs = s["teacher"], s["seed"], args.out, args.runs
        self.studies = reports.load_all(args.data)
        extra = reports.load_extra(args.extra) if args.extra else []
        self.learned = self.studies["train"] + extra
        terms = frequent(self.learned)
        self.stated = stated(self.learned, terms)
        self.val = stated(self.studies["val"], terms)
        # Most of the extra reports are of another kind, impressions alone: they do not teach wording.
        texts = reports.texts(self.studies, s["uar"]["max_tokens"])["train"]
        self.text = torch.from_numpy(components(texts, self.options["components"])).float()
        self.names = [f"report: {x}" for x in findings.LABELS] + [f"group: {x}" for x in GROUPS] + [f"mesh: {x}" for x in terms]

        self.labelled = Labelled(args.more)
        torch.manual_seed(self.seed)
        net = mobilenet.load(args.start) if args.start else mobilenet.layers()
        fixed, self.rest = net[: self.options["fixed"]], net[self.options["fixed"] :]
        every = [*self.studies.values(), extra]
        files = [args.data / "images" / f for of in every for x in of for f in x.files] + self.labelled.files
        files = list(dict.fromkeys(files))
        self.activations = Activations(args.out / "activations.npy", fixed, files, self.options["size"])
        self.views = {k: Views(v, args.data / "images", self.activations) for k, v in self.studies.items()}
        self.views["learned"] = Views(self.learned, args.data / "images", self.activations)
        self.singles = self.activations.rows(self.labelled.files)

    def log(self, **entry):
        settings.log(self.runs, self.out.name, **entry)
        print(entry, flush=True)

    def told(self, model, images):
        """Labels of some of the labelled images [n, l]."""
        return label(model, self.activations, self.singles[images])

    def held_out(self, told):
        """{label: AUC} of the held-out images' labels told [n, l]."""
        wanted, known = (x[self.labelled.held].numpy() for x in (self.labelled.wanted, self.labelled.known))
        return areas(self.labelled.names, told, wanted, known)

    def labels(self):
        """The model that learned the labels of images without reports, and no study."""
        known, wanted = (x[self.labelled.taught] for x in (self.labelled.known, self.labelled.wanted))
        share = (wanted * known).sum(0) / known.sum(0)
        quantities = torch.cat([torch.logit(self.stated.mean(0), 1e-3), self.text.mean(0)])
        model = Teacher(self.rest, quantities, torch.logit(share, 1e-3))
        none = self.activations.get(self.singles[:0])

        def loss(model, random):
            picks = random.choice(self.labelled.taught, self.options["batch"])
            singles = self.activations.draw(self.singles[picks], random)
            return self.labelled.loss(model(none, none, none.new_zeros(0).bool(), singles)[1], picks)

        def log(step, value, seconds, model):
            auc = self.held_out(self.told(model, self.labelled.held))
            self.log(stage="labels", step=step, seconds=seconds, loss=value, held_out=middle(auc))

        return fit(model, loss, self.options, self.options["labels"], self.seed, self.out / "labels.pt", log)

    def fold(self, number, start, inside, outside):
        """The model that went on from start with the studies outside a fold."""
        count = self.options["batch"] * 3 // 8

        def loss(model, random):
            picks, beside = random.choice(outside, count), random.choice(self.labelled.taught, self.options["batch"] // 4)
            singles = self.activations.draw(self.singles[beside], random)
            told, labels = model(*self.views["learned"].draw(picks, random), singles)
            states, worded = self.stated.shape[1], picks < len(self.text)
            value = F.binary_cross_entropy_with_logits(told[:, :states], self.stated[picks], reduction="none").sum(1).mean() / 10
            if worded.any():
                value = value + 0.5 * ((told[worded, states:] - self.text[picks[worded]]) ** 2).mean()
            return value + 2 * self.labelled.loss(labels[count:], beside)

        def log(step, value, seconds, model):
            auc = areas(self.names, tell(model, self.views["learned"], inside), self.stated[inside].numpy())
            self.log(stage="studies", fold=number, step=step, seconds=seconds, loss=value, held_out=middle(auc))

        path = self.out / f"fold-{number}.pt"
        return fit(copy.deepcopy(start), loss, self.options, self.options["studies"], self.seed + 1 + number, path, log)

    def run(self):
        start, folds = self.labels(), self.options["folds"]
        fold = np.random.default_rng(self.seed).permutation(len(self.learned)) % folds
        learned, out, every = None, collections.defaultdict(float), np.arange(len(self.singles))
        for number in range(folds):
            inside, outside = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
            model = self.fold(number, start, inside, outside)
            told = tell(model, self.views["learned"], inside)
            learned = np.zeros((len(fold), told.shape[1]), np.float32) if learned is None else learned
            learned[inside] = told
            for split in self.studies.keys() - {"train"}:
                out[split] = out[split] + tell(model, self.views[split], np.arange(len(self.studies[split]))) / folds
            out["labelled"] = out["labelled"] + self.told(model, every) / folds
        out["train"] = learned[: len(self.studies["train"])]
        own = {x.id: row for x, row in zip(self.learned, learned)}
        for i, study in enumerate(self.studies.get("unlabelled", [])):
            out["unlabelled"][i] = own.get(study.id, out["unlabelled"][i])
        for split, auc in {
            "train": areas(self.names, learned, self.stated.numpy()),
            "val": areas(self.names, out["val"], self.val.numpy()),
            "held out": self.held_out(out["labelled"][self.labelled.held]),
        }.items():
            self.log(split=split, mean=middle(auc), auc=auc)
        names = self.names + [f"component: {i}" for i in range(self.text.shape[1])] + [f"label: {x}" for x in self.labelled.names]
        np.savez(self.out / "teacher.npz", names=np.array(names), **out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--extra", type=pathlib.Path, help="json of studies outside its split that have a report")
    parser.add_argument("--more", nargs="+", required=True, type=pathlib.Path, help="folders of labelled X-rays without reports")
    parser.add_argument("--start", type=pathlib.Path, help="npz of MobileNetV2's weights; random ones without it")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of checkpoints, caches and teacher.npz")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    Training(args).run()


if __name__ == "__main__":
    main()

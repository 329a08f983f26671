"""What to write for a study, from its image alone: the report that agrees best with those of the studies that look like it.

A radiologist's report holds much that no image tells: style, order, wording. Cross-entropy on it teaches the commonest
sentences. So the report to learn is chosen by its expected worth: the mean, over training reports weighted by how much the
images resemble each other (smoother.py, never the study's own report), of n-gram agreement and of findings got right
(minimum Bayes risk; Kumar and Byrne, 2004). Candidates are the training reports, and reports composed of their sentences.

Letters: n training studies, C candidates, 14 findings.
"""

import argparse
import collections
import csv
import pathlib
import re

import numpy as np
from scipy.cluster.vq import kmeans2

import findings
import images
import metrics
import reports
import settings
import smoother
from overlap import Overlap

# What a sentence is about. No two sentences of a composed report are about the same thing, so none is said twice or denied.
TOPICS = {
    "pleura": r"effusion|pleural|costophrenic|blunting",
    "pneumothorax": r"pneumothora",
    "heart": r"heart|cardi",
    "mediastinum": r"mediast",
    "lungs": r"lung|no acute pulmonary|opaci|atelecta|granuloma|nodul|scar|infiltrat|air ?space|consolidat|hyper|emphysem|densit|interstitial|mass|lesion|pneumonia|focal",
    "bones": r"bon[ye]|osseous|skeletal|spine|spondyl|degenerative|rib|fractur|thorax are|scolio",
    "vessels": r"vascul|hila",
    "devices": r"catheter|sternotomy|clips|picc|port|pacem|tube|wires|leads|hardware",
    "rest": r"diaphragm|abdom|trachea",
}
FOCAL = re.compile(r"focal|consolidat")
# No image tells of redacted words or of earlier images: what says so is nothing to learn.
UNTELLABLE = re.compile(r"xxxx|<unk>|\b(stable|unchanged|interval|prior|previous\w*|comparison|compared|again|since|redemonstrat\w*)\b")
MOST_SENTENCES, MOST_WORDS = 7, 57
PRECISION = [0.455, 0.229, 0.130, 0.073]  # of n-grams at the constant report, where BLEU is linearised
LENGTH = 32  # words of a report there


def topics(sentence):
    found = findings.findings(sentence)
    about = {topic for topic, words in TOPICS.items() if re.search(words, sentence)}
    if found & {"LungLesion", "LungOpacity", "Atelectasis"}:
        about |= {"lungs", "focal"}
    elif FOCAL.search(sentence):  # "no focal consolidation" goes along with "the lungs are clear"
        about = about - {"lungs"} | {"focal"}
    return frozenset(about or {sentence})


class Worth:
    """The worth of candidates, by the weights of a settings file: bleu, cider, rouge, length, finding, abnormal."""

    def __init__(self, references, weights):
        self.weights = weights
        self.overlap = Overlap(references)
        self.labels = np.array([findings.vector(r) for r in references])  # [n, 14]
        self.prevalence = self.labels.mean(0)
        # Those rarer than 30 in 2,069 are not scored: nothing is learned from so few.
        self.scored = self.prevalence >= 30 / 2069
        self.scored[0] = False

    def agreement(self, candidates):
        """[C, n]: BLEU to first order around the constant report, CIDEr, ROUGE-L, and a price of words that pays for BLEU's brevity."""
        w = self.weights
        matches, cider = self.overlap.matches(candidates)
        words = np.array([len(c.split()) for c in candidates])[:, None]
        total = w["cider"] * cider + w["length"] * (words - LENGTH) / LENGTH
        for n, (match, precision) in enumerate(zip(matches, PRECISION)):
            size = LENGTH - n
            total = total + w["bleu"] / 4 * (match / precision - np.maximum(words - n, 0)) / size
        return (total + w["rouge"] * self.overlap.rouge(candidates)).astype(np.float32)

    def thresholds(self, probability):
        """The probability over which naming a finding raises F1: half the best F1 (Lipton et al., 2014)."""
        out = np.zeros(len(self.prevalence))
        for label, p in enumerate(probability.T):
            hits = np.cumsum(self.labels[np.argsort(-p), label])
            f1 = 2 * hits / (np.arange(1, len(p) + 1) + hits[-1])
            out[label] = f1.max() / 2
        return out

    def naming(self, probability, thresholds):
        """What a report gains by naming each finding [m, 14]; the first, by being abnormal."""
        prevalence = np.maximum(self.prevalence, 1e-9)
        gain = self.weights["finding"] * (probability - thresholds) / prevalence * self.scored
        gain[:, 0] = self.weights["abnormal"] * (prevalence[0] - probability[:, 0])
        return gain

    def expected(self, agreement, named, w, thresholds):
        """Worth of every candidate for every study of W [m, n]: [m, C]. named [C, 14] are the candidates' findings, first "abnormal"."""
        return w @ agreement.T + self.naming(w @ self.labels, thresholds) @ named.T


def named(candidates):
    """[C, 14]: 1 for every finding named; the first is 1 for a report that is not normal."""
    out = np.array([findings.vector(c) for c in candidates])
    out[:, 0] = 1 - out[:, 0]
    return out


class Composer:
    """Composes reports of frequent sentences for a mean study: local search over adding, dropping, replacing and swapping them."""

    def __init__(self, worth, common, naming):
        self.worth = worth
        counts = collections.Counter(s for r in worth.overlap.references for s in set(reports.sentences(r)))
        ordered = [s for s, _ in counts.most_common() if not UNTELLABLE.search(s)]
        bank = ordered[:common]
        for label in np.flatnonzero(worth.scored):
            of_label = [s for s in ordered if findings.vector(s)[label] and len(s.split()) < 14]
            bank += [s for s in of_label if s not in bank][:naming]
        self.bank = bank
        self.topics = [topics(s) for s in bank]
        self.named = named(bank)

    def distinct(self, report):
        return sum(len(self.topics[s]) for s in report) == len(frozenset().union(*(self.topics[s] for s in report)))

    def neighbours(self, report):
        for at in range(len(report) + 1):
            for s in range(len(self.bank)):
                if len(report) < MOST_SENTENCES:
                    yield report[:at] + (s,) + report[at:]
                if at < len(report):
                    yield report[:at] + (s,) + report[at + 1 :]
            if at < len(report):
                yield report[:at] + report[at + 1 :]
            for other in range(at):
                if at < len(report):
                    swapped = list(report)
                    swapped[at], swapped[other] = swapped[other], swapped[at]
                    yield tuple(swapped)

    def price(self, w, gain, length):
        """The worth of one report for the weights w [n], gain [14] of naming and the price of words, as a function of its sentences.

        ROUGE-L is left out.
        """
        o, weights = self.worth.overlap, self.worth.weights
        match = [o.present[n] @ w / PRECISION[n] / (LENGTH - n) / 4 for n in range(4)]
        vector = [o.weighted[n] @ w for n in range(4)]
        penalty = [float(w @ o.penalty(words)) for words in range(MOST_WORDS + 1)]

        def worth(report):
            words = " ".join(self.bank[s] for s in report).split()
            if len(words) > MOST_WORDS:
                return -np.inf
            bleu = cider = 0.0
            for n in range(4):
                columns, norm = o.row(n, words)
                bleu += match[n][columns].sum() - max(0, len(words) - n) / (LENGTH - n) / 4
                cider += vector[n][columns].sum() / max(norm, 1e-9)
            total = weights["bleu"] * bleu + weights["cider"] * 10 / 4 * cider * penalty[len(words)]
            total += length * (len(words) - LENGTH) / LENGTH
            return total + float(self.named[list(report)].max(0) @ gain)

        return worth

    def compose(self, w, gain, length, start=()):
        worth = self.price(w, gain, length)
        report, best = start, worth(start) if start else -np.inf
        while True:
            options = [r for r in self.neighbours(report) if r and self.distinct(r)]
            worths = [worth(r) for r in options]
            if not options or max(worths) <= best + 1e-6:
                return report
            best = max(worths)
            report = options[worths.index(best)]

    def text(self, report):
        return " ".join(self.bank[s] for s in report)


def compositions(worth, w, options, random):
    """Reports for groups of studies that look alike and for those that most likely show a finding, or two."""
    composer = Composer(worth, options["common"], options["naming"])
    probability = w @ worth.labels
    gains = worth.naming(probability, worth.thresholds(probability))
    everyone = composer.compose(w.mean(0), np.zeros(len(worth.prevalence)), worth.weights["length"])
    groups = []
    for clusters in options["clusters"]:
        _, label = kmeans2(space(w, worth), clusters, minit="++", seed=int(random.integers(1 << 31)))
        groups += [(np.flatnonzero(label == c), ()) for c in range(clusters) if (label == c).sum() >= 15]
    scored = np.flatnonzero(worth.scored)
    rank = probability.argsort(0).argsort(0) / len(w)
    for finding in scored:
        for share in (0.03, 0.08, 0.2):
            groups.append((np.flatnonzero(rank[:, finding] >= 1 - share), (finding,)))
        for other in scored[scored < finding]:
            both = rank[:, finding] + rank[:, other]
            groups.append((np.flatnonzero(both >= np.quantile(both, 0.95)), (finding, other)))
    out = [composer.text(everyone)]
    for members, wanted in groups:
        gain = gains[members].mean(0)
        gain[list(wanted)] = 0.5  # a report that names them is wanted, whatever it is worth on the mean
        for length in options["lengths"]:
            out.append(composer.text(composer.compose(w[members].mean(0), gain, length, everyone)))
    return list(dict.fromkeys(out))


def space(w, worth, dimensions=12):
    """Studies as points for clustering [n, dimensions]: principal components of the labels and n-grams expected of them."""
    expected = np.concatenate([w @ worth.labels] + [w @ worth.overlap.present[n][:400].T for n in range(2)], 1)
    u, s, _ = np.linalg.svd(expected - expected.mean(0), full_matrices=False)
    return u[:, :dimensions] * s[:dimensions]


def load_unlabelled(folder):
    """Studies with a frontal and a lateral view but no report, from images.csv (file,study,split,projection), if there is one."""
    path = pathlib.Path(folder) / "images.csv"
    if not path.exists():
        return []
    views = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            if row["split"] == "unlabelled":
                views.setdefault(row["study"], {}).setdefault(row["projection"], row["file"])
    return [
        reports.Study(id, "unlabelled", "", [v["frontal"], v["lateral"]], [])
        for id, v in views.items()
        if v.keys() >= {"frontal", "lateral"}
    ]


def two(files):
    """A study's frontal and lateral view; one view stands for both."""
    return (files * 2)[:2]


def features(studies, folder, tokens, codes):
    """Pixel features and code counts of studies, and their tokens [m, 2, 1 + crops, L]."""
    views = [tokens_of(s, tokens) for s in studies]
    pixels = [
        smoother.pixel_features(
            np.stack([images.resized(images.grey(folder / "images" / f), smoother.SIDE) for f in two(s.files)])
        )
        for s in studies
    ]
    return np.stack(pixels), np.stack([smoother.count_features(v, codes) for v in views]), np.stack(views)


def tokens_of(study, tokens):
    return np.stack([tokens[f] for f in two(study.files)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py for its images")
    parser.add_argument("--out", required=True, help="npz for train.py")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    s = settings.load(args.settings)
    options = s["consensus"]
    random = np.random.default_rng(s["seed"])

    splits = reports.load(args.data)
    studies = {"train": splits["train"], "val": splits["val"], "unlabelled": load_unlabelled(args.data)}
    words = reports.Vocabulary(reports.vocabulary([x.report for x in splits["train"]]))
    most = s["uar"]["max_tokens"] - 2
    texts = {name: [words.decode(words.encode(x.report)[:most]) for x in splits[name]] for name in ("train", "val")}
    archive = np.load(args.tokens)
    tokens = dict(zip(archive["files"], archive["tokens"]))
    measured = {k: features(v, args.data, tokens, s["dvae"]["vocab"]) for k, v in studies.items() if v}

    w = {}
    for name, (pixels, counts, _) in measured.items():
        k, new = smoother.kernel(measured["train"][0], pixels)
        k_counts, new_counts = smoother.centred_kernel(measured["train"][1], counts)
        k, new = k + 2 * k_counts, new + 2 * new_counts
        if name == "train":
            w[name] = smoother.crossfitted(k, options["ridge"], options["folds"], random)
        else:
            w[name] = smoother.weights(k, new, options["ridge"])

    worth = Worth(texts["train"], options["weights"])
    whole = [t for t in texts["train"] if not UNTELLABLE.search(t) and 8 <= len(t.split()) <= most]
    composed = compositions(worth, w["train"], options, random)
    candidates = list(dict.fromkeys(composed + whole))
    agreement, names = worth.agreement(candidates), named(candidates)
    thresholds = worth.thresholds(w["train"] @ worth.labels)
    value = {name: worth.expected(agreement, names, x, thresholds) for name, x in w.items()}
    chosen = collections.Counter(np.concatenate([v.argmax(1) for k, v in value.items() if k != "val"]).tolist())
    kept = [c for c, _ in chosen.most_common(options["reports"])]

    # The quantities that memory has to tell: principal components of the kept reports' worth, and the findings.
    shown = np.r_[0, np.flatnonzero(worth.scored)]
    worths = w["train"] @ agreement[kept].T
    centre = worths.mean(0)
    u, scale, axes = np.linalg.svd(worths - centre, full_matrices=False)
    q = min(options["components"], len(kept))
    probability = w["train"] @ worth.labels[:, shown]
    out = {"reports": np.array([candidates[c] for c in kept]), "words": np.array(words.words)}
    for name, x in w.items():
        components = (x @ agreement[kept].T - centre) @ axes[:q].T / scale[:q] * np.sqrt(len(w["train"]))
        labels = (x @ worth.labels[:, shown] - probability.mean(0)) / (probability.std(0) + 1e-9)
        out[f"{name}/sight"] = np.concatenate([components, labels], 1).astype(np.float32)
        out[f"{name}/worth"] = value[name][:, kept].astype(np.float32)
        out[f"{name}/tokens"] = measured[name][2].astype(np.int16)
    for name in ("train", "val"):
        out[f"{name}/texts"] = np.array(texts[name])
        best = [str(out["reports"][i]) for i in out[f"{name}/worth"].argmax(1)]
        scores = metrics.scores(list(zip(best, texts[name]))) | findings.scores(best, texts[name])
        settings.log(args.runs, "consensus", settings=s["name"], split=name, weights=options["weights"], **rounded(scores))
        print(name, rounded(scores))
    np.savez(args.out, **out)


def rounded(scores):
    return {k: round(float(v), 4) for k, v in scores.items()}


if __name__ == "__main__":
    main()

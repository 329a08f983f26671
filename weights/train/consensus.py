"""What to write for a study, from its image alone: the report that agrees best with those of the studies that look like it.

A radiologist's report holds much that no image tells: style, order, wording. Cross-entropy on it teaches the commonest
sentences. So the report to learn is chosen by its expected worth: the mean, over training reports weighted by how much the
images resemble each other (smoother.py, never the study's own report), of n-gram agreement and of findings got right
(minimum Bayes risk; Kumar and Byrne, 2004). Candidates are the training reports, and reports composed of their sentences.

Letters: n training studies, C candidates, 14 findings.
"""

import argparse
import collections
import multiprocessing
import pathlib
import re

import numpy as np
from scipy.cluster.vq import kmeans2

import findings
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
RESTARTS, ROUNDS = 1, 3  # of the search for reports
LEAST, LARGE = 3, 15  # studies of a group that reports are composed for
PRECISION = [0.455, 0.229, 0.130, 0.073]  # of n-grams at the constant report, where BLEU is linearised
LENGTH = 32  # words of a report there


def topics(sentence):
    found = findings.findings(sentence)
    about = {topic for topic, words in TOPICS.items() if re.search(words, sentence)}
    if found & {"lung lesion", "lung opacity", "atelectasis"}:
        about |= {"lungs", "focal"}
    elif FOCAL.search(sentence):  # "no focal consolidation" goes along with "the lungs are clear"
        about = about - {"lungs"} | {"focal"}
    return frozenset(about or {sentence})


class Naming:
    """What a report gains by naming findings; labels [n, 14] of the training reports, weights finding and abnormal."""

    def __init__(self, labels, weights):
        self.labels, self.weights = labels, weights
        self.prevalence = labels.mean(0)
        self.scored = scored(labels)

    def thresholds(self, probability):
        """Of the training studies' probabilities [n, 14]: those over which naming raises F1, half the best F1 (Lipton et al., 2014)."""
        out = np.zeros(len(self.prevalence))
        for label, p in enumerate(probability.T):
            hits = np.cumsum(self.labels[np.argsort(-p), label])
            f1 = 2 * hits / (np.arange(1, len(p) + 1) + hits[-1])
            out[label] = f1.max() / 2
        return out

    def gain(self, probability, thresholds):
        """Of each finding [m, 14]; of the first, of being abnormal."""
        gain = self.weights["finding"] * (probability - thresholds) / np.maximum(self.prevalence, 1e-9) * self.scored
        gain[:, 0] = self.weights["abnormal"] * (self.prevalence[0] - probability[:, 0])
        return gain


class Worth:
    """The worth of candidates, by weights: bleu, cider, finding, abnormal and, for agreement, rouge and length."""

    def __init__(self, references, weights, overlap=None):
        self.weights = weights
        self.overlap = overlap or Overlap(references)
        self.labels = np.array([findings.vector(r) for r in references])  # [n, 14]
        self.naming = Naming(self.labels, weights)

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


def told(labels):
    """The findings whose probabilities a tokenizer learns to tell, by number, from labels [n, 14]: none, and those that are scored."""
    return np.r_[0, np.flatnonzero(scored(labels))]


def scored(labels):
    """Which of the findings count, [14]: nothing is learned from those rarer than 30 in 2,069, and none is not a finding."""
    enough = labels.mean(0) >= 30 / 2069
    enough[0] = False
    return enough


def named(candidates):
    """[C, 14]: 1 for every finding named; the first is 1 for a report that is not normal."""
    out = np.array([findings.vector(c) for c in candidates])
    out[:, 0] = 1 - out[:, 0]
    return out


def expected(agreement, probability, naming, thresholds, named):
    """Worth of every candidate for every study [m, C]: expected agreement [m, C], and what it gains by the findings it names [C, 14]."""
    return agreement + naming.gain(probability, thresholds) @ named.T


class Composer:
    """Composes reports of frequent sentences for a mean study, by local search over adding, dropping, replacing and swapping them."""

    def __init__(self, worth, common, naming):
        self.worth = worth
        counts = collections.Counter(s for r in worth.overlap.references for s in set(reports.sentences(r)))
        ordered = [s for s, _ in counts.most_common() if not UNTELLABLE.search(s)]
        bank = ordered[:common]
        for label in np.flatnonzero(worth.naming.scored):
            of_label = [s for s in ordered if findings.vector(s)[label] and len(s.split()) < 14]
            bank += [s for s in of_label if s not in bank][:naming]
        self.bank = bank
        self.topics = [topics(s) for s in bank]
        self.named = named(bank)

    def distinct(self, report):
        return sum(len(self.topics[s]) for s in report) == len(frozenset().union(*(self.topics[s] for s in report)))

    def neighbours(self, report, bank):
        for at in range(len(report) + 1):
            for s in bank:
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

    def climb(self, worth, report, bank):
        """The local optimum above a report."""
        best = worth(report) if report else -np.inf
        while True:
            options = [r for r in self.neighbours(report, bank) if r and self.distinct(r)]
            worths = [worth(r) for r in options]
            if not options or max(worths) <= best + 1e-6:
                return report
            best = max(worths)
            report = options[worths.index(best)]

    def compose(self, w, gain, length, starts, seed=0):
        """The optimum above the best of `starts`; without any, the best of those above what random thirds of the sentences give."""
        worth, everything = self.price(w, gain, length), range(len(self.bank))
        random = np.random.default_rng(seed)
        begin = [max(starts, key=worth)] if starts else []
        for _ in range(0 if starts else RESTARTS):
            third = random.choice(len(self.bank), -(-len(self.bank) // 3), replace=False).tolist()
            begin.append(self.climb(worth, (), third))
        return max((self.climb(worth, report, everything) for report in begin), key=worth)

    def text(self, report):
        return " ".join(self.bank[s] for s in report)


def compositions(worth, w, options, random):
    """Reports for groups of studies that look alike and for those that most likely show a finding, or two."""
    composer = Composer(worth, options["common"], options["naming"])
    probability = w @ worth.labels
    gains = worth.naming.gain(probability, worth.naming.thresholds(probability))
    groups = []
    for clusters in options["clusters"]:
        _, label = kmeans2(space(w, worth), clusters, minit="++", seed=int(random.integers(1 << 31)))
        groups += [(np.flatnonzero(label == c), ()) for c in range(clusters) if (label == c).sum() >= LEAST]
    scored = np.flatnonzero(worth.naming.scored)
    rank = probability.argsort(0).argsort(0) / len(w)
    for finding in scored:
        for share in (0.03, 0.08, 0.2):
            groups.append((np.flatnonzero(rank[:, finding] >= 1 - share), (finding,)))
        for other in scored[scored < finding]:
            both = rank[:, finding] + rank[:, other]
            groups.append((np.flatnonzero(both >= np.quantile(both, 0.95)), (finding, other)))
    tasks, large = [], []
    for members, wanted in groups:
        gain = gains[members].mean(0)
        gain[list(wanted)] = 0.5  # a report that names them is wanted, whatever it is worth on the mean
        for length in options["lengths"]:
            tasks.append((w[members].mean(0), gain, length))
            large.append(len(members) >= LARGE)
    # Local optima are many and some poor: each group goes on from the best that any has found, small ones from those of large ones.
    found = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for round in range(ROUNDS):
            now = [(*t, found, seed) for seed, t in enumerate(tasks) if large[seed] or round == ROUNDS - 1]
            found = list(dict.fromkeys(pool.starmap(composer.compose, now, chunksize=4)))
            print(f"{len(found)} reports composed", flush=True)
    return [composer.text(report) for report in found]


def space(w, worth, dimensions=12):
    """Studies as points for clustering [n, dimensions]: principal components of the labels and of some n-grams expected of them."""
    expected = np.concatenate([w @ worth.labels] + [w @ worth.overlap.present[n][:400].T for n in range(2)], 1)
    u, s, _ = np.linalg.svd(expected - expected.mean(0), full_matrices=False)
    return u[:, :dimensions] * s[:dimensions]


def features(studies, data, size, tokens, codes, taught):
    """Of all studies {split: [Study]}: {name: {split: [m, ·]}}; a study's features are those of its frontal and its lateral view."""
    out = collections.defaultdict(dict)
    for split, of_split in studies.items():
        files = [f for x in of_split for f in x.views()]
        of = smoother.image_features([data / "images" / f for f in files], size)
        of["counts"] = smoother.count_features(np.stack([tokens[f] for f in files]), codes)
        for name, x in of.items():
            out[name][split] = x.reshape(len(of_split), -1)
        out["teacher"][split] = taught[split]
    return out


def resemblance(measured, splits, options, random):
    """W {split: [m, n]}: how much each training report has to say about each study."""
    k = smoother.kernels(measured, splits)
    w = {name: smoother.weights(k["train"], new, options["ridge"]) for name, new in k.items() if name != "train"}
    w["train"] = smoother.crossfitted(k["train"], options["ridge"], options["folds"], random)
    return w


def sight(w, worth, candidates, number):
    """What is known of every study from its images, {split: [m, q]}, standardised: principal components of the worth of candidates,
    and the findings."""
    agreement = worth.agreement(candidates)
    worths = w["train"] @ agreement.T
    centre = worths.mean(0)
    _, scale, axes = np.linalg.svd(worths - centre, full_matrices=False)
    shown = told(worth.labels)
    probability = w["train"] @ worth.labels[:, shown]
    out = {}
    for name, x in w.items():
        components = (x @ agreement.T - centre) @ axes[:number].T / scale[:number] * np.sqrt(len(worths))
        findings_told = (x @ worth.labels[:, shown] - probability.mean(0)) / (probability.std(0) + 1e-9)
        out[name] = np.concatenate([components, findings_told], 1).astype(np.float32)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--tokens", required=True, help="npz of tokens.py for its images")
    parser.add_argument("--teacher", required=True, help="npz of teacher.py")
    parser.add_argument("--out", required=True, help="npz for the scripts that follow")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    s = settings.load(args.settings)
    options, most = s["consensus"], s["uar"]["max_tokens"]
    random = np.random.default_rng(s["seed"])

    studies = reports.load_all(args.data)
    texts = reports.texts(studies, most)
    archive = np.load(args.tokens)
    tokens = dict(zip(archive["files"], archive["tokens"]))
    measured = features(studies, args.data, s["image"]["size"], tokens, s["dvae"]["vocab"], np.load(args.teacher))
    w = resemblance(measured, studies, options, random)

    composing = Worth(texts["train"], options["composing"])
    whole = [t for t in texts["train"] if not UNTELLABLE.search(t) and 8 <= len(t.split())]
    candidates = list(dict.fromkeys(compositions(composing, w["train"], options, random) + whole))
    worth = Worth(texts["train"], options["weights"], composing.overlap)
    agreement = worth.agreement(candidates)
    thresholds = worth.naming.thresholds(w["train"] @ worth.labels)
    out = {"reports": np.array(candidates), "named": named(candidates), "labels": worth.labels}
    out["words"] = np.array(reports.known_words(studies).words)
    for name, known in sight(w, worth, whole, options["components"]).items():
        out[f"{name}/sight"] = known
        out[f"{name}/files"] = np.array([x.views() for x in studies[name]])
        out[f"{name}/agreement"], out[f"{name}/probability"] = w[name] @ agreement.T, w[name] @ worth.labels
        if name in texts:
            out[f"{name}/texts"] = np.array(texts[name])
            value = expected(out[f"{name}/agreement"], out[f"{name}/probability"], worth.naming, thresholds, out["named"])
            best = [candidates[i] for i in value.argmax(1)]
            scores = metrics.scores(list(zip(best, texts[name]))) | findings.scores(best, texts[name])
            settings.log(args.runs, "consensus", settings=s["name"], split=name, weights=options["weights"], **rounded(scores))
            print(name, rounded(scores))
    np.savez(args.out, **out)


def rounded(scores):
    return {k: round(float(v), 4) for k, v in scores.items()}


if __name__ == "__main__":
    main()

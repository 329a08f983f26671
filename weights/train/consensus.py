"""What to say of a study, from its images alone, and how to say it.

What images tell is a distribution over the training reports (posterior.py): of what a report may say of the findings, each with its
probability. That is what a model shall learn, so that of its reports as many name a finding as are right. But most of a report
cannot be told from any image: order, wording, what is left unsaid. Drawn anew in every report, it would be noise; so for each set of
findings that a study may have, what is learned is the report that says just this set and agrees best with the reports that suit
the study, by expected n-gram agreement (minimum Bayes risk; Kumar and Byrne, 2004). Candidates are the training reports, without
what no image tells, and reports composed of their sentences.

Letters: n training studies, m studies, C candidates, k sets of findings, 14 findings.
"""

import argparse
import collections
import multiprocessing
import pathlib
import re

import numpy as np
from scipy.cluster.vq import kmeans2

import calibration
import findings
import metrics
import posterior
import reports
import settings
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
MOST_SENTENCES, FEWEST_WORDS, MOST_WORDS = 7, 8, 57
ODDS = 1e-3  # added to probabilities, whose log-odds are to be finite
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
    """What a report gains by naming the findings told [14]; labels [n, 14] of the training reports, weights finding and abnormal."""

    def __init__(self, labels, told, weights):
        self.labels, self.told, self.weights = labels, told, weights
        self.prevalence = labels.mean(0)

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
        gain = self.weights["finding"] * (probability - thresholds) / np.maximum(self.prevalence, 1e-9) * self.told
        gain[:, 0] = self.weights["abnormal"] * (self.prevalence[0] - probability[:, 0])
        return gain


class Worth:
    """The worth of candidates, by weights: bleu, cider, finding, abnormal and, for agreement, rouge and length; told [14] findings."""

    def __init__(self, references, told, weights, overlap=None):
        self.weights = weights
        self.overlap = overlap or Overlap(references)
        self.labels = np.array([findings.vector(r) for r in references])  # [n, 14]
        self.naming = Naming(self.labels, told, weights)

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


def told(probability, labels):
    """Which of the findings images tell better than chance, [14]: those whose AUC, of training studies that the probability
    [n, 14] was not learned from, exceeds one half by two standard errors (Hanley and McNeil, 1982). None is not a finding."""
    out = np.zeros(labels.shape[1], bool)
    for label in range(1, len(out)):
        positive = labels[:, label].sum()
        if positive >= 2:
            area, negative = metrics.auc(probability[:, label], labels[:, label]), len(labels) - positive
            one, other = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
            error = np.sqrt((area * (1 - area) + (positive - 1) * one + (negative - 1) * other) / (positive * negative))
            out[label] = area - 2 * error > 0.5
    return out


def named(sentences):
    """[·, 14]: 1 for every finding named; the first is 1 for one that is not normal."""
    out = np.array([findings.vector(s) for s in sentences])
    out[:, 0] = 1 - out[:, 0]
    return out


class Composer:
    """Composes reports of frequent sentences for a mean study, by local search over adding, dropping, replacing and swapping them."""

    def __init__(self, worth, common, naming):
        self.worth = worth
        counts = collections.Counter(s for r in worth.overlap.references for s in set(reports.sentences(r)))
        ordered = [s for s, _ in counts.most_common() if tellable(s, worth.naming.told)]
        bank = ordered[:common]
        for label in np.flatnonzero(worth.naming.told):
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
    """Reports for groups of studies that look alike and for those that most likely show a finding."""
    composer = Composer(worth, options["common"], options["naming"])
    probability = w @ worth.labels
    gains = worth.naming.gain(probability, worth.naming.thresholds(probability))
    groups = []
    for clusters in options["clusters"]:
        _, label = kmeans2(space(w, worth), clusters, minit="++", seed=int(random.integers(1 << 31)))
        groups += [(np.flatnonzero(label == c), ()) for c in range(clusters) if (label == c).sum() >= LEAST]
    told = np.flatnonzero(worth.naming.told)
    rank = probability.argsort(0).argsort(0) / len(w)
    for finding in told:
        for share in (0.03, 0.08, 0.2):
            groups.append((np.flatnonzero(rank[:, finding] >= 1 - share), (finding,)))
    tasks, large = [], []
    for members, wanted in groups:
        gain = gains[members].mean(0)
        gain[list(wanted)] = 0.5  # a report that names them is wanted, whatever it is worth on the mean
        for length in options["lengths"]:
            tasks.append((w[members].mean(0), gain, length))
            large.append(len(members) >= LARGE)
    # Local optima are many and some poor: each group goes on from the best that any has found, small ones from those of large ones.
    found = []
    with multiprocessing.get_context("fork").Pool(settings.threads()) as pool:
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


def tellable(sentence, told):
    """Whether images can tell what a sentence says: no redacted words, no earlier images, and of the findings those told [14] alone."""
    return not UNTELLABLE.search(sentence) and not np.any(np.array(findings.vector(sentence))[1:] > told[1:])


def cleaned(texts, told):
    """What images can tell of reports, in sentences of their own, those of too few words left out; all different."""
    kept = (" ".join(s for s in reports.sentences(t) if tellable(s, told)) for t in texts)
    return list(dict.fromkeys(t for t in kept if len(t.split()) >= FEWEST_WORDS))


class Opinion:
    """What may be said of studies. sets [k, 14]: the sets of told findings that training reports, of labels [n, 14], say; agreement
    [C, n] and names [C, 14] are of the candidates."""

    def __init__(self, labels, told, agreement, names):
        self.sets, self.of = np.unique(labels * told, axis=0, return_inverse=True)
        self.agreement = agreement
        common, sizes = self.sets @ names.T, self.sets.sum(1)[:, None] + (names * told).sum(1)
        alike = np.where(sizes == 0, 1, 2 * common / np.maximum(sizes, 1))  # F1
        self.fits = alike == alike.max(1, keepdims=True)  # [k, C]: a set that no candidate has takes the next best

    def of_studies(self, p):
        """p [m, n] → how likely each set is [m, k], and the candidate that says it best [m, k]."""
        likely = p @ np.eye(len(self.sets), dtype=np.float32)[self.of]
        expected = p @ self.agreement.T
        best = [np.where(fits, expected, -np.inf).argmax(1) for fits in self.fits]
        return likely, np.stack(best, 1)


def sight(p, said, labels, told, number):
    """What is known of every study from its images, {split: [m, q]}, standardised: principal components of what its reports are
    expected to say, [n, r] of the training reports, and the log-odds of the findings told."""
    expected = {name: x @ said for name, x in p.items()}
    odds = {name: x @ labels[:, columns(told)] for name, x in p.items()}
    odds = {name: np.log((x + ODDS) / (1 - x + ODDS)) for name, x in odds.items()}
    centre = expected["train"].mean(0)
    _, _, axes = np.linalg.svd(expected["train"] - centre, full_matrices=False)
    of = {name: np.concatenate([(expected[name] - centre) @ axes[:number].T, odds[name]], 1) for name in p}
    mean, deviation = of["train"].mean(0), of["train"].std(0) + 1e-9
    return {name: ((x - mean) / deviation).astype(np.float32) for name, x in of.items()}


def columns(told):
    """The findings that a tokenizer learns to tell, by number: none, and those that images tell."""
    return np.r_[0, np.flatnonzero(told)]


def scores(probability, base, written, texts):
    """How well findings told [m, 14], base their rates [14], and reports written go with what the studies' own reports state and say."""
    truth = np.array([findings.vector(t) for t in texts])
    of = calibration.scores(probability[:, 1:], truth[:, 1:], base[1:])
    of |= metrics.scores(list(zip(written, texts))) | findings.scores(written, texts)
    return {k: round(float(v), 4) for k, v in of.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--settings", default="small")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="data set in the R2Gen layout")
    parser.add_argument("--teacher", required=True, help="npz of teacher.py")
    parser.add_argument("--out", required=True, help="npz for the scripts that follow")
    parser.add_argument("--runs", default=settings.RUNS, help="folder of the log")
    args = parser.parse_args()
    s = settings.load(args.settings)
    options, random = s["consensus"], np.random.default_rng(s["seed"])

    studies = reports.load_all(args.data)
    taught = np.load(args.teacher)
    texts = np.array(reports.texts(studies, s["uar"]["max_tokens"])["train"])
    held = reports.held([x.id for x in studies["train"]])
    parts = {"train": ~held, "held": held}
    split = {name: [x for x, of in zip(studies["train"], rows) if of] for name, rows in parts.items()}
    shown = {name: taught["train"][rows] for name, rows in parts.items()}
    if "unlabelled" in studies:
        split["unlabelled"], shown["unlabelled"] = studies["unlabelled"], taught["unlabelled"]
    texts = {name: texts[rows].tolist() for name, rows in parts.items()}

    labels = np.array([findings.vector(t) for t in texts["train"]])
    said = np.concatenate([labels, posterior.components(texts["train"], options["said"])], 1)
    learned = posterior.Posterior(shown["train"], said)
    p = {name: learned.of(x) for name, x in shown.items() if name != "train"}
    p["train"] = posterior.crossfitted(shown["train"], said, options["folds"], random)
    shows = told(p["train"] @ labels, labels)
    print("told:", [findings.LABELS[i] for i in np.flatnonzero(shows)], flush=True)

    composing = Worth(texts["train"], shows, options["composing"])
    whole = cleaned(texts["train"], shows)
    candidates = list(dict.fromkeys(compositions(composing, p["train"], options, random) + whole))
    worth = Worth(texts["train"], shows, options["weights"], composing.overlap)
    opinion = Opinion(labels, shows, worth.agreement(candidates), np.array([findings.vector(c) for c in candidates]))
    opinions = {name: opinion.of_studies(x) for name, x in p.items()}
    used, row = np.unique(np.concatenate([best.ravel() for _, best in opinions.values()]), return_inverse=True)
    out = {"reports": np.array(candidates)[used], "told": shows, "words": np.array(reports.known_words(studies).words)}
    row = np.split(row, np.cumsum([best.size for _, best in opinions.values()])[:-1])
    known = sight(p, posterior.standardised(said, said), labels, shows, options["components"])
    for (name, (likely, best)), rows in zip(opinions.items(), row):
        out |= {f"{name}/likely": likely, f"{name}/best": rows.reshape(best.shape), f"{name}/sight": known[name]}
        out[f"{name}/files"] = np.array([x.views() for x in split[name]])
        if name in texts:
            out[f"{name}/texts"] = np.array(texts[name])
            likeliest = [candidates[i] for i in best[np.arange(len(best)), likely.argmax(1)]]
            of = scores(p[name] @ labels, labels.mean(0), likeliest, texts[name])
            settings.log(args.runs, "consensus", settings=s["name"], split=name, weights=options["weights"], **of)
            print(name, of, flush=True)
    np.savez(args.out, **out)


if __name__ == "__main__":
    main()

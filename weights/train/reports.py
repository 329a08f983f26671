"""Reports as words (engine/MODEL.md §9), as the R2Gen family cleans and counts them."""

import collections
import csv
import json
import pathlib
import re
import zlib

import numpy as np

NUMBERS = [". 2. ", ". 3. ", ". 4. ", ". 5. ", " 2. ", " 3. ", " 4. ", " 5. "]
DROPPED = re.compile(r"""["/\\'.,?;*!%^&_+():-\[\]{}]""")  # ":-\[" is a range; the hyphen is no member
SPECIAL = ["<bos>", "<eos>", "<unk>"]
BOS, EOS, UNK = range(3)


def clean(raw):
    """Lower case, sentences without punctuation, each followed by " .", words separated by one space."""
    text = raw
    for _ in range(3):
        text = text.replace("..", ".")
    text = text.replace("1. ", "")
    for number in NUMBERS:
        text = text.replace(number, ". ")
    sentences = [DROPPED.sub("", s).strip() for s in text.strip().lower().split(". ")]
    return " ".join((" . ".join(s for s in sentences if s) + " .").split())


def vocabulary(cleaned, minimum=3):
    """The special words, then the words seen at least `minimum` times, by code point."""
    counts = collections.Counter(word for text in cleaned for word in text.split())
    return SPECIAL + sorted(word for word, n in counts.items() if n >= minimum)


class Vocabulary:
    def __init__(self, words):
        self.words = words
        self.ids = {word: i for i, word in enumerate(words)}

    def __len__(self):
        return len(self.words)

    def encode(self, cleaned):
        """The ids of a cleaned report, without bos and eos."""
        return [self.ids.get(word, UNK) for word in cleaned.split()]

    def decode(self, ids):
        """The words up to the first eos."""
        ids = list(ids)
        return " ".join(self.words[i] for i in ids[: ids.index(EOS) if EOS in ids else len(ids)])


def sentences(cleaned):
    """The sentences of a cleaned report, each with its full stop."""
    return [s.strip() + " ." for s in cleaned.split(" .") if s.strip()]


class Study:
    """id, split, cleaned report ("" if it has none), image files frontal first, MeSH problems."""

    def __init__(self, id, split, report, files, problems):
        self.id, self.split, self.report, self.files, self.problems = id, split, report, files, problems

    def views(self):
        """The files of the frontal and the lateral view; one view stands for both."""
        return (self.files * 2)[:2]


def load(folder):
    """The studies of a data set in the R2Gen layout, {split: [Study]}.

    `findings.csv` (study,split,problems) is optional.
    """
    folder = pathlib.Path(folder)
    problems = {}
    if (folder / "findings.csv").exists():
        for line in (folder / "findings.csv").read_text().splitlines()[1:]:
            id, _, terms = line.split(",", 2)
            problems[id] = [t.strip() for t in terms.strip('"').split(";")]
    splits = json.loads((folder / "annotation.json").read_text())
    return {
        split: [Study(s["id"], split, clean(s["report"]), s["image_path"], problems.get(s["id"], [])) for s in studies]
        for split, studies in splits.items()
    }


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
        Study(id, "unlabelled", "", [v["frontal"], v["lateral"]], [])
        for id, v in views.items()
        if v.keys() >= {"frontal", "lateral"}
    ]


def load_extra(path):
    """Studies with a frontal view outside the split, whose reports were found elsewhere: a list of {id, report, image_path, projection,
    problems}; their files are a frontal and, if there is one, a lateral view."""
    out = []
    for s in json.loads(pathlib.Path(path).read_text()):
        views = {}
        for file, projection in zip(s["image_path"], s["projection"]):
            views.setdefault(projection, file)
        if "frontal" in views:
            files = [views[projection] for projection in ("frontal", "lateral") if projection in views]
            out.append(Study(s["id"], "extra", clean(s["report"]), files, [t.strip() for t in s["problems"].split(";")]))
    return out


def load_all(folder):
    """The studies that training reads, {"train", "val" and, if there are any, "unlabelled": [Study]}; never the test split."""
    splits = load(folder)
    every = {"train": splits["train"], "val": splits["val"], "unlabelled": load_unlabelled(folder)}
    return {name: studies for name, studies in every.items() if studies}


def held(ids):
    """Which training studies, an eighth, nothing is learned from: settings and checkpoints are chosen by them, and never by val."""
    return np.array([zlib.crc32(id.encode()) % 8 == 0 for id in ids])


def known_words(studies):
    """The vocabulary of the training reports."""
    return Vocabulary(vocabulary([x.report for x in studies["train"]]))


def texts(studies, most):
    """The reports of train and val as a model of `most` ids can write them: in known words, cut."""
    words = known_words(studies)
    return {name: [words.decode(words.encode(x.report)[: most - 2]) for x in studies[name]] for name in ("train", "val")}

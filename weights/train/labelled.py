"""X-rays with labels but no report: folders with a `manifest.csv` (file or id, source, labels; view and patient where known)."""

import collections
import csv
import hashlib

import numpy as np
import torch
import torch.nn.functional as F

NORMAL = "No Finding"
LEAST = 20  # images that have a label, for it to count
# The sources whose images may have the same labels; RSNA's normal images are NIH's, read again.
FAMILIES = {"nih64": "nih", "nih128": "nih", "rsna_normal": "nih"}
WEIGHTS = {"nih64": 0.5, "rsna_normal": 0.5}  # in the loss: images of few pixels; images that are all normal


def held_out(patient):
    """Whether a patient of NIH's is one of the twentieth of whom nothing is learned."""
    return int(hashlib.md5(patient.encode()).hexdigest(), 16) % 20 == 0


def confirmed(folder):
    """The images that radiologists called normal, whatever was mined from their reports: nih_confirmed_normal.csv (file)."""
    path = folder / "nih_confirmed_normal.csv"
    if not path.exists():
        return set()
    with open(path) as file:
        names = [row["file"] for row in csv.DictReader(file)]
    beside = "existing:"  # an image of a folder beside this one
    return {folder.parent / n[len(beside) :] if n.startswith(beside) else folder / n for n in names}


class Labelled:
    """The frontal images of some folders, in the order of their manifests.

    files: their paths; names: the labels; wanted [n, l]: which of them an image has; known [n, l]: what wanted is worth, 0 where
    the image's source does not tell of the label; taught and held: the rows to learn from and those to validate with.
    """

    def __init__(self, folders):
        rows, self.files, normal = [], [], set()
        for folder in (x.resolve() for x in folders):  # confirmed() names images of other folders
            with open(folder / "manifest.csv") as file:
                own = [row for row in csv.DictReader(file) if row.get("view") != "lateral"]
            stems = {path.stem: path for path in (folder / "images").iterdir()} if (folder / "images").exists() else {}
            rows += own
            self.files += [folder / row["file"] if "file" in row else stems[row["id"]] for row in own]
            normal |= confirmed(folder)
        family = [FAMILIES.get(row["source"], row["source"]) for row in rows]
        labels = [[NORMAL] if file in normal else row["labels"].split("|") for row, file in zip(rows, self.files)]
        count = collections.Counter(x for of in labels for x in of)
        self.names = sorted(x for x, n in count.items() if n >= LEAST)
        used = collections.defaultdict(set)
        for f, of in zip(family, labels):
            used[f].update(of)
        self.wanted = torch.tensor([[float(x in of) for x in self.names] for of in labels])
        self.known = torch.tensor(
            [[WEIGHTS.get(row["source"], 1.0) * (x in used[f]) for x in self.names] for row, f in zip(rows, family)]
        )
        patients = [row.get("patient") if f == "nih" else None for row, f in zip(rows, family)]
        held = np.array([bool(patient) and held_out(patient) for patient in patients])
        self.taught, self.held = np.flatnonzero(~held), np.flatnonzero(held)

    def loss(self, told, picks):
        """Cross-entropy of labels told [n, l] of the images of some rows [n]."""
        apart = F.binary_cross_entropy_with_logits(told, self.wanted[picks], reduction="none")
        return (apart * self.known[picks]).sum() / self.known[picks].sum().clamp(min=1)

"""Which report to write by what the tokens tell: a model that cannot see all that consensus.py does should not learn to guess it.

Expected agreement and probabilities of findings are regressed on the quantities of the probe (probe.py), so that they are as
sure as the tokens are; what naming a finding gains is measured anew. What to write is then a function of the tokens alone.

Letters: m studies, q quantities, R reports.
"""

import numpy as np

from consensus import Naming, expected


class Chooser:
    """told [draws·m, q]: what the tokens of the studies of `splits` tell, all once for each draw of crops; archive: of consensus.py."""

    def __init__(self, told, archive, splits, options):
        draws = len(told) // sum(len(archive[f"{k}/files"]) for k in splits)

        def regressed(name):
            wanted = np.concatenate([archive[f"{k}/{name}"] for k in splits])
            return np.linalg.lstsq(with_one(told), np.tile(wanted, (draws, 1)), rcond=None)[0]

        self.agreement, self.probability = regressed("agreement"), regressed("probability")
        self.named, n = archive["named"], len(archive["labels"])
        self.naming = Naming(archive["labels"], options["weights"])
        self.thresholds = self.naming.thresholds((with_one(told) @ self.probability)[:n])
        frequent = np.argsort(-np.bincount(self.choose(told), minlength=len(self.named)), kind="stable")[: options["reports"]]
        self.agreement, self.named = self.agreement[:, frequent], self.named[frequent]
        self.reports = archive["reports"][frequent].tolist()

    def choose(self, told):
        """[m, q] → the best report of each study [m]."""
        x = with_one(told)
        return expected(x @ self.agreement, x @ self.probability, self.naming, self.thresholds, self.named).argmax(1)


def with_one(x):
    return np.concatenate([x, np.ones((len(x), 1))], 1)

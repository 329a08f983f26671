"""How often probabilities are right: expected calibration error, and Brier's score against that of the base rate."""

import numpy as np

BINS = 10


def error(told, truth):
    """Expected calibration error (Naeini et al., 2015) of probabilities told [·] of what is true or not [·], over bins of equal width."""
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    return sum(abs((told - truth)[bins == b].sum()) for b in range(BINS)) / len(told)


def skill(told, truth, base):
    """1 − the Brier score (1950) of told [m] over that of always telling the base rate."""
    return 1 - ((told - truth) ** 2).mean() / max(((base - truth) ** 2).mean(), 1e-9)


def scores(told, truth, base):
    """told, truth [m, findings], base [findings]: `ece` of all findings together, `skill` likewise."""
    return {"ece": error(told.ravel(), truth.ravel()), "skill": skill(told, truth, base)}

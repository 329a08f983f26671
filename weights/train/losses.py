"""The three losses of the paper, and the one that makes the encoder look."""

import torch
import torch.nn.functional as F

from reports import UNK

IGNORED = -100  # the target of a padded position


def report_loss(logits, targets):
    """Cross-entropy of the next word; logits [b, T, V], targets [b, T]."""
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def global_features(codes, words, tokens, targets):
    """f_I [b, d], the mean feature of a study's tokens, and f_R [b, d], that of its report's words without bos and eos."""
    image = codes[tokens].mean(1)
    real = (targets >= UNK)[..., None]
    text = (words[targets.clamp(min=0)] * real).sum(1) / real.sum(1).clamp(min=1)
    return image, text


def global_loss(image, text, same, margin):
    """Triplet loss with the hardest negative of the batch, from image to report and back.

    image, text [b, d]; same [b, b]: pairs of studies with the same report, which are no negatives of each other.
    """
    similarity = F.normalize(image, dim=1) @ F.normalize(text, dim=1).T
    positive = similarity.diagonal()
    negative = similarity.masked_fill(same, -1)
    to_report = F.relu(margin - positive + negative.max(1).values)
    to_image = F.relu(margin - positive + negative.max(0).values)
    return (to_report + to_image).mean()


def mask_loss(masks, targets):
    """Mean of 1 − σ(M) over the words of the reports; masks [layers, b, T, N], targets [b, T]."""
    real = (targets != IGNORED).float()[None, :, :, None]
    return ((1 - masks) * real).sum() / (real.sum() * masks.shape[0] * masks.shape[-1])


def sight_loss(predictions, wanted):
    """Mean squared error of what every token of memory predicts, [b, n, q], of the study's q standardised quantities [b, q].

    Every token has to know the whole study, so the encoder's attention has to gather it: a mean over the tokens would
    wash out the few percent by which studies differ.
    """
    return ((predictions.float() - wanted[:, None]) ** 2).mean()

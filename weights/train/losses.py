"""The three losses of the paper, the one that makes the encoder look, and the one that makes words look at what tells of them."""

import torch.nn.functional as F

from reports import UNK

IGNORED = -100  # the target of a padded position


def report_loss(logits, targets):
    """Cross-entropy of the next word; logits [b, T, V], targets [b, T]."""
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def image_feature(codes, tokens):
    """f_I [b, d], the mean feature of a study's tokens [b, N]."""
    return codes[tokens].mean(1)


def text_feature(words, targets):
    """f_R [b, d], the mean feature of a report's words [b, T] without bos and eos."""
    real = (targets >= UNK)[..., None]
    return (words[targets.clamp(min=0)] * real).sum(1) / real.sum(1).clamp(min=1)


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


def evidence_loss(looked, evidence, about):
    """Cross-entropy of where words look, looked [b, T, n], and the softmax over tokens of how much each speaks for what they say.

    evidence [b, n, e]; about [b, T], the column of it for every word, or IGNORED.
    """
    real = about != IGNORED
    wanted = evidence.gather(2, about.clamp(min=0)[:, None].expand(-1, evidence.shape[1], -1)).softmax(1)
    apart = -(wanted.transpose(1, 2) * looked.float().clamp(min=1e-9).log()).sum(2)
    return (apart * real).sum() / real.sum().clamp(min=1)

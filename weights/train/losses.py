"""The three losses of the paper; one that aligns images and reports more gently than its triplets; one that makes the encoder look; and
two that make words look at what tells of them, by their attention and by TIR's mask."""

import torch
import torch.nn.functional as F

from reports import UNK

SCALE = 50.0  # of cosines
SPEAK = 0.1  # the share of the tokens that speak for a word
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


def cosines(image, text):
    """image [b, d], text [r, d] → [b, r]"""
    return F.normalize(image.float(), dim=1) @ F.normalize(text.float(), dim=1).T


def global_loss(image, text, same, margin):
    """Triplet loss with the hardest negative of the batch, from image to report and back.

    image, text [b, d]; same [b, b]: pairs of studies with the same report, which are no negatives of each other.
    """
    similarity = cosines(image, text)
    positive = similarity.diagonal()
    negative = similarity.masked_fill(same, -1)
    to_report = F.relu(margin - positive + negative.max(1).values)
    to_image = F.relu(margin - positive + negative.max(0).values)
    return (to_report + to_image).mean()


def alignment_loss(image, text, same):
    """Cross-entropy of which report of the batch is a study's, and which study a report's, by the cosine; equal reports share the truth.

    image, text [b, d]; same [b, b]. The features of all images lie close together: only by a large factor do they differ at all.
    """
    scores = SCALE * cosines(image, text)
    wanted = same / same.sum(1, keepdim=True)
    return -(wanted * (scores.log_softmax(1) + scores.T.log_softmax(1))).sum(1).mean() / 2


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


def pointing_loss(masks, evidence, about):
    """Cross-entropy of TIR's masks, σ(M) [layers, b, T, n], with whether a token speaks for the word: whether it is among those with
    the most evidence for it, ties included, so that a word about nothing is spoken for by all of the chest.

    evidence [b, n, e]; about [b, T], the column of it for every word, or IGNORED.
    """
    real = about != IGNORED
    of = evidence.gather(2, about.clamp(min=0)[:, None].expand(-1, evidence.shape[1], -1)).transpose(1, 2)  # [b, T, n]
    least = of.topk(max(1, round(SPEAK * of.shape[2])), 2).values[:, :, -1:]
    right = torch.where(of >= least, masks.float(), 1 - masks.float())
    apart = -right.clamp(min=1e-7).log().mean((0, 3))
    return (apart * real).sum() / real.sum().clamp(min=1)

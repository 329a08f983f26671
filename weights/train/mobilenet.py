"""MobileNetV2 1.0 (Sandler et al., 2018) for grey images, without its classifier and with the norms folded into the convolutions.

Its weights come from a file that others trained on ImageNet; only the teacher learns from them, and nothing of them is shipped.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

# Expansion, channels, blocks, stride of the first block.
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
FIRST, LAST = 32, 1280


class Convolution(nn.Conv2d):
    """A convolution, padded as Keras pads: at stride 2 below and on the right alone."""

    def __init__(self, inner, outer, side, stride=1, groups=1, bounded=True):
        super().__init__(inner, outer, side, stride, side // 2 if stride == 1 else 0, groups=groups)
        self.bounded = bounded

    def forward(self, x):
        if self.stride[0] == 2:
            x = F.pad(x, (0, 1, 0, 1))
        x = super().forward(x)
        return x.clamp(0.0, 6.0) if self.bounded else x


class Block(nn.Module):
    """An inverted residual: wider, 3x3 in every channel, narrow again."""

    def __init__(self, inner, outer, expansion, stride):
        super().__init__()
        wide = inner * expansion
        widened = [Convolution(inner, wide, 1)] if expansion > 1 else []
        self.path = nn.Sequential(*widened, Convolution(wide, wide, 3, stride, wide), Convolution(wide, outer, 1, bounded=False))
        self.residual = inner == outer and stride == 1

    def forward(self, x):
        return x + self.path(x) if self.residual else self.path(x)


def layers():
    """The 19 layers, with random weights: [n, 1, y, x] in -1…1 → [n, 1280, y/32, x/32]."""
    out, inner = [Convolution(1, FIRST, 3, 2)], FIRST
    for expansion, width, blocks, stride in STAGES:
        for i in range(blocks):
            out.append(Block(inner, width, expansion, stride if i == 0 else 1))
            inner = width
    net = nn.Sequential(*out, Convolution(inner, LAST, 1))
    for layer in convolutions(net):
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    return net.to(memory_format=torch.channels_last)


def convolutions(net):
    return [m for m in net.modules() if isinstance(m, Convolution)]


def load(path):
    """The layers with the weights of an npz: for convolution k int8 w<k> [o, i, y, x], scales s<k> [o], biases b<k> [o]."""
    net, archive = layers(), np.load(path)
    for k, layer in enumerate(convolutions(net)):
        weight = torch.from_numpy(archive[f"w{k}"] * archive[f"s{k}"].astype(np.float32)[:, None, None, None])
        if k == 0:
            weight = weight.sum(1, keepdim=True)  # of red, green and blue
        if weight.shape != layer.weight.shape:
            raise ValueError(f"mobilenet: {path} has {tuple(weight.shape)} for convolution {k}, not {tuple(layer.weight.shape)}")
        layer.weight.data.copy_(weight)
        layer.bias.data.copy_(torch.from_numpy(archive[f"b{k}"]))
    return net

"""Multi-head attention, softmax(QKᵀ/√(d/h))·V with an output projection, and TIR's mask on it (Eq. 11).

Axes: b batch, q queries, k keys, h heads, d/h a head's width.
"""

import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d)
        self.value = nn.Linear(d, d)
        self.output = nn.Linear(d, d)

    def split(self, x):
        """[b, n, d] → [b, h, n, d/h]"""
        b, n, d = x.shape
        return x.view(b, n, self.heads, d // self.heads).transpose(1, 2)

    def keys_values(self, x):
        """What is attended to, [b, k, d], as keys and values [b, h, k, d/h]."""
        return self.split(self.key(x)), self.split(self.value(x))

    def attend(self, x, keys, values, bias=None):
        """x [b, q, d] over keys and values; bias is added to QKᵀ/√(d/h). Returns the output [b, q, d] and the weights [b, h, q, k]."""
        scores = self.split(self.query(x)) @ keys.transpose(-1, -2) / math.sqrt(keys.shape[-1])
        if bias is not None:
            scores = scores.float() + bias
        weights = scores.softmax(-1).to(values.dtype)
        b, h, q, width = x.shape[0], self.heads, x.shape[1], values.shape[-1]
        return self.output((weights @ values).transpose(1, 2).reshape(b, q, h * width)), weights

    def forward(self, x, context, bias=None):
        return self.attend(x, *self.keys_values(context), bias)[0]


class TIR(nn.Module):
    """The mask of the Text-to-Image Refiner: σ(M), M = (n·queryᵀ)(memory·keyᵀ)ᵀ/√r + bias, one a layer, shared by its heads.

    It is f32 whatever the rest: k = 1000 turns a difference of 0.01 into more than 1 in the softmax.
    """

    def __init__(self, d, rank):
        super().__init__()
        self.query = nn.Linear(d, rank, bias=False)
        self.key = nn.Linear(d, rank, bias=False)
        self.bias = nn.Parameter(torch.zeros(1))

    def keys(self, memory):
        with torch.autocast(memory.device.type, enabled=False):
            return self.key(memory.float())

    def forward(self, n, keys):
        """n [b, q, d], keys [b, k, r] → σ(M) [b, q, k]"""
        with torch.autocast(n.device.type, enabled=False):
            return torch.sigmoid(self.query(n.float()) @ keys.transpose(-1, -2) / math.sqrt(keys.shape[-1]) + self.bias)

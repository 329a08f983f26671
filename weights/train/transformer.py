"""Encoder and decoder of UAR: pre-norm Transformer layers (engine/MODEL.md §5 and §6)."""

import math

import torch
from torch import nn

from attention import TIR, Attention


class FeedForward(nn.Module):
    """down(ReLU(up(x)))"""

    def __init__(self, d, width):
        super().__init__()
        self.up = nn.Linear(d, width)
        self.down = nn.Linear(width, d)

    def forward(self, x):
        return self.down(torch.relu(self.up(x)))


class EncoderLayer(nn.Module):
    def __init__(self, d, heads, width, dropout):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.self_attention = Attention(d, heads)
        self.feed_forward = FeedForward(d, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        n = self.norm_1(x)
        x = x + self.dropout(self.self_attention(n, n))
        return x + self.dropout(self.feed_forward(self.norm_2(x)))


class Encoder(nn.Module):
    """x [b, N, d] = F_I + positions → memory [b, N, d]"""

    def __init__(self, d, heads, width, layers, dropout):
        super().__init__()
        self.layers = [f"layer_{i}" for i in range(1, layers + 1)]
        for name in self.layers:
            self.add_module(name, EncoderLayer(d, heads, width, dropout))
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        for name in self.layers:
            x = self.get_submodule(name)(x)
        return self.norm(x)


class DecoderLayer(nn.Module):
    def __init__(self, d, heads, width, rank, scale, dropout):
        super().__init__()
        self.scale = scale
        self.norm_1, self.norm_2, self.norm_3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.self_attention = Attention(d, heads)
        self.cross_attention = Attention(d, heads)
        self.tir = TIR(d, rank)
        self.feed_forward = FeedForward(d, width)
        self.dropout = nn.Dropout(dropout)

    def look(self, memory):
        """What the layer keeps of memory [b, N, d]: keys, values, and the keys of the mask."""
        return *self.cross_attention.keys_values(memory), self.tir.keys(memory)

    def forward(self, y, past, seen, masked):
        """y [b, T, d] after `past` (keys and values of the words before, or None), `seen` from look.

        Returns y, the keys and values of all words so far, σ(M) [b, T, N], None if not masked, and where it looked, the mean
        over heads [b, T, N].
        """
        n = self.norm_1(y)
        keys, values = self.self_attention.keys_values(n)
        if past is not None:
            keys, values = torch.cat([past[0], keys], 2), torch.cat([past[1], values], 2)
        t, total = y.shape[1], keys.shape[2]
        causal = torch.full((t, total), -math.inf, device=y.device).triu(total - t + 1)
        y = y + self.dropout(self.self_attention.attend(n, keys, values, causal)[0])
        n = self.norm_2(y)
        mask = self.tir(n, seen[2]) if masked else None
        bias = self.scale / math.sqrt(seen[0].shape[-1]) * mask[:, None] if masked else None  # (11)
        seen_by_words, weights = self.cross_attention.attend(n, seen[0], seen[1], bias)
        y = y + self.dropout(seen_by_words)
        y = y + self.dropout(self.feed_forward(self.norm_3(y)))
        return y, (keys, values), mask, weights.mean(1)


class Decoder(nn.Module):
    """y [b, T, d] = F_R + positions, memory [b, N, d] → [b, T, d]"""

    def __init__(self, d, heads, width, layers, rank, scale, dropout):
        super().__init__()
        self.layers = [f"layer_{i}" for i in range(1, layers + 1)]
        for name in self.layers:
            self.add_module(name, DecoderLayer(d, heads, width, rank, scale, dropout))
        self.norm = nn.LayerNorm(d)

    def look(self, memory):
        return [self.get_submodule(name).look(memory) for name in self.layers]

    def forward(self, y, seen, masked, past=None):
        """Returns the output, the past of the next word, the masks [layers, b, T, N] (None if not masked), and where the last layer
        looked [b, T, N]: what the page shows."""
        nexts, masks = [], []
        for i, name in enumerate(self.layers):
            y, kept, mask, looked = self.get_submodule(name)(y, past[i] if past else None, seen[i], masked)
            nexts.append(kept)
            masks.append(mask)
        return self.norm(y), nexts, torch.stack(masks) if masked else None, looked

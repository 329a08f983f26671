"""Starts the encoder where a linear probe ends, so that memory tells of the findings from the first step.

A probe sums a weight for every code in every cell of a 7×7 grid of each view, which is how a linear model reads tokens.
Its weights have low rank, z = Σ_n A[cell of n]·U[code of n], and that is what the encoder is made to compute
(fit_probe.py finds them):

- embedding: U in the first R dimensions of a code, the cell of a position as one of C in the next ones, zeros in the next q;
- feed-forward of layer 1: unit (c, r) is open only in cell c and passes U's r-th value; `down` multiplies by A into the q;
- attention of layer 2: the mean over all tokens, read off by a ridge regression, lands in the q of every token.

What remains of embeddings, attention and feed-forward is random as usual. Letters: K codes, C cells of all views, R rank, q quantities.
"""

import numpy as np
import torch
from torch import nn

import precision

CELLS, RANK = 7, 10  # a side; 2·7·7·10 = 980 units
FARTHEST = 3.0  # a code's value, in standard deviations: one beyond would open the units of other cells
CELL_HEIGHT, OPEN, SLOPE = 1.5, 4.0, 3.0  # of the positions; of an open unit; of units towards cells


def cells(inside, views, across=CELLS):
    """The cell of every position of all views, [views·L]; a view has across² of them, if it has so many tokens. Positions that are not
    inside [views·L] are in none, −1: what is seen there is no evidence (anatomy.py)."""
    side = int((len(inside) // views) ** 0.5)
    across = min(across, side)
    line = torch.arange(side) * across // side
    cell = (line[:, None] * across + line).flatten()
    return torch.where(inside, torch.cat([cell + v * across**2 for v in range(views)]), -1)


class Probe(nn.Module):
    """z [b, q] of what the tokens of all views stand for, U[tokens] [b, N, R]: a bias, and A of the mean in every cell."""

    def __init__(self, codes, cell, quantities, rank=RANK):
        super().__init__()
        mean = torch.nn.functional.one_hot(cell + 1)[:, 1:].float()
        self.register_buffer("cell", cell)
        self.register_buffer("mean", (mean / mean.sum(0).clamp(min=1)).T)
        self.u = nn.Parameter(torch.randn(codes, rank) * 0.3)
        self.a = nn.Parameter(torch.randn(len(self.mean), rank, quantities) * 0.05)
        self.bias = nn.Parameter(torch.zeros(quantities))

    def forward(self, values):
        return torch.einsum("bcr,crq->bq", self.mean @ values, self.a) + self.bias

    def shares(self, tokens, last):
        """tokens [b, N] → what each adds to the last quantities [b, N, last]."""
        size = self.mean.amax(0)  # 1 / the tokens of its cell, 0 in none
        with torch.autocast("cpu", enabled=False):
            return torch.einsum("bnr,nrq->bnq", self.u[tokens], self.a[self.cell, :, -last:] * size[:, None, None])

    def told(self, tokens):
        """tokens [b, N] → z [b, q], in f32 whatever the rest: reports are chosen by it, and some are nearly as good as others."""
        with torch.autocast("cpu", enabled=False):
            return self(self.u[tokens])


def load(path):
    """The probe of a state that fit_probe.py wrote."""
    state = torch.load(path, map_location="cpu")
    probe = Probe(len(state["u"]), state["cell"], len(state["bias"]), state["u"].shape[1])
    probe.load_state_dict(state)
    return probe.requires_grad_(False)


@torch.no_grad()
def start(model, probe, studies, generator, ridge=1e-3):
    """Writes a probe into a model's embeddings and first two encoder layers, and returns what reads z off memory: a linear layer."""
    count, rank, quantities = probe.a.shape
    c = model.config
    used = rank * count  # units of the first feed-forward
    if c["dim"] < rank + count + quantities or c["feed_forward"] < used or c["encoder_layers"] < 2:
        raise ValueError(f"probe: needs dim ≥ {rank + count + quantities}, feed_forward ≥ {used} and 2 encoder layers")
    value, place, slot = slice(0, rank), slice(rank, rank + count), slice(rank + count, rank + count + quantities)
    u_scale = 0.5 / probe.u.std(0)

    codes, positions = model.lsu.image_tokens.weight, model.lsu.image_positions.weight
    nn.init.normal_(codes, std=0.5)
    nn.init.normal_(positions, std=0.25)
    for table in (codes, positions):
        table[:, : slot.stop] = 0
    codes[:, value] = probe.u * u_scale
    inside = torch.nonzero(probe.cell >= 0)[:, 0]
    positions[inside, rank + probe.cell[inside]] = CELL_HEIGHT

    first, second = model.encoder.layer_1, model.encoder.layer_2
    first.self_attention.output.weight.mul_(0.1)
    deviation = (model.tables()[0] + positions[0]).std(1).mean()
    up, down = first.feed_forward.up, first.feed_forward.down
    units = up.weight[:used].view(count, rank, -1)
    units.zero_()
    units[:, range(rank), range(rank)] = 1
    for cell in range(count):
        units[cell, :, rank + cell] = SLOPE
    up.bias[:used] = OPEN - SLOPE * CELL_HEIGHT / deviation
    nn.init.zeros_(down.bias)
    down.weight.mul_(0.1)
    contribution = probe.a / u_scale[:, None]
    down.weight[slot] = 0
    down.weight[slot, :used] = (contribution / contribution.std()).flatten(0, 1).T * 0.05

    # Layer 2 looks everywhere alike; what its mean over the tokens tells of z is found by regression.
    attention = second.self_attention
    for projection in (attention.query, attention.key):
        projection.weight.mul_(0.1)
        nn.init.zeros_(projection.bias)
    table, seen, wanted = model.tables()[0], [], []
    for _ in range(30):
        tokens, _, sight, *_ = studies.batch(64, generator)
        with precision.autocast("cpu"):
            x = first(table[tokens] + positions)
        seen.append(second.norm_1(x.float()).mean(1))
        wanted.append(sight)
    seen, wanted = torch.cat(seen).double(), torch.cat(wanted).double()
    mean = seen.mean(0)
    centred = seen - mean
    variance = (centred**2).mean(0)[slot].mean()
    gram = centred.T @ centred / len(seen) + ridge * variance * torch.eye(len(mean), dtype=torch.double)
    read = torch.linalg.solve(gram, centred.T @ (wanted - wanted.mean(0)) / len(seen)).T.float()
    attention.value.weight[:quantities] = read
    attention.value.bias[:quantities] = -read @ mean.float()
    attention.output.weight.mul_(0.1)
    attention.output.weight[slot] = 0
    attention.output.weight[slot, :quantities] = torch.eye(quantities)
    nn.init.zeros_(attention.output.bias)
    second.feed_forward.down.weight.mul_(0.1)

    seer = nn.Linear(len(mean), quantities)
    memory = []
    for _ in range(8):
        tokens, _, sight, *_ = studies.batch(64, generator)
        with precision.autocast("cpu"):
            told = model.encode(table, tokens)
        memory.append((told[:, :, slot].float().mean(1), sight))
    z, sight = (torch.cat(parts).numpy() for parts in zip(*memory))
    nn.init.zeros_(seer.weight)
    for i in range(quantities):
        slope, offset = np.polyfit(z[:, i], sight[:, i], 1)
        seer.weight[i, slot.start + i], seer.bias[i] = slope, offset
    return seer

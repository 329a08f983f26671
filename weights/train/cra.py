"""Cross-modal Representation Aligner, Eq. 6 to 9. It mixes no positions: given the table of all tokens it makes the table of all features."""

import torch
from torch import nn

from attention import Attention


def orthonormal(rows, d):
    """The paper's basis: [rows, d] with orthonormal columns (Gram-Schmidt; rows instead, where there are fewer)."""
    return nn.init.orthogonal_(torch.empty(rows, d))


BASES = {
    "orthonormal": orthonormal,
    "uniform": lambda rows, d: torch.rand(rows, d),
    "normal": torch.randn,
}


class Gate(nn.Module):
    """σ(E·W_e ᵀ + F̃·W_f ᵀ), Eq. 8."""

    def __init__(self, d):
        super().__init__()
        self.embedding = nn.Linear(d, d, bias=False)
        self.feature = nn.Linear(d, d, bias=False)

    def forward(self, e, f):
        return torch.sigmoid(self.embedding(e) + self.feature(f))


class CRA(nn.Module):
    """Embeddings [n, d] → features [n, d].

    integration: "gate" is the paper's; "addition" is F = E + F̃; "none" leaves the basis out, F = E. The last two are
    ablations (Table 3) that inference does not know: they are scored in training only.
    """

    def __init__(self, d, heads, rows, basis, integration):
        super().__init__()
        self.integration = integration
        self.register_buffer("basis", BASES[basis](rows, d))
        self.gain = nn.Parameter(torch.ones(rows, d))
        self.bias = nn.Parameter(torch.zeros(rows, d))
        self.attention = Attention(d, heads)
        self.input_gate = Gate(d)
        self.forget_gate = Gate(d)

    def forward(self, e):
        if self.integration == "none":
            return e
        basis = self.gain * self.basis + self.bias  # (6)
        f = self.attention(e[None], basis[None])[0]  # (7)
        if self.integration == "addition":
            return e + f
        return self.input_gate(e, f) * torch.tanh(e + f) + self.forget_gate(e, f) * e + f  # (8), (9)

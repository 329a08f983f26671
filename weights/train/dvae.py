"""The discrete VAE that turns a view into visual tokens (engine/MODEL.md §2; the encoder is that of openai/DALL-E).

Letters: H hidden channels, K codes, L = 14·14 tokens a view of 112×112 pixels, c dimensions of a code.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ResPath(nn.Module):
    """ReLU and convolution four times: 3x3 → w/4, 3x3 → w/4, 3x3 → w/4, 1x1 → w."""

    def __init__(self, inner, width):
        super().__init__()
        self.conv_1 = nn.Conv2d(inner, width // 4, 3, padding=1)
        self.conv_2 = nn.Conv2d(width // 4, width // 4, 3, padding=1)
        self.conv_3 = nn.Conv2d(width // 4, width // 4, 3, padding=1)
        self.conv_4 = nn.Conv2d(width // 4, width, 1)

    def forward(self, x):
        for conv in (self.conv_1, self.conv_2, self.conv_3, self.conv_4):
            x = conv(F.relu(x))
        return x


class Block(nn.Module):
    """id(x) + gain·res(x), where id is a 1x1 convolution if the width changes."""

    def __init__(self, inner, width, gain):
        super().__init__()
        self.id_path = nn.Conv2d(inner, width, 1) if inner != width else nn.Identity()
        self.res_path = ResPath(inner, width)
        self.gain = gain

    def forward(self, x):
        return self.id_path(x) + self.gain * self.res_path(x)


def group(inner, width, blocks, gain):
    return nn.ModuleDict({f"block_{b}": Block(inner if b == 1 else width, width, gain) for b in range(1, blocks + 1)})


class Encoder(nn.Module):
    """pixels [n, channels, size, size] in [0, 1] → output [n, K, size/8, size/8].

    While a tokenizer is trained, `output` gives the c dimensions of a code instead of K logits; `fold` joins the two.
    """

    def __init__(self, channels, hidden, groups, blocks_per_group, vocab, pixel_epsilon):
        super().__init__()
        self.epsilon, self.groups = pixel_epsilon, groups
        gain = 1 / (groups * blocks_per_group) ** 2
        widths = [hidden * 2**g for g in range(groups)]
        self.input = nn.Conv2d(channels, hidden, 7, padding=3)
        for g, width in enumerate(widths, 1):
            inner = hidden if g == 1 else widths[g - 2]
            self.add_module(f"group_{g}", group(inner, width, blocks_per_group, gain))
        self.output = nn.Conv2d(widths[-1], vocab, 1)

    def features(self, x):
        """What `output` sees, before its ReLU: [n, 8·hidden, size/8, size/8]."""
        x = self.input((1 - 2 * self.epsilon) * x + self.epsilon)
        for g in range(1, self.groups + 1):
            for block in self.get_submodule(f"group_{g}").values():
                x = block(x)
            if g < self.groups:
                x = F.max_pool2d(x, 2)
        return x

    def forward(self, x):
        return self.output(F.relu(self.features(x)))

    def tokens(self, x):
        """pixels → tokens [n, L], row-major, the code with the largest logit."""
        return self(x).argmax(1).flatten(1)


class Decoder(nn.Module):
    """codes [n, c, size/8, size/8] → pixels [n, channels, size, size]: the encoder mirrored. Inference drops it."""

    def __init__(self, channels, hidden, groups, blocks_per_group, code):
        super().__init__()
        self.groups = groups
        gain = 1 / (groups * blocks_per_group) ** 2
        widths = [hidden * 2**g for g in reversed(range(groups))]
        self.input = nn.Conv2d(code, widths[0], 1)
        for g, width in enumerate(widths, 1):
            inner = widths[0] if g == 1 else widths[g - 2]
            self.add_module(f"group_{g}", group(inner, width, blocks_per_group, gain))
        self.output = nn.Conv2d(widths[-1], channels, 1)

    def forward(self, x):
        x = self.input(x)
        for g in range(1, self.groups + 1):
            for block in self.get_submodule(f"group_{g}").values():
                x = block(x)
            if g < self.groups:
                x = F.interpolate(x, scale_factor=2)
        return torch.sigmoid(self.output(F.relu(x)))


class Codebook(nn.Module):
    """K codes of c dimensions, each the moving average of the vectors nearest to it (van den Oord et al., 2017, appendix A).

    Codes that nothing is near to start anew at a vector of the batch.
    """

    def __init__(self, vocab, code, decay=0.99, dead=0.05):
        super().__init__()
        self.decay, self.dead = decay, dead
        self.register_buffer("codes", torch.randn(vocab, code))
        self.register_buffer("counts", torch.ones(vocab))
        self.register_buffer("sums", self.codes.clone())

    def logits(self, z):
        """z [m, c] → 2·z·codesᵀ − |codes|² [m, K], largest at the nearest code."""
        return 2 * z @ self.codes.T - (self.codes**2).sum(1)

    def forward(self, z):
        """z [n, c, y, x] → the nearest codes, with the gradient of z (straight through); their ids; the commitment loss."""
        flat = z.permute(0, 2, 3, 1).flatten(0, 2)
        with torch.no_grad():
            ids = self.logits(flat).argmax(1)
            if self.training:
                self.update(flat, ids)
        codes = self.codes[ids].view(z.shape[0], *z.shape[2:], -1).permute(0, 3, 1, 2)
        commitment = F.mse_loss(z, codes)
        return z + (codes - z).detach(), ids, commitment

    def update(self, flat, ids):
        counts = torch.bincount(ids, minlength=len(self.codes)).float()
        sums = torch.zeros_like(self.sums).index_add_(0, ids, flat)
        self.counts.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(sums, 1 - self.decay)
        dead = (self.counts < self.dead).nonzero().flatten()
        if len(dead):
            seeds = flat[torch.randint(len(flat), (len(dead),), device=flat.device)]
            self.counts[dead], self.sums[dead] = 1.0, seeds
        self.codes.copy_(self.sums / self.counts[:, None])


@torch.no_grad()
def fold(output, codebook):
    """The convolution whose K outputs are the codebook's logits of `output`'s c: exactly, 2·(z·code) − |code|² with z = W·x + b.

    weight = 2·E·W, bias = 2·E·b − |E|².
    """
    weight, codes = output.weight.flatten(1), codebook.codes
    folded = nn.Conv2d(weight.shape[1], len(codes), 1)
    folded.weight.copy_((2 * codes @ weight)[:, :, None, None])
    folded.bias.copy_(2 * codes @ output.bias - (codes**2).sum(1))
    return folded


class Normalised(nn.Module):
    """A convolution followed by normalisation over the batch."""

    def __init__(self, conv):
        super().__init__()
        self.conv, self.norm = conv, nn.BatchNorm2d(conv.out_channels)

    def forward(self, x):
        return self.norm(self.conv(x))

    @torch.no_grad()
    def folded(self):
        """The convolution that gives the same with the running mean and variance."""
        scale = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        self.conv.weight.mul_(scale[:, None, None, None])
        self.conv.bias.copy_((self.conv.bias - self.norm.running_mean) * scale + self.norm.bias)
        return self.conv


def res_paths(encoder):
    return [m for m in encoder.modules() if isinstance(m, ResPath)]


@torch.no_grad()
def normalise(encoder, x):
    """Normalises the convolutions of the residual paths, so that at first they give of x [n, channels, y, x] what they gave."""
    for path in res_paths(encoder):
        for name, conv in list(path.named_children()):
            layer = Normalised(conv).eval()
            seen = {}
            hook = conv.register_forward_hook(lambda _, __, y: seen.update(y=y))
            encoder(x)
            hook.remove()
            mean, variance = seen["y"].mean((0, 2, 3)), seen["y"].var((0, 2, 3), unbiased=False)
            layer.norm.running_mean.copy_(mean)
            layer.norm.running_var.copy_(variance)
            layer.norm.bias.copy_(mean)
            layer.norm.weight.copy_((variance + layer.norm.eps).sqrt())
            setattr(path, name, layer)


def plain(encoder):
    """Undoes it: the encoder has convolutions alone and gives the same as in inference."""
    for path in res_paths(encoder):
        for name, layer in list(path.named_children()):
            setattr(path, name, layer.folded())

"""Views seen a little otherwise: turned, moved, scaled, darker or brighter, as a patient in front of another machine might be."""

import torch
import torch.nn.functional as F

TURN, MOVE, SCALE, ASPECT = 0.1, 0.1, 0.1, 0.05  # radians; shares of half the view, then of the size
GAMMA, CONTRAST, BRIGHTNESS = 0.25, 0.15, 0.08


def augmented(views, size, generator):
    """views [n, side, side] uint8 → [n, 1, size, size] in about [0, 1]: about size/side of each view, by chance."""
    x = torch.from_numpy(views).float()[:, None] / 255
    n = len(x)
    if n == 0:
        return x.new_zeros(0, 1, size, size)

    def random(most):
        return (torch.rand(n, generator=generator) * 2 - 1) * most

    turn, scale, aspect = random(TURN), size / x.shape[-1] * (1 + random(SCALE)), 1 + random(ASPECT)
    across = torch.stack([scale * aspect * turn.cos(), -scale * turn.sin(), random(MOVE)], 1)
    down = torch.stack([scale * turn.sin(), scale / aspect * turn.cos(), random(MOVE)], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), (n, 1, size, size), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False, padding_mode="border").clamp(0, 1)
    gamma, contrast, brightness = (y[:, None, None, None] for y in (random(GAMMA).exp(), random(CONTRAST), random(BRIGHTNESS)))
    return (x**gamma - 0.5) * (1 + contrast) + 0.5 + brightness


def straight(views):
    """views [n, size, size] uint8 → [n, 1, size, size] in [0, 1], as at inference."""
    return torch.from_numpy(views).float()[:, None] / 255

"""bfloat16 where the device multiplies it. A processor that does not emulates it, many times slower than float32."""

import functools
import pathlib

import torch

CPUINFO = pathlib.Path("/proc/cpuinfo")


@functools.cache
def fast(device):
    """Whether a type of device multiplies bfloat16."""
    if device != "cpu":
        return True
    flags = CPUINFO.read_text() if CPUINFO.exists() else ""
    return "avx512_bf16" in flags or "amx_bf16" in flags


def autocast(device, enabled=True):
    """torch.autocast for a type of device, if that is enabled and fast."""
    return torch.autocast(device, torch.bfloat16, enabled=enabled and fast(device))


def short(x):
    """x in 16 bits, where autocast takes those."""
    return x.bfloat16() if fast(x.device.type) else x

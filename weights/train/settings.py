"""Pinned settings: JSON files in settings/, each complete or resting on another by "base"."""

import hashlib
import json
import os
import pathlib
import time

HERE = pathlib.Path(__file__).parent
RUNS = HERE / "runs"


def load(name):
    """The settings of settings/<name>.json: those of its base, with its own laid over them, objects key by key."""
    own = json.loads((HERE / "settings" / f"{name}.json").read_text())
    base = own.pop("base", None)
    return {**(merged(load(base), own) if base else own), "name": name}


def merged(below, above):
    out = dict(below)
    for key, value in above.items():
        if key not in below:
            raise KeyError(f"settings: {key!r} is unknown to the base")
        both = isinstance(value, dict) and isinstance(below[key], dict)
        out[key] = merged(below[key], value) if both else value
    return out


def threads():
    """How many processors to use: OMP_NUM_THREADS, or all."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count())


def recipe_hash():
    """SHA-256 of the recipe's Python files, for the model card."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def log(folder, run, **entry):
    """Adds a line to <folder>/<run>.jsonl."""
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **entry}
    with open(pathlib.Path(folder) / f"{run}.jsonl", "a") as file:
        file.write(json.dumps(line) + "\n")

"""What layers that do not learn make of images: computed once, kept on disk, drawn from at every step."""

import json

import numpy as np
import torch

import images
from augment import straight

CHUNK, SAVED = 8, 100  # images at once, few enough for the cache; chunks between notes of how far it is


class Activations:
    """[files, y, x, c] in 16 bits, of images at size×size; computed where they are missing."""

    def __init__(self, path, layers, files, size):
        with torch.no_grad():
            _, c, self.side, _ = layers(torch.zeros(1, 1, size, size)).shape
        self.index, note = {file: i for i, file in enumerate(files)}, path.with_suffix(".json")
        about = {"files": [str(f) for f in files], "size": size, "done": 0}
        if note.exists():
            before = json.loads(note.read_text())
            if {**before, "done": 0} != about:
                raise ValueError(f"activations: {path} is of other images or another size")
            about = before
        mode, shape = ("r+", None) if about["done"] else ("w+", (len(files), self.side, self.side, c))
        self.all = np.lib.format.open_memmap(path, mode, np.float16, shape)
        for done in range(about["done"], len(files), CHUNK):
            part = slice(done, done + CHUNK)
            x = 2 * straight(images.load(files[part], size)) - 1
            with torch.no_grad():
                self.all[part] = layers(x.to(memory_format=torch.channels_last)).permute(0, 2, 3, 1).numpy()
            if done // CHUNK % SAVED == SAVED - 1 or done + CHUNK >= len(files):
                self.all.flush()
                about["done"] = min(done + CHUNK, len(files))
                note.write_text(json.dumps(about))
                print(f"activations {about['done']} of {len(files)}", flush=True)

    def rows(self, files):
        return np.array([self.index[file] for file in files])

    def get(self, rows):
        """Of the images of rows [n]: [n, c, y, x]."""
        return torch.from_numpy(self.all[rows].astype(np.float32)).permute(0, 3, 1, 2)

    def draw(self, rows, random):
        """The same, each image moved by a position at most in either direction, its rim repeated."""
        y, x = (np.arange(self.side) + random.integers(-1, 2, (2, len(rows), 1))).clip(0, self.side - 1)
        drawn = self.all[rows[:, None, None], y[:, :, None], x[:, None, :]]
        return torch.from_numpy(drawn.astype(np.float32)).permute(0, 3, 1, 2)

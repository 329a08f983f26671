"""UAR on visual tokens: images and reports in one space (LSU, CRA), encoder, decoder with TIR (engine/MODEL.md §3 to §7).

Letters: b batch, S views, L tokens a view, N = S·L, K codes, V words, d width, T report ids, bos first.
"""

import math

import torch
from torch import nn

from cra import CRA
from reports import BOS, EOS, UNK
from transformer import Decoder, Encoder


class LSU(nn.Module):
    """Tokens and positions of both modalities."""

    def __init__(self, codes, visual, words, most, d):
        super().__init__()
        self.image_tokens = nn.Embedding(codes, d)
        self.image_positions = nn.Embedding(visual, d)
        self.text_tokens = nn.Embedding(words, d)
        self.text_positions = nn.Embedding(most, d)


class UAR(nn.Module):
    """config is `uar.config` of engine/MODEL.md §10; basis and integration choose the paper's ablations."""

    def __init__(self, config, dropout=0.1, basis="orthonormal", integration="gate"):
        super().__init__()
        d, heads, width = config["dim"], config["heads"], config["feed_forward"]
        side = config["image"]["size"] >> (config["dvae"]["groups"] - 1)
        self.config = config
        self.visual = config["image"]["views"] * side * side
        words = len(config["vocab"])
        self.lsu = LSU(config["dvae"]["vocab"], self.visual, words, config["max_tokens"], d)
        self.cra = CRA(d, heads, config["basis"], basis, integration)
        self.encoder = Encoder(d, heads, width, config["encoder_layers"], dropout)
        self.decoder = Decoder(
            d, heads, width, config["decoder_layers"], config["tir"]["rank"], config["tir"]["scale"], dropout
        )
        self.head = nn.Linear(d, words)
        self.dropout = nn.Dropout(dropout)

    def tables(self):
        """The features of all codes [K, d] and of all words [V, d]: CRA once a step, whatever the batch."""
        codes, words = self.lsu.image_tokens.weight, self.lsu.text_tokens.weight
        features = self.cra(torch.cat([codes, words])).float()
        return features[: len(codes)], features[len(codes) :]

    def encode(self, codes, tokens):
        """codes [K, d] from tables, tokens [b, N] → memory [b, N, d]."""
        return self.encoder(self.dropout(codes[tokens] + self.lsu.image_positions.weight))

    def decode(self, words, ids, seen, masked, past=None):
        """words [V, d] from tables, ids [b, T] → logits [b, T, V], past, masks, attention (see Decoder)."""
        first = past[0][0].shape[2] if past else 0
        positions = torch.arange(first, first + ids.shape[1], device=ids.device)
        y, past, masks, looked = self.decoder(
            self.dropout(words[ids] + self.lsu.text_positions(positions)), seen, masked, past
        )
        return self.head(y), past, masks, looked

    def forward(self, codes, words, tokens, ids, masked):
        """Teacher forcing: logits of every next word [b, T, V], and masks."""
        logits, _, masks, _ = self.decode(words, ids, self.decoder.look(self.encode(codes, tokens)), masked)
        return logits, masks

    @torch.no_grad()
    def beam(self, codes, words, tokens, width, masked):
        """The best report of each study by beam search (engine/MODEL.md §7): [[id]] without bos, eos if reached; the log-probabilities."""
        reports, sums = [], []
        for study in tokens:
            seen = self.decoder.look(self.encode(codes, study[None]))
            report, total = self.search(words, seen, width, masked)
            reports.append(report)
            sums.append(total)
        return reports, sums

    def search(self, words, seen, width, masked):
        live, finished, past = [([BOS], 0.0)], [], None
        while live and len(live[0][0]) < self.config["max_tokens"]:
            if finished and max(s for _, s in finished) >= live[0][1]:
                break
            ids = torch.tensor([[sequence[-1]] for sequence, _ in live], device=words.device)
            rows = [[t.expand(len(live), *t.shape[1:]) for t in layer] for layer in seen]
            logits, past, _, _ = self.decode(words, ids, rows, masked, past)
            values, best = logits[:, -1].float().log_softmax(-1).topk(width)
            candidates = [
                (total + v, parent, word)
                for parent, (_, total) in enumerate(live)
                for v, word in zip(values[parent].tolist(), best[parent].tolist())
            ]
            candidates.sort(key=lambda c: -c[0])
            parents, following = [], []
            for total, parent, word in candidates[:width]:
                sequence = live[parent][0] + [word]
                if word == EOS:
                    finished.append((sequence, total))
                else:
                    following.append((sequence, total))
                    parents.append(parent)
            live = following
            past = [tuple(t[parents] for t in layer) for layer in past]
        sequence, total = max(finished + live, key=lambda s: s[1])
        return sequence[1:], total

    def greedy(self, words, seen, masked):
        """The greedy report of each study, all at once, of what the decoder's look sees: ids [b, T] without bos, eos after the end."""
        return self.write(words, seen, masked, lambda logits: logits.argmax(-1))

    def sample(self, words, seen, masked, generator):
        """As greedy, but each word is drawn as likely as it is; bos and unk never are."""

        def draw(logits):
            logits[:, [BOS, UNK]] = -math.inf
            drawn = torch.multinomial(logits.float().softmax(-1).cpu(), 1, generator=generator)[:, 0]
            return drawn.to(logits.device)

        return self.write(words, seen, masked, draw)

    @torch.no_grad()
    def write(self, words, seen, masked, choose):
        """As greedy, with choose [b, V] → [b] of the logits."""
        b, device = len(seen[0][0]), words.device
        ids, past, out = torch.full((b, 1), BOS, device=device), None, []
        ended = torch.zeros(b, dtype=torch.bool, device=device)
        for _ in range(self.config["max_tokens"] - 1):
            logits, past, _, _ = self.decode(words, ids, seen, masked, past)
            ids = choose(logits[:, -1])[:, None].masked_fill(ended[:, None], EOS)
            ended |= ids[:, 0] == EOS
            out.append(ids)
            if ended.all():
                break
        return torch.cat(out, 1)

"""Tests of the recipe: python3 -m unittest discover -s weights/train"""

import json
import math
import pathlib
import tempfile
import types
import unittest
import unittest.mock

import numpy as np
import torch
from PIL import Image
from torch import nn

import activations
import anatomy
import calibration
import consensus
import dvae
import evidence
import export
import findings
import fit_probe
import labelled
import losses
import metrics
import mobilenet
import posterior
import probe
import recipe
import reports
import safetensors
import settings
import smoke
import surprisal
import teacher
import tiles
import train
from attention import TIR
from cra import CRA, orthonormal
from overlap import Overlap
from uar import UAR

CONFIG = {
    "image": {"size": 32, "channels": 1, "views": 2},
    "dvae": {"hidden": 8, "groups": 4, "blocks_per_group": 1, "vocab": 16, "pixel_epsilon": 0.1},
    "dim": 16, "heads": 2, "feed_forward": 32, "encoder_layers": 1, "decoder_layers": 2, "basis": 24, "max_tokens": 12,
    "tir": {"scale": 1000, "rank": 4}, "bos": 0, "eos": 1, "unk": 2,
    "vocab": ["<bos>", "<eos>", "<unk>", ".", "clear", "lungs", "the"],
}


def model():
    torch.manual_seed(3)
    return UAR(CONFIG, dropout=0).eval()


def some_tokens(studies):
    return torch.randint(16, (studies, 32), generator=torch.Generator().manual_seed(5))


class CodebookTest(unittest.TestCase):
    def test_folded_convolution_gives_the_nearest_code(self):
        torch.manual_seed(1)
        output, codebook = nn.Conv2d(8, 5, 1), dvae.Codebook(32, 5)
        x = torch.randn(2, 8, 4, 4)
        z = output(x).permute(0, 2, 3, 1).flatten(0, 2)
        folded = dvae.fold(output, codebook)(x)
        torch.testing.assert_close(folded.permute(0, 2, 3, 1).flatten(0, 2), codebook.logits(z), rtol=1e-4, atol=1e-4)
        self.assertTrue(torch.equal(folded.argmax(1).flatten(), torch.cdist(z, codebook.codes).argmin(1)))

    def test_codes_move_to_the_vectors_nearest_to_them(self):
        torch.manual_seed(1)
        codebook = dvae.Codebook(2, 2, decay=0.5)
        codebook.codes.copy_(torch.tensor([[1.0, 0], [-1, 0]]))
        codebook.sums.copy_(codebook.codes)
        z = torch.tensor([[3.0, 1], [-3, -1]])[:, :, None, None].repeat(1, 1, 4, 4)
        for _ in range(60):
            codebook(z)
        torch.testing.assert_close(codebook.codes, torch.tensor([[3.0, 1], [-3, -1]]), rtol=1e-3, atol=1e-3)

    def test_the_gradient_passes_straight_through(self):
        codebook = dvae.Codebook(4, 3)
        z = torch.randn(1, 3, 2, 2, requires_grad=True)
        codebook(z)[0].sum().backward()
        self.assertTrue(torch.equal(z.grad, torch.ones_like(z)))

    def test_decoder_gives_pixels_of_the_encoders_size(self):
        shape = CONFIG["dvae"]
        codes = dvae.Encoder(1, **{**shape, "vocab": 5})(torch.rand(2, 1, 32, 32))
        self.assertEqual(codes.shape, (2, 5, 4, 4))
        self.assertEqual(dvae.Decoder(1, 8, 4, 1, 5)(codes).shape, (2, 1, 32, 32))

    def test_normalising_and_folding_change_nothing(self):
        torch.manual_seed(1)
        encoder, x = dvae.Encoder(1, **CONFIG["dvae"]).eval(), torch.rand(4, 1, 32, 32)
        with torch.no_grad():
            wanted, names = encoder(x), list(encoder.state_dict())
            dvae.normalise(encoder, x)
            torch.testing.assert_close(encoder.eval()(x), wanted, rtol=1e-3, atol=1e-4)
            for layer in encoder.modules():
                if isinstance(layer, dvae.Normalised):  # as if it had learned
                    layer.norm.weight.mul_(3)
                    layer.norm.running_mean.add_(0.1)
            moved = encoder.eval()(x)
            dvae.plain(encoder)
            torch.testing.assert_close(encoder(x), moved, rtol=1e-3, atol=1e-4)
        self.assertGreater(float((moved - wanted).abs().max()), 1e-3)
        self.assertEqual(list(encoder.state_dict()), names)


class LossTest(unittest.TestCase):
    def test_report_loss_ignores_padding(self):
        logits = torch.randn(1, 3, 5)
        padded = losses.report_loss(logits, torch.tensor([[2, 1, losses.IGNORED]]))
        torch.testing.assert_close(padded, losses.report_loss(logits[:, :2], torch.tensor([[2, 1]])))

    def test_global_loss_takes_the_hardest_negative(self):
        image = torch.tensor([[1.0, 0], [0, 1], [1, 1]])
        text = torch.tensor([[1.0, 0], [0, 1], [1, 0]])
        same = torch.eye(3, dtype=torch.bool)
        half = math.sqrt(0.5)
        # Rows: the positive is 1, 1, √½; the hardest negative 1 (row 0: text 2), 0, √½. Columns: 1, 1, √½ and √½, √½, 1.
        to_report = [0.4 - 1 + 1, 0, 0.4 - half + half]
        to_image = [0.4 - 1 + half, 0.4 - 1 + half, 0.4 - half + 1]
        wanted = (sum(to_report) + sum(to_image)) / 3
        self.assertAlmostEqual(float(losses.global_loss(image, text, same, 0.4)), wanted, places=5)

    def test_an_equal_report_is_no_negative(self):
        image, text = torch.eye(2), torch.tensor([[1.0, 0], [1, 0]])
        every = torch.ones(2, 2, dtype=torch.bool)
        self.assertAlmostEqual(float(losses.global_loss(image[:1].repeat(2, 1), text, every, 0.4)), 0)

    def test_features_of_images_and_reports(self):
        codes, words = torch.eye(4), torch.eye(7)
        torch.testing.assert_close(losses.image_feature(codes, torch.tensor([[0, 1]])), (codes[0] + codes[1])[None] / 2)
        text = losses.text_feature(words, torch.tensor([[4, 6, 1, losses.IGNORED]]))  # without eos and padding
        torch.testing.assert_close(text, (words[4] + words[6])[None] / 2)

    def test_mask_loss_is_the_mean_of_what_is_masked(self):
        masks = torch.tensor([0.25, 0.75, 0.9])[None, None, :, None].expand(2, 1, 3, 5)
        loss = losses.mask_loss(masks, torch.tensor([[4, 1, losses.IGNORED]]))
        self.assertAlmostEqual(float(loss), 0.5, places=6)

    def test_alignment_loss_falls_as_reports_find_their_images(self):
        image, same = torch.eye(3), torch.eye(3, dtype=torch.bool)
        far = losses.alignment_loss(image, torch.ones(3, 3), same)
        self.assertAlmostEqual(float(far), math.log(3), places=5)
        self.assertLess(float(losses.alignment_loss(image, torch.eye(3), same)), 1e-5)
        twice = torch.eye(3)[[0, 0, 2]]  # the first two images have one report
        same[0, 1] = same[1, 0] = True
        self.assertAlmostEqual(float(losses.alignment_loss(twice, twice, same)), 2 / 3 * math.log(2), places=5)

    def test_pointing_loss_is_least_where_masks_are_what_speaks(self):
        speaks = torch.zeros(1, 20, 3)
        speaks[0, 4:6, 0], speaks[0, 9:11, 1] = 1, 2
        speaks[0, :4] = evidence.NONE
        about = torch.tensor([[0, 1, 2, losses.IGNORED]])
        masks = torch.full((2, 1, 4, 20), 0.01)
        masks[:, 0, 0, 4:6] = masks[:, 0, 1, 9:11] = masks[:, 0, 2, 4:] = 0.99
        best = losses.pointing_loss(masks, speaks, about)
        self.assertAlmostEqual(float(best), -math.log(0.99), places=5)
        masks[:, 0, 3] = 0.5  # a padded word
        self.assertEqual(best, losses.pointing_loss(masks, speaks, about))
        self.assertLess(best, losses.pointing_loss(masks.roll(1, 3), speaks, about))

    def test_sight_loss_asks_every_token(self):
        predictions = torch.tensor([[[1.0], [3.0]]])
        self.assertAlmostEqual(float(losses.sight_loss(predictions, torch.tensor([[1.0]]))), 2)


class CRATest(unittest.TestCase):
    def test_basis_has_orthonormal_columns(self):
        b = orthonormal(40, 8)
        torch.testing.assert_close(b.T @ b, torch.eye(8), rtol=0, atol=1e-5)

    def test_equations_written_out(self):
        torch.manual_seed(2)
        cra, e = CRA(8, 2, 12, "orthonormal", "gate"), torch.randn(3, 8)
        nn.init.normal_(cra.bias)
        basis, a = cra.gain * cra.basis + cra.bias, cra.attention
        q, k, v = a.query(e), a.key(basis), a.value(basis)
        heads = []
        for h in (slice(0, 4), slice(4, 8)):
            heads.append((q[:, h] @ k[:, h].T / 2).softmax(-1) @ v[:, h])
        f = a.output(torch.cat(heads, 1))
        gate = lambda g: torch.sigmoid(e @ g.embedding.weight.T + f @ g.feature.weight.T)
        wanted = gate(cra.input_gate) * torch.tanh(e + f) + gate(cra.forget_gate) * e + f
        torch.testing.assert_close(cra(e), wanted, rtol=1e-4, atol=1e-5)

    def test_ablations(self):
        e = torch.randn(3, 8)
        self.assertTrue(torch.equal(CRA(8, 2, 12, "normal", "none")(e), e))
        cra = CRA(8, 2, 12, "uniform", "addition")
        basis = cra.gain * cra.basis
        torch.testing.assert_close(cra(e), e + cra.attention(e[None], basis[None])[0])

    def test_features_depend_on_the_token_alone(self):
        cra, e = CRA(8, 2, 12, "orthonormal", "gate"), torch.randn(5, 8)
        torch.testing.assert_close(cra(e)[2:3], cra(e[2:3]), rtol=1e-4, atol=1e-5)


class TIRTest(unittest.TestCase):
    def test_mask_is_f32_under_autocast(self):
        tir, n, memory = TIR(16, 4), torch.randn(1, 3, 16), torch.randn(1, 5, 16)
        wanted = tir(n, tir.keys(memory))
        with torch.autocast("cpu", torch.bfloat16):
            mask = tir(n, tir.keys(memory))
        self.assertEqual(mask.dtype, torch.float32)
        self.assertTrue(torch.equal(mask, wanted))

    def test_a_masked_token_is_not_looked_at(self):
        m = model()
        codes, words = m.tables()
        ids = torch.tensor([[0, 6, 5]])
        tokens = some_tokens(1)
        plain, none = m(codes, words, tokens, ids, False)
        masked, masks = m(codes, words, tokens, ids, True)
        self.assertIsNone(none)
        self.assertEqual(masks.shape, (2, 1, 3, 32))
        self.assertGreater(float((plain - masked).abs().max()), 1e-4)
        for layer in m.decoder.children():  # a mask that is the same everywhere changes nothing
            if hasattr(layer, "tir"):
                nn.init.zeros_(layer.tir.query.weight)
        torch.testing.assert_close(m(codes, words, tokens, ids, True)[0], plain, rtol=1e-3, atol=1e-4)


class ModelTest(unittest.TestCase):
    def test_word_by_word_is_as_all_at_once(self):
        m = model()
        codes, words = m.tables()
        tokens, ids = some_tokens(2), torch.tensor([[0, 6, 5, 4], [0, 4, 3, 1]])
        for masked in (False, True):
            whole, _ = m(codes, words, tokens, ids, masked)
            seen, past, steps = m.decoder.look(m.encode(codes, tokens)), None, []
            for t in range(4):
                logits, past, *_ = m.decode(words, ids[:, t : t + 1], seen, masked, past)
                steps.append(logits)
            torch.testing.assert_close(torch.cat(steps, 1), whole, rtol=1e-3, atol=1e-4)

    def test_a_word_does_not_see_those_after_it(self):
        m = model()
        codes, words = m.tables()
        a, _ = m(codes, words, some_tokens(1), torch.tensor([[0, 6, 5]]), False)
        b, _ = m(codes, words, some_tokens(1), torch.tensor([[0, 6, 4]]), False)
        self.assertTrue(torch.equal(a[:, :2], b[:, :2]))

    def test_beam_of_one_is_greedy_and_a_wider_one_no_worse(self):
        m = model()
        codes, words = m.tables()
        tokens = some_tokens(3)
        greedy = m.greedy(words, m.decoder.look(m.encode(codes, tokens)), True).tolist()
        narrow, low = m.beam(codes, words, tokens, 1, True)
        _, high = m.beam(codes, words, tokens, 3, True)
        for g, n in zip(greedy, narrow):
            self.assertEqual(g[: len(n)], n)
        for a, b in zip(low, high):
            self.assertGreaterEqual(b, a - 1e-4)


    def test_words_are_drawn_as_likely_as_they_are(self):
        m = model()
        with torch.no_grad():
            codes, words = m.tables()
            seen = m.decoder.look(m.encode(codes, some_tokens(1)))
            logits, *_ = m.decode(words, torch.tensor([[0]]), seen, True)
            wanted = logits[0, 0].softmax(0)
            wanted[[0, 2]] = 0
            many = [[x.repeat_interleave(4000, 0) for x in layer] for layer in seen]
            first = m.sample(words, many, True, torch.Generator().manual_seed(1))[:, 0]
        torch.testing.assert_close(first.bincount(minlength=7) / 4000, wanted / wanted.sum(), atol=0.03, rtol=0)


class TextTest(unittest.TestCase):
    def test_clean(self):
        for raw, wanted in {
            "Heart size is normal. Lungs are clear.": "heart size is normal . lungs are clear .",
            "1. No effusion. 2. Right-sided XXXX, stable?": "no effusion . right-sided xxxx stable .",
            "A <b> [c] {d} (e)": "a b c d e .",
            "": " .".strip(),
        }.items():
            self.assertEqual(reports.clean(raw), wanted)

    def test_vocabulary(self):
        words = reports.vocabulary(["b a . b", "b - a ."], minimum=2)
        self.assertEqual(words, ["<bos>", "<eos>", "<unk>", ".", "a", "b"])
        v = reports.Vocabulary(words)
        self.assertEqual(v.encode("a z b ."), [4, 2, 5, 3])
        self.assertEqual(v.decode([4, 5, 1, 3]), "a b")

    def test_extra_studies_have_a_frontal_view(self):
        rows = [
            {"id": "a", "image_path": ["1", "2", "3"], "projection": ["lateral", "frontal", "frontal"], "problems": "x;Y"},
            {"id": "b", "image_path": ["4"], "projection": ["frontal"], "problems": ""},
            {"id": "c", "image_path": ["5"], "projection": ["lateral"], "problems": ""},
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "extra.json"
            path.write_text(json.dumps([{"report": "Clear.", **row} for row in rows]))
            a, b = reports.load_extra(path)
        self.assertEqual((a.files, a.problems, a.report), (["2", "1"], ["x", "Y"], "clear ."))
        self.assertEqual(b.files, ["4"])

    def test_findings(self):
        for report, wanted in {
            "the heart is enlarged .": {"cardiomegaly"},
            "the heart is not enlarged . the lungs are clear .": {"no finding"},
            "no pneumothorax . small left pleural effusion .": {"pleural effusion"},
            "bibasilar atelectasis but no effusion .": {"atelectasis"},
            "left effusion has resolved .": {"no finding"},
            "a superimposed pneumonia cannot be excluded .": {"pneumonia"},
            "sternotomy wires . lungs are clear .": {"support devices", "no finding"},
        }.items():
            self.assertEqual(findings.findings(report), wanted, report)

    def test_findings_are_those_of_the_engine(self):
        """Every case of the engine's own test."""
        groups = json.loads((findings.FOLDER / "testdata" / "cases.json").read_text("utf-8"))
        cases = [case for group in groups for case in group["cases"].items()]
        self.assertGreater(len(cases), 50)
        for report, wanted in cases:
            self.assertEqual(findings.findings(report), set(wanted), report)

    def test_finding_scores(self):
        sick, well = "the heart is enlarged .", "the lungs are clear ."
        scores = findings.scores([sick, sick, well, well], [sick, well, sick, well], least=1)
        self.assertAlmostEqual(scores["macro_f1"], 0.5)
        self.assertAlmostEqual(scores["balanced_accuracy"], 0.5)


class StudiesTest(unittest.TestCase):
    def test_a_bag_gives_the_feature_of_a_report(self):
        vocabulary = reports.Vocabulary(CONFIG["vocab"])
        words = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
        bag = train.bag(vocabulary, "the lungs unheard clear . the")
        targets = torch.tensor([vocabulary.encode("the lungs unheard clear . the") + [reports.EOS]])
        torch.testing.assert_close(bag @ words, losses.text_feature(words, targets)[0])
        self.assertEqual(train.equals(["a", "b", "a"]).tolist(), [0, 1, 0])


class MetricsTest(unittest.TestCase):
    references = ["the lungs are clear . no effusion .", "the heart is enlarged .", "no effusion . the lungs are clear ."]

    def test_perfect_reports(self):
        scores = metrics.scores([(r, r) for r in self.references])
        for name in ("bleu_1", "bleu_4", "rouge_l"):
            self.assertAlmostEqual(scores[name], 1, places=6)
        self.assertEqual(scores["distinct"], 1)

    def test_rouge_l_of_a_known_pair(self):
        # The common subsequence "a c" has 2 words: precision 2/3, recall 1/2.
        p, r, b = 2 / 3, 1 / 2, 1.2**2
        self.assertAlmostEqual(metrics.rouge_l("a x c", "a b c d"), (1 + b) * p * r / (r + b * p))

    def test_auc(self):
        truth = np.array([0, 0, 1, 1])
        for told, wanted in (([1, 2, 3, 4], 1), ([4, 3, 2, 1], 0), ([1, 3, 2, 4], 0.75), ([1, 2, 2, 2], 0.75), ([5, 5, 5, 5], 0.5)):
            self.assertEqual(metrics.auc(np.array(told), truth), wanted)

    def test_rank_is_among_distinct_reports(self):
        likeness = np.array([[0.5, 0.5, 0.9, 0.1], [0.7, 0.7, 0.2, 0.1], [0.9, 0.9, 0.8, 0.9], [0.9, 0.9, 0.9, 0.1]])
        self.assertEqual(metrics.rank(likeness, np.array([0, 0, 2, 3])), np.median([2, 1, 3, 3]))

    def test_overlap_agrees_with_the_metrics(self):
        overlap = Overlap(self.references)
        candidates = ["the lungs are clear .", "no no effusion . the heart is enlarged . no effusion ."]
        counts, cider = overlap.matches(candidates)
        rouge, scorer = overlap.rouge(candidates), metrics.Cider(self.references)
        for i, c in enumerate(candidates):
            for j, r in enumerate(self.references):
                self.assertAlmostEqual(float(cider[i, j]), scorer.score(c, r), places=4)
                self.assertAlmostEqual(float(rouge[i, j]), metrics.rouge_l(c, r), places=6)
                for n in range(4):
                    both = metrics.ngrams(c.split(), n + 1) & metrics.ngrams(r.split(), n + 1)
                    self.assertEqual(counts[n][i, j], sum(both.values()))


class PosteriorTest(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(1)
        self.said = (random.random((400, 1)) < 0.3).astype(float)  # a finding
        self.told = self.said + random.normal(size=(400, 3)) * [1, 2, 9]

    def test_probabilities_are_as_often_right(self):
        learned = posterior.Posterior(self.told[:300], self.said[:300])
        p = learned.of(self.told[300:])
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
        probability, truth = (p @ self.said[:300])[:, 0], self.said[300:, 0]
        self.assertGreater(metrics.auc(probability, truth), 0.65)
        self.assertGreater(calibration.skill(probability, truth, 0.3), 0.05)
        self.assertLess(calibration.error(probability, truth), 0.12)

    def test_no_study_is_told_by_itself(self):
        p = posterior.crossfitted(self.told, self.said, 4, np.random.default_rng(2))
        self.assertTrue((np.diag(p) == 0).all())
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
        self.assertGreater(metrics.auc(p @ self.said[:, 0], self.said[:, 0]), 0.65)

    def test_components_have_variance_one(self):
        texts = ["the heart is enlarged .", "the lungs are clear .", "no effusion .", "the heart is normal . no effusion ."]
        x = posterior.components(texts, 2)
        self.assertEqual(x.shape, (4, 2))
        self.assertAlmostEqual(float(x.std()), 1, places=5)


class CalibrationTest(unittest.TestCase):
    def test_by_hand(self):
        told, truth = np.array([0.12, 0.18, 0.95, 0.95]), np.array([0, 1, 1, 1])
        self.assertAlmostEqual(calibration.error(told, truth), (abs(0.3 - 1) + abs(1.9 - 2)) / 4)
        self.assertAlmostEqual(calibration.skill(np.array([0.5, 1]), np.array([0, 1]), 0.5), 0.5)
        self.assertEqual(calibration.skill(np.array([0.5, 0.5]), np.array([0, 1]), 0.5), 0)


class SurprisalTest(unittest.TestCase):
    def test_what_stands_where_it_never_does_surprises(self):
        random = np.random.default_rng(1)
        views = np.where(np.arange(196) < 98, 0, 1) + 2 * random.integers(0, 2, (400, 196))  # codes 0 and 2 above, 1 and 3 below
        of = surprisal.table(surprisal.counted(views, 5))
        self.assertEqual(of.shape, (49, 5))
        usual = surprisal.surprisals(of, views)
        self.assertGreater(usual.min(), 0)
        self.assertGreater(surprisal.surprisals(of, views[:, ::-1]).min(), usual.max() + 1)
        self.assertLess(abs(usual.mean() - math.log(2)), 0.2)
        self.assertEqual(of.max(), surprisal.MOST)  # of code 4, which is nowhere

    def test_probabilities_add_up_to_one(self):
        counts = np.random.default_rng(1).integers(1, 50, (4, 6)).astype(float)
        np.testing.assert_allclose(np.exp(-surprisal.table(counts)).sum(1), 1)

    def test_cells_are_those_of_the_engine(self):
        self.assertEqual(surprisal.cells(16).tolist(), list(range(16)))
        rows = surprisal.cells(14 * 14).reshape(14, 14)
        self.assertEqual(rows[:, 0].tolist(), [7 * (y // 2) for y in range(14)])
        self.assertEqual(rows[0].tolist(), [x // 2 for x in range(14)])


class TilesTest(unittest.TestCase):
    def test_means_of_enough_studies(self):
        counted = tiles.Tiles(3, 4, 4)
        view = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
        for i in range(tiles.STUDIES):
            counted.add(view, np.array([[0, 1, 1, 2 if i else 1]]))
        values = counted.values()
        np.testing.assert_allclose(values[0] * 255, [0, 1, 4, 5], rtol=1e-6)
        more = np.array([[2, 3, 6, 7], [8, 9, 12, 13]]).sum(0) * tiles.STUDIES + [10, 11, 14, 15]
        np.testing.assert_allclose(values[1] * 255, more / (2 * tiles.STUDIES + 1), rtol=1e-6)
        self.assertEqual(values[2].tolist(), [tiles.NONE] * 4)  # of one study too few


class AnatomyTest(unittest.TestCase):
    def test_between_the_lungs_is_inside(self):
        mask = np.array([[0, 0, 0, 0], [0, 1, 0, 1]], bool)
        self.assertEqual(anatomy.filled(mask).tolist(), [[False] * 4, [False, True, True, True]])

    def test_chest_of_a_study(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            smoke.write_masks(folder)
            inside = anatomy.inside(folder, 4).reshape(2, 4, 4)
        self.assertEqual(inside[1].tolist(), [[False] * 4, [False, True, True, False], [False, True, True, False], [False] * 4])
        self.assertTrue(inside[0, 1:3].all())  # both lungs, and between
        few = np.zeros((10, 2, 2))
        few[0, 0, 0], few[:3, 1, 0] = 1, 1  # in one mask and in three
        self.assertEqual(anatomy.frontal(few).tolist(), [[False, False], [True, True]])


class ConsensusTest(unittest.TestCase):
    told = np.array([label in ("cardiomegaly", "pleural effusion") for label in findings.LABELS])

    def test_findings_that_are_told(self):
        labels, probability = np.zeros((2, 200, 14))
        labels[:40, 2] = labels[:40, 3] = labels[:1, 4] = 1
        probability[:, 2] = np.arange(200) % 7 + 3 * labels[:, 2]
        probability[:, 3] = np.arange(200) % 7
        probability[:, 4] = labels[:, 4]
        self.assertEqual(np.flatnonzero(consensus.told(probability, labels)).tolist(), [2])  # of one positive nothing is known

    def test_what_no_image_tells_is_not_said(self):
        texts = ["the heart is enlarged . no change since xxxx . old rib fractures . the lungs are otherwise clear .", "no change ."]
        self.assertEqual(consensus.cleaned(texts * 2, self.told), ["the heart is enlarged . the lungs are otherwise clear ."])

    def test_each_set_of_findings_is_said_by_the_report_that_agrees_best(self):
        candidates = ["the lungs are clear .", "lungs clear .", "the heart is enlarged .", "old rib fractures .", "small pleural effusion ."]
        names = np.array([findings.vector(c) for c in candidates])
        labels = names[[0, 2, 2, 3, 4]]
        labels[4] |= labels[1]  # both, which no candidate says
        agreement = np.array([[0.2, 0, 0, 0, 0], [0.1, 0, 0, 9, 0], [0] * 5, [0.3, 0.3, 0.3, 0.3, 0.3], [0, 1, 0, 0, 0]])
        opinion = consensus.Opinion(labels, self.told, agreement, names)
        self.assertEqual(opinion.sets.sum(1).tolist(), [0, 1, 2])
        likely, best = opinion.of_studies(np.array([[0.5, 0.1, 0.1, 0.1, 0.2], [0, 0.5, 0, 0, 0.5], [0, 0, 0, 1, 0]], np.float32))
        np.testing.assert_allclose(likely, [[0.6, 0.2, 0.2], [0, 0.5, 0.5], [1, 0, 0]], atol=1e-6)
        self.assertEqual(best.tolist(), [[1, 2, 4], [3, 2, 4], [1, 2, 2]])

    def test_no_sentence_is_said_twice_or_denied(self):
        worth = consensus.Worth(
            ["the lungs are clear . heart size is normal .", "lungs are clear . there is bibasilar atelectasis ."] * 3,
            np.array([label == "atelectasis" for label in findings.LABELS]),
            {"bleu": 1, "cider": 1, "rouge": 1, "length": 1, "finding": 0, "abnormal": 0},
        )
        composer = consensus.Composer(worth, 10, 2)
        w = np.full(6, 1 / 6, np.float32)
        said = reports.sentences(composer.text(composer.compose(w, np.zeros(14), 1, [])))
        self.assertEqual(len([s for s in said if "lungs" in s or "atelectasis" in s]), 1)

    def test_topics(self):
        self.assertFalse(consensus.topics("the lungs are clear .") & consensus.topics("no focal consolidation ."))
        self.assertTrue(consensus.topics("the lungs are clear .") & consensus.topics("bibasilar atelectasis ."))
        self.assertTrue(consensus.topics("heart size is normal .") & consensus.topics("stable cardiomegaly ."))


class MobileNetTest(unittest.TestCase):
    def test_it_loads_what_the_file_holds(self):
        random, arrays = np.random.default_rng(1), {}
        net = mobilenet.layers()
        for k, layer in enumerate(mobilenet.convolutions(net)):
            shape = (*layer.weight.shape[:1], 3 if k == 0 else layer.weight.shape[1], *layer.weight.shape[2:])
            arrays[f"w{k}"] = random.integers(-127, 128, shape, np.int8)
            arrays[f"s{k}"], arrays[f"b{k}"] = random.uniform(0, 0.01, shape[:1]), random.normal(size=shape[:1]).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "start.npz"
            np.savez(path, **arrays)
            loaded = mobilenet.convolutions(mobilenet.load(path))
            self.assertEqual(len(loaded), 52)
            grey = (arrays["w0"].astype(float) * arrays["s0"][:, None, None, None]).sum(1, keepdims=True)
            np.testing.assert_allclose(loaded[0].weight.detach(), grey, rtol=1e-4, atol=1e-6)
            np.testing.assert_array_equal(loaded[51].bias.detach(), arrays["b51"])
            np.savez(path, **(arrays | {"w7": arrays["w7"][:, :, :1]}))
            with self.assertRaisesRegex(ValueError, "for convolution 7"):
                mobilenet.load(path)

    def test_it_pads_below_and_on_the_right_where_it_halves(self):
        layer = mobilenet.Convolution(1, 1, 3, 2)
        nn.init.ones_(layer.weight)
        nn.init.zeros_(layer.bias)
        self.assertEqual(layer(torch.ones(1, 1, 4, 4))[0, 0].tolist(), [[6, 6], [6, 4]])
        self.assertEqual(mobilenet.layers()(torch.zeros(1, 1, 64, 32)).shape, (1, 1280, 2, 1))


class ActivationsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.files = [self.folder / f"{i}.png" for i in range(20)]
        for i, file in enumerate(self.files):
            Image.fromarray(np.full((8, 8), 10 * i, np.uint8)).save(file)
        self.seen = []

    def layers(self, x):
        self.seen.append(len(x))
        return torch.cat([x, -x], 1)

    def test_nothing_is_computed_twice(self):
        def breaks(x):
            if len(self.seen) == 3:  # one image tells the shape, each other call is a chunk
                raise KeyboardInterrupt
            return self.layers(x)

        path = self.folder / "all.npy"
        with unittest.mock.patch.object(activations, "SAVED", 1):
            with self.assertRaises(KeyboardInterrupt):
                activations.Activations(path, breaks, self.files, 8)
            self.seen.clear()
            again = activations.Activations(path, self.layers, self.files, 8)
        self.assertEqual(self.seen, [1, 4])
        x = again.get(again.rows(self.files[::-1]))
        self.assertEqual(x.shape, (20, 2, 8, 8))
        np.testing.assert_allclose(x[:, 0, 3, 3], 20 * np.arange(19, -1, -1) / 255 - 1, atol=1e-3)
        torch.testing.assert_close(x[:, 0], -x[:, 1])
        with self.assertRaisesRegex(ValueError, "other images"):
            activations.Activations(path, self.layers, self.files[1:], 8)

    def test_drawn_images_move_by_a_position(self):
        Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(self.files[0])
        all = activations.Activations(self.folder / "all.npy", self.layers, self.files[:1], 8)
        whole = all.get(np.zeros(1, int))[0, 0]
        padded = nn.functional.pad(whole[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
        moved = [padded[y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
        found = set()
        for x in all.draw(np.zeros(100, int), np.random.default_rng(1))[:, 0]:
            found.update(i for i, m in enumerate(moved) if torch.equal(m, x))
        self.assertEqual(len(found), 9)


class LabelledTest(unittest.TestCase):
    def test_what_is_known_of_whom(self):
        with tempfile.TemporaryDirectory() as folder:
            cxr, more = pathlib.Path(folder) / "cxr", pathlib.Path(folder) / "more"
            (cxr / "images").mkdir(parents=True)
            more.mkdir()
            for i in range(4):
                (cxr / "images" / f"c{i}.png").touch()
            (cxr / "manifest.csv").write_text(
                "id,source,labels,view,patient\nc0,nih,Mass|Hernia,frontal,1\nc1,nih,Mass,frontal,2\n"
                "c2,cohen,Normal,frontal,2\nc3,cohen,Normal,lateral,2\n"
            )
            (more / "manifest.csv").write_text(
                "file,source,labels\na/x.jpg,nih64,Mass\na/y.jpg,rsna_normal,No Finding\na/z.jpg,jsrt,Mass\n"
            )
            (more / "nih_confirmed_normal.csv").write_text("file,nih_labels\na/x.jpg,Mass\nexisting:cxr/images/c1.png,Mass\n")
            with unittest.mock.patch.object(labelled, "LEAST", 1), unittest.mock.patch.object(labelled, "held_out", "1".__eq__):
                x = labelled.Labelled([cxr, more])
        self.assertEqual([f.name for f in x.files], ["c0.png", "c1.png", "c2.png", "x.jpg", "y.jpg", "z.jpg"])
        self.assertEqual(x.names, ["Hernia", "Mass", "No Finding", "Normal"])
        self.assertEqual(x.wanted.tolist(), [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0], [0, 1, 0, 0]])
        few = [0.5, 0.5, 0.5, 0]
        self.assertEqual(x.known.tolist(), [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1], few, few, [0, 1, 0, 0]])
        self.assertEqual((x.held.tolist(), x.taught.tolist()), ([0], [1, 2, 3, 4, 5]))
        told = torch.zeros(2, 4)
        self.assertAlmostEqual(float(x.loss(told, [2, 5])), math.log(2), places=6)
        told[0, 0] = told[1, 3] = 9  # what is not known
        self.assertAlmostEqual(float(x.loss(told, [2, 5])), math.log(2), places=6)

    def test_a_twentieth_of_the_patients_is_held_out(self):
        held = [i for i in range(1, 2001) if labelled.held_out(f"{i:08}")]
        self.assertEqual(held[:3], [21, 48, 76])
        self.assertAlmostEqual(len(held) / 2000, 0.05, delta=0.02)


class TeacherTest(unittest.TestCase):
    options = {"rate": 5e-3, "average": 0.9}

    def teacher(self):
        torch.manual_seed(1)
        return teacher.Teacher(nn.Conv2d(1, 1280, 1), torch.tensor([0.5]), torch.tensor([-1.0]))

    def loss(self, model, random):
        states = torch.from_numpy(random.integers(0, 2, (16, 1))).float()
        views = states[:, :, None, None] + torch.from_numpy(random.normal(0, 0.3, (16, 1, 2, 2))).float()
        seen = torch.ones(16).bool()
        told, _ = model(views, views, seen, views[:0])
        return nn.functional.binary_cross_entropy_with_logits(told, states)

    def test_it_learns_what_views_show(self):
        with tempfile.TemporaryDirectory() as folder:
            log = unittest.mock.Mock()
            model = teacher.fit(self.teacher(), self.loss, self.options, 40, 1, pathlib.Path(folder) / "t.pt", log)
        self.assertEqual(log.call_args.args[0], 40)
        self.assertLess(float(self.loss(model, np.random.default_rng(2))), 0.4)

    def test_it_goes_on_as_if_never_stopped(self):
        calls = []

        def breaks(model, random):
            calls.append(0)
            if len(calls) == 6:
                raise KeyboardInterrupt
            return self.loss(model, random)

        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.object(teacher, "SAVED", 2):
            folder = pathlib.Path(folder)
            whole, stopped = unittest.mock.Mock(), unittest.mock.Mock()
            wanted = teacher.fit(self.teacher(), self.loss, self.options, 8, 1, folder / "whole.pt", whole)
            with self.assertRaises(KeyboardInterrupt):
                teacher.fit(self.teacher(), breaks, self.options, 8, 1, folder / "stopped.pt", stopped)
            found = teacher.fit(self.teacher(), self.loss, self.options, 8, 1, folder / "stopped.pt", stopped)
            for name, x in wanted.state_dict().items():
                self.assertTrue(torch.equal(x, found.state_dict()[name]), name)
            self.assertEqual(stopped.call_args.args[:2], whole.call_args.args[:2])

    def test_no_study_is_told_by_a_network_that_learned_from_it(self):
        learned = []

        def fit(model, loss, *_):
            """A network that tells how many there were before it, and nothing else."""
            random = unittest.mock.Mock(wraps=np.random.default_rng(1))
            loss(model, random)
            learned.append(set(random.choice.call_args_list[0].args[0].tolist()))
            model.study.bias.data.fill_(len(learned) - 1)
            return model.eval()

        small = lambda: nn.Sequential(nn.Conv2d(1, 2, 16, 16), *[nn.Identity()] * 6, nn.Conv2d(2, 1280, 1))
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            smoke.write_data(folder, 12, 4)
            smoke.write_more(folder / "more", 8)
            found = [["12-frontal.png", "12-lateral.png"], ["13-frontal.png"]]  # the second has no lateral
            extra = [
                {"id": f"x{i}", "report": "Clear.", "image_path": f, "projection": ["frontal", "lateral"][: len(f)], "problems": ""}
                for i, f in enumerate(found)
            ]
            (folder / "extra.json").write_text(json.dumps(extra))
            rows = [("x0", 12, "frontal"), ("x0", 12, "lateral"), ("x2", 14, "frontal"), ("x2", 14, "lateral")]
            lines = [f"{n}-{view}.png,{id},unlabelled,{view}\n" for id, n, view in rows]
            (folder / "images.csv").write_text("file,study,split,projection\n" + "".join(lines))
            args = {"settings": "smoke", "data": folder, "extra": folder / "extra.json", "more": [folder / "more"], "start": None}
            with (
                unittest.mock.patch.object(mobilenet, "layers", small),
                unittest.mock.patch.object(labelled, "LEAST", 1),
                unittest.mock.patch.object(teacher, "fit", fit),
            ):
                teacher.Training(types.SimpleNamespace(**args, out=folder, runs=folder)).run()
            told = np.load(folder / "teacher.npz")
            of = {split: told[split] for split in ("train", "val", "unlabelled")}
            names = told["names"].tolist()
        self.assertEqual({split: len(x) for split, x in of.items()}, {"train": 12, "val": 4, "unlabelled": 2})
        self.assertEqual({x.shape[1] for x in of.values()}, {len(names)})
        _, *folds = learned  # the first network learned labels alone
        self.assertEqual(set.union(*folds), set(range(14)))
        for study, by in enumerate([*of["train"][:, 0], of["unlabelled"][0, 0]]):
            self.assertNotIn(study, folds[int(by) - 1])
        self.assertEqual([*of["val"][:, 0], of["unlabelled"][1, 0]], [np.mean([1, 2])] * 5)

    def test_a_study_may_have_one_view(self):
        model = self.teacher().eval()
        nn.init.normal_(model.study.weight)
        views, seen = torch.rand(3, 1, 2, 2), torch.tensor([True, False, True])
        told, labels = model(views, views[seen] + 1, seen, views[:2])
        self.assertEqual((told.shape, labels.shape), ((3, 1), (5, 1)))
        alone, _ = model(views[1:2], views[:0], seen[1:2], views[:0])
        torch.testing.assert_close(told[1:2], alone)
        self.assertFalse(torch.equal(told[:1], model(views[:1], views[:1], seen[:1], views[:0])[0]))

    def test_what_is_stated(self):
        study = reports.Study("1", "train", "the heart is enlarged .", [], ["Cardiomegaly", "Osteophyte"])
        names = findings.LABELS + list(teacher.GROUPS) + ["osteophyte", "spine"]
        of = dict(zip(names, teacher.stated([study], ["osteophyte", "spine"])[0].tolist()))
        self.assertEqual({n for n, x in of.items() if x}, {"cardiomegaly", "degenerative spine", "osteophyte"})

    def test_areas_are_of_what_is_known(self):
        told, truth = np.arange(20.0)[:, None].repeat(2, 1), np.zeros((20, 2))
        truth[12:, 0] = truth[13:, 1] = 1
        self.assertEqual(teacher.areas(["a", "b"], told, truth), {"a": 1.0})  # b has too few
        known = np.ones((20, 2))
        told[0], truth[0], known[0] = 99, 0, 0
        self.assertEqual(teacher.areas(["a"], told, truth, known), {"a": 1.0})
        self.assertLess(teacher.areas(["a"], told, truth)["a"], 1)


class ProbeTest(unittest.TestCase):
    def test_memory_starts_with_what_the_probe_tells(self):
        torch.manual_seed(1)
        config = {**CONFIG, "dim": 96, "feed_forward": 512, "encoder_layers": 2}
        generator = torch.Generator().manual_seed(1)
        tokens = torch.randint(16, (200, 2, 1, 16), generator=generator)
        count = (tokens[:, 0, 0] < 4).float().sum(1)  # of some codes in the first view
        studies = types.SimpleNamespace(tokens=tokens, sight=((count - count.mean()) / count.std())[:, None])

        def batch(size, g):
            rows = torch.randint(200, (size,), generator=g)
            return tokens[rows, :, 0].flatten(1), None, studies.sight[rows], None

        studies.batch = batch
        m = UAR(config, dropout=0).eval()
        fitted = probe.Probe(16, probe.cells(torch.ones(32).bool(), 2), 1)
        optimizer = torch.optim.Adam(fitted.parameters(), 0.01)
        for _ in range(200):
            drawn, _, sight, _ = batch(64, generator)
            optimizer.zero_grad()
            ((fitted.told(drawn) - sight) ** 2).mean().backward()
            optimizer.step()
        seer = probe.start(m, fitted, studies, generator)
        with torch.no_grad():
            told = seer(m.encode(m.tables()[0], tokens[:, :, 0].flatten(1))).mean(1)[:, 0]
        self.assertGreater(float(np.corrcoef(told, studies.sight[:, 0])[0, 1]), 0.9)

    def test_a_model_too_small_for_the_probe_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "feed_forward ≥ 320"):
            probe.start(model(), probe.Probe(16, probe.cells(torch.ones(32).bool(), 2), 1), None, None)


class FitTest(unittest.TestCase):
    def test_counts_are_shares_of_cells(self):
        tokens = np.array([[[[0, 1, 1, 1]]]])
        self.assertEqual(fit_probe.counts(tokens, np.array([0, 0, 1, 1]), 2).tolist(), [[0.5, 0.5, 0, 1]])
        self.assertEqual(fit_probe.counts(tokens, np.array([0, -1, 1, 1]), 2).tolist(), [[1, 0, 0, 1]])

    def test_a_probe_begins_with_what_regression_tells(self):
        tokens = torch.randint(16, (300, 2, 3, 16), generator=torch.Generator().manual_seed(1))
        cell = probe.cells(torch.ones(32).bool(), 2, 2)
        sight = torch.stack([(tokens[:, 1, :, 0] < 4).float().mean(1), (tokens[:, 0, :, 5] == 3).float().mean(1)], 1)
        fitted = probe.Probe(16, cell, 2)
        fit_probe.begin(fitted, tokens.numpy(), sight.numpy(), ridge=0.01)
        of_crop = torch.stack([fitted.told(tokens[:, :, c].flatten(1)) for c in range(3)]).mean(0)
        for told, wanted in zip(of_crop.detach().T, sight.T):
            self.assertGreater(float(np.corrcoef(told, wanted)[0, 1]), 0.4)  # a cell is four tokens


class EvidenceTest(unittest.TestCase):
    def test_shares_add_up_to_what_is_told(self):
        p = self.probe()
        tokens = some_tokens(3)
        torch.testing.assert_close(p.shares(tokens, 5).sum(1) + p.bias, p.told(tokens))
        torch.testing.assert_close(p.shares(tokens, 2), p.shares(tokens, 5)[:, :, 3:])

    def test_what_words_are_about(self):
        labels = [findings.LABELS.index(x) for x in ("no finding", "cardiomegaly", "lung opacity", "pleural effusion")]
        for sentence, column in (
            ("the heart is enlarged .", 1),
            ("the heart is normal in size .", 5),
            ("there is a large left pleural effusion .", 3),
            ("no pleural effusion .", 7),
            ("the lungs are clear .", 6),
            ("old rib fractures .", 8),  # nothing that the probe tells
            ("the spine is intact .", 8),
        ):
            self.assertEqual(evidence.column(sentence, labels), column, sentence)
        about = evidence.about("the heart is enlarged . no pleural effusion .", labels, 12)
        self.assertEqual(about, [8, 1, 8, 1, 8] + [7] * 3 + [8, 8] + [losses.IGNORED] * 2)

    def test_outside_the_chest_nothing_speaks_and_nothing_is_told(self):
        torch.manual_seed(4)
        inside = torch.arange(32) % 4 > 0
        p = probe.Probe(16, probe.cells(inside, 2), 5).requires_grad_(False)
        tokens = some_tokens(40)
        elsewhere = torch.where(inside, tokens, 3)
        torch.testing.assert_close(p.told(tokens), p.told(elsewhere))
        self.assertFalse(torch.equal(p.told(tokens), p.told(torch.where(inside, 3, tokens))))
        torch.testing.assert_close(p.shares(tokens, 5).sum(1) + p.bias, p.told(tokens))
        looked = evidence.Evidence(p, tokens, 3).of(tokens).softmax(1)[:, inside].sum(1)
        torch.testing.assert_close(looked, torch.ones_like(looked))

    def test_loss_is_least_where_words_look_at_the_evidence(self):
        e = evidence.Evidence(self.probe(), some_tokens(40), 3)
        speaks = e.of(some_tokens(2))
        torch.testing.assert_close(speaks[:, :, :3], -speaks[:, :, 3:6])
        about = torch.tensor([[0, 4, losses.IGNORED], [2, 2, 5]])
        right = torch.stack([speaks[b, :, about[b].clamp(min=0)].softmax(0).T for b in range(2)])
        best = losses.evidence_loss(right, speaks, about)
        self.assertLess(best, losses.evidence_loss(right.roll(1, 2), speaks, about))
        self.assertLess(best, losses.evidence_loss(torch.full_like(right, 1 / 32), speaks, about))
        away = right.clone()
        away[0, 2] = 1 / 32  # a word that is about nothing
        self.assertEqual(best, losses.evidence_loss(away, speaks, about))

    def probe(self):
        torch.manual_seed(4)
        return probe.Probe(16, probe.cells(torch.ones(32).bool(), 2), 5).requires_grad_(False)


class RecipeTest(unittest.TestCase):
    def test_a_step_that_is_done_is_not_done_again(self):
        with tempfile.TemporaryDirectory() as folder:
            out, calls = pathlib.Path(folder), []
            r = recipe.Recipe("smoke", out, [out], out)

            def call(script, out, **options):
                calls.append((script, out.name))
                if len(calls) == 1:
                    out.write_text("half of it")
                    raise KeyboardInterrupt
                out.write_text("all of it")

            r.call = call
            with self.assertRaises(KeyboardInterrupt):
                r.file("a.py", out / "a.npz", settings="smoke")
            self.assertFalse((out / "a.npz").exists())
            for _ in range(2):
                self.assertEqual(r.file("a.py", out / "a.npz").read_text(), "all of it")
            r.folder("b.py", out / "a.npz")
        self.assertEqual(calls, [("a.py", "part-a.npz")] * 2)

    def test_flags(self):
        self.assertEqual(recipe.flags({"more": ["a", "b"], "start": None, "crops": 5}), ["--more", "a", "b", "--crops", "5"])


class FileTest(unittest.TestCase):
    def test_export_has_the_engines_names_and_reads_back(self):
        m = model()
        encoder = dvae.Encoder(1, **CONFIG["dvae"])
        tokenizer = {f"dvae.{k}": v.numpy() for k, v in encoder.state_dict().items()}
        s = {"name": "test", "training": {"integration": "gate"}}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "m.safetensors"
            export.export({"model": m.state_dict(), "config": CONFIG, "settings": s}, tokenizer, path, "none")
            tensors, metadata = safetensors.read(path)
        self.assertEqual(json.loads(metadata["uar.config"]), CONFIG)
        self.assertIn("non-commercial", json.loads(metadata["uar.card"])["terms"])
        for name, shape in {
            "dvae.group_2.block_1.id_path.weight": (16, 8, 1, 1), "dvae.output.weight": (16, 64, 1, 1),
            "lsu.image_positions.weight": (32, 16), "cra.basis": (24, 16), "cra.input_gate.embedding.weight": (16, 16),
            "encoder.layer_1.self_attention.query.weight": (16, 16), "encoder.norm.bias": (16,),
            "decoder.layer_2.feed_forward.up.weight": (32, 16), "decoder.layer_2.tir.key.weight": (4, 16),
            "decoder.layer_1.tir.bias": (1,), "head.weight": (7, 16),
        }.items():
            self.assertEqual(tensors[name].shape, shape)
        again = UAR(CONFIG)
        again.load_state_dict({n: torch.from_numpy(t) for n, t in tensors.items() if not n.startswith("dvae.")})

    def test_ablations_are_not_exported(self):
        s = {"name": "test", "training": {"integration": "addition"}}
        with self.assertRaisesRegex(ValueError, "addition"):
            export.export({"settings": s}, {}, "nowhere", "")

    def test_every_settings_file_loads(self):
        for path in (settings.HERE / "settings").glob("*.json"):
            s = settings.load(path.stem)
            self.assertEqual(s["uar"]["dim"] % s["uar"]["heads"], 0, path)
            for stage in s["stages"]:
                self.assertLessEqual(stage["losses"].keys(), {"report", "global", "alignment", "mask", "sight", "evidence", "pointing"}, path)
                self.assertTrue(stage["masked"] or stage["losses"].keys().isdisjoint({"mask", "pointing"}), path)
                self.assertFalse(stage["frozen"] and "sight" in stage["losses"], path)  # no image passes the encoder


if __name__ == "__main__":
    unittest.main()

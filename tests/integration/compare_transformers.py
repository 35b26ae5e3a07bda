#!/usr/bin/env python3
"""Compares the engine's logits with those of Hugging Face transformers' DeepseekV4ForCausalLM (float32, eager, CPU) on a trained checkpoint.

usage: compare_transformers.py MODEL --text FILE... [--bathy build/dev/bin/bathy] [--lengths 300,4097,20000] [--steps 32] [--threads 1]

MODEL is a folder in BF16 (training/export.py --bf16). Both sides read the same tokens of the texts. transformers takes up to --whole tokens in
one pass; longer prompts go through its own cache in pieces, because one pass would need a dense mask and score matrix of length squared for
every head. The engine reads each prompt in one go, and once more with its last --steps tokens one by one; so does transformers. Exit status 1
when a logit differs by more than 1e-3.

The indexer's top-k and the learned routers' are hard choices. Scores that are exactly equal (zeros, above all) leave them open, torch.topk
promises nothing about them, and scores that differ by float32's rounding alone fall one way here and the other way there. So transformers is made
to take the engine's choices (`bathy logits --picks --routes`), after each was checked against transformers' own scores: everything chosen must
reach, and everything left must not exceed, the k-th largest score, within NEAR of the largest one: the scores carry the float32 error of all layers
before. The table says how much was needed; a choice that is not within NEAR counts as a failure of its own and stays as transformers made it.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import DynamicCache

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(ROOT / "tests" / "golden"), str(ROOT / "training")]

from export import read_weights  # noqa: E402
from make_v4_transformers_vectors import hf_model  # noqa: E402

TOLERANCE = 1e-3
PIECE = 1000
NEAR = 1e-5


class Choices:
    """The engine's choices of one kind, [tokens, layers, k] with -1 where nothing was chosen, and what became of them."""

    def __init__(self, rows, layers):
        self.rows = rows.reshape(len(rows), layers, -1)
        self.first = self.layer = self.made = self.other = self.wrong = 0
        self.gap = 0.0  # of the choices handed over: how far below the k-th score, as share of the largest

    def hand_over(self, scores, values, indices):
        """scores [queries, n] with transformers' choice of k, values and indices [queries, k]; indices become the engine's."""
        ours = torch.from_numpy(self.rows[self.first : self.first + len(scores), self.layer].astype(np.int64))
        self.layer += 1
        chosen = torch.nonzero(ours[:, 0] >= 0)[:, 0]
        if len(chosen) == 0:
            return
        rows, ours, values = scores[chosen], ours[chosen], values[chosen]
        slack = NEAR * values.abs().max(1).values.clamp_min(1e-30)
        least = values.min(1).values
        below, above = least - rows.gather(1, ours).min(1).values, rows.scatter(1, ours, float("-inf")).max(1).values - least
        wrong = (below > slack) | (above > slack)
        if not wrong.all():
            self.gap = max(self.gap, float((torch.maximum(below, above) / slack * NEAR)[~wrong].max()))
        self.made += len(chosen)
        self.other += int((ours.sort(1).values != indices[chosen].sort(1).values).any(1).sum())
        self.wrong += int(wrong.sum())
        indices[chosen[~wrong]] = ours[~wrong]

    def result(self):
        return {"made": self.made, "that_rounding_decides": self.other, "largest_gap": self.gap, "wrong": self.wrong}


class SameChoice:
    """Takes the place of topk in the indexers and the learned routers: the engine's choice, where transformers' scores allow it."""

    def __init__(self, picks, routes):
        self.picks, self.routes = picks, routes

    def at(self, first):
        """The next pass of the model begins with this token."""
        for choices in (self.picks, self.routes):
            choices.first, choices.layer = first, 0
        return self

    def __enter__(self):
        self.of_tensor, self.of_torch = torch.Tensor.topk, torch.topk
        torch.Tensor.topk = lambda scores, k, dim=-1: self.topk(scores, k, self.picks)
        torch.topk = lambda scores, k, dim=-1, sorted=True: self.topk(scores, k, self.routes)
        return self

    def __exit__(self, *_):
        torch.Tensor.topk, torch.topk = self.of_tensor, self.of_torch

    def topk(self, scores, k, choices):
        """The indexer's scores are [1, queries, entries], a router's [tokens, experts]."""
        values, indices = self.of_torch(scores, k, dim=-1)
        flat = lambda x: x.reshape(-1, x.shape[-1])
        choices.hand_over(flat(scores), flat(values), flat(indices))
        return torch.return_types.topk((values, indices))


def engine(args, ids, step_from=None):
    """Logits, float32 [tokens, vocabulary], and the choices of indexers and learned routers, int32 [tokens, such layers * k]."""
    with tempfile.TemporaryDirectory() as folder:
        tokens, out, picks, routes = (pathlib.Path(folder, name) for name in ("tokens.json", "logits.npy", "picks.npy", "routes.npy"))
        tokens.write_text(json.dumps(ids))
        steps = [] if step_from is None else ["--step-from", str(step_from)]
        subprocess.run([args.bathy, "logits", args.model, "--tokens-file", tokens, "--out", out, "--precision", "exact", "--quiet",
                        "--threads", str(args.threads), "--picks", picks, "--routes", routes, *steps], check=True, stdout=subprocess.DEVNULL)
        return np.load(out), np.load(picks), np.load(routes)


@torch.no_grad()
def transformers_rows(model, ids, cuts, same):
    """Logits of each piece between the cuts, the earlier ones remembered in transformers' cache."""
    cache = DynamicCache(config=model.config) if len(cuts) > 2 else None
    for begin, end in zip(cuts, cuts[1:]):
        with same.at(begin):
            out = model(torch.tensor([ids[begin:end]]), past_key_values=cache, use_cache=cache is not None)
        yield begin, out.logits[0].numpy()


def compare(name, args, model, ids, cuts, step_from=None):
    ours, picks, routes = engine(args, ids, step_from)
    sparse = sum(kind == "compressed_sparse_attention" for kind in model.config.layer_types)
    same = SameChoice(Choices(picks, sparse), Choices(routes, routes.shape[1] // model.config.num_experts_per_tok))
    worst, where, over, equal, count, begin = 0.0, 0, [], 0, 0, time.time()
    for first, theirs in transformers_rows(model, ids, cuts, same):
        mine = ours[first : first + len(theirs)]
        differences = np.abs(theirs - mine).max(-1)
        over += [first + int(i) for i in np.flatnonzero(differences > TOLERANCE)]
        if differences.max() > worst:
            worst, where = float(differences.max()), first + int(differences.argmax())
        equal += int((theirs.argmax(-1) == mine.argmax(-1)).sum())
        count += len(theirs)
    result = {"case": name, "tokens": count, "largest_difference": worst, "at": where, "over_tolerance": len(over), "first_over": over[:8],
              "argmax_equal": equal, "entries": same.picks.result(), "experts": same.routes.result(),
              "holds": not over and not same.picks.wrong and not same.routes.wrong}
    print(json.dumps({**result, "seconds": round(time.time() - begin, 1)}), flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--text", nargs="+", required=True, type=pathlib.Path)
    parser.add_argument("--bathy", default=str(ROOT / "build/dev/bin/bathy"))
    parser.add_argument("--lengths", default="300,4097,20000")
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--whole", type=int, default=4097)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    folder = pathlib.Path(args.model)
    config = json.loads((folder / "config.json").read_text())
    model = hf_model(config, {name: value.numpy() for name, value in read_weights(folder).items()})
    text = "".join(path.read_text() for path in args.text)
    tokens = [config["bos_token_id"], *Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text, add_special_tokens=False).ids]
    results = []
    for length in map(int, args.lengths.split(",")):
        if len(tokens) < length:
            sys.exit(f"the texts have {len(tokens)} tokens, fewer than {length}")
        ids = tokens[:length]
        cuts = [0, length] if length <= args.whole else [*range(0, length, PIECE), length]
        results.append(compare(f"{length} in one go", args, model, ids, cuts))
        first = length - args.steps
        cuts = [*range(0, first, PIECE), *range(first, length + 1)]
        results.append(compare(f"{length}, the last {args.steps} one by one", args, model, ids, cuts, first))
    return 0 if all(result["holds"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

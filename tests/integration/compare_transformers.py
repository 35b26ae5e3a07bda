#!/usr/bin/env python3
"""Compares the engine's logits with those of Hugging Face transformers' DeepseekV4ForCausalLM (float32, eager, CPU) on a trained checkpoint.

usage: compare_transformers.py MODEL --text FILE... [--bathy build/dev/bin/bathy] [--lengths 300,4097,20000] [--steps 32] [--threads 1]

MODEL is a folder in BF16 (training/export.py --bf16). Both sides read the same tokens of the texts. transformers takes up to --whole tokens in
one pass; longer prompts go through its own cache in pieces, because one pass would need a dense mask and score matrix of length squared for
every head. The engine reads each prompt in one go, and once more with its last --steps tokens one by one; so does transformers. Exit status 1
when a logit differs by more than 1e-3.
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


def engine(args, ids, step_from=None):
    """float32 [tokens, vocabulary]"""
    with tempfile.TemporaryDirectory() as folder:
        tokens, out = pathlib.Path(folder, "tokens.json"), pathlib.Path(folder, "logits.npy")
        tokens.write_text(json.dumps(ids))
        steps = [] if step_from is None else ["--step-from", str(step_from)]
        subprocess.run([args.bathy, "logits", args.model, "--tokens-file", tokens, "--out", out, "--precision", "exact", "--quiet",
                        "--threads", str(args.threads), *steps], check=True, stdout=subprocess.DEVNULL)
        return np.load(out)


@torch.no_grad()
def transformers_rows(model, ids, cuts):
    """Logits of each piece between the cuts, the earlier ones remembered in transformers' cache."""
    cache = DynamicCache(config=model.config) if len(cuts) > 2 else None
    for begin, end in zip(cuts, cuts[1:]):
        out = model(torch.tensor([ids[begin:end]]), past_key_values=cache, use_cache=cache is not None)
        yield begin, out.logits[0].numpy()


def compare(name, rows, ours):
    worst, where, over, equal, count, begin = 0.0, 0, [], 0, 0, time.time()
    for first, theirs in rows:
        mine = ours[first : first + len(theirs)]
        differences = np.abs(theirs - mine).max(-1)
        over += [first + int(i) for i in np.flatnonzero(differences > TOLERANCE)]
        if differences.max() > worst:
            worst, where = float(differences.max()), first + int(differences.argmax())
        equal += int((theirs.argmax(-1) == mine.argmax(-1)).sum())
        count += len(theirs)
    result = {"case": name, "tokens": count, "largest_difference": worst, "at": where, "over_tolerance": len(over), "first_over": over[:8],
              "argmax_equal": equal, "holds": not over}
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
        results.append(compare(f"{length} in one go", transformers_rows(model, ids, cuts), engine(args, ids)))
        first = length - args.steps
        cuts = [*range(0, first, PIECE), *range(first, length + 1)]
        results.append(compare(f"{length}, the last {args.steps} one by one", transformers_rows(model, ids, cuts), engine(args, ids, first)))
    return 0 if all(result["holds"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

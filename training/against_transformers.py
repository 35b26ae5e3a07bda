#!/usr/bin/env python3
"""Compares an exported checkpoint in transformers' DeepseekV4ForCausalLM (float32, CPU) with the trained module and the float64 oracle.

usage: against_transformers.py CHECKPOINT --text FILE [--lengths 300 4097]

CHECKPOINT is an export, with or without --bf16; its weights are read as they are stored. The module stands for the engine here: the
engine's own agreement with transformers is a test of the engine.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from tokenizers import Tokenizer

from export import read_model, read_weights
from v4 import Run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"))


@torch.no_grad()
def compare(model, theirs, prefill, ids):
    model.eval()
    model.set_sparse(True)
    mine = model.logits(model(torch.tensor(ids)[None], Run(model.c, (1, len(ids))))).numpy()
    other = prefill(theirs, ids)
    difference = np.abs(mine - other).max(-1)
    print(f"{len(ids)} tokens: largest difference {difference.max():.2e}, rows over 1e-3: {(difference > 1e-3).sum()}, "
          f"same first choice {(mine.argmax(-1) == other.argmax(-1)).sum()}/{len(ids)}", flush=True)


def main():
    import make_v4_transformers_vectors as vectors

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--lengths", type=int, nargs="*", default=[300, 4097])
    args = parser.parse_args()
    torch.set_num_threads(1)
    config = json.loads((args.checkpoint / "config.json").read_text())
    theirs = vectors.hf_model(config, {n: v.numpy() for n, v in read_weights(args.checkpoint).items()})
    ids = Tokenizer.from_file(str(args.checkpoint / "tokenizer.json")).encode(args.text.read_text()).ids
    for length in args.lengths:
        compare(read_model(args.checkpoint), theirs, vectors.prefill, np.array(ids[:length]))


if __name__ == "__main__":
    main()

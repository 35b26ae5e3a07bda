#!/usr/bin/env python3
"""How well a trained state, or the exported files, copies tokens that stand in no context but their own repetition.

usage: copying.py (--run runs/nano | --checkpoint ../resources/checkpoints/nano)

Rows of 258 tokens in which a random segment comes again and again; counted is the share of copied tokens that are the model's first
choice, by what the tokens were drawn from and by the length of the segment. What a model has never copied it takes for something that it
has, so that questions about new names are answered with old ones; see docs/measurements/training.md.
"""
import argparse
import pathlib

import numpy as np
import torch

import evalsuite
import recall
from v4 import Run

LENGTH, ROWS = 258, 8
POOLS = {"the 370 most frequent": recall.POOLS[3], "the 1,500 most frequent": recall.POOLS[7], "all": recall.POOLS[-1],
         "the rarest 1,000": np.arange(3000, 4030)}


@torch.no_grad()
def share_copied(model, rows):
    ids = torch.from_numpy(np.stack([ids for ids, _ in rows]).astype(np.int64))
    counted = torch.from_numpy(np.stack([weight for _, weight in rows]))[:, 1:-1] > 0
    streams = model(ids[:, :-2], Run(model.c, (len(ids), LENGTH - 2)))
    chosen = counted.flatten().nonzero()[:, 0]
    right = model.logits(streams[chosen]).argmax(-1) == ids[:, 1:-1].flatten()[chosen]
    return right.float().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path, default="runs/nano")
    parser.add_argument("--checkpoint", type=pathlib.Path)
    args = parser.parse_args()
    args.unrounded = True
    torch.set_num_threads(1)
    model, rng = evalsuite.load(args), np.random.default_rng(7)
    print("| tokens | segments of 6 | of 20 | of 60 |\n|---|---|---|---|")
    for name, pool in POOLS.items():
        shares = [share_copied(model, [recall.echo_row(rng, LENGTH, recall.HIGHEST, rng.choice(pool, size)) for _ in range(ROWS)])
                  for size in (6, 20, 60)]
        print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)


if __name__ == "__main__":
    main()

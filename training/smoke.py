#!/usr/bin/env python3
"""Trains a toy (2 million parameters, four layers) until it recalls 95 % of the facts in its context; under ten minutes on a CPU.

usage: smoke.py [--run FOLDER] [--minutes 10] [--workers 2]

The same model, optimiser, kernels, workers and state file as the real training, on the first level of recall.py. Leaves with status 1 when
time is up before the goal. Run it by hand after changes to the training; its log is kept in docs/measurements.
"""
import argparse
import os
import pathlib
import sys
import tempfile

import torch

from train import Trainer

GOAL = 0.95


class Toy(Trainer):
    def follow_recall(self, right):
        """Stays on the first level and stops at the goal."""
        self.accuracy += 0.1 * (right - self.accuracy)
        self.leave = self.leave or self.accuracy >= GOAL


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        run = args.run or pathlib.Path(folder)
        run.mkdir(parents=True, exist_ok=True)
        toy = Toy(argparse.Namespace(run=run, data=run, size="toy", start=None, device="cpu", plan="recall", seed=1, muon_rate=0.02, end=None, fresh_schedule=False,
                                     minutes=args.minutes, workers=args.workers, step_tokens=2048, piece_tokens=1024))
        toy.loop()
    used = sum(os.times()[:4]) / 60
    print(f"recall {toy.accuracy:.3f} after {toy.step} steps, {toy.tokens} tokens, {toy.seconds / 60:.1f} minutes ({used:.1f} of the processor)")
    sys.exit(0 if toy.accuracy >= GOAL else 1)


if __name__ == "__main__":
    main()

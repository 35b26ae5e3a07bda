"""Worker processes that share out the pieces of each training step on a CPU.

Weights lie in shared memory; every process adds to gradients and loads of its own, which are summed at the end of the step. Pieces are
taken one by one, so that a process that gets little of the machine delays the others by one piece at most.
"""
import os
import signal

import torch
import torch.multiprocessing as mp

from step import Flat, Step

FIGURES = 6


class Crew:
    def __init__(self, trainer, kernels, workers):
        model = trainer.model
        for buffer in model.buffers():
            buffer.share_memory_()
        self.flat, self.kernels = Flat(model), kernels
        self.context = mp.get_context("fork")
        self.taken, self.start, self.end = self.context.Value("i", 0), *(self.context.Barrier(workers) for _ in range(2))
        self.orders = torch.zeros(5, dtype=torch.float64).share_memory_()  # step, share, level, learned, over
        self.figures = torch.zeros(workers, FIGURES, dtype=torch.float64).share_memory_()
        self.gradients = torch.zeros(workers, len(self.flat.values)).share_memory_()
        self.loads = torch.zeros(workers, len(model.blocks()), trainer.config.experts).share_memory_()
        self.flat.use_gradients(self.gradients[0])
        self.processes = [self.context.Process(target=self.work, args=(trainer, i), daemon=True) for i in range(1, workers)]
        for p in self.processes:
            p.start()
        self.own = Step(self.flat, self.kernels, self.gradients[0], self.loads[0])

    def take(self, trainer, step, number):
        """Works on pieces until none is left."""
        step.version = trainer.step + 1
        for sums in (self.figures, self.gradients, self.loads):
            sums[number].zero_()
        pieces = trainer.pieces()
        while True:
            with self.taken.get_lock():
                if self.taken.value >= pieces:
                    return
                self.taken.value += 1
            self.figures[number] += torch.tensor(trainer.piece(step), dtype=torch.float64)

    def step(self, trainer):
        """All pieces of one step; gradients and loads end in the trainer's model. Returns the summed figures."""
        self.flat.publish(self.kernels, trainer.phase().rounded)
        self.orders[:] = torch.tensor([trainer.step, trainer.share, trainer.level, trainer.learned, 0], dtype=torch.float64)
        self.taken.value = 0
        self.wait(self.start)
        self.take(trainer, self.own, 0)
        self.wait(self.end)
        for others in self.gradients[1:]:
            self.gradients[0] += others
        for block, load in zip(trainer.model.blocks(), self.loads.sum(0)):
            block.ffn.load += load
        return self.figures.sum(0).numpy()

    @staticmethod
    def wait(barrier):
        barrier.wait(timeout=3600)

    def work(self, trainer, number):
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        torch.manual_seed(trainer.args.seed + 1000 * number + trainer.step)
        trainer.batches.reseed(trainer.args.seed + 1000 * number + trainer.step)
        step = Step(self.flat, self.kernels, self.gradients[number], self.loads[number])
        while True:
            self.wait(self.start)
            trainer.step, trainer.share, trainer.level, learned, over = self.orders.tolist()
            trainer.step, trainer.level, trainer.learned = int(trainer.step), int(trainer.level), bool(learned)
            if over:
                os._exit(0)
            self.take(trainer, step, number)
            self.wait(self.end)

    def dismiss(self):
        self.orders[4] = 1
        self.wait(self.start)
        for p in self.processes:
            p.join(10)

"""Worker processes that share out the pieces of each training step.

Parameters and buffers lie in shared memory; every process has gradients of its own, which are added up at the end of the step. Pieces are
taken one by one, so that a process that gets little of the machine delays the others by one piece at most.
"""
import os
import signal

import torch
import torch.multiprocessing as mp

FIGURES = 8


class Crew:
    def __init__(self, trainer, workers):
        model = trainer.model.share_memory()
        self.context = mp.get_context("fork")
        self.others = workers - 1
        self.taken, self.start, self.end = self.context.Value("i", 0), *(self.context.Barrier(workers) for _ in range(2))
        self.orders = torch.zeros(6, dtype=torch.float64, device="cpu").share_memory_()  # step, share, level, learned, over, -
        self.figures = torch.zeros(workers, FIGURES, dtype=torch.float64, device="cpu").share_memory_()
        sizes = [p.numel() for p in model.parameters()]
        self.gradients = torch.zeros(self.others, sum(sizes), device="cpu").share_memory_()
        self.loads = torch.zeros(self.others, len(model.blocks()), trainer.config.experts, device="cpu").share_memory_()
        self.sizes = sizes
        self.processes = [self.context.Process(target=self.work, args=(trainer, i), daemon=True) for i in range(self.others)]
        for p in self.processes:
            p.start()

    def take(self, trainer, figures):
        """Works on pieces until none is left."""
        figures.zero_()
        pieces = trainer.pieces()
        while True:
            with self.taken.get_lock():
                if self.taken.value >= pieces:
                    return
                self.taken.value += 1
            row = trainer.piece()
            figures[: len(row)] += torch.tensor(row, dtype=torch.float64, device="cpu")

    def step(self, trainer):
        """All pieces of one step; gradients and loads end in the trainer's model. Returns the summed figures."""
        self.orders[:5] = torch.tensor([trainer.step, trainer.share, trainer.level, trainer.learned, 0], dtype=torch.float64, device="cpu")
        self.taken.value = 0
        self.wait(self.start)
        self.take(trainer, self.figures[0])
        self.wait(self.end)
        for i in range(self.others):
            for p, g in zip(trainer.model.parameters(), self.gradients[i].split(self.sizes)):
                if p.grad is None:
                    p.grad = g.view_as(p).clone()
                else:
                    p.grad += g.view_as(p)
            for block, load in zip(trainer.model.blocks(), self.loads[i]):
                block.ffn.load += load
        return self.figures.sum(0).numpy()

    @staticmethod
    def wait(barrier):
        barrier.wait(timeout=3600)

    def work(self, trainer, number):
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        torch.manual_seed(trainer.args.seed + 1000 * (number + 1) + trainer.step)
        trainer.batches.reseed(trainer.args.seed + 1000 * (number + 1) + trainer.step)
        for block in trainer.model.blocks():  # the load is counted apart
            block.ffn.load = torch.zeros_like(block.ffn.load)
        while True:
            self.wait(self.start)
            step, share, level, learned, over = self.orders[:5].tolist()
            if over:
                os._exit(0)
            trainer.step, trainer.share, trainer.level, trainer.learned = int(step), share, int(level), bool(learned)
            trainer.optimiser.clear()
            self.take(trainer, self.figures[1 + number])
            for p, g in zip(trainer.model.parameters(), self.gradients[number].split(self.sizes)):
                g.copy_(p.grad.flatten()) if p.grad is not None else g.zero_()
            for block, load in zip(trainer.model.blocks(), self.loads[number]):
                load.copy_(block.ffn.load)
                block.ffn.load.zero_()
            self.wait(self.end)

    def dismiss(self):
        self.orders[4] = 1
        self.wait(self.start)
        for p in self.processes:
            p.join(10)

"""Muon for the matrices and AdamW for everything else."""
import ctypes

import torch

ADAM_ONLY = ("embed", "head", "ape", "_fn", "gate.weight", "weights_proj")


def orthogonalise(g, rounds=5):
    """Newton-Schulz iteration of Muon on a stack of matrices, in bfloat16."""
    tall = g.shape[-2] > g.shape[-1]
    x = g.transpose(-1, -2) if tall else g
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)).bfloat16()
    for _ in range(rounds):
        a = x @ x.transpose(-1, -2)
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.transpose(-1, -2) if tall else x).float()


class Muon:
    """Momentum, Nesterov, orthogonalised updates; matrices of one shape go through the iteration together, or one by one in `kernels`
    (step.library), many times as fast on a CPU."""

    def __init__(self, parameters, kernels=None, momentum=0.95, decay=0.05):
        self.groups, self.kernels, self.momentum, self.decay = {}, kernels, momentum, decay
        for p in parameters:
            self.groups.setdefault(tuple(p.shape[-2:]), []).append(p)
        self.buffers = {id(p): torch.zeros_like(p) for g in self.groups.values() for p in g}

    @torch.no_grad()
    def step(self, rate):
        for shape, group in self.groups.items():
            live = [p for p in group if p.grad is not None]
            if not live:
                continue
            if self.kernels:
                for p in live:
                    self.step_by_kernels(p, rate)
                continue
            updates = []
            for p in live:
                b = self.buffers[id(p)].mul_(self.momentum).add_(p.grad)
                updates.append((p.grad + self.momentum * b).reshape(-1, *shape))
            u = orthogonalise(torch.cat(updates)) * (0.18 * max(shape) ** 0.5)
            for p, part in zip(live, u.split([x.shape[0] for x in updates])):
                p.mul_(1 - rate * self.decay).add_(part.view_as(p), alpha=-rate)

    def step_by_kernels(self, p, rate):
        grad = p.grad.contiguous()
        self.kernels.muon_update(ctypes.c_int64(p.numel() // (p.shape[-2] * p.shape[-1])), *p.shape[-2:],
                                 *(ctypes.c_void_p(t.data_ptr()) for t in (p, grad, self.buffers[id(p)])),
                                 *(ctypes.c_float(x) for x in (rate, self.momentum, self.decay)))

    def state(self):
        return [self.buffers[id(p)] for g in self.groups.values() for p in g]

    def restore(self, saved):
        for mine, theirs in zip(self.state(), saved):
            mine.copy_(theirs)


class Optimiser:
    """Both, with their rates; `share` scales the peak rates (1 at the plateau)."""

    def __init__(self, model, muon_rate=0.02, adam_rate=3e-3, kernels=None):
        self.rates = muon_rate, adam_rate
        adam_only = lambda n, p: p.ndim < 2 or any(k in n.replace("wgate", "") for k in ADAM_ONLY)
        named = list(model.named_parameters())
        self.parameters = [p for _, p in named]
        self.muon = Muon([p for n, p in named if not adam_only(n, p)], kernels)
        scale = lambda n, p: 2.0 if "embed" in n or "ape" in n else 0.4 if p.ndim < 2 else 1.0
        groups = {}
        for n, p in named:
            if adam_only(n, p):
                groups.setdefault(scale(n, p), []).append(p)
        self.adam = torch.optim.AdamW([{"params": ps, "scale": s} for s, ps in sorted(groups.items())], lr=adam_rate,
                                      betas=(0.9, 0.95), eps=1e-12, weight_decay=0.0, foreach=True)

    def clear(self):
        for p in self.parameters:
            p.grad = None

    def step(self, share):
        torch.nn.utils.clip_grad_norm_([p for g in self.adam.param_groups for p in g["params"]], 1.0)
        for g in self.adam.param_groups:
            g["lr"] = self.rates[1] * g["scale"] * share
        self.adam.step()
        self.muon.step(self.rates[0] * share)

    def state(self):
        return dict(adam=self.adam.state_dict(), muon=self.muon.state())

    def restore(self, saved):
        self.adam.load_state_dict(saved["adam"])
        self.muon.restore(saved["muon"])

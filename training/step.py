"""A training step on a CPU: the whole model forward and backward in one call of the C++ in step/, built on first use (g++ needed).

v4.py is the definition; test_step.py compares the two, gradient by gradient. Matrix products are of bfloat16 (on the tile unit where the
processor has one), everything else of float32. Contexts must be multiples of 128.
"""
import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import torch

import quant
import v4

HERE = pathlib.Path(__file__).resolve().parent / "step"
ORDER = """hc_attn_fn hc_attn_base hc_attn_scale attn_norm.weight attn.attn_sink attn.wq_a.weight attn.q_norm.weight attn.wq_b.weight
    attn.wkv.weight attn.kv_norm.weight attn.wo_a.weight attn.wo_b.weight attn.compressor.wkv.weight attn.compressor.wgate.weight
    attn.compressor.ape attn.compressor.norm.weight attn.indexer.wq_b.weight attn.indexer.weights_proj.weight
    attn.indexer.compressor.wkv.weight attn.indexer.compressor.wgate.weight attn.indexer.compressor.ape attn.indexer.compressor.norm.weight
    hc_ffn_fn hc_ffn_base hc_ffn_scale ffn_norm.weight ffn.gate.weight ffn.w1 ffn.w3 ffn.w2 ffn.shared_experts.w1.weight
    ffn.shared_experts.w3.weight ffn.shared_experts.w2.weight e_proj.weight h_proj.weight enorm.weight hnorm.weight norm.weight hc_head_fn
    hc_head_base hc_head_scale embed.weight head.weight""".split()  # as enum Parameter in sizes.h
SIZES = "dim heads head_dim rope q_lora groups o_lora index_heads index_dim index_topk experts picks inter vocab".split()


def library(c, full_precision=False):
    """The step, compiled for the sizes of `c`; kept in a cache folder."""
    flags = ["-std=c++20", "-O3", "-march=native", "-ffast-math", "-Wno-maybe-uninitialized", "-shared", "-fPIC"]
    flags += [f"-DSIZE_{name.upper()}={getattr(c, name)}" for name in SIZES] + ["-DFULL_PRECISION"] * full_precision
    sources = sorted(HERE.glob("*.cpp"))
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "bathyscope-training"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256("".join(flags).encode() + b"".join(p.read_bytes() for p in sorted(HERE.iterdir()))).hexdigest()
    built = folder / f"step-{digest[:16]}.so"
    if not built.exists():
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".so", delete=False) as f:
            fresh = pathlib.Path(f.name)
        subprocess.run(["g++", *flags, "-o", fresh, *sources], check=True)
        fresh.rename(built)
    out = ctypes.CDLL(built)
    assert out.step_parameters() == len(ORDER), "step.py and step/sizes.h name different parameters"
    return out


class Piece(ctypes.Structure):
    """As in step/model.cpp."""

    _fields_ = ([(n, ctypes.c_int32) for n in ("layers", "with_draft", "rows", "length", "reach", "rounds", "sparse", "asked_count", "counted",
                                              "draft_rows", "draft_counted", "pad")]
                + [("version", ctypes.c_int64)]
                + [(n, ctypes.c_void_p) for n in ("ratios", "asked", "counted_tokens", "draft_tokens", "ids", "following", "targets",
                                                  "draft_targets", "recall", "plain_cosine", "plain_sine", "compressed_cosine",
                                                  "compressed_sine", "weights", "gradients", "offsets", "tables", "biases", "loads")]
                + [(n, ctypes.c_float) for n in ("share", "draft_share", "balance_share")]
                + [("figures", ctypes.c_void_p)])


class Flat:
    """All parameters of a model as views of one vector in shared memory, and the vector that the step reads: the same, or rounded."""

    def __init__(self, model):
        self.model, self.at, size = model, {}, 0
        for name, p in model.named_parameters():
            self.at[name], size = size, size + (p.numel() + 15) // 16 * 16
        self.values, self.read = torch.zeros(size).share_memory_(), torch.zeros(size).share_memory_()
        for name, p in model.named_parameters():
            view = self.view(self.values, name, p)
            view.copy_(p.data)
            p.data = view

    def view(self, vector, name, p):
        return vector[self.at[name] : self.at[name] + p.numel()].view_as(p)

    def use_gradients(self, vector):
        for name, p in self.model.named_parameters():
            p.grad = self.view(vector, name, p)

    @torch.no_grad()
    def publish(self, lib, rounded):
        """What the next step reads."""
        self.read.copy_(self.values)
        if not rounded:
            return
        for name, p in self.model.named_parameters():
            form = quant.stored_as(name.replace("ffn.w", "ffn.experts.w"))
            x, out = p.data.data_ptr(), self.view(self.read, name, p).data_ptr()
            if form == "fp4":
                lib.round_fp4(ctypes.c_int64(p.numel()), ctypes.c_void_p(x), ctypes.c_void_p(out))
            elif form == "fp8":
                lib.round_fp8(*(ctypes.c_int64(n) for n in p.shape), ctypes.c_void_p(x), ctypes.c_void_p(out))


class Step:
    """Pieces of training steps in this process: `gradients` (as flat.values) and `loads` [blocks, experts] are added to.

    `version` must change whenever what flat.publish wrote does: weights are packed anew then.
    """

    def __init__(self, flat, lib, gradients, loads):
        self.flat, self.lib, self.model, self.version, self.gradients, self.loads = flat, lib, flat.model, 0, gradients, loads
        blocks = self.model.blocks()
        prefixes = [""] + [f"layers.{i}." for i in range(len(self.model.layers))] + [f"mtp.{i}." for i in range(len(self.model.mtp))]
        own = lambda prefix, name: prefix or name.partition(".")[0] in ("norm", "embed", "head") or name.startswith("hc_head")
        self.offsets = np.array([[flat.at.get(p + name, -1) if own(p, name) else -1 for name in ORDER] for p in prefixes], np.int64)
        self.ratios = np.array(self.model.c.ratios, np.int32)
        pointers = lambda name: np.array([getattr(b.ffn.gate, name).data_ptr() if hasattr(b.ffn.gate, name) else 0 for b in blocks], np.uint64)
        self.tables, self.biases = pointers("tid2eid"), pointers("bias")
        lib.step_new.restype = ctypes.c_void_p
        self.state = ctypes.c_void_p(lib.step_new())

    def run(self, ids, counted, recall, positions, *, length, draft_rows, draft_counted, reach, rounds, sparse, asked, share, draft_share=0.2,
            balance_share=1e-3):
        """ids [rows, length + 2]; counted, draft_counted: tokens whose losses count, as indices into [rows * length] and [draft_rows * length];
        recall [rows]; asked: positions for the indexer's loss. Returns loss, draft loss, index loss, right and asked answers of recall rows."""
        c = self.model.c
        now, after = ids[:, :length].contiguous(), ids[:, 1 : length + 1].contiguous()
        following, later = after[:draft_rows].contiguous(), ids[:draft_rows, 2 : length + 2].contiguous()
        tables = [t.contiguous() for compressed in (False, True) for t in v4.rotary_table(positions, v4.frequencies(c, compressed))]
        counted, draft_counted, asked = (t.to(torch.int32).contiguous() for t in (counted, draft_counted, asked))
        targets, draft_targets = after.flatten()[counted.long()], later.flatten()[draft_counted.long()]
        is_recall = recall[counted.long() // length].to(torch.uint8)
        figures = np.zeros(5, np.float32)
        address = lambda x: x.data_ptr() if torch.is_tensor(x) else x.ctypes.data
        piece = Piece(len(self.model.layers), len(self.model.mtp), len(now), length, reach, rounds, sparse, len(asked), len(counted), draft_rows,
                      len(draft_counted), 0, self.version,
                      *(address(x) for x in (self.ratios, asked, counted, draft_counted, now, following, targets, draft_targets, is_recall,
                                             *tables, self.flat.read, self.gradients, self.offsets, self.tables, self.biases, self.loads)),
                      share, draft_share, balance_share, address(figures))
        self.lib.step_piece(self.state, ctypes.byref(piece))
        return figures.tolist()

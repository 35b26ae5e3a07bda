"""Deterministic test models of the dense and DeepSeek-V3 families: weights from the rule of v4_transformers/README.md, under the tensor
names of Hugging Face. Two rows come before those of that table: a name that ends in `embed_tokens.weight` is 2 u, one that ends in
`bias` is u. numpy only.
"""
import math

import numpy as np

import v4_rule


def affine(name, shape, index_gain):
    fan = lambda gain: float(np.float32(gain / math.sqrt(shape[-1])))
    if name.endswith("norm.weight"):
        return 1.0, 0.25
    if name.endswith("embed_tokens.weight"):
        return 0.0, 2.0
    if name.endswith("bias"):
        return 0.0, 1.0
    return 0.0, fan(2 * index_gain if name.endswith("weights_proj.weight") else 2)


def weight(name, shape, rule):
    offset, factor = affine(name, shape, rule["index_gain"])
    u = v4_rule.unit(rule["salt"] + name, int(np.prod(shape)))
    return (offset + factor * u).astype(np.float32).reshape(shape)


def tokens(vocab, count):
    t = np.arange(count)
    return (37 * t + 11 * (t // 5) + 5) % vocab

"""The checkpoint's number formats: MXFP4 (e2m1, one power-of-two scale per 32 inputs) and FP8 (e4m3, one per 128 x 128 block).

encode_* give the stored bytes, decode_* the values they stand for, *_rounded the straight-through version used while training.
"""
import torch
import torch.nn.functional as F

LEVELS = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
BOUNDS = (LEVELS[1:] + LEVELS[:-1]) / 2


def exponent(amax, top):
    """Smallest e with amax / 2^e <= top, as a float tensor; an all-zero block gets 0."""
    mantissa, e = torch.frexp(amax.clamp(min=1e-30) / top)
    return torch.where(amax > 0, e - (mantissa == 0.5).int(), torch.zeros_like(e))


def fp4_parts(w):
    """w [..., in] -> signed level index [..., in] and exponents [..., in / 32]."""
    blocks = w.unflatten(-1, (-1, 32))
    e = exponent(blocks.abs().amax(-1), 6.0)
    level = torch.bucketize(torch.ldexp(blocks.abs(), -e[..., None]), BOUNDS, right=False)
    return level.flatten(-2), (w < 0), e


def encode_fp4(w):
    """-> (uint8 [..., in / 2], low nibble first; uint8 E8M0 scales [..., in / 32])."""
    level, negative, e = fp4_parts(w)
    nibble = (level + 8 * negative).to(torch.uint8)
    return nibble[..., 0::2] | (nibble[..., 1::2] << 4), (e + 127).to(torch.uint8)


def decode_fp4(packed, scale):
    nibble = torch.stack([packed & 15, packed >> 4], -1).flatten(-2).long()
    value = LEVELS[nibble & 7] * (1 - 2 * (nibble >> 3))
    return torch.ldexp(value.unflatten(-1, (-1, 32)), scale.int()[..., None] - 127).flatten(-2)


def fp8_blocks(w):
    """w [out, in] padded to whole blocks [R, 128, C, 128] and the exponent of each block [R, C]."""
    rows, cols = -w.shape[0] % 128, -w.shape[1] % 128
    blocks = F.pad(w, (0, cols, 0, rows)).unflatten(1, (-1, 128)).unflatten(0, (-1, 128))
    return blocks, exponent(blocks.abs().amax((1, 3)), 448.0)


def encode_fp8(w):
    """-> (float8_e4m3fn [out, in]; uint8 E8M0 scales [ceil(out / 128), ceil(in / 128)])."""
    blocks, e = fp8_blocks(w)
    q = torch.ldexp(blocks, -e[:, None, :, None]).to(torch.float8_e4m3fn)
    return q.flatten(2, 3).flatten(0, 1)[: w.shape[0], : w.shape[1]], (e + 127).to(torch.uint8)


def decode_fp8(q, scale):
    s = torch.exp2(scale.float() - 127).repeat_interleave(128, 0).repeat_interleave(128, 1)
    return q.float() * s[: q.shape[0], : q.shape[1]]


def straight_through(w, rounded):
    return w + (rounded - w).detach()


@torch.no_grad()
def fp4_value(w):
    return decode_fp4(*encode_fp4(w))


@torch.no_grad()
def fp8_value(w):
    return decode_fp8(*encode_fp8(w))


def fp4_rounded(w):
    return straight_through(w, fp4_value(w))


def fp8_rounded(w):
    return straight_through(w, fp8_value(w))


def stored_as(name):
    """Format of a raw tensor name, as in the official checkpoints: fp4, fp8, bf16, f32 or i64."""
    if name.endswith("tid2eid"):
        return "i64"
    if ".ffn.experts." in name:
        return "fp4"
    if name.endswith((".ape", "attn_sink", "gate.bias", "_fn", "_base", "_scale")):
        return "f32"
    fp8 = ("attn.wq_a.weight", "wq_b.weight", "attn.wkv.weight", "wo_a.weight", "wo_b.weight", "e_proj.weight", "h_proj.weight")
    if (name.endswith(fp8) or ".shared_experts." in name) and ".compressor." not in name:
        return "fp8"
    return "bf16"


def train_rounded(model, on):
    """Switches the straight-through rounding of every FP8 and FP4 weight on or off."""
    from v4 import Linear, MoE

    for name, module in model.named_modules():
        if isinstance(module, Linear):
            module.quantise = fp8_rounded if on and stored_as(name + ".weight") == "fp8" else None
        elif isinstance(module, MoE):
            module.quantise = fp4_rounded if on else None

"""llama.cpp through its own C interface, as the package llama-cpp-py-sync carries it (pip install llama-cpp-py-sync; no
Python binding of it is used but the declarations). CPU, float32 caches, one thread."""
import ctypes
import glob
import os

import llama_cpp_py_sync
import numpy as np
from llama_cpp_py_sync import _cffi_bindings

ffi, lib = _cffi_bindings.get_ffi(), _cffi_bindings.get_lib()
VERSION = f"{llama_cpp_py_sync.__llama_cpp_tag__} ({llama_cpp_py_sync.__llama_cpp_commit__[:10]})"
_silent = ffi.callback("void(enum ggml_log_level, const char *, void *)",
                       lambda level, text, _: errors.append(ffi.string(text).decode(errors="replace").strip()) if level == 4 else None)
errors = []
lib.llama_log_set(_silent, ffi.NULL)
lib.llama_backend_init()
_ggml = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(llama_cpp_py_sync.__file__), "libggml-base.so*"))[0])
_ggml.ggml_quantize_chunk.restype = ctypes.c_size_t


def quantize(values, kind, block_elements, block_bytes):
    """float32 [..., n] as rows of blocks of ggml's type number `kind`, by ggml's own quantiser."""
    values = np.ascontiguousarray(values, np.float32)
    n = values.shape[-1]
    rows = values.size // n
    out = np.zeros((rows, n // block_elements * block_bytes), np.uint8)
    _ggml.ggml_quantize_chunk(ctypes.c_int(kind), values.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p),
                              ctypes.c_int64(0), ctypes.c_int64(rows), ctypes.c_int64(n), None)
    return out.reshape(*values.shape[:-1], -1)


class Model:
    def __init__(self, path, context=1024, repack=True):
        """`repack`: weights may be arranged anew while loading, for kernels that add up in another order."""
        errors.clear()
        params = lib.llama_model_default_params()
        params.n_gpu_layers = 0
        params.use_extra_bufts = repack
        self.model = lib.llama_model_load_from_file(str(path).encode(), params)
        if self.model == ffi.NULL:
            raise RuntimeError("llama.cpp does not open it: " + " ".join(errors))
        c = lib.llama_context_default_params()
        c.n_ctx = c.n_batch = c.n_ubatch = context
        c.n_threads = c.n_threads_batch = 1
        c.type_k = c.type_v = 0
        c.flash_attn_type = 0
        self.context = lib.llama_init_from_model(self.model, c)
        if self.context == ffi.NULL:
            raise RuntimeError("llama.cpp makes no context: " + " ".join(errors))
        self.vocabulary = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))
        self.position = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        lib.llama_free(self.context)
        lib.llama_model_free(self.model)

    def feed(self, tokens):
        """The logits behind the last of `tokens`."""
        batch = lib.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i] = int(token), self.position + i
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
            batch.logits[i] = i + 1 == len(tokens)
        code = lib.llama_decode(self.context, batch)
        lib.llama_batch_free(batch)
        if code:
            raise RuntimeError(f"llama_decode: {code} " + " ".join(errors))
        self.position += len(tokens)
        return np.array(ffi.unpack(lib.llama_get_logits_ith(self.context, -1), self.vocabulary), np.float32)

    def greedy(self, prompt, count, singly=False):
        """`count` tokens, each the best one, one by one, and the logits that each was chosen from. Starts afresh. `singly`: the
        prompt too is fed token by token."""
        lib.llama_memory_clear(lib.llama_get_memory(self.context), True)
        self.position = 0
        for token in prompt[:-1] if singly else ():
            self.feed([token])
        rows, tokens = [self.feed(prompt[-1:] if singly else prompt)], []
        while True:
            tokens.append(int(rows[-1].argmax()))
            if len(tokens) == count:
                return tokens, np.stack(rows)
            rows.append(self.feed(tokens[-1:]))

    def tokenize(self, text):
        """Ids of `text` without a token before it; texts of special tokens are those tokens."""
        raw = text.encode()
        out = ffi.new("int32_t[]", len(raw) + 8)
        count = lib.llama_tokenize(lib.llama_model_get_vocab(self.model), raw, len(raw), out, len(raw) + 8, False, True)
        return list(out[0:count])

"""Words made of a tokenizer's own tokens: every token that begins a word begins some of them.

A model learns to copy the tokens that it has copied: words of letters drawn at random are made of the few dozen tokens that such letters fall
into, and a name that is one token of its own, never copied in training, is answered with another one. Here the first token is drawn evenly
from all tokens that begin a word, those of held-out words too, which never stand alone but only as the beginning of a longer word.
"""
import random
import re

from .world import in_part

BEGINS = re.compile(r"Ġ([A-Za-z][a-z]{2,})")
GOES_ON = re.compile(r"[a-z]{2,4}")


def coined(tokenizer, seed, each):
    """Words in training's part of all words, up to `each` for every token that begins a word (a quarter of them the token alone), capitals
    as the token has them."""
    rng, tokens = random.Random(seed), sorted(tokenizer.get_vocab())
    endings = [token for token in tokens if GOES_ON.fullmatch(token)]
    words = []
    for token in tokens:
        match = BEGINS.fullmatch(token)
        if not match:
            continue
        begin = match[1]
        alone = each // 4
        drawn = [begin] * alone + [begin + "".join(rng.choices(endings, k=rng.choice([1, 1, 2]))) for _ in range(each - alone)]
        # Longer words may fall into other tokens; and what is held out is not drawn.
        words += [word for word, ids in zip(drawn, tokenizer.encode_batch([" " + word for word in drawn], add_special_tokens=False))
                  if ids.tokens[0] == token and not any(in_part(w, 5) for w in (word, word.lower(), word.capitalize()))]
    return words

#!/usr/bin/env python3
"""Makes tests/golden/tokenizer/: a small byte-level BPE tokenizer with the pre-tokenizer chain and the marker strings of
DeepSeek-V4, and what the reference implementation (PyPI `tokenizers`) makes of many strings.

    python3 -m pip install tokenizers && python3 tests/golden/make_tokenizer_vectors.py

Trained on the licence of this repository and the sentences below, so that everything can be made again from the tree.
"""
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "tokenizer"

SPLITS = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
]
FIRST = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"]
# content, special, normalized, lstrip, rstrip
LATER = [
    ("<｜User｜>", False, False, False, False), ("<｜Assistant｜>", False, True, False, False),
    ("<|EOT|>", True, False, False, False), ("<think>", False, False, False, False),
    ("</think>", False, True, False, False), ("｜DSML｜", False, False, False, False),
    ("<｜latest_reminder｜>", True, False, False, False), ("<｜action｜>", True, False, False, False),
    ("<｜query｜>", True, False, False, False), ("<｜authority｜>", True, False, False, False),
    ("<｜domain｜>", True, False, False, False), ("<｜title｜>", True, False, False, False),
    ("<｜read_url｜>", True, False, False, False), ("<swallow left>", True, False, True, False),
    ("<swallow right>", True, False, False, True), ("<ab>", False, False, False, False),
    ("<ab>cd", False, False, False, False), ("cdef", False, True, False, False),
]
SENTENCES = """
The quick brown fox jumps over the lazy dog. Two trains leave the station at 9:45 and 10:30.
I'll say it's John's; we've seen they're not what he'd expected, aren't they?
Der schnelle braune Fuchs springt über den faulen Hund. Straße, Äpfel, Öl und Übermut.
Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë au-delà des îles.
El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba a su querido cachorro.
Съешь же ещё этих мягких французских булок, да выпей чаю. В чащах юга жил бы цитрус.
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. 敏捷的棕色狐狸跳过懒狗。今天天气很好，我们去公园散步。
いろはにほへと ちりぬるを わかよたれそ つねならむ。カタカナとひらがなと漢字が混ざった文章です。
키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. 안녕하세요 세계.
نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق. دقت قلبي.
דג סקרן שט בים מאוכזב ולפתע מצא חברה. ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले।
เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน 🙂 👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️ ∑ ∫ √ ≤ ≥ → ← ∀ ∃
def encode(self, text: str) -> list[int]:\n    return [self.vocab[t] for t in self.split(text)]\n
for (int i = 0; i < n; ++i) { sum += values[i] * 0x1F; }  // comment\n\treturn sum;\r\n
{"name": "f", "arguments": {"x": 5, "s": "text", "list": [1, 2, 3], "flag": true, "none": null}}
# Heading\n\n- item one\n- item two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```cpp\nstd::vector<int> v;\n```\n
SELECT id, name FROM users WHERE age >= 21 ORDER BY name; https://example.org/path?query=1&other=2#part
"""


def build() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in SPLITS]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    text = (HERE.parent.parent / "LICENSE").read_text(encoding="utf-8")
    sentences = SENTENCES.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=FIRST, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([text] + [sentences] * 12, trainer)
    tokenizer.add_tokens([AddedToken(content, special=special, normalized=normalized, lstrip=left, rstrip=right)
                          for content, special, normalized, left, right in LATER])
    return tokenizer


def samples() -> list[str]:
    rng = random.Random(20260101)
    lines = [line.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
             for line in SENTENCES.strip().split("\n")]
    result = ["", *lines]
    # White space and line ends in every mixture that the last split looks at.
    spaces = [" ", "\t", "\n", "\r", "\r\n", "\u00a0", "\u3000", "\u2028", "\u0085", "\u180e", "\u200b", "\v", "\f"]
    result += spaces
    for _ in range(90):
        result.append("".join(rng.choice(spaces + ["a", "b", "1", "é", "。", "!"]) for _ in range(rng.randint(2, 12))))
    result += ["   leading", "trailing   ", "a  b   c    d", "x\n\n\ny", "x \n y", "end of line  \n\n  next", "\n\n", " \n"]
    # Digits: ASCII, other scripts, superscripts, numerals.
    result += ["1", "12", "123", "1234", "1234567890", "3.14159", "1,000,000", "0x1F", "a1b22c333d4444", "١٢٣٤٥", "²³⁴⁵", "ⅧⅨⅫ",
               "½¼", "一二三1234", "०१२३४", "1 2 3", "12:34:56", "-5", "1e-10", "１２３４", "𝟘𝟙𝟚𝟛", "①②③④"]
    # CJK borders, marks, joiners, private use, unassigned.
    result += ["你好世界", "你好world", "カタカナ", "ひらがなカタカナ漢字", "ー・ヽヾ", "㐀㐁", "龥龦", "한국어", "𠀀𠀁", "、。「」", "々〆",
               "e\u0301", "a\u0308\u0304", "\u0301x", "क्षि", "กำ", "👨\u200d👩\u200d👧", "🇩🇪🇫🇷", "👍🏽", "❤\ufe0f", "\ue000", "\U000f0000", "\ufeffbom",
               "\u00adsoft", "ǅ", "ﬁ", "İi̇", "ß", "\u0000", "a\u0000b", "\u007f", "\u0080", "\uffff", "\U0010ffff"]
    # Punctuation in front of letters, runs of it, quotes.
    result += ["'s", "it's", "!important", "#include <x>", "$HOME/bin", "a.b.c", "...wait", "--flag=value", "(x)", "[a]", "{b}", "<c>",
               "\\n", "`code`", "~/.config", "@user", "^caret", "|pipe|", "«guillemets»", "“quotes”", "—dash—", "…", "!?!?\n\n", "+=\r\n",
               " ++i;", "x=>y", "::std", "€100", "£5", "¥", "°C", "±1", "§2", "\"a\"'b'"]
    # Markers: whole, cut, overlapping, side by side, with what they swallow.
    markers = FIRST + [row[0] for row in LATER]
    result += markers
    result += ["".join(pair) for pair in zip(markers, reversed(markers))]
    result += ["<｜User｜>hello<｜Assistant｜>", "<think>reasoning</think>answer", '<｜DSML｜invoke name="f">', "<｜User｜", "User｜>",
               "<think", "think>", "<<think>>", "a <swallow left> b", "a \n\t<swallow left>", "a <swallow right>  \n b", "<swallow right>",
               "  <swallow left>  <swallow left>  <swallow right>  <swallow right>  ", "<ab>c", "<ab>cd", "<ab>cdef", "<ab>cdcdef",
               "<ab<ab>>", "cdefcdef", "\u3000<swallow left>\u3000", "<swallow right>\u2028x"]
    # Random characters: from the sentences, from Unicode as a whole, and words glued by markers.
    letters = sorted(set("".join(lines)))
    for _ in range(130):
        result.append("".join(rng.choice(letters) for _ in range(rng.randint(1, 40))))
    for _ in range(90):
        points = [rng.choice([rng.randrange(0x20, 0x250), rng.randrange(0x370, 0x3000), rng.randrange(0x3000, 0xD800),
                              rng.randrange(0xE000, 0xFFFE), rng.randrange(0x1F300, 0x1F700)]) for _ in range(rng.randint(1, 16))]
        # Characters that were assigned after Unicode 14 belong to other classes in other libraries.
        result.append("".join(chr(p) for p in points if is_settled(chr(p))))
    words = " ".join(lines).split()
    for _ in range(60):
        result.append("".join(rng.choice(words) + rng.choice(["", " ", "\n", rng.choice(markers)]) for _ in range(rng.randint(2, 9))))
    result += ["a" * 200, "ab" * 300, " " * 300, "\n" * 100, "the " * 120, "一" * 100, "!" * 150, "1" * 100, "é" * 120, "🙂" * 60]
    return list(dict.fromkeys(result))


def is_settled(char: str) -> bool:
    """Assigned in Unicode 14, the version of Python 3.11 and of PCRE2 10.40 to 10.42."""
    import unicodedata
    return unicodedata.category(char) != "Cn"


def main() -> None:
    OUT.mkdir(exist_ok=True)
    tokenizer = build()
    tokenizer.save(str(OUT / "tokenizer.json"), pretty=False)
    rows = []
    for text in samples():
        encoding = tokenizer.encode(text, add_special_tokens=False)
        words = [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]
        rows.append({"text": text, "ids": encoding.ids, "words": words,
                     "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=False)})
    with open(OUT / "vectors.json", "w", encoding="ascii") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    print(f"{len(rows)} strings, {tokenizer.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes chat_templates/vectors.json: templates, conversations and what Hugging Face transformers makes of them (its sandboxed jinja2
environment, with the settings of apply_chat_template). pip install transformers jinja2. The templates are written for this test; together they
use what the published ones use, and the whitespace rules at every corner.

usage: make_chat_template_vectors.py [--check]
"""
import json
import sys
from pathlib import Path

from transformers.utils.chat_template_utils import render_jinja_template

TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  Hi there \n"},
        {"role": "assistant", "content": "<think>\nplan\n</think>\n\nHello.", "reasoning_content": "plan"},
        {"role": "user", "content": "2+2? ünï 日本 \u3000"}]
SHORT = [{"role": "user", "content": "a</think>b</think>c"}]
VARIABLES = {"bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": True, "enable_thinking": False,
             "words": ["one", "two", "", "Three"], "number": 7, "minus": -7, "half": 2.5, "yes": True, "nothing": None,
             "text": "  a,b,,c  x\ty \u00a0", "unicode": "日本 äö 🙂e\u0301", "empty": "", "table": {"b": 1, "a": "x\"\n\u0001é", "c": [1, 2.5, None, True, {}, []]},
             "rows": [{"n": 1, "t": "p", "on": True}, {"n": 2, "t": "q"}, {"n": 3, "t": "p", "on": False}]}

EXPRESSIONS = r"""
1 + 2 * 3 - 4 // 3 % 2
(1 + 2) * 3
7 // 2
minus // 2
minus % 3
number % -3
7 / 2
half + 1
half * 2
half // 1
-number + 3
- half
+ number
number - -1
1_000
1.5
1.0
0.1 + 0.2
100000.0 * 10
'a' 'b' "c"
'x\ny\t\'\"\\'
"\u00e9\x41"
'a' ~ 1 ~ none ~ true ~ 1.5
text ~ undefined_name
number == 7.0
true == 1
'a' == 'a' and not 'b' == 'c'
number != 7 or yes
1 < 2
'a' < 'b'
'b' >= 'a'
not yes
not nothing
not undefined_name
undefined_name or 'otherwise'
empty or 'otherwise'
text and 'then'
0 or none
'a' if yes
'a' if not yes
'a' if empty else 'b' if nothing else 'c'
'ab' in 'cabd'
'x' not in 'cabd'
'one' in words
'b' in table
'z' in table
2 in [1, 2, 3]
undefined_name is defined
words is defined
nothing is none
nothing is not none
words is string
text is string
table is mapping
words is iterable
words is sequence
number is number
half is number
yes is boolean
yes is true
number is true
number is equalto 7
number is odd
number is even
number is integer
half is float
words[0]
words[-1]
words[7]
words[1:]|join('-')
words[::-1]|join('-')
words[:-1]|join
words[-2:1]|join
words[::2]|join('|')
words[3:0:-2]|join(',')
text[2:5]
unicode[0]
unicode[-2:]
unicode[::-1]
unicode|length
unicode|upper|lower
words|length
table|length
undefined_name|length
text|trim
text|trim|length
text.strip()
text.strip(' a')
text.lstrip()
text.rstrip()
unicode.strip('日\u0301')
'xxabcxx'.lstrip('x')
'xxabcxx'.rstrip('x')
text.split()|join('+')
text.split(',')|join('+')
text.split(',', 1)|join('+')
text.split(none, 1)|join('+')
'a</think>b</think>c'.split('</think>')[-1]
'a</think>b</think>c'.split('</think>', 1)[1]
'abc'.split('x')[0]
text.replace(',', ';')
text|replace('a', 'bb')
'aXbX'.replace('X', '')
'abc'.startswith('ab')
'abc'.endswith('bc')
'abc'.startswith(('x', 'a'))
'hello world'.title()
'hELLO wORLD'.capitalize()
'Hello'.upper() + 'Hello'.lower()
'hello'|title
'hello'|capitalize
'abc'.find('c')
'abc'.find('z')
unicode.find('ä')
table.b
table['a']
table.missing is defined
table.get('b')
table.get('z')
table.get('z', 'd')
table.keys()|join(',')
table|list|join(',')
table.items()|length
table|tojson
table|tojson(indent=2)
words|tojson
unicode|tojson
none|tojson
[]|tojson(indent=4)
{}|tojson
{'k': [1, {'n': none}]}|tojson
{'a': 1, 'b': 2}.b
[1, 2] + [3] == [1, 2, 3]
(1, 2)[1]
((3))
[[1, 2], [3]][0][1]
rows|map(attribute='t')|join('')
rows|selectattr('on')|map(attribute='n')|join
rows|rejectattr('on')|map(attribute='n')|join
rows|selectattr('t', 'equalto', 'p')|map(attribute='n')|join
rows|selectattr('on', 'defined')|list|length
words|map('upper')|join(' ')
words|first
words|last
words|list|last
[]|first is defined
undefined_name|default('d')
empty|default('d')
empty|default('d', true)
nothing|default('d')
'12'|int + 1
'x'|int
2.9|int
12|string + '3'
range(3)|join
range(1, 4)|join
range(9, 0, -3)|join(',')
messages[0].role
messages[0]['content']
messages|length
messages[1].content|trim
messages[-1].content
(messages|last).role
messages[2].reasoning_content
messages[0].reasoning_content is defined
messages[1:]|length
bos_token + eos_token
raise_exception is defined
namespace(a=1, b='x').b
loop is defined
words.0
[1, 2, 3,]|join
{'a': 1,}|length
'%}' ~ '}}'
{'x': {'y': 1}}.x.y
text|string|trim == text.strip()
yes and number or empty
1 in [true]
nothing == none
nothing == false
'é' < 'z'
""".strip("\n").split("\n")

TEMPLATES = [
    "{% for m in messages %}<{{ m.role }}>{{ m['content'] }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
    "a\n{% if true %}\nb\n{% endif %}\nc\n", "a\n  {% if true %}  \n  b\n  {% endif %}\n  c\n\n", "a  {%- if true -%}  b  {%- endif -%}  c",
    "x\n  {# note #}\ny\n{#- note -#}\n z", "  {{- 'a' -}}  \n  {{ 'b' }}  \n", "\n\n{{ 1 }}\n\n", "a\r\nb\r{{ 1 }}\r\n", "{%+ if true +%}\n a {% endif %}",
    "  {%+ if true %}x{% endif %}\n  {% if true +%}\ny{% endif %}", "{% if a %}{% elif number == 7 %}seven{% else %}no{% endif %}",
    "{% for w in words if w %}{{ loop.index }}/{{ loop.length }}{{ w }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for w in words %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in [] %}x{% else %}none{% endfor %}{% for c in 'aé日' %}[{{ c }}]{% endfor %}", "{% for k in table %}{{ k }}{% endfor %}",
    "{% for k, v in table.items() %}{{ k }}={{ v|tojson }};{% endfor %}{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}",
    "{% set x = 1 %}{% for i in range(3) %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=1) %}{% for i in range(4) %}{% set ns.x = ns.x * 2 %}{% endfor %}{{ ns.x }}", "{% set a, b = 1, 'z' %}{{ b }}{{ a }}",
    "{% set block %}in {{ number }}\n{% endset %}[{{ block }}]", "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% macro say(who, what='hi') %}{{ who }}: {{ what }}{{ number }}\n{% endmacro %}{{ say('me') }}{{ say('you', what='no') }}{{ say(what='x', who='y') }}",
    "{% macro outer(n) %}{% if n > 0 %}{{ n }}{{ outer(n - 1) }}{% endif %}{% endmacro %}{{ outer(5) }}",
    "{% macro f(m) %}{{ m.content|trim }}{% endmacro %}{% for m in messages %}{{ f(m) }}|{% endfor %}",
    "{% generation %}x{% endgeneration %}", "{{ 'a' if messages[0].role == 'system' else 'b' }}{{ messages[0].content if messages[0].role == 'system' }}",
    "{%- if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system = messages[0]['content']|trim %}{% else %}{% set loop_messages = messages %}{% set system = '' %}{% endif %}"
    "{{ bos_token + system }}{% for message in loop_messages %}{% set content = '<|h|>' + message['role'] + '\\n\\n' + message['content']|trim + '<|e|>' %}{{ content }}{% endfor %}",
    "{% set ns = namespace(last=messages|length - 1, found=false) %}{% for m in messages[::-1] %}{% set i = messages|length - 1 - loop.index0 %}"
    "{% if not ns.found and m.role == 'user' and m.content is string and not m.content.startswith('<tool') %}{% set ns.found = true %}{% set ns.last = i %}{% endif %}{% endfor %}{{ ns.last }}",
    "{% for m in messages %}{% if m.role == 'assistant' %}{% set c = m.content %}{% if '</think>' in c %}{% set c = c.split('</think>')[-1].lstrip('\\n') %}{% endif %}A:{{ c }}{% else %}"
    "{{ m.role[0]|upper }}:{{ m.content }}{% endif %}{{ '\\n' }}{% endfor %}",
    "{% for m in messages %}{% if m.reasoning_content is string %}{{ '<t>' ~ m.reasoning_content.strip('\\n') ~ '</t>' }}{% endif %}{{ m.content.split('</think>')|length }}{% endfor %}",
    "{% if not date is defined %}{% set date = '26 Jul 2024' %}{% endif %}{{ date }}{% if tools %}t{% endif %}{% if tools is not none %}n{% endif %}{% if documents is defined and documents %}d{% endif %}",
    "{% set x = {'a': [1, {'b': 'c'}]} %}{{ x.a[1].b }}{{ x['a'][0] }}", "{{ 'a\nb' }}{{ \"q'q\" }}", "{% for a in [1,2] %}{% for b in [3,4] %}{{ a * b }}{{ loop.index }} {% endfor %}{{ loop.index }}\n{% endfor %}",
]


def main():
    vectors = []
    for number, (template, talk) in enumerate([("[{{ " + e + " }}]", TALK) for e in EXPRESSIONS] + [(t, talk) for t in TEMPLATES for talk in (TALK, SHORT)]):
        rendered, _ = render_jinja_template([talk], chat_template=template, **VARIABLES)
        vectors.append({"template": template, "talk": "long" if talk is TALK else "short", "text": rendered[0]})
    path = Path(__file__).parent / "chat_templates" / "vectors.json"
    text = json.dumps({"variables": VARIABLES, "talks": {"long": TALK, "short": SHORT}, "vectors": vectors}, ensure_ascii=False, indent=0) + "\n"
    if "--check" in sys.argv:
        assert path.read_text() == text
    else:
        path.write_text(text)
    print(len(vectors), "templates")


if __name__ == "__main__":
    main()

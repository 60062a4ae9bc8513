# SPDX-License-Identifier: GPL-2.0-or-later
"""sabus-log(7) is complete: every reason code with exit status, cause and remedy as in reason.h, every key of a log line of ours.

The keys are read from the sources: what stands before '=' in the texts that they print.
"""

import glob
import os
import re

import pytest

SRC = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# who writes log lines of key=value: pppd's and xl2tpd's plugins, RADIUS
WRITERS = ("plugins/pppd/*.c", "plugins/xl2tpd/*.c", "plugins/radius/*.c", "plugins/radius/dynauth/*.c")
# "key=" in texts that are no log lines: MS-CHAP's "M=", NAME=VALUE of options
KEY = re.compile(r"(?:^|[ \"(])([a-z][a-z-]+)=(?=%|\\\"|[a-z0-9]|$)")
QUOTED = re.compile(r"add_(?:quoted|endpoint)\([^,]+, \"([a-z-]+)\"")


def read(name):
    with open(os.path.join(SRC, name)) as f:
        return f.read()


PAGE = read("plugins/common/sabus-log.7")


def items(section):
    """[(words of the item, its text)] of a section of the page, without macros and with single blanks."""
    body = re.search(r"^\.Sh %s\n(.*?)(?=^\.Sh |\Z)" % section, PAGE, re.M | re.S).group(1)
    found = []
    for part in re.split(r"^\.It Li ", body, flags=re.M)[1:]:
        head, _, text = part.partition("\n")
        text = re.split(r"^\.(?:El|Pp)", text, flags=re.M)[0]
        found.append((head, re.sub(r"\s+", " ", text.replace("\\&", "")).strip()))
    return found


def reasons():
    rows = re.findall(r'X\(\w+,\s*"([^"]+)",\s*(\d+),\s*"([^"]*)",\s*"([^"]*)"\)', read("plugins/common/reason.h"))
    assert len(rows) == read("plugins/common/reason.h").count("\tX(") > 30
    return rows


LISTED = {head.split()[0]: (head, text) for head, text in items("REASON CODES")}


@pytest.mark.parametrize("word,status,text,remedy", reasons())
def test_reason(word, status, text, remedy):
    head, said = LISTED[word]
    assert re.findall(r"exit status (\d+)", head) == ([] if status == "0" else [status])
    assert said.lower().startswith(text.lower() + ".")
    assert "Remedy: %s." % remedy in said if remedy else "Remedy:" not in said
    assert len(said) > len(text) + len(remedy) + 12, "cause or remedy is not explained further"


def literal_reasons():
    """Words after reason= that are in the sources as they are, and codes of sabus-radius of its own."""
    words = set()
    for pattern in ("plugins/pppd/*.c", "plugins/xl2tpd/*.c", "plugins/radius/*.c"):
        for path in glob.glob(os.path.join(SRC, pattern)):
            with open(path) as f:
                words |= set(re.findall(r'reason=([a-z][a-z-]+)|->reason = "([a-z-]+)"', f.read()))
    return {a or b for a, b in words}


def test_no_other_reason():
    known = {word for word, _, _, _ in reasons()}
    extra = {w for head, _ in items("REASON CODES") for w in head.split(" Pq ")[0].replace(",", " ").split()}
    assert extra == known | literal_reasons()


def keys_used():
    used = {}
    for pattern in WRITERS:
        for path in glob.glob(os.path.join(SRC, pattern)):
            with open(path) as f:
                source = f.read()
            for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.S)):
                for key in KEY.findall(text):
                    used.setdefault(key, os.path.relpath(path, SRC))
            for key in QUOTED.findall(source):
                used.setdefault(key, os.path.relpath(path, SRC))
    return used


def test_keys():
    used = keys_used()
    assert {"reason", "peer", "remedy", "server", "event"} <= set(used), "the search finds nothing"
    listed = {k for head, _ in items("KEYS") for k in head.replace(",", " ").split()}
    assert set(used) == listed, {k: used.get(k, "only on the page") for k in set(used) ^ listed}

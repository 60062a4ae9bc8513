# SPDX-License-Identifier: GPL-2.0-or-later
"""sabus-log(7) is complete: every reason code with exit status, cause and remedy as in reason.h, every event and every key of a log line of ours.

Events and keys are read from the sources: the first word of the templates of lines, and what stands before '=' in them.
"""

import glob
import os
import re

import pytest

SRC = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# who writes log lines: pppd's, xl2tpd's and charon's plugins, RADIUS, sabusd, and what they share
WRITERS = ("plugins/pppd/*.c", "plugins/xl2tpd/*.c", "plugins/radius/*.c", "plugins/radius/client/*.c", "plugins/radius/dynauth/*.c", "plugins/bus/broker/*.c",
           "plugins/strongswan/*.c", "plugins/common/logfacts.c")
KEY = re.compile(r"(?:^|[ \"(])([a-z][a-z0-9-]*)=(?=%|\\\"|[a-z0-9]|$)")
QUOTED = re.compile(r"logfacts_endpoint\([^,]+, \"([a-z-]+)\"")
# the functions that make a line, up to its template; a template that begins with a blank goes on with one
TEMPLATE = re.compile(r"(?:\b(?:log_line|log_limited|report_event|report_limited|tell)\(\s*[A-Z_]+,|\bdyn_log\([^\";]*,|\bsay_(?:event|limited)\(\s*\"[a-z-]+\",\s*[A-Z_]+,|"
                      r"\bsay_fatal\(\s*\"[a-z-]+\",|\bsay\(p,\s*[A-Z_]+,|\blogline_add\(\s*&?\w+,)\s*\"([a-z-]+)(?=[ \"])")
VERB = re.compile(r"\b(?:report_decision|report_change|report_tunnel)\([^;\"]*\"([a-z]+)\"|\bbegin\(&ln, t, \"([a-z]+)\"")


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


def failures():
    rows = re.findall(r'\tX\(\w+,\s*"([^"]+)",\s*"([^"]*)",\s*"([^"]*)"\)', read("plugins/common/ikefail.h"))
    assert len(rows) == read("plugins/common/ikefail.h").count("\tX(") >= 10
    return rows


@pytest.mark.parametrize("word,text,remedy", failures())
def test_ike_failure(word, text, remedy):
    said = dict(items("IKE FAILURES"))[word]
    assert said.lower().startswith(text.lower() + ".") and said.endswith("Remedy: %s." % remedy)
    assert len(said) > len(text) + len(remedy) + 12, "it is not explained further"


def test_no_other_ike_failure():
    assert [head for head, _ in items("IKE FAILURES")] == [word for word, _, _ in failures()]


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


def sources():
    for pattern in WRITERS:
        for path in sorted(glob.glob(os.path.join(SRC, pattern))):
            with open(path) as f:
                yield os.path.relpath(path, SRC), re.sub(r"/\*.*?\*/|//[^\n]*", "", f.read(), flags=re.S)


def keys_used():
    used = {}
    for path, source in sources():
        for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', source):
            for key in KEY.findall(text):
                used.setdefault(key, path)
        for key in QUOTED.findall(source):
            used.setdefault(key, path)
    return used


def words_of(section):
    return {k for head, _ in items(section) for k in head.replace(",", " ").split()}


def test_keys():
    used = keys_used()
    assert {"reason", "peer", "remedy", "server", "kind", "p50-ns"} <= set(used), "the search finds nothing"
    listed = words_of("KEYS")
    assert set(used) == listed, {k: used.get(k, "only on the page") for k in set(used) ^ listed}


def test_events():
    used = {}
    for path, source in sources():
        for event in TEMPLATE.findall(source) + [a or b for a, b in VERB.findall(source)]:
            used.setdefault(event, path)
    assert {"accept", "close", "deny", "auth", "answer", "client-closed", "bus-up", "hooks", "refuse", "not-loaded"} <= set(used), "the search finds too little"
    listed = words_of("EVENTS")
    assert set(used) == listed, {k: used.get(k, "only on the page") for k in set(used) ^ listed}


def test_every_line_is_made_by_the_one_formatter():
    """No plugin and no daemon writes prose past it: what pppd, xl2tpd and charon log of ours is a line that logline.c made."""
    host_log = re.compile(r"\b(?:notice|warn|error|info|dbglog|fatal)\((?!\"%s\", ln(?:\.|->)text\))|\bxl2tpd->log\((?!prio, \"%s\", ln->text\))|"
                          r"\bsabus_log\((?!\"%s\", ln->text\))|\bsyslog\((?!prio, \"%s\", ln(?:\.|->)text\))")
    found = [(path, source[m.start():m.start() + 60]) for path, source in sources() for m in host_log.finditer(source)]
    assert not found, found


def test_no_event_is_a_key():
    """SABUS_EVENT and SABUS_DAEMON are the journal's own."""
    assert not {"event", "daemon"} & set(keys_used())

# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md as a script: the journeys (journey_*) run the commands that people read there, word by word, so that none can rot.

A comment that no reader sees, before an indented block, makes it part of a journey:

    <!-- journey: sysadmin-look ADDRESS -->

        sabusctl explain --peer ADDRESS

Blocks of one name are one script, in their order.  ADDRESS is a word that readers replace by their own; a journey must do so for exactly
the words that the mark names, and each of them must be in the block.  Nothing else may differ from what is printed.

A command is a line, with those it goes on to (a backslash at the end, a quotation that is open).  script() runs them in one shell, as a
person would: directory and variables last; the first that fails ends it, and says where it is printed.

Pure: text in, text out.  Guests and the rig itself (riglib) both import it.
"""

import re
import shlex
from collections import namedtuple

# LINE: in README.md, from 1
Block = namedtuple("Block", "name line words commands")
Command = namedtuple("Command", "line text")

MARK = re.compile(r"^( *)<!-- journey: ([a-z0-9-]+)((?: [A-Z][A-Z_]*)*) -->$")
INDENT = 4      # of a block, beyond its mark: Markdown's

# Standard input is empty: what asks, asks nobody.
RUN = """\
step() {
	printf '\\n$ %s\\n' "$2"
	eval "$2" </dev/null
	status=$?
	[ "$status" = 0 ] || { printf 'README.md, line %d, failed with status %d: %s\\n' "$1" "$status" "$2"; exit "$status"; } >&2
}
"""


class Wrong(Exception):
    """What README.md or its user has wrong; the text names line, mark or word."""


def _body(lines, at, indent):
    """[(number, line)] of the block after line AT, without its indentation."""
    found = []
    for number in range(at, len(lines)):
        line = lines[number]
        if line.strip() and not line.startswith(" " * indent):
            break
        found.append((number + 1, line[indent:]))
    return found


def _whole(text):
    """Is it a command that ends here?"""
    try:
        shlex.split(text, comments=True)
        return True
    except ValueError:
        return False


def _commands(body):
    """Lines joined to commands; lines that are only a comment are none."""
    found, number, text = [], 0, ""
    for at, line in body:
        number, text = (number, text + "\n" + line) if text else (at, line)
        if not _whole(text):
            continue
        if shlex.split(text, comments=True):
            found.append(Command(number, text))
        text = ""
    if text:
        raise Wrong("README.md, line %d: this command has no end: %s" % (number, text))
    return found


def blocks(text):
    """All marked blocks."""
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines, 1):
        mark = MARK.match(line)
        if not mark:
            if "<!-- journey" in line:
                raise Wrong("README.md, line %d: not '<!-- journey: name WORD... -->': %s" % (number, line.strip()))
            continue
        name, words = mark[2], mark[3].split()
        commands = _commands(_body(lines, number, len(mark[1]) + INDENT))
        if not commands:
            raise Wrong("README.md, line %d: no indented command after the mark '%s'" % (number, name))
        for word in words:
            if not any(_word(word).search(c.text) for c in commands):
                raise Wrong("README.md, line %d: '%s' names %s, which is not in its block" % (number, name, word))
        found.append(Block(name, number, words, commands))
    return found


def _word(word):
    return re.compile(r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(word))


def commands(text, name, values=None):
    """The commands of all blocks NAME; VALUES: {WORD: what stands there instead}."""
    mine, values = [b for b in blocks(text) if b.name == name], values or {}
    if not mine:
        raise Wrong("README.md has no block '%s'; it has: %s" % (name, " ".join(sorted({b.name for b in blocks(text)})) or "none"))
    words = {w for b in mine for w in b.words}
    if words != set(values):
        raise Wrong("README.md, line %d: '%s' is to be given %s, and was given %s" % (
            mine[0].line, name, sorted(words) or "nothing", sorted(values) or "nothing"))
    found = [c for b in mine for c in b.commands]
    for word, value in values.items():
        found = [c._replace(text=_word(word).sub(lambda _m, v=value: v, c.text)) for c in found]
    return found


def steps(found):
    """Shell text (bash, after RUN) that runs these commands."""
    return "".join("step %d %s\n" % (c.line, shlex.quote(c.text)) for c in found)


def script(found):
    """The same, to be run by itself."""
    return RUN + steps(found)

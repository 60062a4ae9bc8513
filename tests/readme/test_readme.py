# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md as a script (integration/scenarios/lib/readme.py): what it takes, what it refuses by name, and that each marked block is run by a journey."""

import ast
import os
import pathlib
import re
import subprocess
import sys

import pytest

SRC = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SRC / "integration/scenarios/lib"))
sys.dont_write_bytecode = True
import readme  # noqa: E402

MANUAL = """\
# A title

1. In a list:
   <!-- journey: one ADDRESS -->

       # look
       echo first ADDRESS     # it's the ADDRESS
       printf '%s\\n' a \\
              'b
       c'

       X=kept; cd /

   Text.

<!-- journey: two -->

    false
    echo never

<!-- journey: one -->

    echo "$X" "$PWD" ADDRESSES
"""


def run(text):
    return subprocess.run(["bash", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=30)


def test_commands_in_order():
    """Blocks of one name are one script, word by word; a comment alone is no command, a continued line is one."""
    found = readme.commands(MANUAL, "one", {"ADDRESS": "192.0.2.7"})
    assert [c.line for c in found] == [7, 8, 12, 23]
    assert found[0].text == "echo first 192.0.2.7     # it's the 192.0.2.7"
    assert found[1].text == "printf '%s\\n' a \\\n       'b\nc'"
    assert found[3].text == 'echo "$X" "$PWD" ADDRESSES'


def test_script_is_one_shell():
    """What one command sets, the next has; each is shown before what it says."""
    done = run(readme.script(readme.commands(MANUAL, "one", {"ADDRESS": "192.0.2.7"})))
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n$ echo first 192.0.2.7" in done.stdout and "\nfirst 192.0.2.7\n" in done.stdout
    assert "\na\nb\nc\n" in done.stdout and done.stdout.endswith("\nkept / ADDRESSES\n")


def test_script_ends_at_a_failure():
    """A command that fails is the last; line, status and command are said."""
    done = run(readme.script(readme.commands(MANUAL, "two")))
    assert done.returncode == 1 and done.stderr == "README.md, line 18, failed with status 1: false\n" and "never" not in done.stdout


@pytest.mark.parametrize("manual, name, values, says", [
    (MANUAL, "three", {}, "no block 'three'; it has: one two"),
    (MANUAL, "one", {}, "line 4: 'one' is to be given ['ADDRESS'], and was given nothing"),
    (MANUAL, "two", {"PORT": "1"}, "'two' is to be given nothing, and was given ['PORT']"),
    ("<!-- journey: one -->\n\nText.\n\n    echo too far\n", "one", {}, "line 1: no indented command after the mark 'one'"),
    ("<!-- journey: one -->\n", "one", {}, "no indented command after the mark 'one'"),
    ("<!-- journey: one -->\n\n    # only a comment\n", "one", {}, "no indented command after the mark 'one'"),
    ("<!-- journey: one PORT -->\n\n    echo ADDRESS\n", "one", {"PORT": "1"}, "'one' names PORT, which is not in its block"),
    ("<!-- journey one -->\n\n    echo\n", "one", {}, "line 1: not '<!-- journey: name WORD... -->'"),
    ("<!-- journey: one -->\n\n    echo 'open\n\ntext\n", "one", {}, "line 3: this command has no end: echo 'open"),
    ("", "one", {}, "no block 'one'; it has: none"),
])
def test_refused(manual, name, values, says):
    """What is wrong is named: a mark that was renamed or misspelt, an empty block, a word that is not there or not given."""
    with pytest.raises(readme.Wrong) as e:
        readme.commands(manual, name, values)
    assert says in str(e.value)


def followed():
    """Names that a journey asks for: strings of its Python, 'follow NAME' of its shell text."""
    found = set()
    for path in (SRC / "integration").rglob("*journey*"):
        if path.suffix == ".py":
            found |= {n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        elif path.suffix == ".sh":
            found |= set(re.findall(r"^\t*(?:follow|must_fail) ([a-z0-9-]+)", path.read_text(), re.M))
    return found


def test_every_block_is_followed():
    """No block of README.md is marked and run by nobody."""
    marked = {b.name for b in readme.blocks((SRC / "README.md").read_text())}
    assert marked and not marked - followed(), "marked in README.md, followed by no journey: %s" % sorted(marked - followed())


def test_blocks_are_shell():
    """bash takes each block as it is printed."""
    for name in sorted({b.name for b in readme.blocks((SRC / "README.md").read_text())}):
        words = {w: w for b in readme.blocks((SRC / "README.md").read_text()) if b.name == name for w in b.words}
        done = subprocess.run(["bash", "-n", "-c", "\n".join(c.text for c in readme.commands((SRC / "README.md").read_text(), name, words))],
                              stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0, (name, done.stderr)

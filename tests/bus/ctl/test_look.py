# SPDX-License-Identifier: GPL-2.0-or-later
"""How it looks: colours on a terminal only, help for everything, completions that know everything."""

import os
import pty
import re
import shutil
import subprocess

import ctl
import pytest
from sabusd import SABUSCTL, Sabusd

FOLDER = os.path.join(ctl.SRC, "plugins/bus/ctl")


@pytest.fixture
def bus():
    with Sabusd() as b:
        ctl.fill(b)
        yield b


def on_terminal(args, **env):
    master, slave = pty.openpty()
    env = {k: v for k, v in {**os.environ, "TERM": "xterm", **env}.items() if v is not None}
    child = subprocess.Popen([SABUSCTL] + args, stdout=slave, env=env)
    os.close(slave)
    out = b""
    try:
        while True:
            got = os.read(master, 65536)
            if not got:
                break
            out += got
    except OSError:     # Linux says EIO when the other end is closed
        pass
    os.close(master)
    child.wait(30)
    return out.decode()


def coloured(text):
    return "\x1b[" in text


def test_colour_on_a_terminal_only(bus):
    args = ["-s", bus.path("read"), "status"]
    assert coloured(on_terminal(args, NO_COLOR=None)) and coloured(on_terminal(args, NO_COLOR=""))
    assert not coloured(on_terminal(args, NO_COLOR="1"))
    assert not coloured(on_terminal(args, TERM="dumb", NO_COLOR=None)) and not coloured(on_terminal(args, TERM=None, NO_COLOR=None))
    assert not coloured(ctl.run(*args).stdout)
    assert coloured(ctl.run(*args, "--color", "always").stdout) and not coloured(on_terminal(args + ["--color=never"], NO_COLOR=None))
    assert not coloured(on_terminal(args + ["--json"], NO_COLOR=None))
    assert ctl.run(*args, "--color", "sometimes").returncode == 2


def test_colours_say_something(bus):
    """Green for what is well, red for what is refused; without them the text is the same."""
    args = ["-s", bus.path("read"), "status"]
    text = ctl.run(*args, "--color", "always").stdout
    assert "\x1b[32mok-protected\x1b[0m" in text and "\x1b[31mno-sa\x1b[0m" in text and "\x1b[33mpending\x1b[0m" in text
    plain = ctl.run(*args).stdout
    assert [re.sub(r"\d+s", "", line) for line in re.sub(r"\x1b\[\d+m", "", text).splitlines()] == [re.sub(r"\d+s", "", line) for line in plain.splitlines()]


def test_every_command_has_help():
    names = ctl.commands()
    assert names == ["status", "show", "ids", "monitor", "explain", "doctor", "mtu", "close", "metrics", "stats"]
    for name in names:
        got = ctl.run(name, "--help")
        assert got.returncode == 0 and got.stdout.startswith("usage: sabusctl " + name)
        assert {"--socket", "--json", "--color", "--help", "--version"} <= set(ctl.help_of(name))


def test_options_before_and_after_the_command(bus):
    a = ctl.run("--json", "-s", bus.path("read"), "ids").stdout
    assert a == ctl.run("ids", "-s", bus.path("read"), "--json").stdout == ctl.run("-j", "ids", "--socket=" + bus.path("read")).stdout and a.startswith("{")


@pytest.mark.parametrize("args, said", [(["ids", "--sessions"], "sabusctl ids"), (["show"], "ID"), (["mtu", "a", "b"], "b"), (["--why", "x", "close", "lo"], "--why"),
                                        (["close", "lo", "--why"], "--why"), (["explain", "now"], "now")])
def test_usage_names_the_command(args, said):
    got = ctl.run(*args)
    assert got.returncode == 2 and said in got.stderr and "--help" in got.stderr and not got.stdout


def test_manual_knows_every_option():
    with open(os.path.join(FOLDER, "sabusctl.8")) as f:
        page = f.read()
    words = set(re.findall(r"-[\w-]+", page))
    for name in ctl.commands():
        assert re.search(r"^\.It Cm %s\b" % name, page, re.M), name
        for option in ctl.help_of(name):
            assert option[1:] in words, "%s of %s" % (option, name)


def test_every_example_of_the_manual_is_understood(bus):
    """Those that ask nobody are run; of the others the words are."""
    with open(os.path.join(FOLDER, "sabusctl.8")) as f:
        examples = re.findall(r"^\.Dl sabusctl (.*)", f.read().split(".Sh EXAMPLES")[1], re.M)
    assert len(examples) >= 5
    for line in examples:
        args = line.split(" >>")[0].split()
        if args[0] == "monitor":
            assert ctl.run(args[0], "--help").returncode == 0
            continue
        args = ["/dev/null" if a.startswith("/etc/") else a for a in args]
        got = ctl.run(*args, "-s", bus.path("read"))
        assert got.returncode in (0, 3) and not got.stderr, (line, got)


# ---- completion ----

def bash(*words, path=None):
    """What TAB offers after these words (the last one is begun)."""
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sabusctl "$1"; printf "%s\\n" "${COMPREPLY[@]}"'
    got = subprocess.run(["bash", "-c", script, "-", os.path.join(FOLDER, "sabusctl.bash"), SABUSCTL] + list(words), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=True, timeout=30)
    assert not got.stderr, got.stderr
    return set(got.stdout.split())


def test_bash_knows_commands_and_options():
    assert bash("") == set(ctl.commands()) and bash("sta") == {"status", "stats"}
    for name in ctl.commands():
        assert bash(name, "--") == set(ctl.help_of(name)), name


def test_bash_knows_values():
    """Each option with an argument has an answer of its own, and each word offered is taken."""
    for name in ctl.commands():
        for option, takes in ctl.help_of(name).items():
            offered = bash(name, option, "")
            if takes and option in ("--socket", "--options", "--identity-map", "--color", "--root", "--only"):
                continue
            if not takes:
                assert offered == bash(name, ""), option
            elif name == "explain":
                for word in offered:
                    facts = ["--suite", "aes256gcm128"] if option not in ("--suite", "--known") else []
                    got = ctl.run("explain", option, word, *facts)
                    assert got.returncode in (0, 3) or (option == "--bind-identity" and "user" in got.stderr), (option, word, got)
    assert bash("explain", "--known", "no") == {"none", "no-tunnel"} and "aes256gcm128" in bash("mtu", "aes")


def test_bash_knows_ids(bus):
    assert bash("-s", bus.path("read"), "show", "call/") == {"call/10/20", "call/10/21"} and "lo" in bash("--socket", bus.path("read"), "close", "")


def test_zsh_knows_commands_and_options():
    with open(os.path.join(FOLDER, "sabusctl.zsh")) as f:
        text = f.read()
    assert re.findall(r"^\t+'([a-z]+):", text, re.M) == ctl.commands()
    named = set(re.findall(r"(?:^|[\s'{,*])(--[\w-]+)(?=[\[}'])", text, re.M))
    options = {o for name in ctl.commands() for o in ctl.help_of(name)}
    assert named == options


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_takes_the_file():
    script = "autoload -Uz compinit; fpath=(%s $fpath); compinit -D -u; autoload +X _sabusctl && whence -w _sabusctl"
    got = subprocess.run(["zsh", "-fc", "set -e; d=$(mktemp -d); cp %s $d/_sabusctl; " % os.path.join(FOLDER, "sabusctl.zsh") + script % "$d" + "; rm -r $d"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert got.returncode == 0 and "_sabusctl: function" in got.stdout and not got.stderr, got

# SPDX-License-Identifier: GPL-2.0-or-later
"""'rig shell SCENARIO': a shell inside the guest as soon as the scenario's tunnel
is up, or at its end when it never gets there.  One command per host enters it:
'client', 'lns'; with arguments it runs them there."""

import os
import signal
import subprocess

BIN = "/tmp/rig-bin"
GREETING = """
--- {when} ---
{commands}
logs: {dir}
The end of this shell is the end of the guest.
"""


def _commands(scene):
    """One small script per host in BIN; the lines that explain them."""
    os.makedirs(BIN, exist_ok=True)
    lines = []
    for h in [e.host for t in scene.tunnels for e in t.ends.values()] + scene.hosts:
        path = os.path.join(BIN, h.name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n[ $# -gt 0 ] || set -- bash\nexec %s \"$@\"\n" % " ".join(h.enter))
        os.chmod(path, 0o755)
        lines.append("%-8s a shell on that host; '%s COMMAND...' runs it there" % (h.name, h.name))
    return "\n".join(lines)


def _console():
    """The guest's own console, where there is one: it can be a controlling
    terminal, /dev/console cannot."""
    try:
        with open("/sys/class/tty/console/active") as f:
            return "/dev/" + f.read().split()[-1]
    except (OSError, IndexError):
        return ""


def open_for(scene, when):
    """Hand the terminal over, and end the run afterwards."""
    import pytest
    signal.alarm(0)
    if scene and not scene.shown:
        scene.shown = True
        text = GREETING.format(when=when, commands=_commands(scene), dir=scene.dir)
        env = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], PS1="guest:\\w# ", TERM="xterm")
        for name in ("RIG_SHELL", "PYTHONDONTWRITEBYTECODE"):
            env.pop(name, None)
        where = _console()
        # In a container's native guest the console is the host's: keep our own.
        mine = not os.path.exists(where) or os.path.exists("/dev/console") is False
        script = 'printf "%s\\n" "$0"; exec bash --norc -i'
        if mine:
            subprocess.run(["sh", "-c", script, text], env=env, check=False)
        else:
            subprocess.run(["setsid", "-c", "-w", "sh", "-c", "exec <%s >%s 2>&1; stty sane -echoctl; %s" % (where, where, script), text],
                           env=env, check=False)
    pytest.exit("the shell has ended", returncode=0)


def offer(scene):
    """From now on the first tunnel of SCENE that comes up opens the shell."""
    make = scene.tunnel

    def tunnel(**options):
        t = make(**options)
        wait_up = t.wait_up

        def then_shell(*args, **kw):
            wait_up(*args, **kw)
            open_for(scene, "the tunnel is up")
        t.wait_up = then_shell
        return t
    scene.tunnel = tunnel

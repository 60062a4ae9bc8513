# SPDX-License-Identifier: GPL-2.0-or-later
"""Files below a root, changes to them that are only planned, the diff, the way there and back.

What apply() writes is noted with its checksum: back() touches nothing that somebody has changed since.  An original is kept before anything is
written; the note is written last but one and removed last, so that a run that was interrupted can be undone, too."""

import difflib
import hashlib
import json
import os
import shutil

KEPT = "var/lib/sabus/migrate"
NOTE = "note.json"


class Cannot(Exception):
    """The text says what is in the way and what to do."""


class Notes:
    """What people are told besides the diff."""

    def __init__(self, what):
        self.what, self.by_hand, self.commands = what, [], []


def _sum(data):
    return hashlib.sha256(data).hexdigest()


class Tree:
    def __init__(self, root):
        if not os.path.isdir(root):
            raise Cannot("--root %s: no such directory" % root)
        self.root = os.path.realpath(root)
        self.new = {}       # path: text
        self.modes = {}     # of files that do not exist yet

    def at(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def has(self, path):
        return path in self.new or os.path.isfile(self.at(path))

    def _original(self, path):
        with open(self.at(path), encoding="utf-8", errors="surrogateescape") as f:
            return f.read()

    def read(self, path):
        """The text, with planned changes; None where there is no such file."""
        if path in self.new:
            return self.new[path]
        return self._original(path) if os.path.isfile(self.at(path)) else None

    def names(self, folder):
        where = self.at(folder)
        return sorted(os.path.join(folder, n) for n in os.listdir(where)) if os.path.isdir(where) else []

    def write(self, path, text, mode=0o644):
        self.new[path] = text
        self.modes[path] = mode

    def changes(self):
        return sorted(p for p, text in self.new.items() if not os.path.isfile(self.at(p)) or self._original(p) != text)

    def diff(self):
        """A unified diff; secrets are in it only as far as their lines change."""
        out = []
        for path in self.changes():
            old = self._original(path) if os.path.isfile(self.at(path)) else None
            out += difflib.unified_diff([] if old is None else old.splitlines(True), self.new[path].splitlines(True),
                                        "/dev/null" if old is None else "a" + path, "b" + path)
        return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in out)

    # ---- there ----

    def migrated(self):
        return os.path.isfile(os.path.join(self.at(KEPT), NOTE))

    def _note(self, note):
        path = os.path.join(self.at(KEPT), NOTE)
        with open(path + ".new", "w") as f:
            json.dump(note, f, indent=1, sort_keys=True)
            f.flush()
            os.fsync(f.fileno())
        os.replace(path + ".new", path)

    def _keep(self, path):
        """The original beside the note; what is needed to put it back."""
        if not os.path.lexists(self.at(path)):
            missing = os.path.dirname(path)
            made = []
            while missing not in ("", "/") and not os.path.isdir(self.at(missing)):
                made.append(missing)
                missing = os.path.dirname(missing)
            return {"original": None, "folders": made}
        copy = os.path.join(self.at(KEPT), path.lstrip("/").replace("/", "%"))
        shutil.copy2(self.at(path), copy, follow_symlinks=True)
        st = os.stat(self.at(path))
        os.chown(copy, st.st_uid, st.st_gid)
        return {"original": os.path.basename(copy), "folders": []}

    def apply(self):
        os.makedirs(self.at(KEPT), mode=0o700, exist_ok=True)
        os.chmod(self.at(KEPT), 0o700)
        paths = self.changes()
        note = {path: self._keep(path) for path in paths}
        for path in paths:
            note[path]["sum"] = _sum(self.new[path].encode("utf-8", "surrogateescape"))
        self._note(note)
        for path in paths:
            self._put(path)

    def _put(self, path):
        """In place, so that owner and mode of a file that is there stay."""
        where = self.at(path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with open(os.open(where, flags, self.modes.get(path, 0o644)), "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(self.new[path])

    # ---- and back ----

    def back(self):
        """Puts all originals back, or nothing; their paths."""
        if not self.migrated():
            raise Cannot("nothing to put back: no %s" % self.at(os.path.join(KEPT, NOTE)))
        with open(os.path.join(self.at(KEPT), NOTE)) as f:
            note = json.load(f)
        for path, was in note.items():
            self._check(path, was)
        for path, was in sorted(note.items()):
            self._restore(path, was)
        shutil.rmtree(self.at(KEPT))
        return sorted(note)

    def _check(self, path, was):
        if not os.path.isfile(self.at(path)):
            return
        with open(self.at(path), "rb") as f:
            now = _sum(f.read())
        original = None
        if was["original"]:
            with open(os.path.join(self.at(KEPT), was["original"]), "rb") as f:
                original = _sum(f.read())
        if now not in (was["sum"], original):
            raise Cannot("%s was changed after the migration; nothing was put back. Its original is %s" %
                         (path, os.path.join(self.at(KEPT), was["original"]) if was["original"] else "no file: remove it by hand, or move it away"))

    def _restore(self, path, was):
        where = self.at(path)
        if was["original"]:
            copy = os.path.join(self.at(KEPT), was["original"])
            shutil.copy2(copy, where)
            st = os.stat(copy)
            os.chown(where, st.st_uid, st.st_gid)
            return
        if os.path.isfile(where):
            os.remove(where)
        for folder in was["folders"]:
            if os.path.isdir(self.at(folder)) and not os.listdir(self.at(folder)):
                os.rmdir(self.at(folder))

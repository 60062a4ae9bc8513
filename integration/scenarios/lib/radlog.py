# SPDX-License-Identifier: GPL-2.0-or-later
"""FreeRADIUS' own debug log as facts: what it received and sent, decoded by its dictionaries.

    (3) Received Access-Request Id 7 from 10.7.0.2:50123 to 10.7.0.1:1812 length 321
    (3)   User-Name = "user"
"""

import re

HEAD = re.compile(r"^(?:.*? : \w+: )?\((\d+)\) (Received|Sent) ([A-Z][\w-]+) Id (\d+) from (\S+) to (\S+) length (\d+)")
ATTRIBUTE = re.compile(r"^(?:.*? : \w+: )?\((\d+)\)   ([A-Za-z][\w.-]*(?::\d+)?) (?:=|:=|\+=) (.*)$")
REQUEST = re.compile(r"^(?:.*? : \w+: )?\((\d+)\)")


class Message:
    """DIRECTION 'Received' or 'Sent'; KIND 'Access-Request' ...; attributes [(name, value)], strings without their quotes."""

    def __init__(self, number, direction, kind, ident, src, dst):
        self.number, self.direction, self.kind, self.id, self.src, self.dst = number, direction, kind, ident, src, dst
        self.attributes = []

    def all(self, name):
        return [v for n, v in self.attributes if n == name]

    def get(self, name):
        """The first value, None when there is none."""
        values = self.all(name)
        return values[0] if values else None

    def __repr__(self):
        return "%s %s(%s) %s" % (self.direction, self.kind, self.number, dict(self.attributes))


def _value(text):
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text


def messages(text):
    """All messages that have been written to their end, in order."""
    found, current, whole = [], {}, set()
    for line in text[:text.rfind("\n") + 1].splitlines():
        head = HEAD.match(line)
        if head:
            whole.add(current.get(head.group(1)))
            message = Message(int(head.group(1)), head.group(2), head.group(3), int(head.group(4)), head.group(5), head.group(6))
            current[head.group(1)] = message
            found.append(message)
            continue
        m = ATTRIBUTE.match(line)
        if m and m.group(1) in current:
            current[m.group(1)].attributes.append((m.group(2), _value(m.group(3))))
            continue
        number = REQUEST.match(line)
        if number:
            whole.add(current.pop(number.group(1), None))
        elif line.strip():
            whole.update(current.values())      # a delayed rejection is the last that is said of its request
    return [m for m in found if m in whole]

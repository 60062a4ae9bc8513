# SPDX-License-Identifier: GPL-2.0-or-later
"""generate: one table, and what is made of it says the same; what is wrong in the table is refused with its line."""
import ctypes
import ctypes.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import server  # noqa: E402

generate = server.generate
TABLE = (server.PLUGIN / "attributes.tsv").read_text()
BASE = (server.PLUGIN / "base.radiusclient").read_text()
ATTRIBUTES = generate.parse(TABLE)
LINE = "1\tSabus-A\tinteger\trequest\tsabus_a\tNo=0,Yes=1\tsays"


def read_flat(text):
    """As radcli's rc_dict_init and pppd's rc_read_dictionary do: {vendor or None: {number: (name, type)}}, {(attribute, value): number}."""
    vendors, found, values = {}, {}, {}
    for line in text.splitlines():
        assert len(line) < 255, line
        words = line.split()
        assert all(len(w) <= 63 for w in words) or line.startswith("#"), line
        if not words or line.startswith("#"):
            continue
        assert "#" not in line, line
        if words[0] == "VENDOR":
            assert len(words) == 3 and len(words[1]) <= 32
            vendors[words[1]] = int(words[2])
        elif words[0] == "ATTRIBUTE":
            assert len(words) in (4, 5) and len(words[1]) <= 32, line
            assert words[3] in ("string", "integer", "ipaddr", "date", "ipv6addr", "ipv6prefix"), line
            space = found.setdefault(vendors[words[4]] if len(words) == 5 else None, {})
            assert int(words[2]) not in space, line
            space[int(words[2])] = (words[1], words[3])
        else:
            assert words[0] == "VALUE" and len(words) == 4 and len(words[2]) <= 32, line
            assert any(name == words[1] for space in found.values() for name, _ in space.values()), line
            values[words[1], words[2]] = int(words[3])
    return found, values


def read_freeradius(text):
    """FreeRADIUS' format: (vendor, {number: (name, type)}, {(attribute, value): number})."""
    vendor = int(re.search(r"(?m)^VENDOR\s+Sabus\s+(\d+)$", text)[1])
    inside = text[text.index("BEGIN-VENDOR"):text.index("END-VENDOR")]
    found = {int(n): (name, kind) for name, n, kind in re.findall(r"(?m)^ATTRIBUTE\t(\S+)\t(\d+)\t(\S+)$", inside)}
    values = {(a, v): int(n) for a, v, n in re.findall(r"(?m)^VALUE\t(\S+)\t(\S+)\t(\d+)$", inside)}
    return vendor, found, values


def test_all_dictionaries_say_the_same():
    """What one end sends by its dictionary the other reads by its own."""
    vendor, theirs, their_values = read_freeradius(generate.freeradius(ATTRIBUTES, 4711, None))
    found, values = read_flat(generate.radiusclient(ATTRIBUTES, 4711, None))
    assert vendor == 4711 and set(found) == {4711}
    assert found[4711] == {n: a for n, a in theirs.items() if n < 192}
    assert values == {k: v for k, v in their_values.items() if k[0] in {name for name, _ in found[4711].values()}}
    assert set(theirs) == {a.number for a in ATTRIBUTES}


def test_the_whole_flat_dictionary():
    """One file for radius.so and radcli: RFC 2865 and its kin, Microsoft's, ours; no number twice."""
    found, values = read_flat(generate.flat(ATTRIBUTES, 32473, BASE))
    assert set(found) == {None, 311, 32473}
    assert found[None][1] == ("User-Name", "string") and found[None][90] == ("Tunnel-Client-Auth-Id", "string")
    # radius.so takes their value only when they are numbers
    assert found[311][7] == ("MS-MPPE-Encryption-Policy", "integer") and found[311][25] == ("MS-CHAP2-Response", "string")
    assert values["NAS-Port-Type", "Virtual"] == 5 and values["Tunnel-Type", "L2TP"] == 3


class DictAttr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char * 33), ("value", ctypes.c_int), ("type", ctypes.c_int), ("next", ctypes.c_void_p)]


@pytest.mark.skipif(ctypes.util.find_library("radcli") is None, reason="radcli (Debian: libradcli4) is not installed")
def test_radcli_reads_the_flat_dictionary(tmp_path):
    """By the library itself: each attribute by its name, with vendor and number in one."""
    (tmp_path / "dictionary").write_text(generate.flat(ATTRIBUTES, 65535, BASE))
    radcli = ctypes.CDLL(ctypes.util.find_library("radcli"))
    radcli.rc_new.restype = ctypes.c_void_p
    radcli.rc_dict_findattr.restype = ctypes.POINTER(DictAttr)
    handle = ctypes.c_void_p(radcli.rc_new())
    assert radcli.rc_read_dictionary(handle, str(tmp_path / "dictionary").encode()) == 0
    for a in generate.wire(ATTRIBUTES):
        found = radcli.rc_dict_findattr(handle, a.name.encode())
        assert found and found.contents.value & 0xffffffff == 65535 << 16 | a.number
    assert radcli.rc_dict_findattr(handle, b"MS-CHAP2-Response").contents.value == 311 << 16 | 25
    assert not radcli.rc_dict_findattr(handle, b"Sabus-Need-Protected")


@pytest.mark.skipif(not os.path.isdir("/usr/share/freeradius"), reason="FreeRADIUS' dictionaries are not installed")
def test_base_attributes_are_those_of_freeradius():
    """Numbers, names and types of the flat set against FreeRADIUS' own dictionaries."""
    known = {}
    for name in ("rfc2865", "rfc2866", "rfc2867", "rfc2868", "rfc2869", "rfc3162", "rfc4372", "rfc4818", "rfc3576", "rfc5176", "rfc6911", "microsoft"):
        text = Path("/usr/share/freeradius/dictionary." + name).read_text()
        for a, n, kind in re.findall(r"(?m)^ATTRIBUTE\s+(\S+)\s+(\d+)\s+(\w+)", text):
            known[311 if name == "microsoft" else None, int(n)] = (a.lower(), kind)
    same = {"octets": "string", "ifid": "string", "byte": "integer", "ipv6prefix": "ipv6prefix"}
    found, _ = read_flat(BASE)
    for vendor, space in found.items():
        for number, (name, kind) in space.items():
            if number in (227, 228):
                continue    # pppd's own
            theirs = known[vendor, number]
            assert theirs[0] == name.lower(), (name, theirs)
            assert same.get(theirs[1], theirs[1]) == kind or (vendor == 311 and theirs[1] == "octets"), (name, theirs)


def test_header_compiles_and_agrees(tmp_path):
    """The C side: numbers and values as in the table, and a dictionary text that the reader takes."""
    (tmp_path / "sabus-attributes.h").write_text(generate.header(ATTRIBUTES, 4711, None))
    (tmp_path / "t.c").write_text("""
#include <stdio.h>
#include "sabus-attributes.h"
#define X(number, name, is_string, where) printf("%d %s %s %s\\n", number, name, is_string ? "string" : "integer", where);
int main(void)
{
	SABUS_ATTRIBUTES(X)
	printf("vendor %u %d %u\\n", SABUS_RADIUS_VENDOR, SABUS_AT_PROTECTED, SABUS_AV_PROTECTED_CONFIDENTIAL);
	fputs(SABUS_FLAT_DICTIONARY, stdout);
	return 0;
}
""")
    compiler = os.environ.get("CC", "").split() or [shutil.which("gcc") or "cc"]
    subprocess.run([*compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", str(tmp_path), "-o", str(tmp_path / "t"), str(tmp_path / "t.c")], check=True)
    lines = subprocess.run([str(tmp_path / "t")], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    wire = generate.wire(ATTRIBUTES)
    assert lines[:len(wire)] == ["%d %s %s %s" % (a.number, a.name, a.type, a.where) for a in wire]
    assert lines[len(wire)] == "vendor 4711 1 2"
    found, _ = read_flat("\n".join(lines[len(wire) + 1:]))
    assert found == {4711: {a.number: (a.name, a.type) for a in wire}}


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_columns_of_table_migrations_and_queries_are_the_same(dialect):
    """What the queries fill is what the migrations make is what the table has."""
    wanted = {a.column for a in ATTRIBUTES if a.column}
    text = "".join(p.read_text() for p in sorted((server.PLUGIN / "sql" / dialect).glob("*.sql")))
    tables, table = {"radacct": set(), "radpostauth": set()}, None
    for line in text.splitlines():
        m = re.match(r"ALTER TABLE (\w+)", line)
        table = m[1] if m else table
        m = re.search(r"ADD COLUMN (?:IF NOT EXISTS )?(\w+) (text|bigint)", line)
        if m:
            tables[table].add(m[1])
    assert tables["radacct"] == wanted
    assert tables["radpostauth"] >= {a.column for a in ATTRIBUTES if a.column and a.where == "request"}
    made = generate.MAKERS[dialect](ATTRIBUTES, 1, (server.PLUGIN / "sql" / ("queries-%s.conf.in" % dialect)).read_text())
    assert set(re.findall(r"(sabus_\w+) = COALESCE", made)) == wanted
    for a in ATTRIBUTES:
        if a.column:
            assert "%%{%s" % a.name in made
    assert "@" not in re.sub(r"(?m)^safe_characters.*$", "", made)
    # FreeRADIUS reads a line with all its continuations into 8 kB
    assert all(len(x) < 8000 for x in re.sub(r"\\\n", "", made).splitlines())


def test_man_page_has_each_attribute(tmp_path):
    """sabus-radius(7): number, type and values of all; mandoc has nothing to warn of."""
    page = generate.man(ATTRIBUTES, 4711, (server.PLUGIN / "sabus-radius.7.in").read_text())
    assert ".BR 4711 ." in page and "@" not in page.replace("before its @", "")
    for a in ATTRIBUTES:
        assert '.BR %s " (%d, %s)"' % (a.name.replace("-", "\\-"), a.number, a.type) in page
        assert all("%s (%d)" % (name.replace("-", "\\-"), number) in page for name, number in a.values.items())
    if shutil.which("mandoc"):
        (tmp_path / "sabus-radius.7").write_text(page)
        subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(tmp_path / "sabus-radius.7")], check=True)


@pytest.mark.parametrize("line, why", [
    (LINE + "\tmore", "8 fields"), (LINE.replace("1\t", "0\t", 1), "1..255"), (LINE.replace("1\t", "256\t", 1), "1..255"), (LINE.replace("1\t", "x\t", 1), "1..255"),
    (LINE.replace("Sabus-A", "Other-A"), "begin with Sabus-"), (LINE.replace("Sabus-A", "Sabus-" + "A" * 27), "at most 32"), (LINE.replace("Sabus-A", "Sabus A"), "letters, digits"),
    (LINE.replace("integer", "ipaddr"), "type 'ipaddr'"), (LINE.replace("request", "nowhere"), "where 'nowhere'"), (LINE.replace("request", "reply"), "only for what a request has"),
    (LINE.replace("sabus_a", "a; DROP TABLE radacct"), "column"), (LINE.replace("No=0", "No"), "NAME=NUMBER"), (LINE.replace("Yes=1", "No=1"), "twice"),
    (LINE.replace("Yes=1", "Yes=0"), "twice"), (LINE.replace("Yes=1", "Yes=4294967296"), "NAME=NUMBER"), (LINE.replace("integer", "string"), "string has no values"),
    (LINE.replace("Yes=1", "Yes=-1"), "NAME=NUMBER"),
])
def test_a_wrong_line_is_refused(line, why):
    """Each error names the line, and says what is wrong with it."""
    with pytest.raises(generate.Bad, match="line 2: .*" + re.escape(why)):
        generate.parse("# comment\n" + line + "\n")


@pytest.mark.parametrize("change", [("1\t", "2\t"), ("Sabus-A", "Sabus-B"), ("sabus_a", "sabus_b")])
def test_what_comes_twice_is_refused(change):
    """Number, name and column are each there once: two lines that differ in two of them still collide in the third."""
    other = LINE.replace("1\t", "2\t", 1).replace("Sabus-A", "Sabus-B").replace("sabus_a", "sabus_b")
    assert len(generate.parse(LINE + "\n" + other)) == 2
    old, new = change
    with pytest.raises(generate.Bad, match="line 2: "):
        generate.parse(LINE + "\n" + other.replace(new, old, 1))
    with pytest.raises(generate.Bad, match="line 2: "):
        generate.parse(LINE + "\n" + other.replace("Sabus-B", "SABUS-a").replace("SABUS", "Sabus"))


def test_an_empty_table_is_refused():
    with pytest.raises(generate.Bad, match="no attributes"):
        generate.parse("# nothing\n\n")


def run(*args):
    r = subprocess.run([sys.executable, "-B", str(server.PLUGIN / "generate"), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return r.returncode, r.stdout, r.stderr


@pytest.mark.parametrize("number", ["0", "65536", "-1"])
def test_vendor_number_must_fit_radcli(number):
    """radcli has 16 bits for it: what does not fit would land in another vendor's space."""
    code, out, err = run("freeradius", "--vendor=" + number, str(server.PLUGIN / "attributes.tsv"))
    assert code == 1 and out == "" and "is not 1..65535" in err


def test_command_line(tmp_path):
    """Errors end with 1 and the file's name, nothing on standard output."""
    bad = tmp_path / "bad.tsv"
    bad.write_text("nonsense\n")
    assert run("freeradius", str(bad)) == (1, "", "generate: %s: line 1: 1 fields, not 7\n" % bad)
    assert run("freeradius", str(tmp_path / "absent"))[0] == 1
    assert run("flat", str(server.PLUGIN / "attributes.tsv"))[0] == 1
    code, out, _ = run("radiusclient", "--vendor", "65535", str(server.PLUGIN / "attributes.tsv"))
    assert code == 0 and "VENDOR\tSabus\t65535" in out


@given(st.text(max_size=200))
def test_no_text_makes_the_generator_fall_over(text):
    """Whatever is in the table: attributes or Bad, no other exception."""
    try:
        assert generate.parse(text)
    except generate.Bad:
        pass


@given(st.lists(st.tuples(st.integers(1, 255), st.sampled_from(["string", "integer"]), st.sampled_from(generate.WHERE)), min_size=1, max_size=40, unique_by=lambda t: t[0]))
def test_any_table_goes_round(rows):
    """Any well-formed table comes back whole out of both dictionaries."""
    text = "".join("%d\tSabus-X%d\t%s\t%s\t-\t%s\tsays\n" % (n, n, kind, where, "A=0,B=%d" % n if kind == "integer" else "-") for n, kind, where in rows)
    attributes = generate.parse(text)
    vendor, found, values = read_freeradius(generate.freeradius(attributes, 99, None))
    assert vendor == 99 and found == {n: ("Sabus-X%d" % n, kind) for n, kind, _ in rows}
    flat, flat_values = read_flat(generate.radiusclient(attributes, 99, None))
    assert flat.get(99, {}) == {n: ("Sabus-X%d" % n, kind) for n, kind, where in rows if where != "server"}
    assert set(flat_values.items()) <= set(values.items())

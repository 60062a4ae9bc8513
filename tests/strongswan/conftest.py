# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: built plugins, hosts, charons.  All skip with the reason where no charon can be started."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness  # noqa: E402
from pair import Pair  # noqa: E402


@pytest.fixture(scope="session")
def can_run():
    reason = harness.why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def built(can_run, tmp_path_factory):
    """The folder with the right build of the plugin and the fake kernel."""
    out = tmp_path_factory.mktemp("built")
    harness.compile_plugin("sabus", out)
    harness.compile_plugin("fakekernel", out, sources=[pathlib.Path(__file__).parent / "fakekernel.c"])
    return out


@pytest.fixture
def cleanup():
    """Things to close(), last first, whatever happens."""
    things = []
    yield things.append
    for thing in reversed(things):
        thing.close()


@pytest.fixture
def pair(built, tmp_path, cleanup):
    """Factory: pair(**options) is two charons, see pair.py."""
    return lambda **options: Pair(tmp_path, built, cleanup, **options)

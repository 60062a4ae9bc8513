# SPDX-License-Identifier: GPL-2.0-or-later
"""No protection, no link.  Each scenario has a stock control that shows what
would happen without sabus."""

import pytest


@pytest.mark.clear_text_allowed(reason="negative control: shows that stock daemons leak")
def test_failclosed_stock_leaks_in_clear(tunnel, scene):
    """Stock daemons, wrong PSK: IKE fails, and the tunnel comes up in the clear."""
    t = tunnel(sabus=False, psk={"client": "wrong"}).start()
    assert t.ike(check=False).returncode != 0
    assert not t.lns.charon.installed()
    t.dial()
    t.wait_up()
    t.ping()
    assert len(t.wire.clear_l2tp()) > 6
    assert any("clear-text" in f for f in scene.faults(clear_text_allowed=False))
    assert not t.wire.esp_by_spi()

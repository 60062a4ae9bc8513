# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire format of the bus and its sabusd are those of tests/bus."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "bus")
sys.path[:0] = [HERE, BUS, os.path.join(BUS, "broker")]

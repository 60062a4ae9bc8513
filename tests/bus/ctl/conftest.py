# SPDX-License-Identifier: GPL-2.0-or-later
"""wire.py is one folder up, sabusd.py beside it in broker."""

import os
import sys

UP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [UP, os.path.join(UP, "broker")]

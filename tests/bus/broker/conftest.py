# SPDX-License-Identifier: GPL-2.0-or-later
"""wire.py is one folder up, for all tests of the bus."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

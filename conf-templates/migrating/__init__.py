# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of conf-templates/migrate: tree (files, diff, there and back), common (what every set-up gets), and one module for each shape."""

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# In the member: which files of Samba's cache does the extension take for downloaded
# in this run? A small file system of old stamps them by whole seconds.
import os
import sys
import types

from samba.param import LoadParm

sys.path.insert(0, '/usr/lib/sasser/samba')
import gp_sasser_ext    # noqa: E402

lp = LoadParm()
lp.load_default()
share = '//gpo.test/sysvol/gpo.test/Policies/{STAMPS}/GPT.INI'
path = os.path.join(lp.cache_path('gpo_cache'), 'GPO.TEST/POLICIES/{STAMPS}/GPT.INI')
os.makedirs(os.path.dirname(path), exist_ok=True)
open(path, 'w').close()
# the run began in the middle of a second
second = gp_sasser_ext.STARTED = 1700000000.5
for name, stamp in (('later', second + 0.1), ('in that second', second - 0.5),
                    ('before', second - 0.1), ('a second before', second - 1.5)):
    os.utime(path, (stamp, stamp))
    extension = types.SimpleNamespace(lp=lp)
    print(name, gp_sasser_ext.gp_sasser_ext.fresh(extension, share))
os.remove(path)
print('gone', gp_sasser_ext.gp_sasser_ext.fresh(extension, share))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes each value that the templates define to a GPO, as Windows' editor and
samba-tool do it, and reads the GPO again. Needs Samba 4.20 or later.

templates.py ADMX GUID SAMBA-TOOL-OPTION...
"""
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

NS = '{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}'
TEXTS = {'PolicyName': 'TEMPLATES', 'Mode': 'observe', 'Expires': '2099-12-31', 'Confirm': '5m'}
CLASS = {'Machine': 'MACHINE'}


def value(policy, key, name, kind, data):
    return {'keyname': key, 'valuename': name, 'class': CLASS[policy.get('class')],
            'type': kind, 'data': data}


def values(admx):
    for policy in xml.parse(admx).iter(NS + 'policy'):
        key = policy.get('key')
        if policy.get('valueName'):
            yield value(policy, key, policy.get('valueName'), 'REG_DWORD', 1)
        for element in policy.find(NS + 'elements') or []:
            if element.tag == NS + 'list':
                for i, line in enumerate(('in tcp 445 block', 'both tcp 5554 9996 block'), 1):
                    yield value(policy, element.get('key'),
                                element.get('valuePrefix') + str(i), 'REG_SZ', line)
            else:
                yield value(policy, key, element.get('valueName'), 'REG_SZ',
                            TEXTS[element.get('valueName')])


def samba_tool(*args):
    return subprocess.run(['samba-tool', 'gpo', *args, *sys.argv[3:]], check=True,
                          stdout=subprocess.PIPE, encoding='utf-8').stdout


def shown(guid):
    found = json.loads(samba_tool('show', guid).partition('Policies     :\n')[2])
    return {(v['keyname'], v['valuename'], v['type'], v['data']) for v in found}


def main():
    wanted = list(values(sys.argv[1]))
    with tempfile.NamedTemporaryFile('w') as content:
        json.dump(wanted, content)
        content.flush()
        samba_tool('load', sys.argv[2], '--content=' + content.name)
    found = shown(sys.argv[2])
    for v in wanted:
        there = (v['keyname'], v['valuename'], v['type'], v['data']) in found
        print('%s %s' % (v['valuename'], 'is read back' if there else 'is lost'))
    if len(found) != len(wanted):
        print('besides: %s' % (found,))


main()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension for samba-gpupdate, with Samba's own Python modules and real
Registry.pol files; which GPOs apply, and sasserctl, are played. And its templates
for Windows' editor."""
import glob
import importlib.util
import os
import re
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree as etree

from samba.dcerpc import misc, preg
from samba.gp import gpclass
from samba.ndr import ndr_pack
from samba.param import LoadParm

SAMBA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../userspace/samba')
EXTENSION = os.path.join(SAMBA, 'gp_sasser_ext.py')
KEY = 'Software\\Policies\\Sasser'
DWORD, SZ = misc.REG_DWORD, misc.REG_SZ
ON = (KEY, 'Assigned', DWORD, 1)


class World:
    """A host with its copies of GPOs, in a directory of its own."""

    class GPO:
        def __init__(self, name, display):
            self.name, self.display_name = name, display
            self.file_sys_path = '\\\\example.org\\sysvol\\example.org\\Policies\\' + name

    def __init__(self, role='member server'):
        self.dir = tempfile.TemporaryDirectory()
        self.tell('smb.conf', '[global]\nworkgroup = EXAMPLE\nserver role = %s\n'
                  'cache directory = %s\nstate directory = %s\nprivate dir = %s\n'
                  % (role, *[self.dir.name] * 3))
        self.tell('sasserctl', '#!/bin/sh\ncd %s\nprintf "%%s\\n" "$*" >>calls\n'
                  'cat >>text\n[ ! -e fails ] || { cat fails; exit 5; }\n' % self.dir.name)
        os.chmod(self.path('sasserctl'), 0o755)
        self.lp = LoadParm()
        self.lp.load(self.path('smb.conf'))
        spec = importlib.util.spec_from_file_location('gp_sasser_ext', EXTENSION)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.module.SASSERCTL = self.path('sasserctl')
        self.module.get_dc_hostname = lambda creds, lp: 'dc.example.org'
        self.module.get_gpo_list = lambda dc, creds, lp, username: self.gpos
        self.gpos = [self.GPO('Local Policy', 'Local Policy')]
        self.gpos[0].file_sys_path = ''
        self.store = gpclass.GPOStorage(self.path('gpo.tdb'))

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def tell(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def heard(self, name):
        if not os.path.exists(self.path(name)):
            return None
        with open(self.path(name), encoding='utf-8') as file:
            return file.read()

    def cached(self, gpo, name):
        path = gpclass.check_safe_path(gpo.file_sys_path + '/' + name).upper()
        return self.path(os.path.join('gpo_cache', path))

    def gpo(self, number, *entries, raw=None, display='GPO'):
        """One more that applies, as if just downloaded"""
        gpo = self.GPO('{%08d-0000-4000-8000-000000000000}' % number, display)
        os.makedirs(os.path.dirname(self.cached(gpo, 'MACHINE/Registry.pol')))
        for name, data in (('GPT.INI', b'[General]\nVersion=1\n'),
                           ('MACHINE/Registry.pol', packed(entries) if raw is None else raw)):
            with open(self.cached(gpo, name), 'wb') as file:
                file.write(data)
        self.gpos.append(gpo)
        return gpo

    def run(self, gone=()):
        """What sasserctl was told: its arguments and the text"""
        for name in 'calls', 'text':
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        self.store.start()
        try:
            ext = self.module.gp_sasser_ext(self.lp, None, 'HOST$', self.store)
            ext.process_group_policy([(guid, {}) for guid in gone], [])
            self.error = ''
        except Exception as error:
            self.error = str(error)
        self.store.commit()
        return self.heard('calls'), self.heard('text')


def packed(entries):
    file = preg.file()
    file.header.signature, file.header.version = 'PReg', 1
    made = []
    for key, name, kind, data in entries:
        made.append(preg.entry())
        made[-1].keyname, made[-1].valuename = key, name
        made[-1].type, made[-1].data = kind, data
    file.num_entries, file.entries = len(made), made
    return ndr_pack(file)


def named(policy, *more):
    return [ON, (KEY, 'PolicyName', SZ, policy), *more]


def text_of(policy, *more, numbers=(1,)):
    source = '; '.join('{%08d-0000-4000-8000-000000000000} GPO' % n for n in numbers)
    return '\n'.join(['[assigned]', 'source = ' + source, 'policy = ' + policy, *more, ''])


def sets(world, text, gone=()):
    """sasserctl is told that text, and nothing fails"""
    got = world.run(gone)
    assert got == ('domain set -\n', text) and not world.error, (got, world.error)


def refuses(world, *why, gone=()):
    """nothing is set, the reason is let out and recorded"""
    calls, _ = world.run(gone)
    for word in why:
        assert word in world.error and word in calls, (world.error, calls)
    assert calls.startswith('gpo failed ') and 'domain set' not in calls, calls


# ---- the extension

def test_nothing():
    """no GPO says anything: the domain assigns nothing"""
    sets(World(), '')
    world = World()
    world.gpo(1, ('Software\\Policies\\Other', 'Assigned', DWORD, 1))
    sets(world, '')


def test_all_values():
    """every value comes through"""
    world = World()
    world.gpo(1, *named('SITE', (KEY, 'Mode', SZ, 'observe'), (KEY, 'Expires', SZ, '2026-12-31'),
                        (KEY, 'Confirm', SZ, '10m'), (KEY, 'Force', DWORD, 1),
                        (KEY, 'KeepService', DWORD, 1)))
    sets(world, text_of('SITE', 'mode = observe', 'expires = 2026-12-31', 'confirm = 10m',
                        'force = yes', 'keep_service = yes'))


def test_defaults():
    """SASSER unless another is named; switches that are off, and empty values, are left out"""
    world = World()
    world.gpo(1, ON, (KEY, 'Force', DWORD, 0), (KEY, 'Mode', SZ, ''))
    sets(world, text_of('SASSER'))


def test_case():
    """names of keys and values count in any case"""
    world = World()
    world.gpo(1, (KEY.upper(), 'ASSIGNED', DWORD, 1), (KEY.lower(), 'policyname', SZ, 'Site'))
    sets(world, text_of('Site'))


def test_order():
    """a later GPO wins, value by value; samba lists enforced ones last"""
    world = World()
    world.gpo(1, *named('ONE', (KEY, 'Mode', SZ, 'observe')))
    world.gpo(2, (KEY, 'PolicyName', SZ, 'TWO'))
    sets(world, text_of('TWO', 'mode = observe', numbers=(1, 2)))
    world.gpos.append(world.gpos.pop(1))
    sets(world, text_of('ONE', 'mode = observe', numbers=(2, 1)))


def test_not_assigned():
    """a later Assigned = 0 un-assigns"""
    world = World()
    world.gpo(1, *named('ONE'))
    world.gpo(2, (KEY, 'Assigned', DWORD, 0))
    sets(world, '')


def test_deletions():
    """**del., **delvals. and **DeleteValues take away what was said before"""
    world = World()
    world.gpo(1, *named('ONE', (KEY, 'Mode', SZ, 'observe'), (KEY, 'Expires', SZ, '2026-12-31'),
                        (KEY, 'Confirm', SZ, '5m')))
    world.gpo(2, (KEY, '**del.mode', SZ, ' '), (KEY, '**DeleteValues', SZ, 'Expires; Confirm'))
    sets(world, text_of('ONE', numbers=(1, 2)))
    world.gpo(3, (KEY, '**delvals.', SZ, ' '))
    sets(world, '')
    world.gpo(4, ON)
    sets(world, text_of('SASSER', numbers=(1, 2, 3, 4)))


def filters(*texts, start=1):
    return [(KEY + '\\Filters', '**delvals.', SZ, ' ')] + [
        (KEY + '\\Filters', str(n), SZ, text) for n, text in enumerate(texts, start)]


def test_filters():
    """a policy of filters, in their order"""
    world = World()
    world.gpo(1, *named('SITE', *filters('In TCP 445 Block', 'both tcp 5554  9996 1000-1010 observe',
                                         'in udp 445 permit remote 192.0.2.7 2001:DB8::/32',
                                         *['out tcp %d block' % n for n in range(4, 12)])))
    lines = ['[filter gpo-1]', 'direction = in', 'protocol = tcp', 'port = 445', 'action = block',
             '[filter gpo-2]', 'direction = both', 'protocol = tcp', 'port = 5554 9996 1000-1010',
             'action = observe', '[filter gpo-3]', 'direction = in', 'protocol = udp', 'port = 445',
             'action = permit', 'remote = 192.0.2.7 2001:db8::/32']
    for n in range(4, 12):
        lines += ['[filter gpo-%d]' % n, 'direction = out', 'protocol = tcp', 'port = %d' % n,
                  'action = block']
    lines += ['[policy SITE]', 'filters = ' + ' '.join('gpo-%d' % n for n in range(1, 12))]
    sets(world, text_of('SITE', *lines))


def test_filters_of_another():
    """one GPO's filters are no part of the policy that a later one names"""
    world = World()
    world.gpo(1, *named('SITE', *filters('in tcp 445 block')))
    world.gpo(2, (KEY, 'PolicyName', SZ, 'QUARANTINE'))
    sets(world, text_of('QUARANTINE', numbers=(1, 2)))


def test_filters_without_name():
    """filters without a name are not the vendor's SASSER"""
    world = World()
    world.gpo(1, ON, *filters('in tcp 445 block'))
    sets(world, text_of('GPO', '[filter gpo-1]', 'direction = in', 'protocol = tcp', 'port = 445',
                        'action = block', '[policy GPO]', 'filters = gpo-1'))


def test_bad_filters():
    """a filter that is none"""
    for text in '445', 'in tcp block', 'in tcp 445 block 192.0.2.1', 'in tcp 445; block', \
            'in tcp 445 block remote':
        world = World()
        world.gpo(1, *named('SITE', *filters(text)))
        refuses(world, text)


def test_wrong_types():
    """a value of the wrong type, or one that nobody knows"""
    for entry in ((KEY, 'Assigned', SZ, '1'), (KEY, 'PolicyName', DWORD, 1),
                  (KEY, 'Mode', misc.REG_BINARY, b'enforce'), (KEY, 'Mod', SZ, 'observe'),
                  (KEY + '\\Filters', '1', DWORD, 445)):
        world = World()
        world.gpo(1, ON, entry, display='Workstations')
        refuses(world, entry[1].lower(), '{00000001-', 'Workstations')


def test_other_types():
    """entries of others' are not looked at"""
    world = World()
    world.gpo(1, ON, ('Software\\X', 'PolicyName', misc.REG_BINARY, b'\0\xff'),
              (KEY + '\\Filters\\X', '1', DWORD, 1), (KEY + 'X', 'Assigned', SZ, 'x'))
    sets(world, text_of('SASSER'))


def test_injection():
    """no value, name or GPO adds a line to the text"""
    for entry in ((KEY, 'PolicyName', SZ, 'A\n[policy B]'), (KEY, 'Mode', SZ, 'a\rb'),
                  (KEY + '\\Filters', '1\n2', SZ, 'in tcp 445 block')):
        world = World()
        world.gpo(1, ON, entry)
        refuses(world, 'control characters')
    world = World()
    world.gpo(1, ON, display='A ;b\n[policy C]')
    assert world.run()[1].count('\n') == 3 and not world.error
    assert re.search('^source = {.*} A _b__policy C_$', world.heard('text'), re.M)
    world.gpos[1].name += '\nforce = yes'
    assert world.run()[1].count('\n') == 3 and not world.error


def test_long():
    """many GPOs with long names are no longer than what sasserctl takes"""
    world = World()
    for number in range(1, 30):
        world.gpo(number, ON, display='\u00e4' * 255)
    source = re.search('^source = (.*)$', world.run()[1], re.M).group(1)
    assert not world.error and 400 < len(source.encode()) < 512
    assert all(len(word.encode()) < 190 for word in source.split())


def test_long_error():
    """what is wrong is recorded, however long it is"""
    world = World()
    world.gpo(1, *named('SITE', *filters('in tcp 445 ' + '!' * 200000)))
    calls, _ = world.run()
    assert 'is not like' in world.error, world.error[:200]
    assert calls and calls.startswith('gpo failed "in tcp 445 !!') and len(calls) < 2000


def test_truncated():
    """a Registry.pol that is cut anywhere inside an entry, empty or no such file"""
    raw = packed([ON])
    for bad in [raw[:n] for n in range(len(raw)) if n != 8] + [b'[]' * 50, raw + b'x']:
        world = World()
        world.gpo(1, raw=bad)
        refuses(world, 'Registry.pol', '{00000001-')


def test_one_bad_of_two():
    """a GPO that can't be read is never left out: nothing changes"""
    world = World()
    world.gpo(1, *named('ONE'))
    world.gpo(2, raw=b'')
    refuses(world, '{00000002-')


def test_deleted_file():
    """a Registry.pol that is gone from the GPO, but not from samba's copy"""
    world = World()
    gpo = world.gpo(1, ON)
    world.gpo(2, (KEY, 'Mode', SZ, 'observe'))
    long_ago = time.time() - 3600
    os.utime(world.cached(gpo, 'MACHINE/Registry.pol'), (long_ago, long_ago))
    sets(world, '')
    os.unlink(world.cached(gpo, 'MACHINE/Registry.pol'))
    sets(world, '')


def test_not_downloaded():
    """copies that this refresh did not make say nothing"""
    world = World()
    gpo = world.gpo(1, ON)
    long_ago = time.time() - 3600
    for name in 'GPT.INI', 'MACHINE/Registry.pol':
        os.utime(world.cached(gpo, name), (long_ago, long_ago))
    refuses(world, 'was not downloaded', '{00000001-')


def test_no_list():
    """a controller that names no GPO, not even samba's own, was not asked"""
    world = World()
    world.gpos = []
    refuses(world, 'dc.example.org does not say')


def test_unlinked():
    """a GPO that is gone from the list un-assigns, and comes back without a change of its own"""
    world = World()
    gpo = world.gpo(1, ON)
    sets(world, text_of('SASSER'))
    world.gpos.remove(gpo)
    sets(world, '', gone=[gpo.name])
    world.gpos.append(gpo)
    sets(world, text_of('SASSER'))


def test_unapply():
    """samba-gpupdate --unapply: it knows our GPOs, and takes all away"""
    world = World()
    gpo = world.gpo(1, ON)
    world.gpo(2, ('Software\\X', 'Y', SZ, 'z'))
    sets(world, text_of('SASSER'))
    gone = world.store.get_gplog('HOST$').get_applied_guids()
    assert gone == [gpo.name], gone
    assert world.store.get_gplog('HOST$').get_applied_settings(gone) == [
        (gpo.name, {'sasser': {'seen': '1'}})]
    sets(world, '', gone=gone)
    world.module.STARTED = time.time() + 60     # nothing is downloaded
    sets(world, '', gone=gone)


def test_failing_sasserctl():
    """what sasserctl says is let out, and the GPO is not noted as applied"""
    world = World()
    world.gpo(1, ON)
    world.tell('fails', 'sasserctl: line 3: there is no policy NIX\n')
    calls, _ = world.run()
    assert calls == 'domain set -\n' and 'there is no policy NIX (exit status 5)' in world.error
    assert world.store.get_gplog('HOST$').get_applied_guids() == []
    os.unlink(world.path('fails'))
    sets(world, text_of('SASSER'))


def test_no_sasserctl():
    """sasserctl is found on the PATH, too; and without it the failure is let out"""
    world = World()
    world.gpo(1, ON)
    path = os.environ['PATH']
    world.module.SASSERCTL = '/nix/sasserctl'
    os.environ['PATH'] = world.dir.name + ':' + path
    try:
        sets(world, text_of('SASSER'))
        os.environ['PATH'] = '/nix'
        world.run()
        assert 'sasserctl' in world.error
    finally:
        os.environ['PATH'] = path


def test_controller():
    """on a domain controller it refuses, and lets go of what it has from before"""
    for role in 'active directory domain controller', 'classic primary domain controller':
        world = World(role)
        world.gpo(1, ON)
        calls, text = world.run()
        assert 'domain controller' in world.error, world.error
        assert calls.startswith('domain set -\ngpo failed ') and not text, (calls, text)


def test_rsop():
    """rsop gives texts alone, as 4.17 wants them"""
    world = World()
    gpo = world.gpo(1, ON, ('Software\\X', 'Y', SZ, 'z'), *filters('in tcp 445 block'))
    ext = world.module.gp_sasser_ext(world.lp, None, 'HOST$', world.store)
    assert ext.rsop(world.gpos[0]) == {'sasser': {}}
    said = ext.rsop(gpo)['sasser']
    assert said == {'Assigned': '1', '**delvals.': ' ', '1': 'in tcp 445 block'}, said


def test_size():
    """it has less than 120 lines, and imports what Python and Samba bring"""
    with open(EXTENSION, encoding='utf-8') as file:
        lines = file.read().splitlines()
    assert len(lines) < 120
    modules = {line.split()[1].split('.')[0] for line in lines
               if re.match(r'(import|from) ', line)}
    assert modules - sys.stdlib_module_names == {'samba'}, modules


# ---- the templates

NS = '{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}'


def admx():
    return etree.parse(os.path.join(SAMBA, 'policydefinitions/sasser.admx')).getroot()


def languages():
    found = glob.glob(os.path.join(SAMBA, 'policydefinitions/*/sasser.adml'))
    return {path.split('/')[-2]: etree.parse(path).getroot() for path in found}


def ids(root, tag):
    return [element.get('id') for element in root.iter(NS + tag)]


def test_strings():
    """each string and presentation is there in both languages, and used"""
    text = etree.tostring(admx(), encoding='unicode')
    assert set(languages()) == {'en-US', 'de-DE'}
    for language, root in languages().items():
        for tag in 'string', 'presentation':
            used = set(re.findall(r'\$\(%s\.(\w+)\)' % tag, text))
            assert used and sorted(used) == sorted(ids(root, tag)), (language, tag)
        assert all(element.text.strip() for element in root.iter(NS + 'string'))


def test_presentations():
    """each presentation shows the elements of its policy"""
    for policy in admx().iter(NS + 'policy'):
        there = [element.get('id') for element in policy.iterfind(NS + 'elements/*')]
        assert bool(there) == bool(policy.get('presentation')), policy.get('name')
        for language, root in languages().items():
            for shown in root.iter(NS + 'presentation'):
                if '$(presentation.%s)' % shown.get('id') == policy.get('presentation'):
                    assert [element.get('refId') for element in shown] == there, language


def test_values():
    """the templates set just the values that the extension knows, with their types"""
    module = World().module
    types = {'text': SZ, 'enum': SZ, 'list': SZ}
    found = {}
    for policy in admx().iter(NS + 'policy'):
        assert policy.get('key') == KEY and policy.get('class') == 'Machine'
        if policy.get('valueName'):
            found[policy.get('valueName').lower()] = DWORD
            assert policy.find(NS + 'enabledValue/' + NS + 'decimal').get('value') == '1'
            assert policy.find(NS + 'disabledValue/' + NS + 'decimal').get('value') == '0'
        for element in policy.iterfind(NS + 'elements/*'):
            if element.tag == NS + 'list':
                assert element.get('key').lower() == module.FILTERS
                assert element.get('valuePrefix') == '' and not element.get('additive')
            else:
                found[element.get('valueName').lower()] = types[element.tag[len(NS):]]
    assert found == {**dict.fromkeys(module.TEXTS, SZ), **dict.fromkeys(module.SWITCHES, DWORD)}
    modes = [element.text for element in admx().iter(NS + 'string')]
    assert modes == ['enforce', 'observe']


def test_examples():
    """the filters that the help has are such"""
    module = World().module
    for root in languages().values():
        found = 0
        for element in root.iter(NS + 'string'):
            for line in element.text.splitlines():
                if re.match(r'(in|out|both) (tcp|udp) ', line):
                    assert module.FILTER.fullmatch(line), line
                    found += 1
        assert found == 3


def main():
    tests = [(test.__doc__, test) for name, test in globals().items() if name.startswith('test_')]
    failed = 0
    print('TAP version 13\n1..%d' % len(tests))
    for number, (what, test) in enumerate(tests, 1):
        try:
            test()
            print('ok %d %s' % (number, what))
        except Exception:
            failed = 1
            print('not ok %d %s' % (number, what))
            print(re.sub('^', '# ', traceback.format_exc().strip(), flags=re.M))
    return failed


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-or-later
# What Group Policy says of sasser, for samba-gpupdate (Samba 4.17 and later): all GPOs that
# apply to this host, merged, go to "sasserctl domain set", whatever samba takes for changed.
# Errors are let out, and what the domain assigned before stays.
import os
import re
import subprocess
import time

from samba.dcerpc import misc
from samba.gp.gpclass import check_safe_path, get_dc_hostname, get_gpo_list, gp_pol_ext

SASSERCTL = '@SBINDIR@/sasserctl'
KEY, FILTERS = 'software\\policies\\sasser', 'software\\policies\\sasser\\filters'
TEXTS = {'policyname': 'policy', 'mode': 'mode', 'expires': 'expires', 'confirm': 'confirm'}
SWITCHES = {'assigned': None, 'force': 'force', 'keepservice': 'keep_service'}
POL = '/MACHINE/Registry.pol'
FILTER = re.compile(r'(\S+) (\S+) ([\d -]+) ([a-z]+)(?: remote (.+))?')
STARTED = time.time() - 0.05    # samba downloads later; files are stamped by a coarser clock


def sasserctl(*args, text=''):
    done = subprocess.run([SASSERCTL if os.access(SASSERCTL, os.X_OK) else 'sasserctl', *args],
        input=text, encoding='utf-8', timeout=300, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError('%s (exit status %d)' % (done.stdout.strip(), done.returncode))


def take(values, key, name, kind, data):
    """One entry of a Registry.pol, after those before it."""
    values, name, number = values[key], name.lower(), key == KEY and name.lower() in SWITCHES
    if name.startswith('**'):
        gone = {'**delvals.': list(values), '**deletevalues': str(data).lower().split(';')}
        for name in gone.get(name, [name[len('**del.'):]] if name.startswith('**del.') else []):
            values.pop(name.strip(), None)
        return
    wrong = ('is not known' if key == KEY and not number and name not in TEXTS else
             'has the wrong type' if kind != (misc.REG_DWORD if number else misc.REG_SZ) else
             'holds control characters' if not (name + str(data)).isprintable() else None)
    if wrong:
        raise ValueError('the value %s %s' % (ascii(name), wrong))
    values[name] = data if number else ' '.join(data.split())


def record(said, filters, source):
    if not said.get('assigned'):
        return ''       # the domain assigns nothing
    names = sorted(filter(filters.get, filters), key=lambda n: (not n.isdigit(), n.zfill(9)))
    said['policyname'] = said.get('policyname') or ('GPO' if names else 'SASSER')
    lines = ['[assigned]', 'source = ' + source.encode()[:500].decode(errors='ignore')]
    lines += ['%s = %s' % (TEXTS[name], said[name]) for name in TEXTS if said.get(name)]
    lines += ['%s = yes' % key for name, key in SWITCHES.items() if key and said.get(name)]
    for name in names:
        match = FILTER.fullmatch(filters[name].lower())
        if not match:
            raise ValueError('"%s" is not like "in tcp 445 block"' % filters[name])
        keys = zip(('direction', 'protocol', 'port', 'action', 'remote'), match.groups())
        lines += ['[filter gpo-%s]' % name] + ['%s = %s' % pair for pair in keys if pair[1]]
    if names:
        lines += ['[policy %s]' % said['policyname'], 'filters = gpo-' + ' gpo-'.join(names)]
    return '\n'.join(lines) + '\n'


class gp_sasser_ext(gp_pol_ext):
    def __str__(self):
        return 'sasser'

    def fresh(self, path):
        """Samba rewrites its copy of what there is, and never deletes what is gone."""
        path = os.path.join(self.lp.cache_path('gpo_cache'), check_safe_path(path).upper())
        stamp = os.stat(path).st_mtime if os.path.exists(path) else 0
        return stamp >= (STARTED if stamp % 1 else int(STARTED))    # some file systems: seconds

    def entries(self, gpo):
        policy = gpo.file_sys_path and self.parse(gpo.file_sys_path + POL)
        # their memory is that of the policy, and goes with it
        return [(e.keyname.lower(), e.valuename, e.type, e.data) for e in
                (policy.entries if policy else []) if e.keyname.lower() in (KEY, FILTERS)]

    def merged(self, gone):
        values, sources = {KEY: {}, FILTERS: {}}, {}
        if self.lp.server_role().endswith(('_DC', '_PDC', '_BDC')):
            sasserctl('domain', 'set', '-')     # what it was given before its promotion goes
            raise RuntimeError('this is a domain controller: no GPO assigns a policy here')
        server = get_dc_hostname(self.creds, self.lp)
        gpos = get_gpo_list(server, self.creds, self.lp, self.username)
        if not gpos:
            raise RuntimeError('%s does not say which GPOs apply' % server)
        unapply = any(gpo.name in gone for gpo in gpos)     # which downloads nothing
        for gpo in [g for g in gpos if g.file_sys_path and g.name not in gone]:
            label = re.sub(r'[^\w .(){}-]', '_', '%s %s' % (gpo.name, gpo.display_name[:60]))
            if not unapply and not self.fresh(gpo.file_sys_path + '/GPT.INI'):
                raise RuntimeError('GPO %s was not downloaded' % label)
            try:
                entries = self.entries(gpo) if self.fresh(gpo.file_sys_path + POL) else []
                # filters belong to the policy that is named beside them
                if any(name.lower() == 'policyname' for _, name, _, _ in entries):
                    values[FILTERS].clear()
                for entry in entries:
                    take(values, *entry)
            except Exception as error:
                raise ValueError('GPO %s, Registry.pol: %s' % (label, error)) from error
            sources.update({gpo.name: label} if entries else {})
        return record(values[KEY], values[FILTERS], '; '.join(sources.values())), sources

    def process_group_policy(self, deleted_gpo_list, changed_gpo_list):
        try:
            text, sources = self.merged(dict(deleted_gpo_list))
        except Exception as error:
            sasserctl('gpo', 'failed', str(error)[:1000])   # no argument may be very long
            raise
        sasserctl('domain', 'set', '-', text=text)
        for guid in sources:    # so that --unapply finds them
            self.gp_db.set_guid(guid)
            self.gp_db.store(str(self), 'seen', '1')
        self.gp_db.commit()

    def rsop(self, gpo):
        return {str(self): {name: str(data) for _, name, _, data in self.entries(gpo)}}

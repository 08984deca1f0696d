# SPDX-License-Identifier: GPL-2.0-or-later
"""The negative control: an extension as Samba's own for firewalld is made. It
does what changed, believes what it is told to have changed, and so can't tell
what the domain says now. The story has to fail with it."""
import subprocess

from samba.gp.gpclass import gp_pol_ext


def sasserctl(*args, text=''):
    subprocess.run(['sasserctl', *args], input=text, encoding='utf-8', check=True)


class gp_naive_ext(gp_pol_ext):
    def __str__(self):
        return 'naive'

    def process_group_policy(self, deleted_gpo_list, changed_gpo_list):
        for guid, settings in deleted_gpo_list:
            self.gp_db.set_guid(guid)
            for attribute in list(settings.get(str(self), {})):
                sasserctl('domain', 'clear')
                self.gp_db.delete(str(self), attribute)
            self.gp_db.commit()
        for gpo in changed_gpo_list:
            if not gpo.file_sys_path:
                continue
            policy = self.parse(gpo.file_sys_path + '/MACHINE/Registry.pol')
            values = {e.valuename: e.data for e in policy.entries
                      if e.keyname == 'Software\\Policies\\Sasser'} if policy else {}
            if values.get('Assigned'):
                self.gp_db.set_guid(gpo.name)
                sasserctl('domain', 'set', '-', text='[assigned]\nforce = yes\npolicy = %s\n'
                          % values['PolicyName'])
                self.gp_db.store(str(self), 'assigned', '1')
                self.gp_db.commit()

    def rsop(self, gpo):
        return {}

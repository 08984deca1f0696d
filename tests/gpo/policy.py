#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the registry values of a GPO, as an administrator's tool does: the
file by SMB into sysvol, and a new version into GPT.INI and the directory.

policy.py GUID [OPTION]... [NAME=VALUE]...
  NAME      below Software\\Policies\\Sasser, with a key before it if need be
  VALUE     text, or dword:NUMBER
  --cut N   the file ends after N bytes
  --delete  there is no file
  --script  standard input is for Windows, at each start: netsh -f FILE
  --right apply|read|none  what authenticated users may, and nothing else changes
"""
import argparse
import sys

from samba import param
from samba.auth import system_session
from samba.credentials import Credentials
from samba.dcerpc import misc, preg, security
from samba.ndr import ndr_pack, ndr_unpack
from samba.samba3 import libsmb_samba_internal as libsmb
from samba.samba3 import param as s3param
from samba.samdb import SamDB
import ldb

ROOT = r'Software\Policies\Sasser'


def entry(text):
    name, value = text.split('=', 1)
    key, _, name = name.rpartition('\\')
    e = preg.entry()
    e.keyname = ROOT + ('\\' + key if key else '')
    e.valuename = name
    if value.startswith('dword:'):
        e.type = misc.REG_DWORD
        e.data = int(value[6:])
    else:
        e.type = misc.REG_SZ
        e.data = value
    return e


def registry(values):
    f = preg.file()
    f.header.signature = 'PReg'
    f.header.version = 1
    f.num_entries = len(values)
    f.entries = [entry(v) for v in values]
    return ndr_pack(f)


# that authenticated users may read a GPO, and that it applies to them
RIGHTS = {'read': ['(A;CI;RPLCLORC;;;AU)'], 'none': [], 'apply': [
    '(A;CI;RPLCLORC;;;AU)', '(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)']}


def permit(samdb, dn, right):
    sid = security.dom_sid(samdb.get_domain_sid())
    there = samdb.search(dn, ldb.SCOPE_BASE, attrs=['nTSecurityDescriptor'])
    sddl = ndr_unpack(security.descriptor,
                      there[0]['nTSecurityDescriptor'][0]).as_sddl(sid)
    for entry in RIGHTS['apply']:
        sddl = sddl.replace(entry, '')
    owner, entries = sddl.split('(', 1)
    sddl = owner + ''.join(RIGHTS[right]) + '(' + entries
    message = ldb.Message(ldb.Dn(samdb, dn))
    message['sd'] = ldb.MessageElement(
        ndr_pack(security.descriptor.from_sddl(sddl, sid)),
        ldb.FLAG_MOD_REPLACE, 'nTSecurityDescriptor')
    samdb.modify(message)


def main():
    args = argparse.ArgumentParser()
    args.add_argument('guid')
    args.add_argument('--cut', type=int)
    args.add_argument('--delete', action='store_true')
    args.add_argument('--script', action='store_true')
    args.add_argument('--right', choices=RIGHTS)
    args.add_argument('values', nargs='*')
    args = args.parse_intermixed_args()

    lp = param.LoadParm()
    lp.load_default()
    realm = lp.get('realm').lower()
    creds = Credentials()
    creds.guess(lp)
    creds.set_username('Administrator')
    creds.set_password('Sasser.2004')
    s3_lp = s3param.get_context()
    s3_lp.load(lp.configfile)
    samdb = SamDB(url=lp.samdb_url(), session_info=system_session(), lp=lp)
    dn = 'CN=%s,CN=Policies,CN=System,%s' % (args.guid, samdb.domain_dn())
    if args.right:
        permit(samdb, dn, args.right)
        return
    conn = libsmb.Conn('dc.' + realm, 'sysvol', lp=s3_lp, creds=creds)

    folder = '%s\\Policies\\%s' % (realm, args.guid)
    file = folder + r'\Machine\Registry.pol'
    if args.delete:
        conn.unlink(file)
    else:
        if not conn.chkpath(folder + r'\Machine'):
            conn.mkdir(folder + r'\Machine')
        conn.savefile(file, registry(args.values)[:args.cut])

    if args.script:
        scripts = folder + r'\Machine\Scripts'
        for name in scripts, scripts + r'\Startup':
            if not conn.chkpath(name):
                conn.mkdir(name)
        conn.savefile(scripts + r'\Startup\sasser.txt',
                      sys.stdin.buffer.read().replace(b'\n', b'\r\n'))
        conn.savefile(scripts + r'\scripts.ini', '\r\n'.join([
            '[Startup]', '0CmdLine=netsh', '0Parameters=-f sasser.txt',
            '']).encode('utf-16'))
    version = 1 + int(samdb.search(dn, ldb.SCOPE_BASE,
                                   attrs=['versionNumber'])[0]['versionNumber'][0])
    conn.savefile(folder + r'\GPT.INI',
                  b'[General]\r\nVersion=%d\r\n' % version)
    message = ldb.Message(ldb.Dn(samdb, dn))
    message['v'] = ldb.MessageElement(str(version), ldb.FLAG_MOD_REPLACE,
                                      'versionNumber')
    samdb.modify(message)


main()

rem block answers from port 9996 of others
netsh ipsec static add policy name=NoShell
netsh ipsec static add filterlist name=shell
netsh ipsec static add filter filterlist=shell srcaddr=any dstaddr=me protocol=TCP srcport=9996 dstport=0 mirrored=yes
netsh ipsec static add filteraction name=block action=block
netsh ipsec static add rule name=r policy=NoShell filterlist=shell filteraction=block

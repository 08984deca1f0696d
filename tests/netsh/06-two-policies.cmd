rem normal and lockdown, switched by "set policy ... assign=y"
netsh ipsec static add policy name="Office (normal)"
netsh ipsec static add policy name="Office (lockdown!)" description="only while the worm is around"
netsh ipsec static add filteraction name=Block action=block
netsh ipsec static add filterlist name=ftp5554
netsh ipsec static add filter filterlist=ftp5554 srcaddr=any dstaddr=me protocol=TCP dstport=5554
netsh ipsec static add filterlist name=smb
netsh ipsec static add filter filterlist=smb srcaddr=any dstaddr=me protocol=TCP dstport=445
netsh ipsec static add rule name=a policy="office (normal)" filterlist=FTP5554 filteraction=block
netsh ipsec static add rule name=a policy="Office (lockdown!)" filterlist=ftp5554 filteraction=Block
netsh ipsec static add rule name=b policy="Office (lockdown!)" filterlist=smb filteraction=Block
netsh ipsec static add rule name=c policy="Office (normal)" filterlist=smb filteraction=Block activate=no
netsh ipsec static set policy name="Office (normal)" assign=yes

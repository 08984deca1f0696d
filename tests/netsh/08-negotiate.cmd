rem require IPSec for SMB inside the domain: this is real IPSec
netsh ipsec static add policy name="Secure SMB"
netsh ipsec static add filterlist name=smb
netsh ipsec static add filter filterlist=smb srcaddr=any dstaddr=me protocol=TCP dstport=445
netsh ipsec static add filteraction name=secure qmpfs=no soft=no action=negotiate qmsecmethods="ESP[3DES,SHA1]"
netsh ipsec static add rule name=smb policy="Secure SMB" filterlist=smb filteraction=secure

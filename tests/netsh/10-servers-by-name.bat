@echo off
netsh ipsec static add policy name="SMB from servers"
netsh ipsec static add filterlist name=servers
netsh ipsec static add filter filterlist=servers srcaddr=10.0.0.5 dstaddr=me protocol=TCP dstport=445
netsh ipsec static add filter filterlist=servers srcaddr=DHCP dstaddr=me protocol=TCP dstport=445
netsh ipsec static add filter filterlist=servers srcaddr=sms01.corp.example dstaddr=me protocol=TCP dstport=445
netsh ipsec static add filteraction name=permit action=permit
netsh ipsec static add rule name=r policy="SMB from servers" filterlist=servers filteraction=permit

@echo off
REM Sasser-Block, IT-Betrieb, 03.05.2004
REM Verteilung per Anmeldeskript, bis MS04-011 ueberall drauf ist
netsh ipsec static add policy name="Block Sasser" description="Sasser-Wurm, MS04-011" activatedefaultrule=no
netsh ipsec static add filterlist name="Sasser Ports"
netsh ipsec static add filter filterlist="Sasser Ports" srcaddr=any dstaddr=me protocol=TCP srcport=0 dstport=445 mirrored=yes
netsh ipsec static add filter filterlist="Sasser Ports" srcaddr=any dstaddr=me protocol=TCP srcport=0 dstport=5554 mirrored=yes
netsh ipsec static add filter filterlist="Sasser Ports" srcaddr=any dstaddr=me protocol=TCP srcport=0 dstport=9996 mirrored=yes
netsh ipsec static add filteraction name="Block" action=block
netsh ipsec static add rule name="Sasser" policy="Block Sasser" filterlist="Sasser Ports" filteraction="Block"
netsh ipsec static set policy name="Block Sasser" assign=y

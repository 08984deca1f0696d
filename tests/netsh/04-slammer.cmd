rem SQL Slammer leftovers and Sasser in one policy
netsh ipsec static add policy name=Worms2004
netsh ipsec static add filteraction name=drop action=block
netsh ipsec static add filterlist name=slammer
netsh ipsec static add filter filterlist=slammer srcaddr=any dstaddr=me protocol=udp dstport=1434
netsh ipsec static add filter filterlist=slammer srcaddr=me dstaddr=any protocol=udp dstport=1434
netsh ipsec static add filterlist name=sasser
netsh ipsec static add filter filterlist=sasser srcaddr=any dstaddr=me protocol=tcp dstport=445
netsh ipsec static add filter filterlist=sasser srcaddr=any dstaddr=me protocol=udp dstport=445
netsh ipsec static add rule name=slammer policy=Worms2004 filterlist=slammer filteraction=drop
netsh ipsec static add rule name=sasser policy=Worms2004 filterlist=sasser filteraction=drop

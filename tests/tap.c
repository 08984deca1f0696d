// SPDX-License-Identifier: GPL-2.0-or-later
/* A host behind a tap device. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tap.h"

/* In the namespace entered last; the device goes with the descriptor. */
int tap_create(void)
{
	struct ifreq ifr = {
		.ifr_name = TAP, .ifr_flags = IFF_TAP | IFF_NO_PI,
	};
	int tap;

	run("modprobe tun");
	tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &ifr))
		die("tap device: %s", strerror(errno));
	sysctl_write("ipv6/conf/" TAP "/accept_dad", "0");
	sysctl_write("ipv6/conf/" TAP "/accept_ra", "0");
	run("ip -batch - <<-EOF\n"
	    "link set " TAP " address " HOST_MAC "\n"
	    "link set " TAP " up\n"
	    "address add " HOST_IPV4 "/24 dev " TAP "\n"
	    "address add " HOST_IPV6 "/64 dev " TAP " nodad\n"
	    "neigh add " GHOST_IPV4 " lladdr " PEER_MAC " dev " TAP "\n"
	    "neigh add " GHOST_IPV6 " lladdr " PEER_MAC " dev " TAP "\n"
	    "EOF");
	return tap;
}

/* From the ghost to the host, or @out. */
struct flow tap_flow(int family, bool out, uint16_t sport, uint16_t dport)
{
	bool ipv4 = family == AF_INET;
	const char *host = ipv4 ? HOST_IPV4 : HOST_IPV6;
	const char *ghost = ipv4 ? GHOST_IPV4 : GHOST_IPV6;

	return (struct flow){
		family, out ? host : ghost, out ? ghost : host, sport, dport,
	};
}

/* To be written to the tap device. Return: its length */
size_t tap_frame(uint8_t *frame, const struct packet *packet)
{
	return frame_build(frame, packet, PEER_MAC, HOST_MAC);
}

int raw_open(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		die("raw socket: %s", strerror(errno));
	return fd;
}

/* Out to the ghost. Return: 0 or a negative errno */
int raw_send(int fd, const struct packet *packet, int family)
{
	union address a;
	socklen_t len;

	len = address_set(&a, family, family == AF_INET ? GHOST_IPV4 :
							  GHOST_IPV6, 0);
	return sendto(fd, packet->data, packet->len, 0, &a.sa, len) < 0 ?
	       -errno : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions per packet over the receive path, measured in a guest whose
 * clock ticks once an instruction (boot.sh --icount).
 *
 * BPF_PROG_RUN with live frames hands 20,000 copies of a frame to the stack as
 * a driver would, and says how many nanoseconds each took. Every packet has a
 * wrong transport checksum: what is not dropped before goes all the way into
 * TCP or UDP, is found bad there, and counted; no answer, timer or socket
 * adds its own cost. That count also proves where each packet ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAMES	20000
#define RUNS	4

#define DEVICE	"bench0"	/* a tap device that guest.sh has made */
#define LOCAL4	"192.0.2.1"
#define REMOTE4	"192.0.2.2"
#define LOCAL6	"2001:db8::1"
#define REMOTE6	"2001:db8::2"

struct kind {
	const char *name;
	int family;
	uint8_t protocol;
	uint16_t port;
	bool syn;
	uint16_t length;	/* with the IP header */
	bool dropped;		/* by contenders that drop anything */
};

static const struct kind kinds[] = {
	{ "ack4", AF_INET, IPPROTO_TCP, 40001, false, 1400, false },
	{ "ack6", AF_INET6, IPPROTO_TCP, 40001, false, 1400, false },
	{ "udp4", AF_INET, IPPROTO_UDP, 40001, false, 128, false },
	{ "udp6", AF_INET6, IPPROTO_UDP, 40001, false, 128, false },
	{ "syn4", AF_INET, IPPROTO_TCP, 445, true, 40, true },
	{ "syn6", AF_INET6, IPPROTO_TCP, 445, true, 60, true },
};

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* A program that hands everything to the stack. */
static int load_xdp_pass(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.license = (uintptr_t)"GPL",
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		fail("loading the XDP program");
	return fd;
}

/* The device must be attached to: only then has it a receive queue for XDP. */
static unsigned int attach_device(uint8_t *mac)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int tap = open("/dev/net/tun", O_RDWR);
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(ifr.ifr_name, DEVICE);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &ifr))
		fail("attaching to the tap device " DEVICE);
	if (sock < 0 || ioctl(sock, SIOCGIFHWADDR, &ifr))
		fail("the address of " DEVICE);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	close(sock);
	return if_nametoindex(DEVICE);
}

static uint16_t ip_checksum(const void *header, size_t length)
{
	const uint16_t *word = header;
	uint32_t sum = 0;

	for (; length; length -= 2)
		sum += *word++;
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/* The transport checksum stays 1, which is right for none of the frames. */
static void build_transport(void *at, const struct kind *kind, uint16_t length)
{
	if (kind->protocol == IPPROTO_UDP)
		*(struct udphdr *)at = (struct udphdr){
			.source = htons(40000),
			.dest = htons(kind->port),
			.len = htons(length),
			.check = htons(1),
		};
	else
		*(struct tcphdr *)at = (struct tcphdr){
			.source = htons(40000),
			.dest = htons(kind->port),
			.seq = htonl(1),
			.ack_seq = kind->syn ? 0 : htonl(1),
			.doff = sizeof(struct tcphdr) / 4,
			.syn = kind->syn,
			.ack = !kind->syn,
			.window = htons(1024),
			.check = htons(1),
		};
}

static void build_ipv4(void *at, const struct kind *kind)
{
	struct iphdr *ip = at;

	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tot_len = htons(kind->length),
		.ttl = 64,
		.protocol = kind->protocol,
		.saddr = inet_addr(REMOTE4),
		.daddr = inet_addr(LOCAL4),
	};
	ip->check = ip_checksum(ip, sizeof(*ip));
	build_transport(ip + 1, kind, kind->length - sizeof(*ip));
}

static void build_ipv6(void *at, const struct kind *kind)
{
	struct ipv6hdr *ip = at;
	uint16_t length = kind->length - sizeof(*ip);

	*ip = (struct ipv6hdr){
		.version = 6,
		.payload_len = htons(length),
		.nexthdr = kind->protocol,
		.hop_limit = 64,
	};
	inet_pton(AF_INET6, REMOTE6, &ip->saddr);
	inet_pton(AF_INET6, LOCAL6, &ip->daddr);
	build_transport(ip + 1, kind, length);
}

/* The number in column InCsumErrors of the lines "TABLE: ..." */
static uint64_t snmp_column(const char *table)
{
	char head[1024], line[1024], *h, *l, *hs, *ls;
	FILE *file = fopen("/proc/net/snmp", "re");
	size_t length = strlen(table);

	if (!file)
		fail("/proc/net/snmp");
	while (fgets(head, sizeof(head), file) &&
	       fgets(line, sizeof(line), file)) {
		if (strncmp(head, table, length) || head[length] != ':')
			continue;
		fclose(file);
		h = strtok_r(head, " \n", &hs);
		l = strtok_r(line, " \n", &ls);
		while (h && l) {
			if (!strcmp(h, "InCsumErrors"))
				return strtoull(l, NULL, 10);
			h = strtok_r(NULL, " \n", &hs);
			l = strtok_r(NULL, " \n", &ls);
		}
		break;
	}
	errno = ENODATA;
	fail("InCsumErrors in /proc/net/snmp");
}

static uint64_t snmp6_line(const char *name)
{
	FILE *file = fopen("/proc/net/snmp6", "re");
	unsigned long long value;
	char found[64];

	if (!file)
		fail("/proc/net/snmp6");
	while (fscanf(file, "%63s %llu", found, &value) == 2) {
		if (strcmp(found, name))
			continue;
		fclose(file);
		return value;
	}
	errno = ENODATA;
	fail(name);
}

/* How many packets went all the way, and were found bad there. */
static uint64_t arrived(const struct kind *kind)
{
	if (kind->protocol == IPPROTO_TCP)
		return snmp_column("Tcp");	/* of both families */
	return kind->family == AF_INET ? snmp_column("Udp") :
					 snmp6_line("Udp6InCsumErrors");
}

/*
 * Every packet takes a page and an skb, and gives them back. How the free ones
 * lie makes 20 instructions more or less, and may stay so for many runs. So
 * each run starts otherwise: after memory was used and freed, and with some
 * skbs kept, in a socket that nobody reads.
 */
static void stir_memory(int run, int keep[2])
{
	size_t size = (run + 1) * (size_t)5000000;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (memory == MAP_FAILED || madvise(memory, size, MADV_NOHUGEPAGE))
		fail("memory");
	memset(memory, 1, size);
	munmap(memory, size);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, keep))
		fail("a pair of sockets");
	for (i = 0; i < run * 37; i++)
		if (send(keep[0], "", 1, MSG_DONTWAIT) != 1)
			fail("filling a socket");
}

static uint32_t run_once(int prog, unsigned int ifindex, const uint8_t *frame,
			 uint32_t length)
{
	struct xdp_md md = { .data_end = length, .ingress_ifindex = ifindex };
	union bpf_attr attr = {
		.test = {
			.prog_fd = prog,
			.data_in = (uintptr_t)frame,
			.data_size_in = length,
			.ctx_in = (uintptr_t)&md,
			.ctx_size_in = sizeof(md),
			.repeat = FRAMES,
			.flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		},
	};

	if (bpf(BPF_PROG_TEST_RUN, &attr))
		fail("BPF_PROG_RUN with live frames");
	return attr.test.duration;
}

static int compare(const void *a, const void *b)
{
	return (int)*(const uint32_t *)a - (int)*(const uint32_t *)b;
}

static void measure(const char *contender, bool drops, const struct kind *kind,
		    int prog, unsigned int ifindex, const uint8_t *mac)
{
	uint8_t frame[ETH_HLEN + 1500] = { 0 };
	struct ethhdr *eth = (struct ethhdr *)frame;
	uint64_t expected = drops && kind->dropped ? 0 : FRAMES * RUNS;
	uint32_t cost[RUNS];
	uint64_t before, after;
	int keep[2];
	int i;

	memcpy(eth->h_dest, mac, ETH_ALEN);
	memcpy(eth->h_source, "\x02\x00\x00\x00\x00\x02", ETH_ALEN);
	if (kind->family == AF_INET) {
		eth->h_proto = htons(ETH_P_IP);
		build_ipv4(eth + 1, kind);
	} else {
		eth->h_proto = htons(ETH_P_IPV6);
		build_ipv6(eth + 1, kind);
	}

	before = arrived(kind);
	for (i = 0; i < RUNS; i++) {
		stir_memory(i, keep);
		cost[i] = run_once(prog, ifindex, frame,
				   ETH_HLEN + kind->length);
		close(keep[0]);
		close(keep[1]);
	}
	after = arrived(kind);
	if (after - before != expected) {
		fprintf(stderr,
			"bench: %s, %s: %llu packets of %d arrived, not %llu\n",
			contender, kind->name,
			(unsigned long long)(after - before), FRAMES * RUNS,
			(unsigned long long)expected);
		exit(1);
	}
	qsort(cost, RUNS, sizeof(cost[0]), compare);
	printf("%s\t%s\t%u\t%u\n", contender, kind->name, cost[0],
	       cost[RUNS / 2]);
	fflush(stdout);
}

/* bench CONTENDER passes|drops KIND...: a line "CONTENDER KIND LEAST MEDIAN" */
int main(int argc, char **argv)
{
	unsigned int ifindex;
	uint8_t mac[ETH_ALEN];
	int prog, arg;
	size_t i;

	if (argc < 4) {
		fputs("usage: bench CONTENDER passes|drops KIND...\n", stderr);
		return 2;
	}
	ifindex = attach_device(mac);
	prog = load_xdp_pass();
	for (arg = 3; arg < argc; arg++) {
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(kinds[i].name, argv[arg]))
				break;
		if (i == sizeof(kinds) / sizeof(kinds[0])) {
			fprintf(stderr, "bench: no such kind of packet: %s\n",
				argv[arg]);
			return 2;
		}
		measure(argv[1], !strcmp(argv[2], "drops"), &kinds[i], prog,
			ifindex, mac);
	}
	return 0;
}

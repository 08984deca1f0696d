// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a packet meets: the fast path, and nothing else.
 *
 * Inbound packets are judged at PRE_ROUTING, before defragmentation, connection
 * tracking and NAT; outbound ones at LOCAL_OUT. Most packets belong to no row
 * and leave within a few dozen instructions. Whether a packet is this host's
 * own is asked only about the others, since the answer is dear.
 *
 * Here no lock is taken, nothing allocated and nothing printed.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include <linux/sasser.h>

#include "counter.h"
#include "hook.h"

/* What is known of a packet when it has turned out to have a row. */
struct sasser_packet {
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	const struct sasser_rules *rules;
	enum sasser_hook_dir dir;
	u8 protocol;		/* transport protocol */
	u16 port;		/* destination, host byte order */
	unsigned int thoff;	/* of the transport header */
};

/* A host's traffic with itself. A VRF device is the loopback of its VRF. */
static bool sasser_is_loopback(const struct sasser_packet *p)
{
	if (p->dir == SASSER_HOOK_IN)
		return p->state->in->flags & IFF_LOOPBACK ||
		       p->skb->pkt_type == PACKET_LOOPBACK;

	if (p->state->out->flags & IFF_LOOPBACK)
		return true;
	/* RTCF_LOCAL is also on what leaves, and is looped back besides. */
	if (p->state->pf == NFPROTO_IPV4)
		return skb_rtable(p->skb)->rt_type == RTN_LOCAL;
	return container_of(skb_dst(p->skb), struct rt6_info, dst)->rt6i_flags &
	       RTF_LOCAL;
}

/*
 * Neither helper is right alone: the hash lacks addresses that only a route
 * makes local (AnyIP), the route lookup lacks those outside the VRF that the
 * packet came in by. The hash is six times as cheap and goes first.
 */
static bool sasser_is_local_ipv4(const struct sasser_packet *p)
{
	struct net *net = p->state->net;
	__be32 daddr = ip_hdr(p->skb)->daddr;
	unsigned int type;

	if (__ip_dev_find(net, daddr, false))
		return true;

	type = inet_addr_type_dev_table(net, p->state->in, daddr);
	return type == RTN_LOCAL ||
	       (p->protocol == IPPROTO_UDP &&
		(type == RTN_BROADCAST || type == RTN_MULTICAST));
}

/* What the routes say, of AnyIP and anycast addresses; by far the dearest. */
static noinline bool sasser_is_routed_here(const struct sasser_packet *p)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(p->skb);
	struct flowi6 fl6 = {
		.flowi6_iif = p->state->in->ifindex,
		.flowi6_mark = p->skb->mark,
		.flowi6_proto = p->protocol,
		.flowlabel = ip6_flowinfo(ip6h),
		.daddr = ip6h->daddr,
		.saddr = ip6h->saddr,
	};
	struct dst_entry *dst;

	dst = ip6_route_input_lookup(p->state->net, p->state->in, &fl6, p->skb,
				     RT6_LOOKUP_F_HAS_SADDR |
				     RT6_LOOKUP_F_DST_NOREF);
	return container_of(dst, struct rt6_info, dst)->rt6i_flags &
	       (RTF_LOCAL | RTF_ANYCAST);
}

/* As for IPv4: the hash first. */
static bool sasser_is_local_ipv6(const struct sasser_packet *p)
{
	const struct in6_addr *daddr = &ipv6_hdr(p->skb)->daddr;

	/* TCP to a group address is nobody's; the rest may be datagrams. */
	if (ipv6_addr_is_multicast(daddr))
		return p->protocol != IPPROTO_TCP;

	return ipv6_chk_addr_and_flags(p->state->net, daddr, p->state->in, true,
				       0, IFA_F_TENTATIVE) ||
	       sasser_is_routed_here(p);
}

static bool sasser_is_foreign(const struct sasser_packet *p)
{
	if (p->dir == SASSER_HOOK_OUT)
		return false;
	if (p->state->pf == NFPROTO_IPV4)
		return !sasser_is_local_ipv4(p);
	return !sasser_is_local_ipv6(p);
}

/*
 * A packet to or from a VRF meets each hook once with the VRF's device and once
 * with the enslaved one. It is dropped at the first, and counted as passing
 * only with the enslaved one: once either way.
 */
static bool sasser_passes_again(const struct sasser_packet *p)
{
	if (p->dir == SASSER_HOOK_IN)
		return netif_is_l3_master(p->state->in);
	/* IPv6 names the enslaved device where the VRF's comes first, too. */
	return netif_is_l3_master(p->state->out) ||
	       netif_is_l3_master(skb_dst(p->skb)->dev);
}

/*
 * Without a qdisc the VRF calls the hook on the side (vrf_ip_out_direct()) and
 * loses the error that is to refuse a connect(2). The enslaved device's turn
 * follows at once and keeps it.
 */
static bool sasser_is_vrf_direct(const struct sasser_packet *p)
{
	return p->dir == SASSER_HOOK_OUT &&
	       netif_is_l3_master(p->state->out) &&
	       skb_dst(p->skb)->dev != p->state->out;
}

/* The address at the other end. */
static enum sasser_hook_family sasser_remote_addr(const struct sasser_packet *p,
						  struct sasser_addr *addr)
{
	const struct in6_addr *ip6;
	const struct iphdr *iph;

	if (p->state->pf == NFPROTO_IPV4) {
		iph = ip_hdr(p->skb);
		addr->hi = 0;
		addr->lo = ntohl(p->dir == SASSER_HOOK_IN ? iph->saddr :
							    iph->daddr);
		return SASSER_HOOK_IPV4;
	}
	ip6 = p->dir == SASSER_HOOK_IN ? &ipv6_hdr(p->skb)->saddr :
					 &ipv6_hdr(p->skb)->daddr;
	addr->hi = (u64)ntohl(ip6->s6_addr32[0]) << 32 |
		   ntohl(ip6->s6_addr32[1]);
	addr->lo = (u64)ntohl(ip6->s6_addr32[2]) << 32 |
		   ntohl(ip6->s6_addr32[3]);
	return SASSER_HOOK_IPV6;
}

/* The row of a port for which the remote address has a say. */
static noinline unsigned int sasser_choose(const struct sasser_packet *p,
					   unsigned int choice)
{
	const struct sasser_remotes *remotes = p->rules->remotes;
	enum sasser_hook_family family;
	struct sasser_addr addr;

	family = sasser_remote_addr(p, &addr);
	return sasser_remotes_find(remotes, &remotes->choice[choice], family,
				   &addr);
}

/* A packet whose destination port has an entry. */
static unsigned int sasser_judge(const struct sasser_packet *p,
				 unsigned int index)
{
	const struct sasser_block *block = rcu_dereference(p->rules->block);
	const struct sasser_row *row;
	bool opens = false;

	if (sasser_is_loopback(p) || sasser_is_vrf_direct(p))
		return NF_ACCEPT;

	if (p->protocol == IPPROTO_TCP) {
		const u8 *flags;
		u8 buf;

		/* A first fragment without flags may well open a connection. */
		flags = skb_header_pointer(p->skb, p->thoff + 13, 1, &buf);
		opens = !flags || (*flags & (TCPHDR_SYN | TCPHDR_ACK)) ==
				  TCPHDR_SYN;
		/* Lets a peer know at once that its connection is gone. */
		if (p->dir == SASSER_HOOK_OUT && flags && *flags & TCPHDR_RST)
			return NF_ACCEPT;
		if (!sasser_tcp_matches(p->rules, p->port, opens))
			return NF_ACCEPT;
	}

	if (unlikely(index > block->n_rows)) {
		index = sasser_choose(p, index - block->n_rows - 1);
		if (!index)
			return NF_ACCEPT;
	}

	if (sasser_is_foreign(p))
		return NF_ACCEPT;

	row = &block->row[index - 1];
	if (row->action != SASSER_ACTION_BLOCK) {
		if (!sasser_passes_again(p))
			sasser_counter_hit(READ_ONCE(row->counter), p->skb->len,
					   opens);
		return NF_ACCEPT;
	}

	sasser_counter_hit(READ_ONCE(row->counter), p->skb->len, opens);

	/* With a bare NF_DROP connect(2) would go on trying for two minutes. */
	if (p->dir == SASSER_HOOK_OUT && opens)
		return NF_DROP_ERR(-ECONNREFUSED);
	return NF_DROP;
}

/* The hook may be there for the way back from a trial only. */
static bool sasser_has_inbound(const struct sasser_rules *rules)
{
	return rules->ports[SASSER_HOOK_IN][SASSER_HOOK_TCP] ||
	       rules->ports[SASSER_HOOK_IN][SASSER_HOOK_UDP];
}

/*
 * An IPv6 packet that hides its transport header, or the ports in it. As the
 * first fragment of a datagram it would carry any SYN past a look at ports.
 */
static unsigned int sasser_unclassified(const struct sasser_packet *p)
{
	const struct sasser_block *block = rcu_dereference(p->rules->block);
	bool observe = p->rules->observe;

	if (p->dir == SASSER_HOOK_OUT || !sasser_has_inbound(p->rules) ||
	    sasser_is_loopback(p) || sasser_is_foreign(p))
		return NF_ACCEPT;

	if (!observe || !sasser_passes_again(p))
		sasser_counter_hit(sasser_block_unclassified(block),
				   p->skb->len, false);
	return observe ? NF_ACCEPT : NF_DROP;
}

static __always_inline const struct sasser_ports *
sasser_ports_of(const struct sasser_rules *rules, enum sasser_hook_dir dir,
		u8 protocol)
{
	if (likely(protocol == IPPROTO_TCP))
		return rules->ports[dir][SASSER_HOOK_TCP];
	if (protocol == IPPROTO_UDP)
		return rules->ports[dir][SASSER_HOOK_UDP];
	return NULL;
}

/* TCP or UDP, with p->protocol and p->thoff known. */
static unsigned int sasser_transport(struct sasser_packet *p)
{
	const struct sasser_ports *ports;
	const __be16 *pair;
	unsigned int index;
	__be16 buf[2];

	pair = skb_header_pointer(p->skb, p->thoff, sizeof(buf), buf);
	if (!pair)
		/* IPv4 has no way to show the ports in a later fragment only. */
		return p->state->pf == NFPROTO_IPV4 ? NF_ACCEPT :
						      sasser_unclassified(p);

	ports = sasser_ports_of(p->rules, p->dir, p->protocol);
	if (!ports)
		return NF_ACCEPT;
	p->port = ntohs(pair[1]);
	index = sasser_ports_find(ports, p->port);
	return index ? sasser_judge(p, index) : NF_ACCEPT;
}

/* The full look at a packet with its transport header at @thoff. */
static noinline unsigned int
sasser_full(const struct sasser_rules *rules, struct sk_buff *skb,
	    const struct nf_hook_state *state, enum sasser_hook_dir dir,
	    u8 protocol, unsigned int thoff)
{
	struct sasser_packet p = {
		.skb = skb, .state = state, .rules = rules, .dir = dir,
		.protocol = protocol, .thoff = thoff,
	};

	return sasser_transport(&p);
}

/* The same at one with IPv6 extension headers, or none of TCP and UDP. */
static noinline unsigned int
sasser_full_extended(const struct sasser_rules *rules, struct sk_buff *skb,
		     const struct nf_hook_state *state,
		     enum sasser_hook_dir dir)
{
	struct sasser_packet p = {
		.skb = skb, .state = state, .rules = rules, .dir = dir,
		.protocol = NEXTHDR_NONE,
	};
	/* Behind an AH the packet comes here again, when it is verified. */
	int protocol, flags = IP6_FH_F_AUTH;
	unsigned short later = 0;

	protocol = ipv6_find_hdr(skb, &p.thoff, -1, &later, &flags);
	/* -ENOENT: a later fragment that goes on with an extension header */
	if (later || protocol == -ENOENT)
		return NF_ACCEPT;
	if (protocol < 0)
		return sasser_unclassified(&p);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return NF_ACCEPT;

	p.protocol = protocol;
	return sasser_transport(&p);
}

/*
 * The quick look, at what nearly every packet is: true if its destination port
 * is there to be read and has no row. @ports may be NULL.
 */
static __always_inline bool sasser_port_is_free(const struct sasser_ports *ports,
						const struct sk_buff *skb,
						unsigned int thoff)
{
	const __be16 *pair = (const __be16 *)(skb->data + thoff);

	return skb_headlen(skb) >= thoff + 2 * sizeof(*pair) &&
	       (!ports || !sasser_ports_find(ports, ntohs(pair[1])));
}

static __always_inline unsigned int
sasser_hook_ipv4(const struct sasser_hooks *hooks, struct sk_buff *skb,
		 const struct nf_hook_state *state, enum sasser_hook_dir dir)
{
	const struct sasser_rules *rules = rcu_dereference(hooks->rules);
	const struct iphdr *iph = ip_hdr(skb);
	const struct sasser_ports *ports;

	if (!rules)
		return NF_ACCEPT;

	ports = sasser_ports_of(rules, dir, iph->protocol);
	if (!ports || iph->frag_off & htons(IP_OFFSET))
		return NF_ACCEPT;
	if (likely(sasser_port_is_free(ports, skb, iph->ihl * 4)))
		return NF_ACCEPT;

	return sasser_full(rules, skb, state, dir, iph->protocol, iph->ihl * 4);
}

static __always_inline unsigned int
sasser_hook_ipv6(const struct sasser_hooks *hooks, struct sk_buff *skb,
		 const struct nf_hook_state *state, enum sasser_hook_dir dir)
{
	const struct sasser_rules *rules = rcu_dereference(hooks->rules);
	u8 nexthdr;

	if (!rules)
		return NF_ACCEPT;

	nexthdr = ipv6_hdr(skb)->nexthdr;
	if (unlikely(nexthdr != IPPROTO_TCP && nexthdr != IPPROTO_UDP))
		return sasser_full_extended(rules, skb, state, dir);
	if (likely(sasser_port_is_free(sasser_ports_of(rules, dir, nexthdr),
				       skb, sizeof(struct ipv6hdr))))
		return NF_ACCEPT;

	return sasser_full(rules, skb, state, dir, nexthdr,
			   sizeof(struct ipv6hdr));
}

unsigned int sasser_ipv4_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return sasser_hook_ipv4(priv, skb, state, SASSER_HOOK_IN);
}

unsigned int sasser_ipv4_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return sasser_hook_ipv4(priv, skb, state, SASSER_HOOK_OUT);
}

unsigned int sasser_ipv6_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return sasser_hook_ipv6(priv, skb, state, SASSER_HOOK_IN);
}

unsigned int sasser_ipv6_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return sasser_hook_ipv6(priv, skb, state, SASSER_HOOK_OUT);
}

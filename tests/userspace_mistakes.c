// SPDX-License-Identifier: GPL-2.0-or-later
/* Every mistake in a policy file: nothing of it is used, and it is told why. */
#include "userspace_pool.h"

static void test_sections(void)
{
	refused("what stands before any section", "port = 445\n", "line 1",
		"no section");
	refused("an unknown section", FILTER("x", "1") "[assigned]\nx = 1\n",
		"line 6", "neither [filter NAME] nor [policy NAME]");
	refused("a section that only begins like one", "[filters x]\n",
		"line 1", "neither [filter NAME]");
	refused("a section without a name", "[filter]\n", "line 1",
		"the name \"\" of a filter is empty");
	refused("a name with a blank", "[policy X Y]\n", "line 1",
		"the name \"X Y\" of a policy has other characters");
	refused("a name that begins with a dot", "[filter .x]\n", "line 1",
		"does not begin with a letter or a digit");
	refused("a name of 64 characters",
		"[filter x123456789012345678901234567890123456789012345678901234567890123]\n",
		"line 1", "longer than 63");
	refused("a section that is not closed", "[filter x\n", "line 1",
		"not closed");
	refused("something behind a section", "[filter x] port = 1\n",
		"line 1", "follows the \"]\"");
	refused("a filter defined twice", FILTER("x", "1") FILTER("x", "2"),
		"line 6", "defined twice");
	refused("a policy defined twice",
		POLICY_MORE(POLICY("X", "x")), "line 8", "defined twice");
	refused("a filter of nothing", "\n[filter x]\n", "line 2",
		"filter \"x\" has no \"direction\"");
	refused("a filter of nothing before another",
		"[filter y]\n" FILTER("x", "1"), "line 1",
		"filter \"y\" has no \"direction\"");
	refused("a filter without ports",
		"[filter x]\ndirection = in\nprotocol = tcp\naction = block\n",
		"line 1", "filter \"x\" has no \"port\"");
	refused("a filter with no ports in it", FILTER("x", ""), "line 1",
		"an empty \"port\"");
	refused("a permit of no address", MORE("remote =\n"), "line 1",
		"an empty \"remote\"");
	refused("a policy of nothing", "[policy X]\n", "line 1",
		"policy \"X\" has no \"filters\"");
	refused("a policy with no filters in it", POLICY("X", ""), "line 1",
		"an empty \"filters\"");
}

static void test_lines(void)
{
	static const char nul[] = FILTER("x", "1") "remote = 1.2.3.4\0 5.6.7.8\n";
	static char text[4096];

	put_bytes(LOCAL_DIR, "test.conf", nul, sizeof(nul) - 1);
	left_out("a NUL byte", "line 6", "NUL byte");
	clear();
	refused("a binary file", "\177ELF\002\001\001", "line 1",
		"control character");
	refused("a line without a value", MORE("remote\n"), "line 6",
		"neither [section] nor key = value");
	refused("one at the end", MORE("remote"), "line 6", "neither");
	refused("one at the beginning", "remote\n", "line 1", "neither");
	refused("the first of two mistakes", MORE("foo\ncolour = red\n"),
		"line 6", "neither");
	refused("the first of two, turned round", MORE("colour = red\nfoo\n"),
		"line 6", "no key \"colour\"");
	snprintf(text, sizeof(text), MORE("remote = %0600d\n"), 1);
	refused("a word longer than inih's lines", text, "line 6", "too long");
	snprintf(text, sizeof(text), MORE("remote%600s = 10.0.0.1\n"), "");
	refused("a key that far from its value", text, "line 6", "too long");
	snprintf(text, sizeof(text), MORE("description = %0180d #1\nfoo\n"), 1);
	refused("the line behind a long one", text, "line 7", "neither");
}

static void test_keys(void)
{
	refused("an unknown key of a filter", MORE("colour = red\n"), "line 6",
		"a filter has no key \"colour\"");
	refused("one of a policy in a filter", MORE("mode = observe\n"),
		"line 6", "a filter has no key \"mode\"");
	refused("an unknown key of a policy", POLICY_MORE("colour = red\n"),
		"line 8", "a policy has no key \"colour\"");
	refused("a key with capitals", MORE("Remote = 1.2.3.4\n"), "line 6",
		"no key \"Remote\"");
	refused("a key given twice", MORE("port = 2\n"), "line 6",
		"\"port\" is given twice");
	refused("a value of no list that goes on",
		"[filter x]\ndirection = in\n out\n", "line 3", "one word");
	refused("an empty value", "[filter x]\ndirection =\n", "line 2",
		"\"direction\" is empty");
	refused("a wrong direction", "[filter x]\ndirection = up\n", "line 2",
		"direction \"up\" is none of: in, out, both");
	refused("a wrong protocol", "[filter x]\nprotocol = icmp\n", "line 2",
		"protocol \"icmp\" is none of: tcp, udp");
	refused("a wrong action", "[filter x]\naction = drop\n", "line 2",
		"action \"drop\" is none of: block, permit, observe");
	refused("a wrong mode", POLICY_MORE("mode = off\n"), "line 8",
		"mode \"off\" is none of: enforce, observe");
	refused("a wrong match", POLICY_MORE("match = syn\n"), "line 8",
		"match \"syn\" is none of: auto, packet");
	refused("a wrong scope", POLICY_MORE("scope = all\n"), "line 8",
		"scope \"all\" is none of: host, everywhere");
	refused("a wrong day", POLICY_MORE("expires = 2026-02-30\n"), "line 8",
		"expires \"2026-02-30\" is no day");
	refused("a time", POLICY_MORE("expires = 2026-02-03T00:00:00Z\n"),
		"line 8", "no day");
	refused("a wrong end", POLICY_MORE("expires_action = stop\n"),
		"line 8", "\"stop\" is none of: warn, disable");
	refused("an end without a day",
		POLICY_MORE("expires_action = disable\n"), "line 6",
		"no \"expires\"");
	refused("a description that would be a comment",
		MORE("description =;x\n"), "line 6", "begin with \";\"");
	refused("a description for no terminal",
		MORE("description = \xc2\x9b" "2J\n"), "line 6", "plain ASCII");
}

static void test_ports(void)
{
	refused("port 0", FILTER("x", "0"), "line 4", "port \"0\" is neither");
	refused("port 65536", FILTER("x", "65536"), "line 4",
		"port \"65536\" is neither");
	refused("a port with a sign", FILTER("x", "+1"), "line 4", "neither");
	refused("a service", FILTER("x", "smb"), "line 4", "port \"smb\"");
	refused("ports with commas", FILTER("x", "1,2"), "line 4",
		"port \"1,2\" is neither");
	refused("a range without an end", FILTER("x", "1-"), "line 4",
		"port \"1-\" is neither");
	refused("a range without a beginning", FILTER("x", "-1"), "line 4",
		"port \"-1\" is neither");
	refused("a range backwards", FILTER("x", "2-1"), "line 4",
		"ends before it begins");
	refused("a port given twice", FILTER("x", "1 2 1"), "line 4",
		"port \"1\" overlaps another");
	refused("ranges that overlap", FILTER("x", "1-5 5-9"), "line 4",
		"port \"5-9\" overlaps");
	refused("a range around another, in the next line",
		FILTER("x", "5\n 1-9"), "line 5", "port \"1-9\" overlaps");
}

static void test_remotes(void)
{
	refused("a name for an address", MORE("remote = server\n"), "line 6",
		"remote \"server\" is no address");
	refused("an address of three parts", MORE("remote = 10.0.1\n"),
		"line 6", "no address");
	refused("a length of 33", MORE("remote = 10.0.0.0/33\n"), "line 6",
		"no length from 0 to 32");
	refused("a length of 129", MORE("remote = ::/129\n"), "line 6",
		"no length from 0 to 128");
	refused("a length of nothing", MORE("remote = 10.0.0.0/\n"), "line 6",
		"no length");
	refused("a mask", MORE("remote = 10.0.0.0/255.0.0.0\n"), "line 6",
		"no length");
	refused("bits behind the length", MORE("remote = 192.0.2.1/24\n"),
		"line 6", "bits set behind its length, it would be 192.0.2.0/24");
	refused("bits of IPv6", MORE("remote = 2001:db8::1/32\n"), "line 6",
		"it would be 2001:db8::/32");
	refused("an address given twice",
		MORE("remote = 192.0.2.1 10.0.0.0/8 192.0.2.1/32\n"), "line 6",
		"\"192.0.2.1/32\" is given twice");
	refused("IPv4 in IPv6", MORE("remote = ::ffff:192.0.2.1\n"), "line 6",
		"write it as IPv4");
	refused("a comment that is none", MORE("remote = 192.0.2.1 # x\n"),
		"line 6", "remote \"#\"");
}

static void test_filters(void)
{
	refused("a filter that there is not", POLICY("X", "smb nimda"),
		"line 2", "the filter \"nimda\", which no file defines");
	refused("a filter twice", POLICY("X", "smb payload smb"), "line 2",
		"filter \"smb\" is given twice");
	refused("no name of a filter", POLICY("X", "smb, payload"), "line 2",
		"filter \"smb,\" has other characters");
}

int main(void)
{
	pools_begin();
	test_sections();
	test_lines();
	test_keys();
	test_ports();
	test_remotes();
	test_filters();
	return tap_end();
}

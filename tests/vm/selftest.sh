#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Can the harness fail? Programs that break each rule of it run in guests, and
# each must be called a failure, for the right reason. Prints TAP.
#	selftest.sh --stage DIR     (of run.sh)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

[ "${1:-}" = --stage ] || die "usage: selftest.sh --stage DIR"
layer=$tmp/stage/layer
mkdir -p "$tmp/stage"
cp -al "$2/layer" "$layer"

program()
{
	rm -f "$layer/sasser/tests/$1"
	{
		printf '#!/bin/bash\necho TAP version 13\n'
		cat
	} >"$layer/sasser/tests/$1"
	chmod 755 "$layer/sasser/tests/$1"
}

program good <<<'echo 1..1; echo ok 1 good'
program bad <<<'echo 1..2; echo ok 1 a; echo not ok 2 b; exit 1'
program skips <<<'echo 1..1; echo "ok 1 a # SKIP no reason"'
program short <<<'echo 1..2; echo ok 1 a'
program planless <<<'echo ok 1 a'
program exits <<<'echo 1..1; echo ok 1 a; exit 3'
program killed <<<'echo 1..1; echo ok 1 a; kill -SEGV $$'
program hangs <<<'echo 1..1; echo ok 1 a; sleep 1000'
program litters <<<'echo 1..1; echo ok 1 a; ip netns add litter; sleep 1000 &'
program pins <<<'echo 1..1; echo ok 1 a; sasserctl enable --runtime >&2'
# as WARN_ON() would: its line in the log, and its bit
program warns <<'EOF'
echo 1..1
echo "WARNING: CPU: 0 PID: 1 at selftest" >/dev/kmsg &&
	echo 512 >/proc/sys/kernel/tainted && echo ok 1 a
EOF
# more than a pipe holds, and nothing but the log tells of it
program floods <<'EOF'
echo 1..1
echo on >/proc/sys/kernel/printk_devkmsg
for i in {1..3000}; do
	echo "BUG: no $i at selftest, with as many words as such a line has" >/dev/kmsg
done
echo ok 1 a
EOF
program panics <<<'echo 1..1; echo ok 1 a; sync; echo c >/proc/sysrq-trigger'
# the runner of programs itself stops, the kernel lives
# shellcheck disable=SC2016
program mutes <<<'echo 1..1; echo ok 1 a; kill -STOP $(pgrep -f tests/vm/guest)'
# main, which waits for it all, goes
program leaves <<<'echo 1..1; echo ok 1 a; pkill -KILL -f run/vm/main'

runs() { "$top/tests/vm/run.sh" --kernel 6.1 --stage "$tmp/stage" "$@"; }

runs --limit 10 good bad skips short planless exits killed hangs litters pins \
	>"$tmp/rules" 2>&1 &
(
	runs --limit 30 warns >"$tmp/warns" 2>&1
	runs --limit 30 floods >"$tmp/floods" 2>&1
	runs --limit 30 panics >"$tmp/panics" 2>&1
	runs --limit 30 leaves >"$tmp/leaves" 2>&1
) &
runs --limit 30 --silence 15 mutes >"$tmp/mutes" 2>&1 &
wait

n=0 failed=0
# expect FILE PATTERN NAME
expect()
{
	n=$((n + 1))
	if grep -qE -- "$2" "$tmp/$1"; then
		echo "ok $n $3"
	else
		failed=1
		echo "not ok $n $3: nothing there matches $2"
		sed 's/^/# /' "$tmp/$1"
	fi
}

echo "TAP version 13"
echo "1..20"
expect rules '^pass 6.1 good: 1 passed, 0 failed' "a good program passes"
expect rules '^FAIL 6.1 bad: 1 passed, 1 failed' "a test that fails"
expect rules '^FAIL 6.1 skips: 0 passed, 1 failed' "a test that is skipped"
expect rules '^FAIL 6.1 short: .*planned 2 tests, ran 1' "a plan cut short"
expect rules '^FAIL 6.1 planless: .*no plan' "no plan"
expect rules '^FAIL 6.1 exits: .*exit status 3' "an exit status"
expect rules '^FAIL 6.1 killed: .*exit status 139' "a program that dies"
expect rules '^FAIL 6.1 hangs: .*took too long' "a program that hangs"
expect rules '^FAIL 6.1 litters: .*process sleep' "a process left behind"
expect rules '^FAIL 6.1 litters: .*namespace litter' "a namespace left behind"
expect rules '^FAIL 6.1 pins: .*does not unload' "a policy left assigned"
expect rules 'not ok 1 the module unloads' "a module that stays"
expect warns '^pass 6.1 warns' "a warning harms no program ..."
expect warns 'not ok 2 nothing in the kernel log' "... but the log tells"
expect warns 'not ok 3 taint is as before' "... and the taint"
expect floods 'not ok 2 nothing in the kernel log' "a log that is full of them tells, too"
expect panics 'sysrq triggered crash' "a panic, with the log's tail"
expect mutes 'was silent for 15 seconds' "silence"
expect leaves '[1-9][0-9]* failed; logs in' "a guest that ends early"
passes=$(grep -lE ' passed, 0 failed; logs' "$tmp"/{rules,warns,panics,mutes,leaves})
printf '%s\n' "$passes" >"$tmp/passes"
expect passes '^$' "none of these runs passed"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots a Debian kernel under QEMU's software emulation and runs a command in
# it as root. Standard output gets the command's output, the exit status is
# the command's; 124: it took too long or fell silent, 125: the guest ended
# without a word. The guest's root is a Debian root of the cache, read-only
# below a file system of its own that is lost at the end.

usage()
{
	cat <<-EOF
	usage: boot.sh [OPTION]... -- COMMAND [ARGUMENT]...
	  --kernel VERSION  any kernel of the root or a layer whose version begins so
	                    (default: 6.1)
	  --arch ARCH       amd64, arm64 or s390x (amd64); others need --root
	  --root DIR        a Debian root (default: the cached one)
	  --layer DIR       lay this over the root, may be repeated; an unpacked
	                    linux-image package is one
	  --disk FILE       an ext4 image that keeps what the guest writes
	  --netns FILE      the network namespace that its cards are in (/proc/PID/ns/net)
	  --tap DEV         a card, at this tap device there; may be repeated
	  --systemd         boot Debian's systemd, not just the command
	  --icount          a virtual nanosecond is one instruction; one CPU
	  --smp N, --mem M  CPUs (2) and MiB of memory (1024)
	  --taking-turns    emulate these CPUs by one thread, one after the other
	  --append ARGS     more kernel arguments
	  --limit S         seconds until the guest is killed (600)
	  --silence S       seconds without output until it is killed (limit)
	  --log DIR         keep console, output and exit status there
	  --token TEXT      given to the guest in /run/vm/token
	EOF
	exit "$1"
}

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"

kernel=6.1 arch=amd64 root='' layers=() disk='' netns='' taps=() systemd='' icount='' smp=2 mem=1024 accel=tcg
append='' limit=600 silence='' log=$tmp/guest token=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=$2; shift ;;
	--arch) arch=$2; shift ;;
	--root) root=$2; shift ;;
	--layer) layers+=("$2"); shift ;;
	--disk) disk=$2; shift ;;
	--netns) netns=$2; shift ;;
	--tap) taps+=("$2"); shift ;;
	--systemd) systemd=1 ;;
	--icount) icount=1 ;;
	--smp) smp=$2; shift ;;
	--mem) mem=$2; shift ;;
	--taking-turns) accel=tcg,thread=single ;;
	--append) append=$2; shift ;;
	--limit) limit=$2; shift ;;
	--silence) silence=$2; shift ;;
	--log) log=$2; shift ;;
	--token) token=$2; shift ;;
	--help) usage 0 ;;
	--) shift; break ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
[ $# -gt 0 ] || usage 2 >&2
# shellcheck source=tests/vm/machine.sh
. "$top/tests/vm/machine.sh"
need_tools "$machine_package" cpio kmod xz-utils
[ -n "$root" ] || root_get bookworm
mkdir -p "$log"

# ---- the kernel: the newest whose version begins so

vmlinuz=$(find "$root/boot" "${layers[@]/%//boot}" -maxdepth 1 \
	\( -name "vmlinuz-$kernel" -o -name "vmlinuz-${kernel}[.+-]*" \) \
	2>/dev/null | sort -V | tail -n 1)
[ -n "$vmlinuz" ] || die "no kernel $kernel in $root or a layer"
base=${vmlinuz%/boot/*}
kver=${vmlinuz##*/vmlinuz-}
[ ! -e "$base/boot/vmlinux-$kver" ] || vmlinuz=$base/boot/vmlinux-$kver

# ---- the initial RAM disk: busybox, the modules for 9p, and this harness

ram=$tmp/ram
mkdir -p "$ram/bin" "$ram/vm/modules"
cp "$root/bin/busybox" "$ram/bin/"
cp "$top/tests/vm/init" "$ram/init"
cp "$top"/tests/vm/{plain,main,vm.service,vm.target} "$ram/vm/"
[ -z "$systemd" ] || touch "$ram/vm/systemd"
printf '%s' "$token" >"$ram/vm/token"
{
	printf 'export TERM=%q\n' "${TERM:-dumb}"
	[ -z "${NO_COLOR-}" ] || printf 'export NO_COLOR=1\n'
	[ -z "${V-}" ] || printf 'export V=%q\n' "$V"
} >"$ram/vm/env"
printf '%q ' "$@" >"$ram/vm/command"
[ -z "$machine_virtio" ] || touch "$ram/vm/ports"

moddir=$base/lib/modules/$kver
if [ ! -e "$moddir/modules.dep" ]; then
	# an unpacked package, which nobody ran depmod for
	layers+=("$tmp/depmod")
	mkdir -p "$tmp/depmod/usr/lib/modules/$kver"
	cp "$moddir"/modules.{order,builtin}* "$tmp/depmod/usr/lib/modules/$kver/"
	depmod -b "$base" -o "$tmp/depmod/usr" "$kver" ||
		die "depmod failed for $vmlinuz"
	moddir=$tmp/depmod/usr/lib/modules/$kver
fi
needed=(virtio_pci 9pnet_virtio 9p overlay "${machine_modules[@]}")
[ -z "$disk" ] || needed+=(virtio_blk ext4 crc32c_generic)
[ ${#taps[@]} = 0 ] || needed+=(virtio_net)
# path and dependencies of each, dependencies first, each once; modules that
# are built into this kernel are not listed
deps()
{
	local path rest

	path=$(grep -E "^[^:]*/${1//_/[_-]}\.ko[^:]*:" "$moddir/modules.dep")
	[ -n "$path" ] || return 0
	rest=${path#*:}
	printf '%s\n' "$rest" | tr ' ' '\n' | sed '/^$/d' | tac
	printf '%s\n' "${path%%:*}"
}
for module in "${needed[@]}"; do deps "$module"; done |
	awk '!seen[$0]++' |
	while read -r path; do
		file=${path##*/}
		case $path in
		*.xz) xz -dc "$base/lib/modules/$kver/$path" ;;
		*.zst) zstd -dc "$base/lib/modules/$kver/$path" ;;
		*) cat "$base/lib/modules/$kver/$path" ;;
		esac >"$ram/vm/modules/${file%.ko*}"
		printf '%s\n' "${file%.ko*}" >>"$ram/vm/modules/order"
	done

# ---- the machine

# shellcheck disable=SC2054 # the commas are qemu's
qemu=(
	"${machine[@]}" -accel "$accel" -m "$mem"
	-nodefaults -no-user-config -no-reboot -display none -monitor none
	-kernel "$vmlinuz" -initrd "$tmp/initrd"
	-object rng-random,id=rng,filename=/dev/urandom
	-device virtio-rng,rng=rng
	-serial "file:$log/console" "${machine_ports[@]}"
)
if [ -n "$icount" ]; then
	qemu+=(-smp 1 -icount "shift=0,sleep=off")
else
	qemu+=(-smp "$smp")
fi
n=0
for dir in "$root" "${layers[@]}"; do
	qemu+=(-virtfs "local,path=$dir,mount_tag=l$n,security_model=none,readonly=on,multidevs=remap")
	printf 'l%d\n' $((n++)) >>"$ram/vm/layers"
done
[ -z "$disk" ] || qemu+=(-drive "file=$disk,if=virtio,format=raw")
n=0
for tap in "${taps[@]}"; do
	qemu+=(-netdev "tap,id=n$n,ifname=$tap,script=no,downscript=no"
		-device "virtio-net-pci,netdev=n$n,mac=52:54:00:00:00:0$n,romfile=")
	n=$((n + 1))
done
[ -z "$netns" ] || qemu=(nsenter "--net=$netns" -- "${qemu[@]}")
(cd "$ram" && find . | cpio -o -H newc --quiet) >"$tmp/initrd" ||
	die "could not pack the initial RAM disk"

# A busy build machine makes a guest slow, so the kernel's watchdogs get more
# patience; a guest that hangs is this script's to notice.
args="$machine_args panic=-1 oops=panic ignore_loglevel log_buf_len=4M"
args+=" rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60"
args+=" systemd.unit=vm.target systemd.getty_auto=no net.ifnames=0 $append"

for file in console output status; do
	: >"$log/$file"
done
"${qemu[@]}" -append "$args" </dev/null >"$log/qemu" 2>&1 &
qemu_pid=$!
# shellcheck disable=SC2016
at_exit 'kill -KILL $qemu_pid 2>/dev/null; wait $qemu_pid 2>/dev/null'
tail -c +1 -f --pid=$qemu_pid -s 0.1 "$log/output" &
tail_pid=$!

start=$SECONDS last=$SECONDS size='' ended=''
while kill -0 $qemu_pid 2>/dev/null; do
	sleep 0.5
	now=$(stat -c %s "$log/console" "$log/output")
	[ "$now" = "$size" ] || last=$SECONDS
	size=$now
	if [ $((SECONDS - start)) -ge "$limit" ]; then
		ended="was killed: it ran for more than $limit seconds"
	elif [ $((SECONDS - last)) -ge "${silence:-$limit}" ]; then
		ended="was killed: it was silent for $silence seconds"
	else
		continue
	fi
	kill -KILL $qemu_pid
	break
done
wait $qemu_pid 2>/dev/null
wait $tail_pid 2>/dev/null

status=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$log/status")
if [ -z "$ended" ] && [ -n "$status" ]; then
	exit "$status"
fi
say "$me: the guest with kernel $kver ${ended:-ended without a word}; the end of its console log:"
tail -n 100 "$log/console" | sed 's/^/| /' >&2
[ -s "$log/qemu" ] && sed 's/^/qemu: /' "$log/qemu" >&2
[ -n "$ended" ] && exit 124
exit 125

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2054,SC2154
# Sourced by boot.sh: what QEMU emulates for $arch.

# Only a PC has three serial ports. Others have one, for the console, and get
# ports of virtio beside it.
machine_virtio=1
machine_modules=(virtio_console)
machine_ports=(
	-device virtio-serial
	-chardev "file,id=output,path=$log/output"
	-device virtserialport,chardev=output,name=output
	-chardev "file,id=status,path=$log/status"
	-device virtserialport,chardev=status,name=status
)
# Without mitigations a kernel does the same in less time; what is measured is
# measured with them. Programs at random addresses have QEMU translate the same
# code again for each process: nearly half the time of a shell script.
machine_args="mitigations=off norandmaps"
[ -z "$icount" ] || machine_args=
case $arch in
amd64)
	# Never with smap: QEMU's emulation then faults on the stack of a
	# user-mode iretq, by which Wine comes back from a system call, and the
	# kernel dies. A CPU without vector instructions to emulate is faster.
	machine_package=qemu-system-x86
	machine=(qemu-system-x86_64 -machine q35 -cpu Nehalem)
	[ -z "$icount" ] || machine[4]=max,-smap
	machine_virtio='' machine_modules=()
	machine_ports=(-serial "file:$log/output" -serial "file:$log/status")
	# On a busy machine the early test of the timer fails at random, and so do
	# the measurement of the time stamp counter's rate (a clock has run fifteen
	# times too fast) and the clock's watchdog: the kernel then changes code
	# that another emulated CPU runs, and QEMU does not always see that it did.
	machine_args+=" console=ttyS0 no_timer_check"
	[ -n "$icount" ] || machine_args+=" tsc=unstable"
	;;
arm64)
	# A server's processor, with atomic instructions, and without the
	# authentication of pointers, whose emulation is dear.
	machine_package=qemu-system-arm
	machine=(qemu-system-aarch64 -machine virt -cpu neoverse-n1)
	machine_args+=" console=ttyAMA0"
	;;
s390x)
	machine_package=qemu-system-misc
	machine=(qemu-system-s390x -machine s390-ccw-virtio -cpu max)
	machine_args+=" console=ttyS1"
	;;
*)
	die "no machine is known for $arch"
	;;
esac

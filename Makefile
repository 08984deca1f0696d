# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make                  the module for the running kernel, and sasserctl
#   make KVER=VERSION     the module for another kernel that is installed
#   make install          this host: DKMS, module, tool, units
#   make uninstall        all of that away again; PURGE=1: the settings, too
#   make install-userspace uninstall-userspace    the part without DKMS
#   make demo             what it does, on a Debian kernel under QEMU
#   make check            the tests; NOCACHE=1: with nothing from the cache
#   make check-all        on every kernel, and with sanitizers
#   make check-deep       data races, long fuzzing, planted bugs, processors
#   make bench            what it costs, in instructions per packet
#
# DESTDIR and PREFIX (/usr) are honoured; with DESTDIR nothing is registered,
# enabled or started. The module's source is always in /usr/src, where DKMS
# looks for it.

SHELL := /bin/bash
.SHELLFLAGS := -euc
.ONESHELL:

ifneq ($(origin KVER),undefined)
KVER_GIVEN := 1
endif
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
PREFIX ?= /usr
DESTDIR ?=
export PREFIX DESTDIR

# The version stands once.
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
DKMS_SOURCE := /usr/src/sasser-$(VERSION)

all: userspace
	@if [ -e $(KDIR)/Makefile ] || [ -n "$(KVER_GIVEN)" ]; then
		$(MAKE) --no-print-directory module
	else
		echo "No module was built: the running kernel $(KVER) has no headers here."
		echo "Install linux-headers-$(KVER), or name another kernel: make KVER=VERSION"
	fi

module:
	@if [ ! -e $(KDIR)/Makefile ]; then
		echo "No headers of kernel $(KVER) in $(KDIR)." >&2
		echo "Type: apt install linux-headers-$(KVER)" >&2
		exit 1
	fi
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace:
	@$(MAKE) --no-print-directory -C userspace all

check:
	@tests/check.sh check

check-all:
	@tests/check.sh all

check-deep:
	@tests/check.sh deep

demo:
	@tests/demo.sh

bench:
	@tests/bench/run.sh

clean:
	@if [ -e $(KDIR)/Makefile ]; then
		$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	else
		rm -f *.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers
		rm -f kmod/*.o kmod/.*.cmd
	fi
	$(MAKE) -C userspace clean
	$(MAKE) -C tests clean

install: install-module install-userspace

install-userspace:
	$(MAKE) -C userspace install

uninstall-userspace:
	$(MAKE) -C userspace uninstall

# Versions of sasser that DKMS knows (its output changed between releases).
dkms_versions = dkms status sasser 2>/dev/null | \
	sed -n 's,^sasser[/, ]*\([^,: ]*\).*,\1,p' | sort -u

install-module:
	@src="$(DESTDIR)$(DKMS_SOURCE)"
	if [ -z "$(DESTDIR)" ] && ! command -v dkms >/dev/null; then
		echo "DKMS is missing; type: apt install dkms" >&2
		echo "(make install-userspace installs the part without the module)" >&2
		exit 1
	fi
	if [ -z "$(DESTDIR)" ]; then
		for version in $$($(dkms_versions)); do
			echo "Taking sasser $$version away from DKMS"
			dkms remove -m sasser -v "$$version" --all
			rm -rf "/usr/src/sasser-$$version"
		done
	fi
	rm -rf "$$src"
	install -d "$$src/kmod/uapi/linux"
	install -m 0644 dkms.conf Kbuild "$$src/"
	install -m 0644 kmod/*.[ch] "$$src/kmod/"
	install -m 0644 kmod/uapi/linux/sasser.h "$$src/kmod/uapi/linux/"
	[ -z "$(DESTDIR)" ] || exit 0
	dkms add -m sasser -v "$(VERSION)"
	without=() failed=()
	for dir in /lib/modules/*/; do
		kver=$$(basename "$$dir")
		[ -e "$$dir/modules.order" ] || continue
		if [ ! -e "$$dir/build/Makefile" ]; then
			without+=("$$kver")
		elif ! dkms install -m sasser -v "$(VERSION)" -k "$$kver"; then
			failed+=("$$kver")
		fi
	done
	for kver in "$${without[@]}"; do
		echo "Kernel $$kver has no headers here: no module for it."
		echo "  Type: apt install linux-headers-$$kver   (DKMS then builds it)"
	done
	for kver in "$${failed[@]}"; do
		echo "The module could not be built for kernel $$kver; see" >&2
		echo "  /var/lib/dkms/sasser/$(VERSION)/build/make.log" >&2
	done
	if [ -e /sys/module/nf_sasser/version ]; then
		loaded=$$(cat /sys/module/nf_sasser/version)
		[ "$$loaded" = "$(VERSION)" ] ||
			echo "Version $$loaded of the module stays loaded until the next boot."
	fi
	[ $${#failed[@]} = 0 ]

# Samba's Group Policy fails for want of the extension that it has registered.
uninstall:
	@$(MAKE) --no-print-directory -C userspace unregister
	if [ -z "$(DESTDIR)" ] && [ -e /sys/module/nf_sasser ]; then
		if command -v sasserctl >/dev/null; then
			sasserctl disable --everywhere --runtime
		fi
		if ! rmmod nf_sasser; then
			echo "nf_sasser is still in use, so no file was removed." >&2
			echo "Type: sasserctl status; sasserctl disable --everywhere --runtime" >&2
			exit 1
		fi
	fi
	$(MAKE) --no-print-directory uninstall-userspace
	if [ -z "$(DESTDIR)" ] && command -v dkms >/dev/null; then
		for version in $$($(dkms_versions)); do
			dkms remove -m sasser -v "$$version" --all
			rm -rf "/usr/src/sasser-$$version"
		done
	fi
	rm -rf "$(DESTDIR)$(DKMS_SOURCE)"
	if [ -n "$(PURGE)" ]; then
		rm -rf "$(DESTDIR)/etc/sasser" "$(DESTDIR)/var/lib/sasser"
	fi
	for dir in "$(DESTDIR)/etc/sasser" "$(DESTDIR)/var/lib/sasser"; do
		[ -d "$$dir" ] || continue
		find "$$dir" -depth -type d -empty -delete
		[ ! -d "$$dir" ] || find "$$dir" -type f -printf 'Kept: %p (PURGE=1 takes it)\n'
	done
	echo "sasser is removed."

.PHONY: all module userspace check check-all check-deep demo bench clean install uninstall \
	install-module install-userspace uninstall-userspace

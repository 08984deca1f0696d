#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which lines of the module no test reached: coverage.sh BUILD LOG...
# BUILD is where the instrumented module was built (stage.sh), each LOG is a
# guest's output with a line "@gcov". Runs in the main root, which has the
# compiler's gcov. A line for each file: percent, number of lines, and those
# that were never run.

set -eu -o pipefail

build=$1
shift
cd "$build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
for log; do
	sed -n 's/^@gcov //p' "$log" | tr -d '\r' | while read -r data; do
		n=$((n + 1))
		mkdir -p "$work/run-${log//\//-}-$n"
		base64 -d <<<"$data" | tar -xz -C "$work/run-${log//\//-}-$n"
	done
done
[ -n "$(find "$work" -name '*.gcda')" ] || {
	echo "no guest said which lines it ran" >&2
	exit 1
}
# One run after the other, because gcov adds up what is in its files; and one
# object after the other, because each has the lines of the headers, too.
for run in "$work"/run-*; do
	find "$run" -name '*.gcda' | while read -r data; do
		object=${data#"$run"/}
		cp "$data" "$object"
		mkdir -p "$run/text/${object//\//-}"
		gcov --stdout --object-file "${object%.gcda}.o" \
			"${object%.gcda}.c" >"$run/text/${object//\//-}/gcov" 2>/dev/null
		rm -f "$object"
	done
done
find "$work" -name gcov -exec cat {} + | awk -F : '
	{ count = $1; line = $2; gsub(/ /, "", count); gsub(/ /, "", line) }
	line == 0 && $3 == "Source" {
		file = $4
		keep = file ~ /(^|\/)kmod\/[a-z]*\.[ch]$/
		sub(/.*kmod\//, "kmod/", file)
		next
	}
	!keep || count == "-" || count == "" { next }
	{
		if (!((file, line) in seen)) {
			seen[file, line] = 0
			lines[file]++
			if (line + 0 > last[file]) last[file] = line + 0
		}
		if (count !~ /^[#=]/) seen[file, line] = 1
	}
	END {
		for (file in lines) {
			hit = 0
			missed = ""
			for (i = 1; i <= last[file]; i++) {
				if (!((file, i) in seen)) continue
				if (seen[file, i]) hit++
				else missed = missed " " i
			}
			printf "%-16s %5.1f %% of %3d lines; never run:%s\n", file,
				100 * hit / lines[file], lines[file], missed ? missed : " none"
		}
	}' | sort

# What every lint script begins with: which tree it looks at, and the files in it.
# shellcheck shell=bash
set -eu
export LC_ALL=C

# the tree: an argument (the self-test's planted ones), or the one the script is in
root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
cd "$root"
faults=0

# files FIND-EXPRESSION...: the tree's own files that match, sorted; what git ignores is not ours
files() {
	find . \( -name .git -o -name 'build*' -type d -o -name __pycache__ -o -name .venv \) \
		-prune -o -type f \( "$@" \) -print | sed 's,^\./,,' | sort
}

fault() {
	printf '%s\n' "$*"
	faults=$((faults + 1))
}

# needs COMMAND: without it there is nothing to check with
needs() {
	command -v "$1" >/dev/null || {
		echo "$1 is not installed (scripts/install-deps --test)"
		exit 77
	}
}

finish() {
	if [ "$faults" -gt 0 ]; then
		echo "$(basename "$0"): $faults found"
		exit 1
	fi
	exit 0
}

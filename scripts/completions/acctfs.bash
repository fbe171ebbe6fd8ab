# Completion of acctfs for bash.
# shellcheck shell=bash

_acctfs() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} start
	local options='allow_http config= credentials= debug expiry_warnings= timeout= ttl='

	COMPREPLY=()
	# `=' is a word of its own here
	if [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
		case $before in
		*credentials | *config) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		esac
		return
	fi
	case $word in
	=)
		case $before in
		*credentials | *config) mapfile -t COMPREPLY < <(compgen -f) ;;
		esac
		return
		;;
	esac
	if [ "$before" = -o ]; then
		# the last of a list with commas
		start=${word%"${word##*,}"}
		mapfile -t COMPREPLY < <(compgen -P "$start" -W "$options" -- "${word##*,}")
		case ${COMPREPLY[0]-} in
		*=) compopt -o nospace ;;
		esac
	elif [[ $word = -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-d -f -h -o -V --help --version' -- "$word")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
	fi
}

complete -F _acctfs acctfs

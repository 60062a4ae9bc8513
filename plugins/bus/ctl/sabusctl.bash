# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of sabusctl; a test compares it with sabusctl --help.

_sabusctl_values()
{
	case $1 in
	--socket|-s|--options|--identity-map) COMPREPLY=($(compgen -f -- "$2")) ;;
	--color) COMPREPLY=($(compgen -W 'auto always never' -- "$2")) ;;
	--known) COMPREPLY=($(compgen -W 'none pending ambiguous unknown bus-down timeout no-tunnel' -- "$2")) ;;
	--mode) COMPREPLY=($(compgen -W 'transport tunnel' -- "$2")) ;;
	--role) COMPREPLY=($(compgen -W 'lns client' -- "$2")) ;;
	--encryption) COMPREPLY=($(compgen -W 'require allow prohibit' -- "$2")) ;;
	--ipsec) COMPREPLY=($(compgen -W 'required optional' -- "$2")) ;;
	--min-strength) COMPREPLY=($(compgen -W 'broken legacy good strong' -- "$2")) ;;
	--compression) COMPREPLY=($(compgen -W 'off keep' -- "$2")) ;;
	--tunnel-mode) COMPREPLY=($(compgen -W 'accept refuse' -- "$2")) ;;
	--bind-identity) COMPREPLY=($(compgen -W 'none equal map' -- "$2")) ;;
	--suite) COMPREPLY=($(compgen -W 'aes256gcm128 aes128gcm128 chacha20poly1305 aes256-sha256 aes128-sha1 3des-sha1 null-sha256' -- "$2")) ;;
	--root) COMPREPLY=($(compgen -d -- "$2")) ;;
	--only) COMPREPLY=($(compgen -W "$(sabusctl doctor --list 2>/dev/null | sed '1d;s/ .*//')" -- "$2")) ;;
	--sa|--peer|--local|--mark|--id|--eap|--auth|--replay-window|--path-mtu|--l2tp-header|--mtu-cap|--user|--reply|--why) COMPREPLY=() ;;
	*) return 1 ;;
	esac
}

_sabusctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' socket=() i
	local common='--socket --json --color --help --version'
	local path='--nat-t --mode --ipv6 --path-mtu --l2tp-header'

	_sabusctl_values "$prev" "$cur" && return
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s|--socket) socket=(--socket "${COMP_WORDS[i+1]}"); ((i++)) ;;
		--color) ((i++)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	if [[ $cur == -* ]]; then
		case $command in
		explain) common+=" $path --suite --sa --peer --known --local --mark --id --eap --auth --replay-window --role --options
			--encryption --ipsec --min-strength --compression --tunnel-mode --mtu-cap --no-mppe --compulsory --trust-lac
			--require-ecp --bind-identity --identity-map --user --reply" ;;
		doctor) common+=' --root --only --list' ;;
		mtu) common+=" $path --mppe" ;;
		close) common+=' --why' ;;
		metrics) common+=' --sessions --http' ;;
		esac
		COMPREPLY=($(compgen -W "$common" -- "$cur"))
		return
	fi
	case $command in
	'') COMPREPLY=($(compgen -W 'status show ids monitor explain doctor mtu close metrics stats' -- "$cur")) ;;
	show|close) COMPREPLY=($(compgen -W "$("$1" "${socket[@]}" ids 2>/dev/null)" -- "$cur")) ;;
	mtu) _sabusctl_values --suite "$cur" ;;
	esac
}
complete -F _sabusctl sabusctl

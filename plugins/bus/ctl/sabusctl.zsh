#compdef sabusctl
# SPDX-License-Identifier: GPL-2.0-or-later
# zsh completion of sabusctl; a test compares it with sabusctl --help.

_sabusctl_ids()
{
	local -a ids
	ids=(${(f)"$(_call_program ids sabusctl ids 2>/dev/null)"})
	compadd -a ids
}

_sabusctl_checks()
{
	local -a checks
	checks=(${${(f)"$(_call_program checks sabusctl doctor --list 2>/dev/null)"}[2,-1]%% *})
	compadd -a checks
}

_sabusctl()
{
	local curcontext="$curcontext" state line
	local -a common path
	typeset -A opt_args
	common=(
		'(-s --socket)'{-s,--socket}'[socket of sabusd]:path:_files'
		'(-j --json)'{-j,--json}'[for programs]'
		'--color[when to use colours]:when:(auto always never)'
		'(- *)'{-h,--help}'[help]'
		'(- *)'{-V,--version}'[version]'
	)
	path=(
		'--nat-t[UDP encapsulation]'
		'--mode[mode of the SA]:mode:(transport tunnel)'
		'--ipv6[over IPv6]'
		'--path-mtu[of the way to the peer]:bytes:'
		'--l2tp-header[size of the L2TP header]:bytes:(6 8 10 12)'
	)
	_arguments -C $common '1:command:->command' '*::argument:->argument' && return
	case $state in
	command)
		local -a commands
		commands=(
			'status:all SAs, tunnels, calls and sessions'
			'show:one of them, with all that is known of it'
			'ids:what show and close take'
			'monitor:one line per change'
			'explain:why would a peer be accepted or refused?'
			'doctor:traps in the configuration of this host'
			'mtu:the MTU of PPP over an SA, and its sum'
			'close:end a session'
			'metrics:for Prometheus'
			'stats:counters of sabusd'
		)
		_describe command commands
		;;
	argument)
		case $line[1] in
		show) _arguments $common '1:id:_sabusctl_ids' ;;
		close) _arguments $common '--why[for the log of pppd]:text:' '1:id:_sabusctl_ids' ;;
		mtu) _arguments $common $path '--mppe[MPPE runs inside]' '1:suite:(aes256gcm128 aes256-sha256 aes128-sha1 3des-sha1)' ;;
		doctor)
			_arguments $common '--root[files of another host]:directory:_files -/' '*--only[this check]:check:_sabusctl_checks' \
				'--list[the checks]'
			;;
		metrics) _arguments $common '--sessions[a series for each session]' '--http[answer one HTTP request]' ;;
		explain)
			_arguments $common $path \
				'--suite[an SA with these algorithms]:suite:(aes256gcm128 aes256-sha256 aes128-sha1 3des-sha1 null-sha256)' \
				'--sa[an SA of sabusd]:number:' \
				'--peer[what sabusd knows of this peer]:address:' \
				'--known[no SA]:word:(none pending ambiguous unknown bus-down timeout no-tunnel)' \
				'--local[our end]:address:' \
				'--mark[of the datagrams]:number:' \
				'--id[IKE identity of the peer]:identity:' \
				'--eap[EAP or XAuth identity of the peer]:identity:' \
				'--auth[how the peer authenticated]:method:(psk pubkey pubkey+eap-mschapv2)' \
				'--replay-window[of the SA]:packets:' \
				'--role[our side]:role:(lns client)' \
				'--options[options file of pppd]:file:_files' \
				'--encryption[policy]:policy:(require allow prohibit)' \
				'--ipsec[required or optional]:word:(required optional)' \
				'--min-strength[weakest SA]:level:(broken legacy good strong)' \
				'--compression[over an SA that encrypts]:word:(off keep)' \
				'--tunnel-mode[SAs in tunnel mode]:word:(accept refuse)' \
				'--mtu-cap[upper limit of the MTU]:bytes:' \
				'--no-mppe[refuse MPPE over an SA that encrypts]' \
				'--compulsory[a LAC is between]' \
				'--trust-lac[count its SA]' \
				'--require-ecp[require ECP]' \
				'--bind-identity[IKE identity and user]:how:(none equal map)' \
				'--identity-map[map]:file:_files' \
				'--user[PPP user]:name:' \
				'*--reply[attribute of a RADIUS reply]:attribute=value:'
			;;
		*) _arguments $common ;;
		esac
		;;
	esac
}

_sabusctl "$@"

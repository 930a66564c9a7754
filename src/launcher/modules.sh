# shellcheck shell=sh disable=SC2034,SC2154
# (both: the variables are shared with ./causeway and its other parts)
# npm packages: stage 1. `run` is what `up` needs, `all` adds the development tools (tests, lint, benchmarks).
# Read by ./causeway. The stamp holds the hash of what was installed, so that the next start only compares it.

# ensure_modules run|all: installs what the lock says into `modules`, which is `root` itself, or else `root` becomes a copy.
ensure_modules() {
	level=$1
	modules=$root
	lock_hash=$(cat "$root/package.json" "$root/package-lock.json" | sha256sum)
	lock_hash=${lock_hash%% *}
	stamped && return 0
	# A checkout that is read-only or not ours to write gets its packages in the cache, beside a copy of the sources: Node
	# looks for packages in the directories above the importing file and nowhere else.
	[ -w "$root" ] || use_copy
	exec 9<"$modules/package-lock.json"
	flock 9
	if ! stamped; then
		install_modules
	fi
	exec 9<&-
}

# stamped: whether the packages of this lock are installed, at this level or a higher one.
stamped() {
	[ -f "$modules/node_modules/.package-lock.json" ] || return 1
	{ read -r stamp <"$modules/node_modules/.causeway-stamp"; } 2>/dev/null || return 1
	[ "$stamp" = "$lock_hash all" ] || [ "$stamp" = "$lock_hash $level" ]
}

install_modules() {
	# Who has installed the development tools once keeps them when the lock changes.
	case $(cat "$modules/node_modules/.causeway-stamp" 2>/dev/null) in *' all') level=all ;; esac
	caller_mask=$(umask)
	umask 022
	say "installing the npm packages of package-lock.json ($level)"
	rm -f "$modules/node_modules/.causeway-stamp"
	set -- "$modules" "$npm"
	case $npm in *.js) set -- "$modules" "$node" "$npm" ;; esac
	if [ "$level" = run ]; then
		npm_config_omit=dev
	else
		npm_config_omit=
	fi
	export npm_config_omit
	npm_install "$@" ||
		fail 1 "npm could not install the packages of $root/package-lock.json (its last lines are above)"
	"$node" "$root/src/launcher/check-lock.ts" "$root/package-lock.json" "$modules" ||
		fail 1 "what npm installed is not what $root/package-lock.json pins; remove $modules/node_modules and start again"
	printf '%s %s\n' "$lock_hash" "$level" >"$modules/node_modules/.causeway-stamp"
	owner=$(stat -c %u "$modules")
	# Root starting somebody's checkout must not leave files there that its owner cannot remove.
	if [ "$uid" = 0 ] && [ "$owner" != 0 ]; then
		chown -hR "$owner" "$modules/node_modules"
	fi
	umask "$caller_mask"
}

# use_copy: `root` becomes a copy of the sources, named after their content: a start with changed sources uses another copy, and
# what runs from an older one keeps it. Copies with the same lock lie in one directory and share its packages.
use_copy() {
	sources_hash=$(
		cd "$root" &&
			find . \( -name .git -o -name node_modules \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
	)
	modules=$cache/modules-$(printf %.12s "$lock_hash")
	copy=$modules/sources-$(printf %.12s "$sources_hash")
	caller_mask=$(umask)
	umask 022
	mkdir -p "$modules" || fail 1 "cannot make the directory $modules, where the packages of a read-only checkout are kept"
	if [ ! -d "$copy" ]; then
		fresh=$(mktemp -d "$modules/new-XXXXXX") || fail 1 "cannot write to $modules"
		chmod 755 "$fresh"
		(cd "$root" && tar -cf - --exclude=./.git --exclude=./node_modules .) | tar -xf - --no-same-owner -C "$fresh"
		ln -s ../node_modules "$fresh/node_modules"
		for file in package.json package-lock.json .npmrc; do
			[ -e "$modules/$file" ] || cp "$fresh/$file" "$modules/$file"
		done
		# Another start may have been faster; its copy has the same content.
		mv -T "$fresh" "$copy" 2>/dev/null || rm -rf "$fresh"
	fi
	umask "$caller_mask"
	root=$copy
}

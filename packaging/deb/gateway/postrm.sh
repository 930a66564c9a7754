#!/bin/sh
# The service goes on without its gateway, where it is there and enabled.
set -e

case $1 in
remove) dpkg-trigger --no-await causeway-restart 2>/dev/null || true ;;
purge | upgrade | failed-upgrade | abort-install | abort-upgrade | disappear) ;;
*)
	echo "causeway-gateway.postrm: called with unknown argument $1" >&2
	exit 1
	;;
esac

# shellcheck shell=sh disable=SC2034,SC2154 # the last part of agent.sh in the package; the others are src/connector/agent
#
# What differs where dpkg has brought the agent: it lies elsewhere, dpkg owns command and units, and the controller is not written into the
# program but beside the key, where `causeway-connector join` has put it.

PACKAGED=yes
PROGRAM=/usr/lib/causeway-connector/agent.sh
COMMAND=/usr/sbin/causeway-connector
OPENVPN=/usr/sbin/openvpn
CAUSEWAY_URL=$(cat "$STATE/controller" 2>/dev/null) || CAUSEWAY_URL='not joined'
CAUSEWAY_CA=$(cat "$STATE/ca.pem" 2>/dev/null) || CAUSEWAY_CA=

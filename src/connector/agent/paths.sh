# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Every place outside this script that the connector writes to. docs/connector.md lists the same places for the operator, and
# uninstall.sh removes each of them.

# Root only: key, credential, certificate, profile, last desired state; restore/ holds what was there before.
STATE=/var/lib/causeway-connector
# Gone at reboot: pids, logs, problems, hashes of what the controller already has.
RUN=/run/causeway-connector
PROGRAM=/usr/local/lib/causeway-connector/agent.sh
COMMAND=/usr/local/sbin/causeway-connector
SYSCTL_FILE=/etc/sysctl.d/90-causeway-connector.conf
# act.sh: kernel settings that were applied by confirmed fixes.
FIXES_FILE=/etc/sysctl.d/91-causeway-connector.conf
SYSTEMD_UNITS=/etc/systemd/system
OPENRC_SCRIPTS=/etc/init.d
# `yes` in a Debian package, which owns program, command and systemd's units: they are neither written nor removed from here.
PACKAGED=

# The tunnel in use, and the one that a hand-over brings up beside it: they change places (device.sh, find_device), so every function of
# a tunnel takes the device as an argument.
DEVICE=causeway0
SPARE=causeway1
DEVICES='causeway0 causeway1'
DEVICE_PATTERN='causeway*'
# Protocol number of routes and rules (rtm_protocol): only those that carry it are ours to delete.
PROTOCOL=196
# internet.sh: its table, and the preferences of its two rules, before the main table's 32766.
INTERNET_TABLE=196
INTERNET_MAIN_RULE=9196
INTERNET_RULE=9197
# probe.sh: the table and the preference of the rules by which a probe is handed to the LAN's router, for the seconds of the probe.
PROBE_TABLE=197
PROBE_RULE=9195
NFT_TABLE=causeway_connector
# openvpn runs as this user once the tun exists.
TUNNEL_USER=causeway-connector

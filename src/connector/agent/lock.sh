# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The loops and the hand-over are processes beside each other. `routes`: which device is in use, and what is routed; `tunnel`: starting and
# stopping openvpn; `observe`: the files of one observation. A lock that a killed agent left is removed at the start of the next one.

lock() {
  lock_tries=0
  until mkdir "$RUN/$1.lock" 2>/dev/null; do
    lock_tries=$((lock_tries + 1))
    # Nobody needs it that long: whoever took it has died.
    if [ "$lock_tries" -gt 300 ]; then return 0; fi
    sleep 0.1 2>/dev/null || sleep 1
  done
}

try_lock() { mkdir "$RUN/$1.lock" 2>/dev/null; }

unlock() { rmdir "$RUN/$1.lock" 2>/dev/null || true; }

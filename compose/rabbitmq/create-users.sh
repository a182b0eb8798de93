#!/bin/sh
# Creates the broker's users and their rights; safe to run again. Runs once per `up`, in a container that shares the
# broker's volume, whose Erlang cookie lets rabbitmqctl speak to the broker.
#
# Rights are regular expressions of names: configure (declare, delete), write (publish, bind to), read (consume,
# bind from). What they keep apart:
#  - Only services write to muster.inbox and to the default exchange, so no application can speak as a node, a replica
#    or a service to another one's inbox; applications publish commands to the contracts' exchanges.
#  - A service consumes its own queues only, and its inboxes carry its name.
#  - Only consensus reads muster.consensus; only services read what is committed.
set -eu

node=rabbit@rabbitmq
ctl() { rabbitmqctl --quiet --node "$node" "$@"; }

user() { # name password configure write read
  if ctl list_users | cut -f 1 | grep -qx "$1"; then
    ctl change_password "$1" "$2"
  else
    ctl add_user "$1" "$2"
  fi
  ctl set_permissions --vhost / "$1" "$3" "$4" "$5"
}

ctl await_startup

contracts='Muster\.Contracts\..*'
# Exchanges and queues that a MassTransit endpoint makes for itself, and those of its clients' answers.
masstransit='MassTransit:.*|[A-Za-z0-9_-]+_bus_[a-z0-9]+'

# service NAME PASSWORD QUEUES INBOXES: its public queues, and the addresses of its inboxes.
service() {
  queues="($3)(_error|_skipped)?"
  own="$queues|($4)\\..*|muster\\.inbox|muster\\.consensus|muster\\.committed\\..*|$contracts|$masstransit"
  user "$1" "$2" "^($own)\$" "^($own|amq\\.default)\$" "^($own|amq\\.rabbitmq\\.event)\$"
}

service muster-consensus "$CONSENSUS_PASSWORD" 'consensus' 'consensus|node'
service muster-lock "$LOCK_PASSWORD" 'muster-lock(-batches|-heartbeats)?|muster-state-lock' 'lock|replica\.lock|node'
service muster-registry "$REGISTRY_PASSWORD" \
  'muster-registry(-batches|-heartbeats)?|muster-state-registry' 'registry|replica\.registry|node'
service muster-detector "$DETECTOR_PASSWORD" 'muster-detector|muster-state-detector' 'detector|replica\.detector|node'
service muster-recovery "$RECOVERY_PASSWORD" \
  'muster-recovery(-batches|-verdicts)?|muster-state-recovery' 'recovery|replica\.recovery|node'

# Applications: their own inboxes and answer queues; they publish contracts, and bind their queues to events.
own="(client|node)\\..*|$masstransit|app\\..*"
user app "$APP_PASSWORD" \
  "^($own|muster\\.inbox|$contracts)\$" "^($own|$contracts)\$" "^($own|muster\\.inbox|$contracts)\$"

echo "broker users are ready"

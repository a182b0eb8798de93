#!/bin/sh
# Creates the broker's users and their rights; safe to run again. Runs once per `up`, in a container that shares the
# broker's volume, whose Erlang cookie lets rabbitmqctl speak to the broker.
#
# Rights are regular expressions of names: configure (declare, delete), write (publish, bind to), read (consume,
# bind from). What they keep apart:
#  - Only services write to muster.inbox and to the default exchange, so no application can speak as a node, a replica
#    or a service to another one's inbox.
#  - Of the contracts, an application writes commands, queries and heartbeats, and no event: it cannot announce a
#    verdict or a grant. Backups and restores are the operator's. A service writes heartbeats and its own events; the
#    recovery service lock commands too, for its fences.
#  - Everybody writes muster.beats, the heartbeats that renew nothing; only services read them.
#  - Only consensus writes what is committed, and reads muster.consensus; only services read what is committed.
#  - A service consumes its own queues only, and its inboxes carry its name.
# What they do not keep apart:
#  - Who publishes has to declare, so everybody may configure the contracts' exchanges.
#  - A heartbeat names its node itself: one forged with IsLast makes a living node count as left until its next.
#  - Who has an inbox may bind to muster.inbox, and RabbitMQ has no rights by routing key there: an application can bind
#    a queue to any inbox's address, and so read the nodes' entries and others' answers. ReadEntries gives it every log.
#
# All are of one cluster, MUSTER_CLUSTER: the names of another than muster begin with its own and a dot. Inboxes' do not;
# they are exclusive, and no two processes have one of the same name.
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

cluster="${MUSTER_CLUSTER:-muster}"
case "$cluster" in
  muster) p='' ;;
  app | client | consensus | decisions | detector | lock | node | recovery | registry | replica)
    echo "A cluster with users of its own is not called $cluster: inboxes' names begin so." >&2
    exit 1
    ;;
  *) p="$cluster\\." ;;
esac

contracts="${p}Muster\\.Contracts\\..*"
# Exchanges and queues that a MassTransit endpoint makes for itself, and those of its clients' answers.
masstransit="${p}MassTransit:.*|[A-Za-z0-9_-]+_bus_[a-z0-9]+"

# of AREA NAME...: the exchanges of these contracts.
of() {
  area="$1"
  shift
  echo "${p}Muster\\.Contracts\\.$area:($(echo "$*" | tr ' ' '|'))"
}
heartbeat="$(of Detector Heartbeat)|${p}muster\\.beats"

# service NAME PASSWORD QUEUES INBOXES WRITES: its public queues, the addresses of its inboxes, what it publishes.
service() {
  queues="$p($3)(_error|_skipped)?"
  own="$queues|($4)\\..*|${p}muster\\.inbox|$masstransit"
  shared="${p}muster\\.beats|${p}muster\\.consensus|${p}muster\\.committed\\..*|$contracts"
  user "$1" "$2" "^($own|$shared)\$" "^($own|$5|$heartbeat|amq\\.default)\$" \
    "^($own|$shared|amq\\.rabbitmq\\.event)\$"
}

# A replica finds the leader by asking all nodes.
replica="${p}muster\\.consensus"
service muster-consensus "$CONSENSUS_PASSWORD" \
  'consensus|muster-decisions(-batches)?|muster-state-decisions' 'consensus|decisions|replica\.decisions|node' \
  "$replica|${p}muster\\.committed\\..*|$(of Consensus LeaderElected MembersChanged)|$(of Decisions ValueDecided DecisionEventsHead)"
service muster-lock "$LOCK_PASSWORD" 'muster-lock(-batches|-heartbeats|-verdicts)?|muster-state-lock(-[0-9]+)?' \
  'lock|replica\.lock(-[0-9]+)?|node' \
  "$replica|$(of Lock LockGranted LockQueued LockReleased LockLost SessionExpired LeaderChanged LockEventsHead)"
service muster-registry "$REGISTRY_PASSWORD" \
  'muster-registry(-batches|-heartbeats)?|muster-state-registry' 'registry|replica\.registry|node' \
  "$replica|$(of Registry InstanceRegistered InstanceChanged InstanceRemoved ConfigChanged RegistryEventsHead)"
service muster-detector "$DETECTOR_PASSWORD" \
  'muster-detector|muster-state-detector' 'detector|replica\.detector|node' \
  "$replica|$(of Detector NodeSuspected NodeFailed NodeRestored NodeLeft DetectorEventsHead)"
recovery_events=$(of Recovery RecoveryStarted StandbyPromoted RecoveryCompleted RecoveryFailed StateUpdated \
  GroupRemoved BackupCompleted RestoreCompleted RecoveryEventsHead)
service muster-recovery "$RECOVERY_PASSWORD" \
  'muster-recovery(-batches|-verdicts)?|muster-state-recovery' 'recovery|replica\.recovery|node' \
  "$replica|$recovery_events|$(of Lock LockCommandBatch)"

# Applications: their own inboxes and answer queues; they publish commands, and bind their queues to events.
own="(client|node)\\..*|$masstransit|app\\..*"
inboxes="${p}muster\\.inbox"
commands="$heartbeat|$(of Detector DescribeNodes ReadDetectorEvents)"
commands="$commands|$(of Lock OpenSession CloseSession AcquireLock CancelAcquire ReleaseLock UpgradeLock DescribeLock \
  BreakLock ListLocks FindDeadlocks ReadLockHistory SetNamespaceLimits DescribeNamespaces Campaign Resign Proclaim \
  ObserveLeader ReadLockEvents LockCommandBatch)"
commands="$commands|$(of Registry RegisterInstance DeregisterInstance DrainInstance ResolveService ListServices \
  PutConfig DeleteConfig GetConfig ListConfig ReadRegistryEvents RegistryCommandBatch)"
commands="$commands|$(of Recovery RegisterPolicy RegisterStandby WithdrawStandby PromoteStandby ConfirmPromotion \
  RemoveGroup UpdateState RecoverState ReadRecoveryEvents RecoveryCommandBatch)"
commands="$commands|$(of Consensus ProposeEntries ReadEntries ReadIndex DescribeGroup)"
commands="$commands|$(of Decisions ProposeValue GetDecision ListDecisions ReadDecisionEvents DecisionCommandBatch)"
user app "$APP_PASSWORD" \
  "^($own|$inboxes|${p}muster\\.beats|$contracts)\$" "^($own|$commands)\$" "^($own|$inboxes|$contracts)\$"

echo "broker users are ready"

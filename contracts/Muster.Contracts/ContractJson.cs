using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts.Consensus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Contracts;

/// <summary>
/// How every contract is written as bare JSON: camel case, no nulls, unknown properties
/// ignored, names read in any case.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PreVote))]
[JsonSerializable(typeof(PreVoteReply))]
[JsonSerializable(typeof(RequestVote))]
[JsonSerializable(typeof(RequestVoteReply))]
[JsonSerializable(typeof(AppendEntries))]
[JsonSerializable(typeof(AppendEntriesReply))]
[JsonSerializable(typeof(InstallSnapshot))]
[JsonSerializable(typeof(InstallSnapshotReply))]
[JsonSerializable(typeof(AnnounceDisk))]
[JsonSerializable(typeof(DiskRefused))]
[JsonSerializable(typeof(ProposeEntries))]
[JsonSerializable(typeof(EntriesProposed))]
[JsonSerializable(typeof(ConsensusRefused))]
[JsonSerializable(typeof(ReadEntries))]
[JsonSerializable(typeof(EntriesRead))]
[JsonSerializable(typeof(ReadSnapshot))]
[JsonSerializable(typeof(SnapshotRead))]
[JsonSerializable(typeof(StoreSnapshot))]
[JsonSerializable(typeof(ReadIndex))]
[JsonSerializable(typeof(ReadIndexFound))]
[JsonSerializable(typeof(DescribeGroup))]
[JsonSerializable(typeof(GroupDescription))]
[JsonSerializable(typeof(EntriesCommitted))]
[JsonSerializable(typeof(LeaderElected))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(HeartbeatAnswered))]
[JsonSerializable(typeof(OpenSession))]
[JsonSerializable(typeof(SessionOpened))]
[JsonSerializable(typeof(CloseSession))]
[JsonSerializable(typeof(SessionClosed))]
[JsonSerializable(typeof(AcquireLock))]
[JsonSerializable(typeof(LockGranted))]
[JsonSerializable(typeof(LockQueued))]
[JsonSerializable(typeof(CancelAcquire))]
[JsonSerializable(typeof(AcquireCancelled))]
[JsonSerializable(typeof(ReleaseLock))]
[JsonSerializable(typeof(LockReleased))]
[JsonSerializable(typeof(DescribeLock))]
[JsonSerializable(typeof(LockDescription))]
[JsonSerializable(typeof(LockRefused))]
[JsonSerializable(typeof(LockUnknown))]
[JsonSerializable(typeof(LockLost))]
[JsonSerializable(typeof(SessionExpired))]
[JsonSerializable(typeof(LockEventsHead))]
[JsonSerializable(typeof(ReadLockEvents))]
[JsonSerializable(typeof(LockEventsRead))]
[JsonSerializable(typeof(LockCommandBatch))]
[JsonSerializable(typeof(LockReplyBatch))]
public sealed partial class ContractJson : JsonSerializerContext;

using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Simulator;

/// <summary>
/// The event stream as a subscriber of the bus has it: a number names one event for ever, and in the end none
/// is missing.
/// </summary>
internal sealed class EventChecks
{
    private readonly SortedDictionary<long, EventId> _published = [];

    public int Count => _published.Count;

    public void OnPublished(object body)
    {
        if (IdOf(body) is not { } id)
        {
            return;
        }
        if (!_published.TryAdd(id.Number, id) && _published[id.Number] != id)
        {
            throw new SimulationFailure("events", $"two events have the number {id.Number}");
        }
    }

    /// <summary>The first number up to the head that nobody has published; null when there is none.</summary>
    public long? FirstMissing(long head)
    {
        for (var number = 1; number <= head; number++)
        {
            if (!_published.ContainsKey(number))
            {
                return number;
            }
        }
        return null;
    }

    private static EventId? IdOf(object body) => body switch
    {
        LockEvent one => one.LockGranted?.Event ?? one.LockQueued?.Event ?? one.LockReleased?.Event
            ?? one.LockLost?.Event ?? one.SessionExpired?.Event ?? one.LeaderChanged?.Event,
        RegistryEvent one => one.InstanceRegistered?.Event ?? one.InstanceChanged?.Event
            ?? one.InstanceRemoved?.Event ?? one.ConfigChanged?.Event,
        DetectorEvent one => one.NodeSuspected?.Event ?? one.NodeFailed?.Event ?? one.NodeRestored?.Event
            ?? one.NodeLeft?.Event,
        RecoveryEvent one => one.RecoveryStarted?.Event ?? one.StandbyPromoted?.Event
            ?? one.RecoveryCompleted?.Event ?? one.RecoveryFailed?.Event ?? one.StateUpdated?.Event
            ?? one.GroupRemoved?.Event,
        _ => null,
    };
}

using Muster.Registry.Machine;
using Muster.Views;

namespace Muster.Registry.Views;

/// <summary>
/// Up to which event of which epoch the views are written and announced. What it skips shows as a gap between
/// its announcements' numbers.
/// </summary>
public sealed class ViewCursor
{
    private long _epoch;
    private long _number;
    private bool _isKnown;

    /// <summary>
    /// The event to go on from; of another epoch than the cursor's, where its numbers say nothing, the first.
    /// </summary>
    public long NextOf(long epoch) => epoch == _epoch ? _number + 1 : 1;

    /// <summary>The events do not follow what was announced: all views are to be written first.</summary>
    public bool IsLost(ViewChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return !_isKnown || changes.Epoch != _epoch || changes.IsTrimmed || changes.Head < _number;
    }

    /// <summary>All views are written as of the head or later.</summary>
    public ViewAnnouncement JumpTo(ViewChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        (_isKnown, _epoch, _number) = (true, changes.Epoch, changes.Head);
        return new() { Epoch = changes.Epoch, FromNumber = changes.Head + 1, ToNumber = changes.Head };
    }

    /// <summary>The changed views are written.</summary>
    public ViewAnnouncement MoveTo(ViewChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        _number = changes.To;
        return new()
        {
            Epoch = changes.Epoch,
            FromNumber = changes.From,
            ToNumber = changes.To,
            Services = [.. changes.Views.Select(view => view.Service)],
        };
    }
}

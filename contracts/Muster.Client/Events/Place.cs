using Muster.Contracts;

namespace Muster.Client;

/// <summary>
/// Where in a group's log a piece of news stands: of two, the one with the greater place is newer. An answer
/// stands after its entry's events, of which it shows those before its own command at least.
/// </summary>
internal readonly record struct Place(long Epoch, LogIndex Index, int Ordinal) : IComparable<Place>
{
    public static Place Of(EventId id) => new(id.Epoch, id.Index, id.Ordinal);

    public static Place Of(Freshness freshness) => new(freshness.Epoch, freshness.Index, int.MaxValue);

    public int CompareTo(Place other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch)
        : Index != other.Index ? Index.CompareTo(other.Index)
        : Ordinal.CompareTo(other.Ordinal);
}
